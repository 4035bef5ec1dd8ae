"""The schedule and the server that keeps it."""
