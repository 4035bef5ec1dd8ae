"""Commands of who sets a site up and runs it."""
