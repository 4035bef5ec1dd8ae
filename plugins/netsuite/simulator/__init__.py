"""A simulated NetSuite account: sign-in, SuiteQL over its tables, and the record API, under /services/rest."""

from __future__ import annotations

from .options import OPTIONS
from .simulator import NetsuiteSimulator

__all__ = ["OPTIONS", "NetsuiteSimulator"]
