"""M3's rows as canonical ones: pure."""
