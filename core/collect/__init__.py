"""The rules of collecting, pure."""
