"""The wire to Finance & Operations: its data service."""
