"""The connector to Oracle Fusion Cloud Receivables."""
