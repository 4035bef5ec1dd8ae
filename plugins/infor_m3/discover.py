"""What `discover` lists of an M3: divisions, the codes whose meaning the settings say, fields that nothing reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from duehook.core.connecting.discovering import counted, unread
from duehook.core.field_mapping import Seen
from duehook.core.hookspecs import Discovery
from duehook.core.records import Stream

from . import entities, mails
from .client.answers import Rows
from .client.service import Asking
from .entities import Transaction
from .fields import MAPPABLE
from .key import ItemKey
from .reading.documents import Documents
from .site import M3Site
from .stops import OF_CUSTOMERS, OF_ITEMS, discovered

SAMPLE: Final = 200
_FEW: Final = 5
_EMPTY: Final = frozenset({"", "0"})


def customers(site: M3Site) -> Iterator[Discovery]:
    """Yield divisions with their currency, and the codes of customers with their counts."""
    names = site.settings.division_names
    for division in site.divisions:
        currency = site.currency(division)
        suggests = None if currency else f"division_currencies: {{{division}: …}}"
        text = f"{names.get(division, division)}, {currency or 'currency unknown'}"
        yield Discovery("company", division, text, suggests=suggests)
    rows = _all_fields(site, entities.CUSTOMERS, {"CONO": site.settings.company})
    yield from _counted("customer status", rows, "STAT")
    yield from _counted("customer group", rows, "CUCL")
    state = f"customer's {site.settings.state_field}"
    yield from _counted(state, rows, site.settings.state_field, "codes: {{state_by_free_field: {{{0}: …}}}}")
    yield from _unread(site, "customer", entities.CUSTOMERS, rows)
    asked = [{"CUNO": row["CUNO"], "CONO": site.settings.company} for row in rows]
    found = [row for row in site.service.each(entities.FINANCIAL, asked) if row is not None]
    yield from _counted("customer stop", found, "BLCD")
    yield from discovered(found, OF_CUSTOMERS, site.settings.codes)


def contacts(site: M3Site) -> Iterator[Discovery]:
    """Yield the types of contacts and of their employers."""
    rows = _all_fields(site, entities.PEOPLE, {})
    yield from _counted("contact type", rows, "RFTP", "codes: {{purpose_by_contact_type: {{{0}: …}}}}")
    yield from _counted("employer type", rows, "ERTP", "contacts: {{employer_type: {0}}}")
    yield from _unread(site, "contact", entities.PEOPLE, rows)
    known = site.settings.contacts.email_types
    suggests = 'contacts: {{email_types: {{"{0}": …}}}}'
    yield from counted("e-mail type", mails.types(site), suggests, known=known)


def items(site: M3Site) -> Iterator[Discovery]:
    """Yield transaction codes, information types and payment methods of some open invoices."""
    listed = _all_fields(site, entities.INVOICES, {"AAC0": "1"})
    yield from _counted("transaction code", listed, "TRCD", "codes: {{kind_by_transaction_code: {{{0}: …}}}}")
    yield from _counted("information type", listed, "IVTP", "codes: {{kind_by_information_type: {{{0}: …}}}}")
    yield from _counted("payment method", listed, "PYCD", "codes: {{class_by_payment_method: {{{0}: …}}}}")
    keys = list(dict.fromkeys(ItemKey.of(row) for row in listed))[:_FEW]
    every = entities.INVOICE
    rows = [row for key in keys for row in site.service.rows(every, key.asked, Asking(1, []))]
    documents = Documents(site).of(list(dict.fromkeys(ItemKey.of(row) for row in listed)))
    yield from discovered([each.row or {} for each in documents], OF_ITEMS, site.settings.codes)
    yield from _unread(site, "item", every, rows)


def _all_fields(site: M3Site, transaction: Transaction, asked: Mapping[str, str]) -> Rows:
    """Return some rows with every field that M3 gives."""
    return site.service.rows(transaction, asked, Asking(SAMPLE, []))


def _counted(kind: str, rows: Rows, name: str, suggests: str | None = None) -> Iterator[Discovery]:
    return counted(kind, (row.get(name, "").strip() for row in rows), suggests)


def _unread(site: M3Site, stream: Stream, transaction: Transaction, rows: Rows) -> Iterator[Discovery]:
    """Yield what each field may be that nothing reads, then the others that hold something."""
    taken = {*transaction.columns, *site.fields.source_fields(transaction.name)}
    seen = [Seen(name, None, held) for name, held in _values(rows).items() if name not in taken and held]
    yield from unread(stream, transaction.name, seen, fields=MAPPABLE[stream], word="field")


def _values(rows: Rows) -> dict[str, Sequence[str]]:
    """Return a few different values of every field that holds something."""
    found: dict[str, dict[str, None]] = {}
    for row in rows:
        for name, held in row.items():
            if held.strip() not in _EMPTY:
                found.setdefault(name, {}).setdefault(held.strip())
    return {name: list(held)[:_FEW] for name, held in found.items()}
