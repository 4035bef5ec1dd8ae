"""What `discover` lists of an SAP system: company codes, and the codes whose meaning the settings say."""

from __future__ import annotations

from collections.abc import Iterator

from duehook.core.connecting.discovering import counted
from duehook.core.hookspecs import Discovery
from duehook.core.wire.odata import Where

from . import entities
from .reading.masters import MasterReading
from .site import SapSite

SAMPLE = 1_000


def customers(site: SapSite, masters: MasterReading) -> Iterator[Discovery]:
    """Yield company codes with name and currency, and account groups with their counts."""
    for page in masters.companies(site.bound()):
        for row in page.rows:
            yield Discovery("company", row["company"], f"{row['name']}, {row['currency']}")
    rows = site.partners.rows(entities.CUSTOMER, order=entities.CUSTOMER.key, top=SAMPLE)
    yield from counted("account group", (row.get("CustomerAccountGroup") for row in rows),
                        "codes: {{state_by_account_group: {{{0}: …}}}}")  # fmt: skip


def contacts(site: SapSite) -> Iterator[Discovery]:
    """Yield the functions of contact persons."""
    rows = site.partners.rows(entities.FUNCTION, order=entities.FUNCTION.key, top=SAMPLE)
    yield from counted("contact function", (row.get("ContactPersonFunction") for row in rows),
                        "codes: {{purpose_by_function: {{{0}: …}}}}")  # fmt: skip


def items(site: SapSite) -> Iterator[Discovery]:
    """Yield document types, special G/L indicators and blocks of open lines."""
    for company in site.companies:
        where = site.lines(Where.field("IsCleared", "eq", False), companies=[company])
        rows = site.items.rows(entities.ITEM, where, order=entities.ITEM.key, top=SAMPLE)
        for kind, name, suggests in (
            ("document type", "AccountingDocumentType", "codes: {{kind_by_document_type: {{{0}: …}}}}"),
            ("special G/L", "SpecialGLCode", "codes: {{class_by_special_gl: {{{0}: …}}}}"),
            ("dunning block", "DunningBlockingReason", "codes: {{block: {{{0}: …}}}}"),
        ):
            yield from counted(f"{kind} in {company}", [row.get(name) for row in rows], suggests)
