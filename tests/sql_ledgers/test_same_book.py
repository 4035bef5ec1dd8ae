"""The ledgers by SQL through the whole import: each holds the book's money to the cent, and ties out."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from duehook.core.context import Actor, Context
from duehook.core.plugins import Plugins
from duehook.core.runs.same_book.book import Shape
from duehook.core.runs.same_book.run import same_book

SHAPE = Shape(customers=60, items=120, seed=7, start_on=date(2026, 3, 2), days=1)
CONTEXT = Context(Actor("person", "ann", "test"), lambda: datetime(2026, 3, 2, 8, tzinfo=UTC), "a-correlation")


@pytest.mark.parametrize("type", ["infor_lx", "infor_xa", "jde_world", "oracle_ebs", "peoplesoft"])
def test_it_ties_out_and_holds_the_books_money(type: str) -> None:
    (found,) = same_book(Plugins.load(), [type], SHAPE, CONTEXT).connectors
    assert (found.reading.error, found.reading.unexplained, found.differs) == (None, 0, ())
