"""What is read of Finance & Operations, stream by stream."""
