"""What is written into Fusion, each kind of command by a writer of its own."""
