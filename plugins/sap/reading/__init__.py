"""What is read of SAP, stream by stream."""
