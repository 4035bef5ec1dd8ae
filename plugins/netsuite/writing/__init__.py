"""What is written into NetSuite, command by command: look, write once, read back."""
