"""The book that every simulator has: what is open in it, and what an ERP cannot tell of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from duehook.core.testing.book import Book, Item
from duehook.core.testing.book.objects import to_amount
from duehook.core.testing.contract.erp import SimulatedErp


@dataclass(frozen=True)
class Shape:
    """Which book is drawn, and how many days it moves on between the two readings."""

    customers: int
    items: int
    seed: int
    start_on: date
    days: int

    @property
    def ends_on(self) -> date:
        """Return the day of the second reading."""
        return self.start_on + timedelta(days=self.days)

    @property
    def options(self) -> Mapping[str, Any]:
        """Return what a simulator is given to draw it."""
        return {"customers": self.customers, "items": self.items, "seed": self.seed, "start_on": self.start_on}

    def drawn(self) -> Book:
        """Return the book as it stands at the second reading."""
        book = Book.make(self.seed, self.customers, self.items, self.start_on)
        book.advance_to(self.ends_on)
        return book


@dataclass(frozen=True)
class Balance:
    """What is open of one class in one company and currency, by the book's company codes."""

    company: str
    item_class: str
    currency: str
    amount: Decimal


@dataclass(frozen=True)
class LeftOut:
    """Open documents of a class that an ERP does not have, with the reason that its simulator gives."""

    item_class: str
    documents: int
    reason: str
    balances: tuple[Balance, ...]


def open_items(book: Book) -> list[Item]:
    """Return the book's open items."""
    return [item for item in book.items.values() if item.open_minor]


def balances(items: Iterable[Item]) -> tuple[Balance, ...]:
    """Add up what is open by company, class and currency."""
    sums: dict[tuple[str, str, str], Decimal] = {}
    for item in items:
        name = (item.company, item.item_class, item.currency)
        sums[name] = sums.get(name, Decimal(0)) + to_amount(item.open_minor, item.currency)
    return tuple(Balance(*name, amount) for name, amount in sorted(sums.items()) if amount)


def left_out(book: Book, lacks: Mapping[str, str]) -> tuple[LeftOut, ...]:
    """Return what the ERP has no place for: whole classes that it says it lacks."""
    found = []
    items_of: dict[str, list[Item]] = {}
    for item in open_items(book):
        items_of.setdefault(item.item_class, []).append(item)
    for name, items in sorted(items_of.items()):
        if name in lacks:
            found.append(LeftOut(name, len(items), lacks[name], balances(items)))
    return tuple(found)


def added_up(told: Iterable[Balance], by: Callable[[Balance], str]) -> dict[tuple[str, str], Decimal]:
    """Add balances up by what `by` gives and by currency, zeros left out."""
    sums: dict[tuple[str, str], Decimal] = {}
    for each in told:
        name = (by(each), each.currency)
        sums[name] = sums.get(name, Decimal(0)) + each.amount
    return {name: amount for name, amount in sums.items() if amount}


def company_codes(erp: SimulatedErp) -> dict[str, str]:
    """Return the book's company by the ERP's own code for it, learned from an open invoice of each.

    Money on account may have another number there: that of the receipt.
    """
    open_invoices = (item for item in erp.book.items.values() if item.kind == "invoice" and item.is_open)
    sought = {item.company: item for item in open_invoices if item.item_class == "normal"}
    found = {}
    for row in erp.given("item"):
        for code, item in sought.items():
            number = str(row.get("document_no"))
            if row["customer"] == item.customer and number.endswith(str(item.document_no)):
                found[str(row["company"])] = code
    return found
