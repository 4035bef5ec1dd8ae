"""Carry a book into the tables: whole at first, then what each day changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

from duehook.core.testing.book import Book, Change

from .codes import CREDIT_MESSAGES, SEARCH_TYPES
from .encoding import stamp
from .ledger_rows import (
    ITEMS,
    LINES,
    MOVED,
    RECEIPTS,
    Row,
    item_key,
    item_row,
    line_rows,
    moved_row,
    receipt_row,
)
from .master_rows import ALL_COMPANIES, account_cells, contact_rows, customer_rows, master_rows, rate_row
from .store import Store
from .tables import TABLES


def load_book(store: Store, book: Book, zone: tzinfo) -> None:
    """Fill empty tables with the book."""
    store.load(master_rows(book, zone))
    store.load_shaped(ITEMS, [item_row(book, item, zone) for item in book.items.values()])
    paid = [payment for payment in book.payments.values() if not payment.reversal_of]
    store.load_shaped(RECEIPTS, [receipt_row(payment, zone) for payment in paid])
    store.load_shaped(LINES, [row for payment in book.payments.values() for row in line_rows(book, payment, zone)])


def carry(store: Store, book: Book, changes: Sequence[Change], zone: tzinfo) -> None:
    """Write what changed, in one transaction: rows come, change, are deleted and are purged."""
    with store.writing():
        _carry_items(store, book, changes, zone)
        _carry_payments(store, book, changes, zone)
        for change in changes:
            if change.stream == "customer":
                _carry_customer(store, book, change, zone)
            elif change.stream == "contact":
                _carry_contact(store, book, change.key, zone)
        added = {change.key for change in changes if change.stream == "exchange_rate"}
        if added:  # which a Monday's are alone, and a book of some years has thousands
            store.put(TABLES["F0015"], [rate_row(rate, zone) for rate in book.exchange_rates if rate.key in added])


def _carry_items(store: Store, book: Book, changes: Sequence[Change], zone: tzinfo) -> None:
    touched = dict.fromkeys(change.key for change in changes if change.stream == "item")
    new = {change.key for change in changes if change.stream == "item" and change.act == "added"}
    present = [book.items[key] for key in touched if key in book.items]
    store.put(ITEMS, [item_row(book, item, zone) for item in present if item.key in new])
    store.amend(MOVED, [moved_row(item, zone) for item in present if item.key not in new])
    for key in touched:
        if key in book.items:
            continue
        if key in book.purged_items:
            kco, dct, doc, sfx = item_key(book.purged_items[key])
            store.purge("F03B11", KCO=kco, DCT=dct, DOC=doc, SFX=sfx)
            store.purge("F03B14", KCO=kco, DCT=dct, DOC=doc, SFX=sfx)
    for change in changes:
        if change.act == "deleted":
            series, _, sort, number, instalment = change.key.split("-")
            store.delete("F03B11", KCO=series, DCT=sort, DOC=int(number), SFX=instalment)


def _carry_payments(store: Store, book: Book, changes: Sequence[Change], zone: tzinfo) -> None:
    touched = {change.key: change.act for change in reversed(changes) if change.stream == "payment"}
    receipts: list[Row] = []
    lines: list[Row] = []
    for key, first in touched.items():
        payment = book.payments.get(key)
        if payment is None:
            purged = book.purged_payments[key]
            if not purged.reversal_of:
                store.purge("F03B13", PYID=purged.number)
            continue
        if not payment.reversal_of:
            receipts.append(receipt_row(payment, zone))
        if first == "added":
            lines += line_rows(book, payment, zone)
    store.put(RECEIPTS, receipts)
    store.put(LINES, lines)


def _carry_customer(store: Store, book: Book, change: Change, zone: tzinfo) -> None:
    """Write the one field that changed, so that what others wrote beside it stays; all of a new customer."""
    customer = book.customers[change.key]
    if change.act == "added":
        for name, row in customer_rows(book, customer, list(book.customers).index(change.key), zone=zone):
            store.put(TABLES[name], [row])
        return
    day, time = stamp(change.at, zone)
    audit: dict[str, Any] = {"USER": "MASTER", "UPMJ": day, "UPMT": time}
    if change.field == "state":
        codes = {"CM": CREDIT_MESSAGES.get(customer.state, ""), "AT1": SEARCH_TYPES.get(customer.state, "C")}
        store.change("F0101", codes | audit, AN8=int(customer.key))
    elif change.field:
        cells = account_cells(customer.accounts[change.company], change.field)
        store.change("F03012", cells | audit, AN8=int(customer.key), CO=change.company or ALL_COMPANIES)


def _carry_contact(store: Store, book: Book, key: str, zone: tzinfo) -> None:
    contact = book.contacts[key]
    store.delete("F01151", AN8=int(contact.customer), IDLN=contact.line)
    for name, row in contact_rows(contact, zone):
        store.put(TABLES[name], [row])
