"""The programs of the simulated M3: what carries out each transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from duehook.plugins.infor_m3.simulator.asked import Handler

from .customers import CRS610MI
from .general import EVERY
from .invoices import ARS200MI

HANDLERS: Final[Mapping[str, Mapping[str, Handler]]] = {
    "ARS200MI": ARS200MI,
    "CRS610MI": CRS610MI,
    "GENERAL": {},
}

__all__ = ["EVERY", "HANDLERS"]
