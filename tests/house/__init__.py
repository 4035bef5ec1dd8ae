"""The house itself: its layers, its style, its package and its docs."""
