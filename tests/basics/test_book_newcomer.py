"""A customer that comes into a book while it moves."""

from __future__ import annotations

from datetime import date

import pytest

from duehook.core.testing.book import Book
from duehook.core.testing.contract.scenes.acts import newcomer

START = date(2026, 3, 2)


def test_a_new_customer_is_a_change_and_buys_in_the_days_that_follow() -> None:
    book = Book.make(1, 3, 30, START)
    made = newcomer(book)
    assert [(each.act, each.stream, each.key) for each in book.changes] == [
        ("added", "customer", made.key), ("added", "contact", f"{made.key}-0"),
    ]  # fmt: skip
    book.advance_to(date(2026, 4, 2))
    assert made.key in {item.customer for item in book.items.values()}


def test_a_customer_that_is_there_is_not_made_again() -> None:
    book = Book.make(1, 3, 0, START)
    with pytest.raises(ValueError, match="customer 1001 is in the book already"):
        book.welcome(book.customers["1001"])
