"""Customers that a user of the ERP switched off: they stay readable as long as they owe, and are left out after it."""

from __future__ import annotations

from typing import Any

from duehook.core.testing.book import Book


def is_inactive(customer: str) -> bool:
    """Say whether the ERP has switched a customer off: one in thirteen, none of the first dozen."""
    return int(customer) % 13 == 12


def owing(book: Book) -> frozenset[str]:
    """Return the customers with a posted document that is open."""
    return frozenset(item.customer for item in book.items.values() if item.posted and item.open_minor)


def is_read(site: Any, customer: str) -> bool:
    """Say whether a connector shall read a customer: one that is active, or owes."""
    return not is_inactive(customer) or customer in site.owing
