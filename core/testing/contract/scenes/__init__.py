"""What happens in the simulated ERP: documents, money, and the commands that are written into it."""
