"""Dunning as use cases: decide and propose, approve or drop, block, set a level, explain."""
