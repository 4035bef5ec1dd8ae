"""A simulated Infor XA site: a synthetic schema, as none of its receivables files is confirmed."""

from __future__ import annotations

from .simulator import InforXaSimulator

__all__ = ["InforXaSimulator"]
