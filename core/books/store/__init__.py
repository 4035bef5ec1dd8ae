"""The only SQL, one file a concept."""
