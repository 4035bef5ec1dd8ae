"""A simulated JD Edwards EnterpriseOne: its tables through ODBC, its AIS server over HTTP."""

from __future__ import annotations

from .simulator import DEFAULTS, JdeSimulator

__all__ = ["DEFAULTS", "JdeSimulator"]
