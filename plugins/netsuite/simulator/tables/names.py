"""What names a transaction of the account, and the internal id that follows from it: the same at every start."""

from __future__ import annotations

from typing import Final

from duehook.core.testing.book import Allocation, Book, Item, Payment

from .codes import CREDIT, DEPOSIT, INVOICE, JOURNAL, SUBSIDIARIES

_SORTS: Final = ("RI", "RM", "RU", "RF", "R5", "RB", "R1", "DP", "IC", "RN")  # the book's document types
_ODD_SORT: Final = 39
_PAYMENT, _REDUCTION = 40, 41


def transaction_type(item: Item) -> str:
    """Return the type of the transaction that an item stands as."""
    if item.kind == "on_account":
        return DEPOSIT
    if item.kind == "credit_note":
        return CREDIT
    return JOURNAL if item.kind == "chargeback" else INVOICE


def document_name(item: Item, *, grouped: bool) -> str:
    """Return what names the transaction of an item: its payment's, else its own, or that of all its instalments."""
    if item.kind == "on_account" and item.from_payment:
        return payment_name(item.from_payment)
    return f"document|{item.key.rpartition('-')[0] if grouped else item.key}|{item.company}|{item.customer}"


def payment_name(key: str) -> str:
    """Return what names the transaction of a payment; a reversal has none of its own, it voids the payment's."""
    return f"payment|{key.removesuffix('-R')}"


def reduction_name(key: str) -> str:
    """Return what names the credit memo that stands for what was settled without money."""
    return f"reduction|{key}"


def document_id(item: Item, *, grouped: bool) -> int:
    """Return the internal id of an item's transaction."""
    sort = 10 + _SORTS.index(item.document_type) if item.document_type in _SORTS else _ODD_SORT
    part = 0 if grouped or not item.instalment.isdigit() else max(int(item.instalment) - 1, 0)
    company, year = SUBSIDIARIES[item.company], item.fiscal_year % 100
    return int(f"{sort}{company}{year:02d}{item.document_no:07d}{part}")


def payment_id(payment: Payment) -> int:
    """Return the internal id of a payment."""
    return int(f"{_PAYMENT}{payment.number:08d}00")


def reduction_id(book: Book, made: Allocation) -> int:
    """Return the internal id of a reduction's credit memo."""
    paid = found_payment(book, made.payment or "")
    return int(f"{_REDUCTION}{paid.number:08d}{int(made.key.rpartition('-')[2]) % 100:02d}")


def found_payment(book: Book, key: str) -> Payment:
    """Return a payment of the book, purged or not: NetSuite keeps what the book purges."""
    return book.payments.get(key) or book.purged_payments[key]


def found_item(book: Book, key: str) -> Item:
    """Return an item of the book, purged or not."""
    return book.items.get(key) or book.purged_items[key]
