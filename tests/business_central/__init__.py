"""Business Central."""
