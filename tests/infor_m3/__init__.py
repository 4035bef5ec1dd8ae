"""Infor M3: the connector and its simulator."""
