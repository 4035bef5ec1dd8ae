"""What is written into Business Central: each kind of command by its own writer."""
