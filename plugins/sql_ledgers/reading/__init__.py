"""How a ledger is read: the catalogue, the statements, pages in key order, and cells to records."""
