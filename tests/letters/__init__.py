"""What a notice looks like, and how it leaves."""
