"""A simulated SAP S/4HANA: its OData services over the book of core/testing."""

from __future__ import annotations

from .simulator import SapSimulator

__all__ = ["SapSimulator"]
