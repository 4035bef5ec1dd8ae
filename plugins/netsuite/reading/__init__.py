"""What is read of NetSuite, stream by stream."""
