"""The tables of the simulated system, in SQLite."""
