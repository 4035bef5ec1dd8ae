"""What is read by SuiteTalk, stream by stream."""
