"""What is read of M3, stream by stream."""
