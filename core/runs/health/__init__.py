"""How the site is: what a manager looks at each morning, and what is wrong with the machine."""
