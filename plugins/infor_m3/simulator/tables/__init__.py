"""What the simulated M3 holds: the ledger's rows, customers, texts and what others wrote, made of the book."""
