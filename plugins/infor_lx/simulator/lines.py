"""The lines of RAR: documents, payments, and what a payment was applied to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from duehook.core.testing.book import Allocation, Book, Item, Payment
from duehook.core.testing.book.objects import to_amount
from duehook.core.testing.sql_ledger import NEVER, applied_cash

PAYMENT, INVOICE, DEBIT, CREDIT = 0, 1, 2, 3
TYPES: Final = {"invoice": INVOICE, "fee": DEBIT, "chargeback": DEBIT, "credit_note": CREDIT, "on_account": PAYMENT}
REASONS: Final = {
    "cash": "", "discount": "DISC", "write_off": "WOFF", "deduction": "DEDU", "chargeback": "CHBK", "credit": "CRED",
}  # fmt: skip
UNISSUED: Final = "UNISSUED"
CONTRA: Final = 99_999  # the last line of a payment: what its own line gave was spread over the lines before
PAID, TAKEN_BACK, UNAPPLIED = "PY", "RV", "OA"


@dataclass(frozen=True, slots=True)
class Name:
    """What RAR calls a document: year, prefix, type and number, in a company."""

    company: int
    year: int
    prefix: str
    type: int
    number: int

    @property
    def key(self) -> str:
        """Return the key that a connector gives the document."""
        return f"{self.company}|{self.year}|{self.prefix}|{self.type}|{self.number}"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of RAR."""

    name: Name
    customer: int
    corporate: int
    sequence: int
    applied: Name | None
    on: date
    due: date | int
    amount: Decimal
    open: Decimal
    currency: str
    rate: Decimal
    reference: str
    reason: str
    changed: datetime


def item_name(item: Item) -> Name:
    """Return the name of an item's document: each instalment has a prefix of its own."""
    kind = item.document_type if not item.renumbered else "RN"
    prefix = UNAPPLIED if item.kind == "on_account" else kind
    if item.instalment != "001":
        prefix = prefix[0] + str(int(item.instalment))
    return Name(int(item.company), item.fiscal_year, prefix, TYPES[item.kind], item.document_no)


def payment_name(payment: Payment) -> Name:
    """Return the name of a payment's document."""
    prefix = TAKEN_BACK if payment.reversal_of else PAID
    return Name(int(payment.company), payment.received_on.year, prefix, PAYMENT, payment.number)


def item_lines(site: Any, item: Item) -> Iterator[Line]:
    """Yield an item's own line; one that is not posted is not issued."""
    due = item.due_on or (NEVER if item.document_no % 2 else 0)
    yield Line(
        item_name(item), int(item.customer), _corporate(site.book, item.customer), 0, None, item.document_on, due,
        to_amount(item.amount_minor, item.currency), item.open_amount, item.currency,
        Decimal(item.rate_scaled).scaleb(-7), item.reference if item.posted else UNISSUED, "",
        site.local(item.changed_at),
    )  # fmt: skip


def payment_lines(site: Any, payment: Payment) -> Iterator[Line]:
    """Yield a payment's own line, those of what it was applied to, and the contra that takes its own line off."""
    cash = applied_cash(site.book, payment)
    if not cash and not payment.allocations:
        return
    yield _own_line(site, payment, 0, -cash)
    for sequence, key in enumerate(payment.allocations, 1):
        part = site.book.allocations.get(key)
        if part is not None:
            yield _applied_line(site, payment, part, sequence)
    if cash:
        yield _own_line(site, payment, CONTRA, cash)


def _own_line(site: Any, payment: Payment, sequence: int, amount: Decimal) -> Line:
    rate = site.book.rate(payment.currency, payment.company_currency, payment.received_on)
    return Line(
        payment_name(payment), int(payment.customer), _corporate(site.book, payment.customer), sequence, None,
        payment.received_on, payment.received_on if sequence == 0 else 0, amount, Decimal(0), payment.currency,
        Decimal(rate).scaleb(-7), payment.reference, "", site.local(payment.changed_at),
    )  # fmt: skip


def _applied_line(site: Any, payment: Payment, part: Allocation, sequence: int) -> Line:
    item = site.book.items[part.item]
    return Line(
        payment_name(payment), int(item.customer), _corporate(site.book, item.customer), sequence, item_name(item),
        part.allocated_on, 0, -part.amount, Decimal(0), part.currency, Decimal(item.rate_scaled).scaleb(-7),
        payment.reference, REASONS[part.kind], site.local(part.changed_at),
    )  # fmt: skip


def _corporate(book: Book, customer: str) -> int:
    found = book.customers.get(customer)
    return int(found.parent or 0) if found else 0
