"""`duehook import` of all connections goes on behind one that cannot be read, and names it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from duehook.core.books import Books
from duehook.core.books.tables.ledger import item
from duehook.core.cli import main
from tests.rigs.loop_site import LoopSite, loop_site

Out = pytest.CaptureFixture[str]


@pytest.fixture
def made(books: Books, database_url: str, tmp_path: Path) -> Iterator[LoopSite]:
    with loop_site(tmp_path, database_url) as site:
        yield site


def read(made: LoopSite) -> set[str]:
    with made.site.books.read() as tx:
        return set(tx.execute(select(item.c.connection)).scalars())


def test_one_that_is_down_keeps_no_other_from_being_read(made: LoopSite, capsys: Out) -> None:
    made.erps["north"].down = True
    assert main(["-c", str(made.config), "import"]) == 5
    assert read(made) == {"south"}
    out = capsys.readouterr().out
    assert "north could not be imported: " in out
    assert "south: run" in out


def test_json_names_it_too(made: LoopSite, capsys: Out) -> None:
    made.erps["south"].down = True
    assert main(["-c", str(made.config), "import", "--json"]) == 5
    told = json.loads(capsys.readouterr().out)
    assert [one["connection"] for one in told["imports"]] == ["north"]
    assert [one["connection"] for one in told["failed"]] == ["south"]
    assert told["failed"][0]["error"]


def test_when_none_can_be_read_the_exit_code_is_the_faults_own(made: LoopSite, capsys: Out) -> None:
    made.erps["north"].down = made.erps["south"].down = True
    assert main(["-c", str(made.config), "import"]) == 4
    out = capsys.readouterr().out
    assert "north could not be imported" in out
    assert "south could not be imported" in out


def test_one_that_was_named_ends_with_its_own_fault(made: LoopSite) -> None:
    made.erps["north"].down = True
    assert main(["-c", str(made.config), "import", "north"]) == 4
    assert main(["-c", str(made.config), "import", "south"]) == 0
