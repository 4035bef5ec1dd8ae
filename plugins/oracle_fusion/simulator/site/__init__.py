"""What the pod holds: the rows of its resources, kept true as the book moves, and what was written into it."""
