"""A group of companies with three ERPs in one book: `python -m demo.group`."""
