"""Tests of the connector to Business Central."""
