"""A simulated Infor LX: its files through ODBC, and the site's program that takes what is staged."""

from __future__ import annotations

from .simulator import InforLxSimulator

__all__ = ["InforLxSimulator"]
