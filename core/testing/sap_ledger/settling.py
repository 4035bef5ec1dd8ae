"""How an item is settled: the lines that payments post beside it, and what clears which.

A payment's document takes from an item in one of these ways:

- A part, `referring` (default): a line of that much, with the item as its InvoiceReference. It stays open beside
  the item, which keeps its whole amount: what is open is the sum of both.
- A part, `residual`: the document clears what is open whole, and opens a line of the rest that refers to the item.
- All that is open: the document clears the item and whatever refers to it. Its own line bears no reference
  and is cleared with them; there is one for all that it clears of a customer, and none where debits and
  credits make each other up. (With `naming` "all" there is one an item, which refers to it.)

Discounts stand as CashDiscountAmount on the payment's line, and on the item that was cleared with one. Other
reductions (written off, deducted, charged back) are lines of their own with a reason code and a reference.

A payment that is taken back is reversed by a document of its own (number + 1,000,000). What the payment had
cleared is reset first (FBRA): open again, with emptied clearing fields and the day as LastChangeDate; the
reversal clears the lines of both. Where other documents have cleared a part payment's line meanwhile, that
stands, and the reversal's line is open: a debit that refers to the item.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from typing import Final, Literal

from duehook.core.testing.book import Allocation, Book, Item, Payment

from .codes import REASONS, company_code
from .lines import Clearing, Line, document_of, negated, own_line, payment_of

Partial = Literal["referring", "residual"]
Naming = Literal["parts", "all"]
_RESIDUALS: Final = 500


@dataclass(frozen=True)
class Posting:
    """How payments are posted; `resets` are those whose clearing a user has reset and left so, and when."""

    partial: Partial = "referring"
    naming: Naming = "parts"
    resets: Mapping[str, date] = field(default_factory=dict)


def settled(book: Book, item: Item, posting: Posting) -> Sequence[Line]:
    """Return an item's own line, first, those that refer to it, and its shares of others; none for a parked one."""
    if not item.posted:
        return ()
    made = book.allocations_of.get(item.key)
    if not made:
        return (own_line(book, item),)
    settling = _Settling(book, item, posting)
    for key, parts in groupby(made, key=lambda each: each.payment):
        settling.carry(payment_of(book, key or ""), list(parts))
    for key in posting.resets.keys() & settling.cleared_by.keys():
        settling.reset(key, posting.resets[key])
    return settling.lines


class _Settling:
    """One item's lines, payment by payment: `still` are the open ones, `cleared_by` what each payment cleared."""

    def __init__(self, book: Book, item: Item, posting: Posting) -> None:
        self.book, self.item, self.posting = book, item, posting
        self.own = own_line(book, item)
        self.offered = self.own.discount_minor, self.own.company_discount_minor
        self.left, self.company_left = self.own.minor, self.own.company_minor
        self.lines, self.still = [self.own], [self.own]
        self.cleared_by: dict[str, list[Line]] = {}
        self.posted: dict[str, list[Line]] = {}

    def carry(self, payment: Payment, made: Sequence[Allocation]) -> None:
        """Post what a payment takes from the item, or gives back to it."""
        self.left -= sum(each.amount_minor for each in made)
        self.company_left -= sum(each.company_minor for each in made)
        if payment.reversal_of:
            return self._take_back(payment, made)
        money, reduced = self._drawn(payment, made)
        if not self.left or (money and self.posting.partial == "residual"):
            return self._clear(payment, made[0].allocated_on, money=money, reduced=reduced)
        return self._stand_open(payment, [*money, *reduced])

    def reset(self, payment: str, on: date) -> None:
        """Take back what a payment cleared: all of it is open again, and so is its own line."""
        reopened = self.cleared_by.pop(payment)
        for line in (*reopened, *(each for each in self.posted[payment] if each.used_up)):
            line.cleared, line.reset_on = None, on
        self.still = [*reopened, *self.still]
        if _holds(reopened, self.own):
            self.own.discount_minor, self.own.company_discount_minor = self.offered

    def _drawn(self, payment: Payment, made: Sequence[Allocation]) -> tuple[list[Line], list[Line]]:
        """Return the line of the money (or credit) with the discount beside it, if any, and those with a reason."""
        money = [each for each in made if each.kind not in REASONS]
        reduced = [self._line(payment, [each]) for each in made if each.kind in REASONS]
        return [self._line(payment, money)] if money else [], reduced

    def _line(self, payment: Payment, made: Sequence[Allocation]) -> Line:
        taken = [each for each in made if each.kind == "discount"]
        place = payment.allocations.index(made[0].key) + 1
        return Line(
            (company_code(made[0].company), *document_of(payment), f"{place:03d}"), self.book, self.item,
            -sum(each.amount_minor for each in made), -sum(each.company_minor for each in made),
            -sum(each.amount_minor for each in taken), -sum(each.company_minor for each in taken), payment,
            REASONS.get(made[0].kind, ""),
        )  # fmt: skip

    def _stand_open(self, payment: Payment, lines: Iterable[Line]) -> None:
        self.posted[payment.key] = [*lines]
        self.lines += self.posted[payment.key]
        self.still += self.posted[payment.key]

    def _clear(self, payment: Payment, on: date, *, money: Sequence[Line], reduced: Sequence[Line]) -> None:
        """Clear all that is open; of a part, open what is left anew."""
        gone = [*self.still, *reduced]
        year, number = document_of(payment)
        for line in (*gone, *money):
            line.cleared = Clearing(number, year, on)
        if _holds(gone, self.own):
            self.own.discount_minor = -sum(line.discount_minor for line in money)
            self.own.company_discount_minor = -sum(line.company_discount_minor for line in money)
        self.cleared_by[payment.key] = gone
        for line in money:
            line.minor = -sum(each.minor for each in gone)
            line.company_minor = -sum(each.company_minor for each in gone)
            if self.posting.naming == "parts":
                alone = (self.item.key,) if self.left else ()
                line.share_of = (payment.key, self.item.customer, *alone)
        self.still = [self._rest(money[0])] if self.left else []
        self.posted[payment.key] = [*money, *reduced, *self.still]
        self.lines += self.posted[payment.key]

    def _rest(self, money: Line) -> Line:
        """Return the line of what a payment left open."""
        company, year, number, place = money.key
        return Line(
            (company, year, number, f"{_RESIDUALS + int(place):03d}"), self.book, self.item, self.left,
            self.company_left, payment=money.payment,
        )  # fmt: skip

    def _take_back(self, back: Payment, made: Sequence[Allocation]) -> None:
        """Reverse a payment's lines; where others have cleared them meanwhile, post the money back beside them."""
        key = back.reversal_of or ""
        mine = self.posted[key]
        if any(line.cleared and not line.used_up for line in mine):
            money, reduced = self._drawn(back, made)
            return self._stand_open(back, [*money, *reduced])
        if key in self.cleared_by:
            self.reset(key, made[0].allocated_on)
        year, number = document_of(back)
        clearing = Clearing(number, year, made[0].allocated_on)
        for line in mine:
            line.cleared = clearing
        self.still = [line for line in self.still if not _holds(mine, line)]
        self.posted[back.key] = [_mirrored(line, back) for line in mine]
        self.lines += self.posted[back.key]
        return None


def _mirrored(line: Line, back: Payment) -> Line:
    """Return the line that reverses another, cleared with it."""
    share_of = (back.key, *line.share_of[1:]) if line.share_of else ()
    return replace(
        negated(line),
        key=(line.key[0], *document_of(back), line.key[3]),
        payment=back,
        share_of=share_of,
        reset_on=None,
    )


def _holds(lines: Iterable[Line], wanted: Line) -> bool:
    return any(line is wanted for line in lines)
