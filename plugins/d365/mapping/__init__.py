"""F&O's rows as canonical ones: pure."""
