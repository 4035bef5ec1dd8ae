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
    groups = [row.get("CustomerAccountGroup") for row in rows]
    yield from _counted(site, "account group", groups, "state_by_account_group")


def contacts(site: SapSite) -> Iterator[Discovery]:
    """Yield the functions of contact persons."""
    rows = site.partners.rows(entities.FUNCTION, order=entities.FUNCTION.key, top=SAMPLE)
    functions = [row.get("ContactPersonFunction") for row in rows]
    yield from _counted(site, "contact function", functions, "purpose_by_function")


def items(site: SapSite) -> Iterator[Discovery]:
    """Yield document types, special G/L indicators and blocks of open lines."""
    for company in site.companies:
        where = site.lines(Where.field("IsCleared", "eq", False), companies=[company])
        rows = site.items.rows(entities.ITEM, where, order=entities.ITEM.key, top=SAMPLE)
        for kind, name, setting in (
            ("document type", "AccountingDocumentType", "kind_by_document_type"),
            ("special G/L", "SpecialGLCode", "class_by_special_gl"),
            ("dunning block", "DunningBlockingReason", "block"),
        ):
            yield from _counted(site, f"{kind} in {company}", [row.get(name) for row in rows], setting)


def _counted(site: SapSite, kind: str, codes: list[str | None], setting: str) -> Iterator[Discovery]:
    lists = site.settings.codes
    paying = lists.payment_document_types if setting == "kind_by_document_type" else ()
    known = {**dict.fromkeys(paying, "payment"), **getattr(lists, setting)}
    return counted(kind, codes, f"codes.{setting}: {{{{{{0}}: …}}}}", known=known)
