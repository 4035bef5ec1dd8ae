"""The rows of FSLEDG: documents, money, and what was adjusted beside them, each over the book's own objects.

A row keeps what names it and when it was last changed; all else is asked of the book when it is wanted.
YEA4, JRNO and JSNO follow from what the row is made of, so that they are the same after a restart. Journals
begin anew with the year.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from duehook.core.testing.book import Allocation, Book, Item, Payment
from duehook.plugins.infor_m3.simulator.codes import (
    ADJUSTMENT,
    ADJUSTMENTS,
    EXCHANGE,
    INVOICE,
    PAYMENT,
    division,
    information_type,
)

Sort = Literal["document", "money", "adjusted", "exchange", "rest"]
_JOURNALS: Final = ("RI", "RM", "RU", "RF", "R5", "RB", "R1", "DP", "IC", "RN")
_PER_DAY: Final = 20  # journals that a day may have
_AFTER: Final = {"money": 0, "adjusted": 1, "exchange": 2, "rest": 3}


@dataclass(slots=True, eq=False)
class Line:
    """One row: the item that it is of, and the settlement and payment that made it, where it is no document.

    `stamp` is LMTS, milliseconds since 1970.
    """

    name: str
    sort: Sort
    item: Item
    made: Allocation | None = None
    payment: Payment | None = None
    stamp: int = 0

    @property
    def division(self) -> str:
        """Return DIVI."""
        return division(self.item.company)

    @property
    def code(self) -> str:
        """Return TRCD: on-account money is a payment that stands for itself."""
        if self.sort == "document":
            return PAYMENT if self.item.kind == "on_account" else INVOICE
        return PAYMENT if self.sort == "money" else ADJUSTMENT

    @property
    def information(self) -> str:
        """Return IVTP."""
        if self.sort in ("document", "money"):
            return information_type(self.item)
        return ADJUSTMENTS[self.made.kind] if self.made and self.sort == "adjusted" else EXCHANGE

    @property
    def minor(self) -> int:
        """Return CUAM in minor units."""
        if self.sort == "document":
            return self.item.amount_minor
        return -self.made.amount_minor if self.made and self.sort in ("money", "adjusted") else 0

    @property
    def own_minor(self) -> int:
        """Return ACAM, the same in the division's currency: what the rate made of it is a row of its own."""
        if self.sort == "document":
            return self.item.company_amount_minor
        if self.made is None:
            return -self.item.company_open_minor
        return -(self.made.fx_minor if self.sort == "exchange" else self.made.company_minor - self.made.fx_minor)

    @property
    def year(self) -> int:
        """Return YEA4."""
        return self.item.fiscal_year if self.sort == "document" else self._made_on.year

    @property
    def journal(self) -> int:
        """Return JRNO."""
        if self.sort != "document":
            return _journal(self._made_on, len(_JOURNALS) + _AFTER[self.sort] + 4 * _is_back(self.made))
        kind = self.item.document_type
        return _journal(self.item.document_on, _JOURNALS.index(kind) if kind in _JOURNALS else 0)

    @property
    def sequence(self) -> int:
        """Return JSNO."""
        if self.made is None:
            return self.item.document_no % 1_000_000 * 10 + int(self.item.instalment or 0) % 10
        payment, _, part = self.made.key.rpartition("-")
        return int(payment.removesuffix("-R")) % 10_000 * 1_000 + int(part) % 1_000

    @property
    def day(self) -> date:
        """Return the day of it: the document's own, or that of the money."""
        if self.sort == "document":
            return self.item.document_on
        return self.payment.received_on if self.payment else self._made_on

    @property
    def posted_on(self) -> date:
        """Return ACDT."""
        return (self.item.posted_on or self.item.document_on) if self.sort == "document" else self.day

    @property
    def voucher(self) -> int:
        """Return VONO."""
        return self.payment.number if self.payment else self.item.document_no

    @property
    def _made_on(self) -> date:
        return self.made.allocated_on if self.made else self.item.cleared_on or self.item.document_on


def milliseconds(at: datetime) -> int:
    """Return an instant as LMTS."""
    return int(at.timestamp() * 1000)


def beside(book: Book, item: Item) -> Iterator[Line]:
    """Yield the rows of an item beside its document: what settled it, and the rest that the rate left."""
    for made in book.allocations_of.get(item.key, ()):
        payment = book.payments.get(made.payment or "") or book.purged_payments.get(made.payment or "")
        stamp = milliseconds(made.changed_at)
        money = made.kind in ("cash", "credit")
        yield Line(made.key, "money" if money else "adjusted", item, made, payment, stamp)
        if made.fx_minor:
            yield Line(f"{made.key}/x", "exchange", item, made, payment, stamp)
    if not item.open_minor and item.company_open_minor:
        yield Line(f"{item.key}/r", "rest", item, stamp=milliseconds(item.changed_at))


def _journal(day: date, number: int) -> int:
    return day.timetuple().tm_yday * _PER_DAY + number


def _is_back(made: Allocation | None) -> bool:
    return bool(made and made.reversal_of)
