"""The programs of the simulated M3: what carries out each transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from duehook.plugins.infor_m3.simulator.asked import Handler

from .basics import CRS055MI, CRS075MI
from .contacts import CRS111MI, CRS618MI
from .customers import CRS610MI
from .export import EXPORTMI
from .extensions import CUSEXTMI
from .general import EVERY
from .information import ARS251MI
from .invoices import ARS200MI
from .reminders import ARS201MI
from .repository import MRS001MI
from .texts import CRS980MI, add_text

HANDLERS: Final[Mapping[str, Mapping[str, Handler]]] = {
    "ARS200MI": ARS200MI,
    "ARS201MI": ARS201MI,
    "ARS251MI": ARS251MI,
    "CRS055MI": CRS055MI,
    "CRS075MI": CRS075MI,
    "CRS111MI": CRS111MI,
    "CRS610MI": {**CRS610MI, "AddText": add_text},
    "CRS618MI": CRS618MI,
    "CRS980MI": CRS980MI,
    "CUSEXTMI": CUSEXTMI,
    "EXPORTMI": EXPORTMI,
    "GENERAL": {},
    "MRS001MI": MRS001MI,
}

__all__ = ["EVERY", "HANDLERS"]
