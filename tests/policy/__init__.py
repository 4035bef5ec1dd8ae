"""What a policy pack says, and what its lint refuses."""
