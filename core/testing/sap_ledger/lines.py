"""A customer line of an accounting document, and where it stands.

An item is a line of its document: company code, fiscal year, document number, and the instalment as the
line's number. A payment of the book is a document (type DZ; AB where a credit was netted); settling.py says
which lines it has.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from duehook.core.testing.book import Book, Item, Payment
from duehook.core.testing.book.postings import converted

from .codes import NETTING, PAYMENT, company_code, document_type

LineKey = tuple[str, str, str, str]
REVERSALS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Clearing:
    """What cleared a line: a document of a fiscal year, on a day."""

    document: str
    year: str
    on: date


@dataclass(slots=True)
class Line:
    """One customer line. Amounts are signed in minor units: + is debit. `payment` is None on the item's own line.

    `discount_minor` is what an open item offers, or what was taken with a payment (with the line's sign).
    `share_of` names the ledger's line that this is one item's share of, and is empty for a line of its own; a line
    of shares names no item as InvoiceReference. `reset_on`: the day on which a clearing of it was taken back.
    """

    key: LineKey
    book: Book
    item: Item
    minor: int
    company_minor: int
    discount_minor: int = 0
    company_discount_minor: int = 0
    payment: Payment | None = None
    reason: str = ""
    cleared: Clearing | None = None
    share_of: tuple[str, ...] = ()
    reset_on: date | None = None

    @property
    def is_debit(self) -> bool:
        """Say whether it stands on the debit side."""
        return self.minor > 0 or (self.minor == 0 and self.company_minor >= 0)

    @property
    def used_up(self) -> bool:
        """Say whether its own document cleared it, as one that pays items whole is."""
        return self.cleared is not None and (self.cleared.year, self.cleared.document) == self.key[1:3]


def own_line(book: Book, item: Item) -> Line:
    """Return an item's own line, open."""
    offered = converted(item.discount_minor, item.currency, item.company_currency, item.rate_scaled)
    return Line(item_key(item), book, item, item.amount_minor, item.company_amount_minor, item.discount_minor, offered)


def added_up(shares: Iterable[Line]) -> Line:
    """Return the ledger's one line that these are the shares of."""
    ordered = sorted(shares, key=lambda share: share.key)
    return replace(
        ordered[0],
        minor=sum(share.minor for share in ordered),
        company_minor=sum(share.company_minor for share in ordered),
        discount_minor=sum(share.discount_minor for share in ordered),
        company_discount_minor=sum(share.company_discount_minor for share in ordered),
    )


def negated(line: Line) -> Line:
    """Return a line with the amounts of the other side."""
    return replace(
        line, minor=-line.minor, company_minor=-line.company_minor, discount_minor=-line.discount_minor,
        company_discount_minor=-line.company_discount_minor,
    )  # fmt: skip


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
