"""A level that a person set stays, whatever becomes of a letter that was on its way (rule 18)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from duehook.core.books import Books
from duehook.core.books.tables.dunning import item_dunning
from duehook.core.runs.deliver.queue import cancel_notice
from duehook.core.runs.deliver.settle import settle
from duehook.core.runs.dunning.acts import free_level, set_level
from tests.rigs.delivery_site import LETTERS_ONLY, TODAY, Rig, due, rigged


@pytest.fixture
def rig(books: Books, database_url: str, tmp_path: Path) -> Iterator[Rig]:
    with rigged(tmp_path, database_url) as made:
        made.erp.customer("A")
        made.erp.invoice("1", "A", "100.00", due(10))
        yield made


def test_one_set_while_a_letter_waits_to_be_posted_stays_when_it_was_posted(rig: Rig) -> None:
    rig.govern(LETTERS_ONLY)
    rig.run()
    set_level(rig.site, rig.context, "1", 0, on=TODAY, why="agreed with the customer")
    settle(rig.site, rig.context, rig.key(), sent=True, why="posted")
    with rig.site.books.read() as tx:
        row = tx.execute(select(item_dunning)).one()
    assert (row.level, row.hand_set) == (0, True)


def test_one_set_after_a_letter_stays_when_that_letter_is_cancelled(rig: Rig) -> None:
    rig.run()
    set_level(rig.site, rig.context, "1", 3, on=TODAY, why="court order")
    with rig.site.books.write() as tx:
        cancel_notice(tx, rig.context, rig.only().id, why="wrong bank account on it")
    assert rig.levels() == {"1": 3}


def test_one_that_is_freed_counts_from_the_last_letter_of_its_item(rig: Rig) -> None:
    rig.run()
    rig.clock.later(days=3)
    set_level(rig.site, rig.context, "1", 2, why="agreed with the customer")
    free_level(rig.site.books, rig.context, "1")
    with rig.site.books.read() as tx:
        row = tx.execute(select(item_dunning)).one()
    assert (row.level, row.level_on, row.hand_set) == (2, TODAY, False)


def test_one_that_is_freed_has_no_day_where_no_letter_went(rig: Rig) -> None:
    rig.load()
    set_level(rig.site, rig.context, "1", 2, why="migrated")
    free_level(rig.site.books, rig.context, "1")
    with rig.site.books.read() as tx:
        assert tx.execute(select(item_dunning.c.level_on)).scalar_one() is None


def test_one_that_was_set_and_freed_while_a_letter_waited_is_where_its_cancelling_goes_back_to(rig: Rig) -> None:
    rig.govern(LETTERS_ONLY)
    rig.run()
    set_level(rig.site, rig.context, "1", 1, on=TODAY, why="agreed with the customer")
    free_level(rig.site.books, rig.context, "1")
    settle(rig.site, rig.context, rig.key(), sent=True, why="posted")
    with rig.site.books.write() as tx:
        cancel_notice(tx, rig.context, rig.only().id, why="wrong bank account on it")
    assert rig.levels() == {"1": 1}
