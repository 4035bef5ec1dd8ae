"""Rows of SAP's tables as canonical ones, and as the lines that they share with other SAP connectors: pure."""
