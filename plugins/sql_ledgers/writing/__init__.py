"""How a ledger is written: rows for the site's own program, in a table of the site's own."""
