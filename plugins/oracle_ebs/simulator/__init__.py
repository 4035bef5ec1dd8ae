"""A simulated Oracle E-Business Suite: its AR and HZ tables through ODBC, and the site's concurrent program."""

from __future__ import annotations

from .simulator import OracleEbsSimulator

__all__ = ["OracleEbsSimulator"]
