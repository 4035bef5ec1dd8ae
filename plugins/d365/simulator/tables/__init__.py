"""What F&O holds: the rows of its entities, made of the book and kept true as it moves, and what is written there."""
