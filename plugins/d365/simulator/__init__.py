"""A simulated Dynamics 365 Finance & Operations: Microsoft's sign-in, and the data service under /data."""

from __future__ import annotations

from .options import OPTIONS
from .simulator import D365Simulator

__all__ = ["OPTIONS", "D365Simulator"]
