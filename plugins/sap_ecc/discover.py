"""What `discover` lists of an ECC: company codes, and the codes whose meaning the settings say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from duehook.core.connecting.discovering import counted
from duehook.core.hookspecs import Discovery

from . import tables
from .reading.masters import MasterReading
from .site import EccSite
from .tables import Table
from .where import NOTHING, Where

SAMPLE = 1_000


def customers(site: EccSite, masters: MasterReading) -> Iterator[Discovery]:
    """Yield company codes with name and currency, and the order blocks and account groups of customers."""
    for page in masters.companies(site.bound()):
        for row in page.rows:
            yield Discovery("company", row["company"], f"{row['name']}, {row['currency']}")
    yield from _counted(site, tables.CUSTOMER, (
        ("order block", "AUFSD", "state_by_order_block"), ("account group", "KTOKD", "state_by_account_group"),
        ("language", "SPRAS", "language"),
    ))  # fmt: skip


def contacts(site: EccSite) -> Iterator[Discovery]:
    """Yield the functions of contact persons."""
    yield from _counted(site, tables.PERSON, (("contact function", "PAFKT", "purpose_by_function"),))


def items(site: EccSite) -> Iterator[Discovery]:
    """Yield document types, special G/L indicators and blocks of open lines."""
    wanted = (
        ("document type", "BLART", "kind_by_document_type"), ("special G/L", "UMSKZ", "class_by_special_gl"),
        ("dunning block", "MANSP", "block"), ("reason code", "RSTGR", "allocation_by_reason"),
    )  # fmt: skip
    yield from _counted(site, tables.OPEN, wanted, site.in_companies())


def _counted(
    site: EccSite, table: Table, wanted: Sequence[tuple[str, str, str]], where: Where = NOTHING
) -> Iterator[Discovery]:
    rows = site.reader.read(table, where, most=SAMPLE).all()
    codes = site.settings.codes
    for kind, column, setting in wanted:
        paying = codes.payment_document_types if setting == "kind_by_document_type" else ()
        known = {**dict.fromkeys(paying, "payment"), **getattr(codes, setting)}
        seen = [row.get(column) for row in rows]
        yield from counted(kind, seen, f"codes.{setting}: {{{{{{0}}: …}}}}", known=known)
