"""What is read of ECC's tables, stream by stream."""
