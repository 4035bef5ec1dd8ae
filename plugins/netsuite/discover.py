"""What `discover` lists of a NetSuite account: subsidiaries, codes whose meaning the settings say, unread columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from duehook.core.connecting.discovering import counted, unread
from duehook.core.field_mapping import Seen
from duehook.core.hookspecs import Discovery
from duehook.core.records import Stream

from . import tables
from .fields import LETTERS, MAPPABLE, columns_of, streams_read
from .site import NetsuiteSite
from .suiteql import codes
from .values import text

ROWS: Final = 200
_FEW: Final = 5
_EMPTY: Final = frozenset({None, "", "F", "0"})


def customers(site: NetsuiteSite) -> Iterator[Discovery]:
    """Yield subsidiaries with name and currency, and the codes of customers with their counts."""
    for row in site.subsidiaries:
        currency = site.currency_of(row["id"]) or "currency unknown"
        yield Discovery("company", str(row["id"]), f"{text(row, 'name')}, {currency}")
    rows = site.sample("customer", None, ROWS)
    yield from _counted("customer status", rows, "entitystatus", "codes: {{state_by_status: {{{0}: …}}}}")
    yield from _counted("customer category", rows, "category", "codes: {{state_by_category: {{{0}: …}}}}")
    yield from _counted("hold", rows, "creditholdoverride")
    yield from _unread(site, "customer", rows)


def contacts(site: NetsuiteSite) -> Iterator[Discovery]:
    """Yield the roles of contacts."""
    rows = site.sample("contact", None, ROWS)
    yield from _counted("contact role", rows, "contactrole", "codes: {{purpose_by_contact_role: {{{0}: …}}}}")
    yield from _unread(site, "contact", rows)


def items(site: NetsuiteSite) -> Iterator[Discovery]:
    """Yield the types and terms of transactions, and the columns that nothing reads."""
    kinds = (*tables.DOCUMENTS, tables.JOURNAL)
    rows = site.sample("transaction", codes("type", kinds), ROWS)
    yield from _counted("transaction type", rows, "type", "codes: {{class_by_type: {{{0}: …}}}}")
    yield from _counted("terms", rows, "terms", "codes: {{class_by_terms: {{{0}: …}}}}")
    yield from _unread(site, "item", rows)


def _counted(kind: str, rows: list[dict[str, Any]], name: str, suggests: str | None = None) -> Iterator[Discovery]:
    return counted(kind, (text(row, name) for row in rows), suggests)


def _unread(site: NetsuiteSite, stream: Stream, rows: list[dict[str, Any]]) -> Iterator[Discovery]:
    """Yield what each column may be that nothing reads, then the others that hold something."""
    table = next(iter(LETTERS[stream]))
    read = {place.partition(".")[2] for place in columns_of(streams_read()[stream])}
    taken = read | set(site.fields.source_fields(table))
    found: dict[str, dict[str, None]] = {}
    for row in rows:
        for name, held in row.items():
            if name not in taken and isinstance(held, str) and held not in _EMPTY:
                found.setdefault(name, {}).setdefault(held)
    seen = [Seen(name, None, list(held)[:_FEW]) for name, held in found.items()]
    yield from unread(stream, table, seen, fields=MAPPABLE[stream], word="column")
