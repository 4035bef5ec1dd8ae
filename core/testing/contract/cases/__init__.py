"""The kit's tests, a chapter a file."""
