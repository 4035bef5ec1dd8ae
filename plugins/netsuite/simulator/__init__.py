"""A simulated NetSuite account: sign-in, SuiteQL over its tables, the record API, and SuiteTalk."""

from __future__ import annotations

from .options import OPTIONS
from .simulator import NetsuiteSimulator

__all__ = ["OPTIONS", "NetsuiteSimulator"]
