"""The customer lines of accounting documents, worked out from the book.

An item is a line of its document: company code, fiscal year, document number, and the instalment as the
line's number. A payment of the book is a document (type DZ; AB where a credit was netted) with one line for
each item that it reduces, and that line always has the item as its InvoiceReference:

- `referring` (default): the line is what the payment takes off, and stays open until the item is cleared;
  the item keeps its whole amount. What is open is the sum of the item and of what refers to it.
- `residual`: the first part payment clears the item whole, and its document opens a line of the rest.

When nothing is left, all lines of the item are cleared by the document of the last payment. A payment that
is taken back is reversed by a document of its own (number + 1,000,000), which clears the lines of both; the
item is open again and bears the day as LastChangeDate. Discounts stand as CashDiscountAmount on the payment's
line; other reductions (written off, deducted, charged back) are lines of their own with a reason code.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from duehook.core.testing.book import Allocation, Book, Item, Payment
from duehook.core.testing.book.postings import converted

from .codes import NETTING, PAYMENT, REASONS, company_code, document_type

Partial = Literal["referring", "residual"]
LineKey = tuple[str, str, str, str]
REVERSALS: Final = 1_000_000
_RESIDUALS: Final = 500


@dataclass(frozen=True, slots=True)
class Clearing:
    """What cleared a line: a document of a fiscal year, on a day."""

    document: str
    year: str
    on: date


@dataclass(slots=True)
class Line:
    """One customer line. Amounts are signed in minor units: + is debit. `payment` is None on the item's own line.

    `discount_minor` is what the item offers, or what was taken with the payment (with its sign).
    """

    key: LineKey
    book: Book
    item: Item
    minor: int
    company_minor: int
    discount_minor: int = 0
    taken_company_minor: int = 0
    payment: Payment | None = None
    reason: str = ""
    cleared: Clearing | None = None

    @property
    def company_discount_minor(self) -> int:
        """Return the discount in the company's currency: what was taken, or what the item offers."""
        if self.payment is not None:
            return self.taken_company_minor
        item = self.item
        return converted(item.discount_minor, item.currency, item.company_currency, item.rate_scaled)

    @property
    def is_debit(self) -> bool:
        """Say whether it stands on the debit side."""
        return self.minor > 0 or (self.minor == 0 and self.company_minor >= 0)


def item_key(item: Item) -> LineKey:
    """Return the key of an item's own line."""
    return company_code(item.company), str(item.fiscal_year), str(item.document_no), item.instalment


def document_of(payment: Payment) -> tuple[str, str]:
    """Return the fiscal year and the number of a payment's document."""
    number = payment.number + REVERSALS if payment.reversal_of else payment.number
    return str(payment.received_on.year), str(number)


def type_of(line: Line) -> str:
    """Return the type of the line's document."""
    if line.payment is None:
        return document_type(line.item)
    return NETTING if line.payment.method == "netting" else PAYMENT


def payment_of(book: Book, key: str) -> Payment:
    """Return a payment, wherever it stands now."""
    return book.payments.get(key) or book.purged_payments[key]


def lines_of(book: Book, item: Item, partial: Partial) -> Sequence[Line]:
    """Return an item's own line and those of all payments that refer to it; none for what is only parked."""
    if not item.posted:
        return ()
    own = Line(item_key(item), book, item, item.amount_minor, item.company_amount_minor, item.discount_minor)
    if not book.allocations_of.get(item.key):
        return (own,)
    parts = _Parts(book, item)
    own.cleared = parts.clearing
    if partial == "residual":
        return (own, *_residual(parts, own))
    return (own, *parts.lines())


class _Parts:
    """The allocations of an item, and how they end."""

    def __init__(self, book: Book, item: Item) -> None:
        self.book, self.item = book, item
        self.made = book.allocations_of[item.key]
        self.back = {made.reversal_of: made for made in self.made if made.reversal_of}
        self.clearing = self.by(self.made[-1]) if item.open_minor == 0 else None

    def by(self, made: Allocation) -> Clearing:
        """Return the clearing by an allocation's document."""
        year, number = document_of(payment_of(self.book, made.payment or ""))
        return Clearing(number, year, made.allocated_on)

    def lines(self) -> Iterator[Line]:
        """Yield the lines of the payments, each as it reduces the item."""
        for made in self.made:
            if made.kind != "discount" or not self._beside_cash(made):
                yield self.line(made)

    def line(self, made: Allocation) -> Line:
        """Return the line of an allocation; a discount stands with the money beside it."""
        payment = payment_of(self.book, made.payment or "")
        year, number = document_of(payment)
        place = payment.allocations.index(made.key) + 1
        taken = made if made.kind == "discount" else self._discount(made)
        off, own = made.amount_minor, made.company_minor
        if taken is not None and taken is not made:
            off, own = off + taken.amount_minor, own + taken.company_minor
        line = Line(
            (company_code(made.company), year, number, f"{place:03d}"), self.book, self.item, -off, -own,
            -taken.amount_minor if taken else 0, -taken.company_minor if taken else 0, payment,
            REASONS.get(made.kind, ""),
        )  # fmt: skip
        line.cleared = self._cleared(made)
        return line

    def _cleared(self, made: Allocation) -> Clearing | None:
        """Return what cleared a payment's line: its reversal, or what cleared the item."""
        if made.reversal_of:
            return self.by(made)
        return self.by(self.back[made.key]) if made.key in self.back else self.clearing

    def _discount(self, made: Allocation) -> Allocation | None:
        """Return the discount that an allocation of money was made with."""
        if made.kind != "cash":
            return None
        same = (each for each in self.made if each.payment == made.payment and each.kind == "discount")
        return next(same, None)

    def _beside_cash(self, made: Allocation) -> bool:
        return any(each.payment == made.payment and each.kind == "cash" for each in self.made)


def _residual(parts: _Parts, own: Line) -> Iterator[Line]:
    """Yield the lines where each part payment clears what was open and opens the rest anew."""
    lines = list(parts.lines())
    taken_back = {made.payment for made in parts.made if made.reversal_of or made.key in parts.back}
    by_payment: dict[str, list[Line]] = {}
    for line in lines:
        if line.payment and line.payment.key not in taken_back:
            by_payment.setdefault(line.payment.key, []).append(line)
    left, company_left = own.minor, own.company_minor
    before = own
    for payment, mine in by_payment.items():
        _, year, number, _ = mine[0].key
        cleared = Clearing(number, year, payment_of(own.book, payment).received_on)
        left += sum(line.minor for line in mine)
        company_left += sum(line.company_minor for line in mine)
        before.cleared = cleared
        for line in mine:
            line.cleared = cleared
        if left:
            mine[0].minor -= left
            mine[0].company_minor -= company_left
            before = _rest(mine[0], left, company_left)
            lines.append(before)
    yield from lines


def _rest(of: Line, minor: int, company_minor: int) -> Line:
    """Return the line of what a payment left open."""
    company, year, number, place = of.key
    return Line(
        (company, year, number, f"{_RESIDUALS + int(place):03d}"), of.book, of.item, minor, company_minor,
        payment=of.payment,
    )  # fmt: skip
