"""SAP's rows as canonical ones: pure."""
