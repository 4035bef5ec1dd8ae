"""A simulated Infor M3: M3 API REST over the moving book of core/testing."""

from __future__ import annotations

from .simulator import M3Simulator

__all__ = ["M3Simulator"]
