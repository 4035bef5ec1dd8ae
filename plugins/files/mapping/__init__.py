"""What a mapping file says: its models, its lint, the canonical fields it fills, and how it reads a cell."""
