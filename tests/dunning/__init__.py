"""Who is dunned, at which level, and why not."""
