"""What `duehook new-connector` copies: `connector/` is its code, the templates beside it all that stands around."""
