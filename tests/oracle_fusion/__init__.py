"""Tests of the Oracle Fusion connector and of its simulator."""
