"""A simulated JD Edwards World: its files through ODBC, and the site's program that takes what is staged."""

from __future__ import annotations

from .simulator import JdeWorldSimulator

__all__ = ["JdeWorldSimulator"]
