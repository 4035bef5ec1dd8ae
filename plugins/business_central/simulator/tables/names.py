"""What stands in the customer ledger for what the book holds: names of entries, and the order they were posted in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from duehook.core.testing.book import Allocation, Book, Change, Item, Payment

OWN_ENTRY: tuple[str, ...] = ("deduction", "chargeback")  # reductions that are posted as credit memos
Step = tuple[str, str]  # item, payment or allocation, and its key


def item_of(book: Book, key: str) -> Item | None:
    """Return an item, also one that the book's people have purged: here nothing ever is."""
    return book.items.get(key) or book.purged_items.get(key)


def payment_of(book: Book, key: str) -> Payment | None:
    """Return a payment, also a purged one."""
    return book.payments.get(key) or book.purged_payments.get(key)


def allocation_of(book: Book, key: str) -> Allocation | None:
    """Return an allocation, also a purged one."""
    return book.allocations.get(key) or book.purged_allocations.get(key)


def item_name(item: Item) -> str:
    """Return what names the entry of an item: money on account is its payment's."""
    if item.kind == "on_account" and item.from_payment:
        return payment_name(item.from_payment)
    return f"item|{item.key}"


def payment_name(key: str) -> str:
    """Return what names the entry of a payment."""
    return f"payment|{key}"


def beside_name(key: str) -> str:
    """Return what names the credit memo that a reduction was posted as."""
    return f"beside|{key}"


def opening_steps(book: Book, changes: Sequence[Change]) -> Iterator[Step]:
    """Yield what was there before anything changed, in the order in which it was posted."""
    later = {(change.stream, change.key) for change in changes if change.act == "added"}
    items = (*book.items.values(), *book.purged_items.values())
    payments = (*book.payments.values(), *book.purged_payments.values())
    allocations = (*book.allocations.values(), *book.purged_allocations.values())
    found: list[tuple[date, int, str, Step]] = [
        *((item.posted_on or item.document_on, 0, item.key, ("item", item.key)) for item in items),
        *((paid.received_on, 1, paid.key, ("payment", paid.key)) for paid in payments),
        *((made.allocated_on, 2, made.key, ("allocation", made.key)) for made in allocations),
    ]
    return (step for *_, step in sorted(found) if step not in later)


def posted_later(item: Item) -> bool:
    """Say whether an item was a draft before it was posted, as far as its dates tell."""
    return item.posted_on is not None and item.posted_on > item.document_on
