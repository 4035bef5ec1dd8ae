"""NetSuite's rows as canonical ones: pure."""
