"""What `discover` lists of an environment: companies, the codes whose meaning the settings say, unread columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from duehook.core.connecting.discovering import counted, unread, values_of
from duehook.core.field_mapping import Seen
from duehook.core.hookspecs import Discovery
from duehook.core.records import Stream
from duehook.core.wire.odata import Entity, Row

from . import entities
from .fields import MAPPABLE, SETS
from .site import BusinessCentralSite
from .values import NOBODY, word

SAMPLE: Final = 1_000
_EMPTY: Final = frozenset({"", 0, NOBODY})


def customers(site: BusinessCentralSite) -> Iterator[Discovery]:
    """Yield companies with name and currency, and the codes of customers with their counts."""
    for one in site.companies:
        suggests = None if one.currency else f"company_currencies: {{{one.name}: …}}"
        yield Discovery("company", one.id, f"{one.name}, {one.currency or 'currency unknown'}", suggests=suggests)
    rows = _rows(site, entities.CUSTOMER, by_api=True)
    states = site.settings.codes.state_by_salesperson
    yield from counted("salesperson", [row.get("salespersonCode") for row in rows], known=states)
    yield from counted("hold", [word(row.get("blocked")) for row in rows])
    yield from _unread(site, "customer", entities.CUSTOMER, rows)


def contacts(site: BusinessCentralSite) -> Iterator[Discovery]:
    """Yield the columns of contacts that nothing reads."""
    yield from _unread(site, "contact", entities.CONTACT, _rows(site, entities.CONTACT, by_api=True))


def items(site: BusinessCentralSite) -> Iterator[Discovery]:
    """Yield document types, payment methods and dispute statuses."""
    if site.settings.ledger_entries is None:
        rows = _rows(site, entities.INVOICE, by_api=True)
        yield from counted("invoice status", [word(row.get("status")) for row in rows])
        yield from _unread(site, "item", entities.INVOICE, rows)
        return
    codes, rows = site.settings.codes, _rows(site, entities.ENTRY, by_api=False)
    types = [word(row.get("Document_Type")) for row in rows]
    yield from counted("document type", types, "codes.kind_by_type: {{{0}: …}}", known=codes.kind_by_type)
    methods = [row.get("Payment_Method_Code") for row in rows]
    setting = "codes.class_by_payment_method: {{{0}: …}}"
    yield from counted("payment method", methods, setting, known=codes.class_by_payment_method)
    statuses = [row.get("Dispute_Status") for row in rows]
    setting = "codes.dispute_by_status: {{{0}: …}}"
    yield from counted("dispute status", statuses, setting, known=codes.dispute_by_status)
    yield from _unread(site, "item", entities.ENTRY, rows)


def _rows(site: BusinessCentralSite, entity: Entity, *, by_api: bool) -> list[Row]:
    """Return some rows of every company, with all their columns."""
    at = site.api if by_api else site.entries
    return [row for one in site.companies for row in site.service.sample(at(one, entity), top=SAMPLE)]


def _unread(site: BusinessCentralSite, stream: Stream, entity: Entity, rows: list[Row]) -> Iterator[Discovery]:
    """Yield what each column may be that nothing reads, then the others that hold something."""
    taken = {name for each in SETS[stream] for name in each.kinds} | set(site.fields.source_fields(entity.name))
    seen = [Seen(name, None, values) for name, values in values_of(rows, _is_empty).items() if name not in taken]
    yield from unread(stream, entity.name, seen, fields=MAPPABLE[stream], word="field")


def _is_empty(held: str | int) -> bool:
    return isinstance(held, bool) or held in _EMPTY or not str(held).strip() or str(held).startswith("0001-01-01")
