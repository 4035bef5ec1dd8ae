"""A simulated Dynamics 365 Business Central: Microsoft's sign-in, API v2.0, and pages published as web services."""

from __future__ import annotations

from .options import OPTIONS
from .simulator import BusinessCentralSimulator

__all__ = ["OPTIONS", "BusinessCentralSimulator"]
