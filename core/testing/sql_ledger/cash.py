"""What a book's money is in ERPs that keep each receipt, and what of it is on account, as documents of their own."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from duehook.core.money import exponent
from duehook.core.testing.book import Allocation, Book, Item, Payment
from duehook.core.testing.book.objects import to_amount


def part_of(book: Book, key: str) -> Allocation:
    """Return an allocation, wherever it stands now."""
    return book.allocations.get(key) or book.purged_allocations[key]


def item_of(book: Book, key: str) -> Item:
    """Return an item, wherever it stands now."""
    return book.items.get(key) or book.purged_items[key]


def applied_cash(book: Book, payment: Payment) -> Decimal:
    """Return what of a payment was applied when it came: the rest is an item on account."""
    if payment.reversal_of:
        return payment.amount
    cash = sum(part.amount_minor for key in payment.allocations if (part := part_of(book, key)).kind == "cash")
    return to_amount(int(cash), payment.currency)


def is_netting(payment: Payment) -> bool:
    """Say whether a payment is none: a credit that was applied to an invoice."""
    return payment.method == "netting" and not payment.amount_minor


def other_side(book: Book, payment: Payment, part: Allocation) -> Item:
    """Return the credit whose application to an invoice a part of a netting is."""
    others = [part_of(book, key) for key in payment.allocations if key != part.key]
    return item_of(book, others[0].item)


def money_on_account(book: Book) -> list[Item]:
    """Return the items that are money on account, open or not."""
    return [item for item in book.items.values() if item.kind == "on_account"]


def in_company_currency(amount: Decimal, rate_scaled: int, currency: str) -> Decimal:
    """Return an amount at a rate in ten-millionths, as the company's currency rounds."""
    step = Decimal(1).scaleb(-exponent(currency))
    return (amount * Decimal(rate_scaled).scaleb(-7)).quantize(step, ROUND_HALF_UP)


def chosen(row: dict[str, Any], names: str) -> dict[str, Any]:
    """Return those fields of a row that are there."""
    return {name: row[name] for name in names.split() if name in row}
