"""The wire to Business Central: its OData services."""
