"""A simulated PeopleSoft Receivables: its records through ODBC, and the site's program that takes what is staged."""

from __future__ import annotations

from .simulator import PeopleSoftSimulator

__all__ = ["PeopleSoftSimulator"]
