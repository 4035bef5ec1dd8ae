"""An item or a debtor is found by what a person calls it, also when its key holds slashes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert

from duehook.core.books import Books
from duehook.core.books.store import find
from duehook.core.books.tables.imports import company_feed
from duehook.core.errors import NotFound
from duehook.core.runs.dunning.dun import dun
from duehook.core.runs.dunning.explain import explain
from duehook.core.runs.dunning.manual import propose_manual
from tests.rigs.delivery_site import Rig, due, policy, rigged


@pytest.fixture
def rig(books: Books, database_url: str, tmp_path: Path) -> Iterator[Rig]:
    with rigged(tmp_path, database_url) as made:
        made.govern(policy())
        made.erp.customer("K/1")
        made.erp.invoice("INV/2026/1", "K/1", "100.00", due(10))
        made.erp.customer("B")
        made.erp.invoice("7", "B", "100.00", due(10))
        made.load()
        yield made


@pytest.mark.parametrize("named", ["INV/2026/1", "01/INV/2026/1", "small/01/INV/2026/1"])
def test_an_item_whose_number_has_slashes(rig: Rig, named: str) -> None:
    with rig.site.books.read() as tx:
        assert find.open_or_past_item(tx, named).key == "INV/2026/1"


@pytest.mark.parametrize("named", ["7", "01/7", "small/01/7"])
def test_an_item_whose_number_has_none(rig: Rig, named: str) -> None:
    with rig.site.books.read() as tx:
        assert find.open_or_past_item(tx, named).key == "7"


@pytest.mark.parametrize("named", ["K/1", "01/K/1", "small/01/K/1"])
def test_a_debtor_whose_key_has_a_slash(rig: Rig, named: str) -> None:
    with rig.site.books.read() as tx:
        assert find.debtor(tx, named) == ("01", "small", "K/1")


@pytest.mark.parametrize("named", ["02/7", "other/01/7", "01/8", "01//7", "/7"])
def test_what_is_not_there_is_not_guessed(rig: Rig, named: str) -> None:
    with rig.site.books.read() as tx, pytest.raises(NotFound, match="there is no item"):
        find.open_or_past_item(tx, named)
    with rig.site.books.read() as tx, pytest.raises(NotFound, match="there is no debtor"):
        find.debtor(tx, named.replace("7", "Z"))


def test_a_name_that_can_be_read_in_two_ways_is_refused_and_each_can_be_named(rig: Rig) -> None:
    rig.erp.customer("01/B")
    rig.erp.invoice("01/7", "01/B", "100.00", due(10))
    rig.load()
    with rig.site.books.read() as tx:
        with pytest.raises(NotFound, match="more than one: 01/01/B, 01/B"):
            find.debtor(tx, "01/B")
        with pytest.raises(NotFound, match="more than one"):
            find.open_or_past_item(tx, "01/7")
        assert find.debtor(tx, "01/01/B").key == "01/B"
        assert find.debtor(tx, "small/01/B").key == "B"
        assert find.open_or_past_item(tx, "01/01/7").key == "01/7"
        assert find.open_or_past_item(tx, "small/01/7").key == "7"


@pytest.mark.parametrize("find_it", [find.open_or_past_item, find.debtor])
def test_of_several_companies_each_name_is_looked_up_and_never_searched_for(find_it: Any, tmp_path: Path) -> None:
    books = Books.open(f"sqlite:///{tmp_path / 'books.db'}")
    books.migrate()
    homes = [{"company": code, "connection": name, "generation": 1} for code in ("01", "02") for name in ("erp", "old")]
    with books.write() as tx:
        tx.execute(insert(company_feed), homes)
    asked: list[tuple[str, Any]] = []
    event.listen(books.engine, "before_cursor_execute", lambda c, u, sql, given, *more: asked.append((sql, given)))
    with books.read() as tx:
        with pytest.raises(NotFound):
            find_it(tx, "01/4711")
        plans = [
            step[3]
            for sql, given in asked
            if " item" in sql or " customer" in sql
            for step in tx.connection.cursor().execute(f"EXPLAIN QUERY PLAN {sql}", given)
        ]
    assert plans
    assert [step for step in plans if step.startswith("SCAN")] == []
    books.close()


def test_explain_and_a_notice_by_hand_find_them_too(rig: Rig) -> None:
    dun(rig.site, rig.context, "01", as_of=rig.today, dry_run=False)
    assert [said.item for said in explain(rig.site, "01/INV/2026/1")] == ["INV/2026/1"]
    with pytest.raises(Exception, match="K/1 is proposed already"):
        propose_manual(rig.site, rig.context, "01/K/1", as_of=rig.today)
