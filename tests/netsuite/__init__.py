"""The NetSuite connector and its simulated account."""
