"""What a kill at any moment, and two of everything, leave behind."""
