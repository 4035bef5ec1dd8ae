"""Searches: what is asked for, run over the account's tables, and given out page by page."""
