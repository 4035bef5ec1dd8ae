"""A drop folder of CSV files."""
