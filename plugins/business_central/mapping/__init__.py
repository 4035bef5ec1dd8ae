"""Business Central's rows as canonical ones: pure."""
