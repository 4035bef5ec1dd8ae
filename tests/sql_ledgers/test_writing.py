"""Writing: a row in the site's own table, never twice, and nothing counts as done before the site's program says so."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from duehook.core.hookspecs import Command, CommandKind
from duehook.plugins.sql_ledgers.writing.staging import COLUMNS

from .library import Library


def note(text: str = "Called", key: str = "k1", customer: str = "1001") -> Command:
    """Return a note."""
    return Command("add_note", key, "10", customer, None, {"text": text, "subject": ""})


def program(library: Library, status: str, message: str = " ") -> None:
    """Let the site's program say so of every row."""
    library.run(f"UPDATE CMOUT SET STATUS = '{status}', MSG = '{message}'")


def test_a_note_is_queued_and_unknown_until_the_program_has_done_it(library: Library) -> None:
    target = library.target()
    told = target.apply(note())
    assert (told.outcome, told.wait) == ("unknown", timedelta(hours=24))
    ((kind, customer, text, status),) = library.rows("SELECT EVTYPE, CUSTNO, TEXT, STATUS FROM CMOUT")
    assert (kind, customer, text.startswith("Called #DH-"), status) == ("NOTE", "1001", True, "N")
    program(library, "D")
    assert target.verify(note()).outcome == "done"
    assert target.apply(note()).outcome == "already"
    target.close()


def test_the_same_command_is_queued_once_by_whomever(library: Library) -> None:
    for _ in range(3):
        library.target().apply(note())
    assert library.rows("SELECT COUNT(*) FROM CMOUT") == [(1,)]


def test_what_the_program_refuses_is_asked_once_more_and_then_refused_with_its_words(library: Library) -> None:
    target = library.target()
    target.apply(note())
    program(library, "E", "period is closed")
    told = target.verify(note())
    assert (told.outcome, told.message) == ("refused", "the site's program refused: period is closed")
    assert target.apply(note()).outcome == "unknown"
    assert library.rows("SELECT STATUS, TRIM(MSG) FROM CMOUT ORDER BY rowid") == [("E", "period is closed"), ("N", "")]
    library.run("UPDATE CMOUT SET STATUS = 'E', MSG = 'customer is locked' WHERE STATUS = 'N'")
    for ask in (target.verify, target.apply, target.apply):
        told = ask(note())
        assert (told.outcome, told.message) == ("refused", "the site's program refused: customer is locked")
    assert library.rows("SELECT COUNT(*) FROM CMOUT") == [(2,)]


def test_what_the_program_takes_when_asked_again_is_done(library: Library) -> None:
    target = library.target()
    target.apply(note())
    program(library, "E", "locked by a user")
    target.apply(note())
    library.run("UPDATE CMOUT SET STATUS = 'D' WHERE STATUS = 'N'")
    assert (target.verify(note()).outcome, target.apply(note()).outcome) == ("done", "already")


def test_only_the_refused_rows_of_a_note_are_asked_for_again(library: Library) -> None:
    target, long = library.target(), note("x" * 1200)
    target.apply(long)
    library.run("UPDATE CMOUT SET STATUS = CASE rowid WHEN 2 THEN 'E' ELSE 'D' END")
    target.apply(long)
    assert library.rows("SELECT STATUS FROM CMOUT ORDER BY rowid") == [("D",), ("E",), ("D",), ("N",)]
    assert library.rows("SELECT COUNT(DISTINCT TEXT) FROM CMOUT WHERE rowid IN (2, 4)") == [(1,)]
    library.run("UPDATE CMOUT SET STATUS = 'D' WHERE rowid = 4")
    assert target.verify(long).outcome == "done"


@pytest.mark.parametrize("status", ["P", "?", "X"])
def test_what_the_program_has_not_ended_is_unknown(library: Library, status: str) -> None:
    target = library.target()
    target.apply(note())
    program(library, status)
    assert target.verify(note()).outcome == "unknown"


def test_what_is_not_queued_is_not_there(library: Library) -> None:
    assert library.target().verify(note()).outcome == "refused"


def test_a_long_note_is_several_rows_and_done_when_all_are(library: Library) -> None:
    target, long = library.target(), note("x" * 1200)
    target.apply(long)
    rows = library.rows("SELECT LENGTH(TEXT) FROM CMOUT ORDER BY rowid")
    assert (len(rows), max(rows)) == (3, (500,))
    library.run("UPDATE CMOUT SET STATUS = 'D' WHERE rowid < 3")
    assert target.verify(long).outcome == "unknown"
    program(library, "D")
    assert target.verify(long).outcome == "done"


def test_rows_of_a_note_that_are_missing_are_added_and_the_others_stay(library: Library) -> None:
    """Without commitment control a connection that broke may have kept the first row alone."""
    target, long = library.target(), note("x" * 1200)
    target.apply(long)
    library.run("UPDATE CMOUT SET STATUS = 'D' WHERE rowid = 1; DELETE FROM CMOUT WHERE rowid > 1")
    told = target.verify(long)
    assert (told.outcome, told.message) == (
        "refused",
        "1 of its 3 rows are in the staging table; the rest can follow",
    )
    assert target.apply(long).outcome == "unknown"
    assert library.rows("SELECT STATUS FROM CMOUT ORDER BY rowid") == [("D",), ("N",), ("N",)]


def test_nothing_is_queued_for_a_customer_that_there_is_not(library: Library) -> None:
    told = library.target().apply(note(customer="4711"))
    assert (told.outcome, "there is no customer 4711" in told.message) == ("refused", True)
    assert library.rows("SELECT COUNT(*) FROM CMOUT") == [(0,)]


def test_a_hold_names_the_one_that_the_program_must_find(library: Library) -> None:
    target = library.target()
    target.apply(Command("set_credit_hold", "h1", "10", "1000", None, {"value": "Y", "expect": None}))
    release = Command("release_credit_hold", "h2", "10", "1001", None, {"value": "Y", "restore": None})
    target.apply(release)
    assert library.rows("SELECT CUSTNO, TRIM(CODE), TRIM(TEXT) FROM CMOUT ORDER BY CUSTNO") == [
        ("1000", "Y", ""), ("1001", "", "Y"),
    ]  # fmt: skip


def test_anothers_hold_is_neither_overwritten_nor_released(library: Library) -> None:
    library.run("UPDATE RCM SET CHOLD = 'M' WHERE CCUST = 1001")
    target = library.target()
    told = target.apply(Command("set_credit_hold", "h1", "10", "1001", None, {"value": "Y", "expect": None}))
    assert (told.outcome, told.previous) == ("refused", "M")
    told = target.apply(Command("release_credit_hold", "h2", "10", "1001", None, {"value": "Y", "restore": None}))
    assert (told.outcome, target.current_hold("10", "1001")) == ("refused", "M")


@pytest.mark.parametrize(
    ("kind", "body", "row"),
    [
        ("set_promise", {"amount": "100.00", "on": "2026-04-07", "text": "by phone"},
         ("PROMISE", "", 20260407, "100", "by phone")),
        ("set_dispute", {"amount": "40.50", "reason": "price", "text": "wrong"},
         ("DISPUTE", "price", 0, "40.5", "wrong")),
        ("set_dunning_block", {"value": "A", "until": "2026-05-01", "reason": "sales"},
         ("BLOCK", "A", 20260501, "0", "sales")),
        ("set_dunning_level", {"level": 2, "on": "2026-03-31"}, ("LEVEL", "2", 20260331, "0", "")),
    ],
)  # fmt: skip
def test_each_kind_of_command_is_a_row_of_its_own(
    library: Library, kind: CommandKind, body: dict[str, Any], row: tuple[Any, ...]
) -> None:
    library.document(1, "100.00")
    library.target().apply(Command(kind, "k", "10", "1001", "10|2026|IN|1|1", body))
    columns = "EVTYPE, TRIM(CODE), DUEDATE8, CAST(AMOUNT AS TEXT), TRIM(TEXT), DOCKEY"
    ((*found, document),) = library.rows(f"SELECT {columns} FROM CMOUT")
    assert (tuple(str(each) for each in found), document) == (tuple(map(str, row)), "10|2026|IN|1|1")


def test_only_what_the_sites_program_carries_out_is_offered(library: Library) -> None:
    target = library.target(staging={"look_seconds": 0, "events": ["NOTE"]})
    assert target.capabilities == {"add_note"}
    told = target.apply(Command("set_credit_hold", "h", "10", "1001", None, {"value": "Y"}))
    assert (told.outcome, "unsupported" in told.message) == ("refused", True)


def test_without_a_column_for_the_hold_none_is_set(library: Library) -> None:
    assert "set_credit_hold" not in library.target(columns={"hold": ""}).capabilities


def test_without_a_staging_table_nothing_is_written(library: Library) -> None:
    target = library.target(staging=None)
    assert target.capabilities == frozenset()
    assert "unsupported" in target.apply(note()).message


def test_check_says_what_the_staging_table_lacks(library: Library) -> None:
    library.run("ALTER TABLE CMOUT RENAME COLUMN MSG TO MESSAGE")
    (finding,) = library.target().check()
    assert (finding.ok, finding.message) == (False, "CMOUT lacks the columns MSG")


def test_preview_says_what_would_be_queued_and_queues_nothing(library: Library) -> None:
    assert library.target().preview(note()).startswith("queue in CMOUT for customer 1001: NOTE")
    assert library.rows("SELECT COUNT(*) FROM CMOUT") == [(0,)]


@pytest.mark.parametrize("database", ["Db2 for i", "Oracle"])
def test_the_page_gives_a_table_of_just_the_columns_that_are_written(database: str) -> None:
    page = (Path(__file__).parents[2] / "docs/how-to/connect-by-sql.md").read_text(encoding="utf-8")
    (table,) = re.findall(rf"-- {database}\nCREATE TABLE \w+\.CMOUT \((.*?)\)(?:;|\n```)", page, re.DOTALL)
    assert tuple(re.findall(r"(\w+) (?:VAR)?(?:CHAR2?|DECIMAL|NUMBER)\(", table)) == COLUMNS
