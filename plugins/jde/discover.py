"""What `discover` lists of a site: companies, currencies, code lists in use, purge files, and what follows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from duehook.core.hookspecs import Discovery

from . import tables
from .reading import unread
from .site import JdeSite
from .tables import Table
from .values import text, whole

PAY_STATUS: Final = ("00", "PS")
HOLD_CODE: Final = ("42", "HC")
DOCUMENT_TYPE: Final = ("00", "DT")
INSTRUMENT: Final = ("00", "PY")
# EnterpriseOne's own codes for the usual case: nobody has to say what they mean.
USUAL: Final = {"class_by_pay_status": ("A", "P"), "state_by_search_type": ("C",)}


def customers(site: JdeSite) -> Iterator[Discovery]:
    """List companies, currencies, hold codes, search types and credit messages."""
    if site.settings.data_schema:
        yield Discovery("schema", site.settings.data_schema, "business data")
        yield Discovery("schema", site.settings.control_schema or site.settings.data_schema, "control tables")
    for company, name, currency in site.reader.whole(tables.COMPANY):
        yield Discovery("company", text(company) or "", f"{text(name)}, {text(currency)}")
    for code, places in site.reader.whole(tables.CURRENCY):
        yield Discovery("currency", text(code) or "", f"{whole(places)} decimals in F0013")
    for code, told in site.codes(*HOLD_CODE).items():
        yield Discovery("hold code", code, told)
    yield from _in_use(site, tables.ADDRESS_BOOK, "ABAT1", kind="search type", names={}, setting="state_by_search_type")
    if "ABCM" in site.columns(tables.ADDRESS_BOOK):
        yield from _in_use(
            site, tables.ADDRESS_BOOK, "ABCM", kind="credit message", names=site.codes("00", "CM"),
            setting="state_by_credit_message",
        )  # fmt: skip
    yield from unread.columns(site, "customer")


def contacts(site: JdeSite) -> Iterator[Discovery]:
    """List the who's-who types in use, which say what a contact may be written to about."""
    yield from _in_use(site, tables.WHO, "WWTYC", kind="contact type", names={}, setting="purpose_by_contact_type")
    yield from unread.columns(site, "contact")


def items(site: JdeSite) -> Iterator[Discovery]:
    """List document types, pay statuses, instruments in use, and the purge files."""
    for column, kind, code, setting in (
        ("RPDCT", "document type", DOCUMENT_TYPE, "kind_by_document_type"),
        ("RPPST", "pay status", PAY_STATUS, "class_by_pay_status"),
        ("RPRYIN", "instrument", INSTRUMENT, "class_by_instrument"),
    ):
        yield from _in_use(site, tables.ITEM, column, kind=kind, names=site.codes(*code), setting=setting)
    for name in sorted(site.purge_files):
        yield Discovery("purge file", name, "purged rows can be told from deleted ones")
    yield from unread.columns(site, "item")


def payments(site: JdeSite) -> Iterator[Discovery]:
    """List the sign of F03B14 and the receipt types in use."""
    below, above = site.signs()
    yield Discovery(
        "sign", "F03B14", f"{below} receipts negative, {above} positive", suggests=f"f03b14_sign: {site.sign}"
    )
    if "RYTYIN" in site.columns(tables.PAYMENT):
        yield from _in_use(site, tables.PAYMENT, "RYTYIN", kind="receipt type", names={}, setting=None)
    yield from unread.columns(site, "payment")


def _in_use(
    site: JdeSite, table: Table, column: str, *, kind: str, names: dict[str, str], setting: str | None
) -> Iterator[Discovery]:
    known = {**dict.fromkeys(USUAL.get(setting, ())), **getattr(site.settings.codes, setting)} if setting else {}
    for raw, count in site.reader.facts.in_use(table, column):
        code = text(raw) or ""
        meaning = f" = {known[code] or 'nothing special'}" if code in known else ""
        name = f", {names[code]}" if names.get(code) else ""
        suggests = f"codes.{setting}: {{{code}: …}}" if setting and code and code not in known else None
        yield Discovery(
            kind,
            code or "blank",
            f"{count} rows{site.reader.facts.among}{name}{meaning}",
            suggests=suggests,
        )
