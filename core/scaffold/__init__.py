"""What `duehook new-connector` copies: `connector/` is its code, `project/` all that stands around it."""
