"""The wire to Finance & Operations: how a client signs in, and its data service."""
