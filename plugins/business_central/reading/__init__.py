"""What is read of Business Central, stream by stream."""
