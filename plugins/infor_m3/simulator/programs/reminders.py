"""ARS201MI: what may be changed of an invoice: reminders, collection, interest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from duehook.plugins.infor_m3.simulator.asked import Asked, Handler, Record
from duehook.plugins.infor_m3.simulator.tables.cells import INVOICES

from .invoices import the_item

_KEYS: Final = ("PYNO", "CINO", "INYR", "DIVI")


def _update(asked: Asked) -> Iterator[Record]:
    """Write what is named, and move the row's stamp."""
    site, item = asked.site, the_item(asked)
    line = site.ledger.head(item)
    for name, value in asked.values.items():
        if name not in _KEYS and value:
            site.written.put(INVOICES, item.key, name, value=value, book=site.cells.book(name, line))
    site.written.stamp(INVOICES, item.key, site.now)
    site.ledger.touched(item, site.now)
    site.keep()
    yield from ()


ARS201MI: Final[Mapping[str, Handler]] = {"UpdCustInv": _update, "UpdPmtReminStop": _update}
