"""What is written to ECC: only through function modules that the site names."""
