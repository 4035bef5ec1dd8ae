"""What `discover` lists of a pod: business units, the codes whose meaning the settings say, and unread attributes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from duehook.core.connecting.discovering import counted, unread
from duehook.core.field_mapping import Seen
from duehook.core.hookspecs import Discovery
from duehook.core.records import Stream

from . import values
from .client.answers import Row
from .client.service import Asked
from .fields import DOCUMENT, MAPPABLE, PARTY, RECEIPT, SOURCES, texts_of
from .resources import Resource
from .site import FusionSite

ROWS: Final = 200
_FEW: Final = 5


def customers(site: FusionSite) -> Iterator[Discovery]:
    """Yield the business units of the settings and those that documents name, and unread attributes of parties."""
    for name, currency in site.currencies.items():
        yield Discovery("company", name, f"business unit, {currency}")
    seen = {unit for each in site.documents for row in _rows(site, each) if (unit := values.text(row, "BusinessUnit"))}
    for unit in sorted(seen - set(site.currencies)):
        yield Discovery("business unit", unit, "not read", suggests=f"business_units: [{{name: {unit}, currency: …}}]")
    yield from _unread(site, "customer", PARTY, site.organizations)


def items(site: FusionSite) -> Iterator[Discovery]:
    """Yield transaction types, and unread attributes of invoices."""
    rows = _rows(site, site.invoices)
    types = [values.text(row, "TransactionType") for row in rows]
    known = site.settings.codes.kind_by_type
    yield from counted("transaction type", types, "codes.kind_by_type: {{{0}: …}}", known=known)
    yield from _unread(site, "item", DOCUMENT, site.invoices)


def payments(site: FusionSite) -> Iterator[Discovery]:
    """Yield the states and methods of receipts."""
    rows = _rows(site, site.receipts)
    yield from counted("receipt state", [values.text(row, "State") for row in rows])
    yield from counted("receipt method", [values.text(row, "ReceiptMethod") for row in rows])
    yield from _unread(site, "payment", RECEIPT, site.receipts)


def _rows(site: FusionSite, resource: Resource) -> list[Row]:
    return site.service.first(Asked(resource), min(ROWS, site.settings.page_size))


def _unread(site: FusionSite, stream: Stream, name: str, resource: Resource) -> Iterator[Discovery]:
    read = {each for source in SOURCES[stream] for each in texts_of(source)} | set(site.fields.source_fields(name))
    held: dict[str, dict[Any, None]] = {}
    for row in _rows(site, resource):
        for field, value in row.items():
            if field not in read and isinstance(value, (str, int)) and value != "" and not isinstance(value, bool):
                held.setdefault(field, {}).setdefault(value)
    seen = [Seen(field, None, list(found)[:_FEW]) for field, found in held.items()]
    yield from unread(stream, name, seen, fields=MAPPABLE[stream], word="field")
