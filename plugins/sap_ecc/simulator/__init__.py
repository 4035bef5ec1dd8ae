"""A simulated SAP ECC: its tables and function modules over the book of core/testing."""

from __future__ import annotations

from .simulator import EccSimulator

__all__ = ["EccSimulator"]
