"""Commands that read and show the ledger."""
