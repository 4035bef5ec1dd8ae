"""How SAP's receivables ledger tells a book: documents and their lines, what clears which, and what that comes to."""
