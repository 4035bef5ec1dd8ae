"""From the ERP into the books, and the tie-out that proves it."""
