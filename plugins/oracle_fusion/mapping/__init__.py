"""What Fusion's rows mean."""
