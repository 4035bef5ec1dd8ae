"""What `discover` lists by SuiteTalk: subsidiaries, codes with their counts, and the account's own fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from duehook.core.connecting.discovering import counted
from duehook.core.errors import ConnectorError
from duehook.core.hookspecs import Discovery
from duehook.plugins.netsuite import tables
from duehook.plugins.netsuite.values import text

from . import words
from .client import answers
from .custom import BODY
from .reading.documents import DOCUMENT
from .reading.masters import CONTACT, customers_of_site
from .search import Search
from .site import SoapSite, types

ROWS: Final = 200
Row = dict[str, Any]


def customers(site: SoapSite) -> Iterator[Discovery]:
    """Yield subsidiaries with name and currency, and the codes of customers with their counts."""
    for row in site.subsidiaries:
        currency = site.currency_of(row["id"]) or "currency unknown"
        yield Discovery("company", str(row["id"]), f"{text(row, 'name')}, {currency}")
    rows = _sample(site, customers_of_site())
    yield from _counted("customer status", rows, "entityStatus", "codes: {{state_by_status: {{{0}: …}}}}")
    yield from _counted("customer category", rows, "category", "codes: {{state_by_category: {{{0}: …}}}}")
    yield from _counted("hold", [{"hold": words.hold_of(row.get("creditHold"))} for row in rows], "hold")


def contacts(site: SoapSite) -> Iterator[Discovery]:
    """Yield the roles of contacts."""
    rows = _sample(site, CONTACT)
    yield from _counted("contact role", rows, "contactRole", "codes: {{purpose_by_contact_role: {{{0}: …}}}}")


def items(site: SoapSite) -> Iterator[Discovery]:
    """Yield the types and terms of transactions, and the account's own fields."""
    rows = _sample(site, DOCUMENT.under(type=types(tables.DOCUMENTS)))
    kinds = [{"type": words.code_of(row.get("type"))} for row in rows]
    yield from _counted("transaction type", kinds, "type", "codes: {{class_by_type: {{{0}: …}}}}")
    yield from _counted("terms", rows, "terms", "codes: {{class_by_terms: {{{0}: …}}}}")
    try:
        own = sorted(site.service.fields("invoice"))
    except ConnectorError:
        return
    for name in own:
        yield Discovery("field", f"{BODY}.{name}", "a field of the account's own", suggests=f"class_field: {name}")


def _sample(site: SoapSite, search: Search) -> list[Row]:
    return list(answers.rows(site.soap.search(search, ROWS)))


def _counted(kind: str, rows: list[Row], name: str, suggests: str | None = None) -> Iterator[Discovery]:
    return counted(kind, (text(row, name) for row in rows), suggests)
