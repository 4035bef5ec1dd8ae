"""A simulated Oracle Fusion Cloud pod: Receivables by REST, the customer profile service by SOAP, BICC extracts."""

from __future__ import annotations

from .options import OPTIONS
from .simulator import FusionSimulator

__all__ = ["OPTIONS", "FusionSimulator"]
