"""What is read of Fusion, stream by stream."""
