"""The function modules of the simulated system, and what they answer."""
