"""Every table of the books, by concept."""

from __future__ import annotations

from . import dunning, imports, ledger, ops, parties
from .base import metadata

__all__ = ["dunning", "imports", "ledger", "metadata", "ops", "parties"]
