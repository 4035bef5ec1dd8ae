"""Books that cannot be written or read are told in words: which, why, and what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, select, text
from sqlalchemy.exc import IntegrityError

from duehook.core.books import Books
from duehook.core.books import books as opening
from duehook.core.books.tables.ledger import customer
from duehook.core.cli import main
from duehook.core.errors import BooksUnusable
from duehook.core.runs.health.doctor import doctor
from duehook.core.runs.site import load_plugins
from tests.rigs.imported import load
from tests.rigs.literal_source import SHARED, LiteralSource, context, item, write_site
from tests.rigs.literal_source import customer as a_customer

Out = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch
Forbid = Callable[[], None]


@pytest.fixture
def forbid(database_url: str, monkeypatch: Patch) -> Forbid:
    """Give what makes the database take no writes from now on, in connections that open later."""

    def do() -> None:
        if database_url.startswith("sqlite"):
            monkeypatch.setattr(opening, "_PRAGMAS", (*opening._PRAGMAS, "query_only=ON"))
            return
        engine = create_engine(database_url.replace("postgresql:", "postgresql+psycopg:"))
        with engine.begin() as tx:
            tx.execute(text(f'ALTER DATABASE "{engine.url.database}" SET default_transaction_read_only = on'))
        engine.dispose()

    return do


@pytest.fixture
def config(tmp_path: Path, books: Books, database_url: str, monkeypatch: Patch) -> Path:
    rows = {"customer": [a_customer("A")], "item": [item("1", "70")]}
    monkeypatch.setitem(SHARED, "erp", LiteralSource(2, **rows))
    books.close()
    return write_site(tmp_path, database_url)


@pytest.mark.parametrize("words", [("import",), ("dun",), ("deliver",), ("tie-out",), ("quarantine", "retry", "erp")])
def test_a_command_on_books_that_take_no_writes_ends_with_4_and_a_plain_message(
    config: Path, forbid: Forbid, words: tuple[str, ...], capsys: Out
) -> None:
    assert main(["-c", str(config), "import"]) == 0
    forbid()
    capsys.readouterr()
    assert main(["-c", str(config), *words]) == 4
    told = capsys.readouterr().err
    assert told.startswith("Error: The books ")
    assert " cannot be written: " in told
    assert "Fix: " in told
    assert "Traceback" not in told
    assert "OperationalError" not in told


def test_doctor_fails_on_books_that_take_no_writes(config: Path, forbid: Forbid) -> None:
    def signs() -> dict[str, str]:
        return {each.code: each.severity for each in doctor(config, load_plugins(config), context())}

    assert signs()["books.write"] == "ok"
    forbid()
    assert signs()["books.write"] == "error"


def test_a_file_that_is_opened_for_reading_only_names_itself(tmp_path: Path, migrated_file: Path) -> None:
    file = tmp_path / "books.db"
    file.write_bytes(migrated_file.read_bytes())
    books = Books.open(f"sqlite:///file:{file}?mode=ro&uri=true")
    with books.read() as tx:
        assert tx.execute(select(customer)).all() == []
    with pytest.raises(BooksUnusable, match=rf"The books .*{file}.* cannot be written: .* may not write") as told:
        _add(books)
    assert "right to write" in (told.value.fix or "")
    books.close()


def test_a_file_that_may_not_grow_says_that_the_disk_is_full(
    tmp_path: Path, migrated_file: Path, monkeypatch: Patch
) -> None:
    file = tmp_path / "books.db"
    file.write_bytes(migrated_file.read_bytes())
    monkeypatch.setattr(opening, "_PRAGMAS", (*opening._PRAGMAS, "max_page_count=1"))  # that is: not one more
    books = Books.open(f"sqlite:///{file}")
    with pytest.raises(BooksUnusable, match="cannot be written: the disk is full") as told, books.write() as tx:
        tx.exec_driver_sql("CREATE TABLE more (text TEXT)")
        tx.exec_driver_sql("INSERT INTO more VALUES (?)", ("x" * 1_000_000,))
    assert "make room" in (told.value.fix or "")
    books.close()


def test_a_file_that_is_no_database_is_told_on_reading_it(tmp_path: Path) -> None:
    file = tmp_path / "books.db"
    file.write_text("Dear customer, " * 200)
    with (
        pytest.raises(BooksUnusable, match=r"cannot be read: .*file is not a database"),
        Books.open(f"sqlite:///{file}").read(),
    ):
        pass


def test_a_file_that_another_process_holds_is_told_as_held(
    tmp_path: Path, migrated_file: Path, monkeypatch: Patch
) -> None:
    file = tmp_path / "books.db"
    file.write_bytes(migrated_file.read_bytes())
    monkeypatch.setattr(opening, "_PRAGMAS", (*opening._PRAGMAS, "busy_timeout=1"))
    other = sqlite3.connect(file)
    other.execute("BEGIN IMMEDIATE")
    books = Books.open(f"sqlite:///{file}")
    with pytest.raises(BooksUnusable, match="cannot be written: another process"):
        _add(books)
    books.close()
    other.close()


@pytest.mark.parametrize(
    ("state", "why"),
    [("53100", "the server's disk is full"), ("42501", "may not do that"), ("58030", "the server failed")],
)
def test_what_postgresql_refuses_is_told_by_its_code(pg_url: str, state: str, why: str) -> None:
    books = Books.open(pg_url)
    with pytest.raises(BooksUnusable, match=f"cannot be written: .*{why}"), books.write() as tx:
        _raise(tx, state)
    with pytest.raises(Exception, match="value") as told, books.write() as tx:
        _raise(tx, "22012")
    assert not isinstance(told.value, BooksUnusable)  # a fault of ours is not the server's
    books.close()


def test_a_server_that_ends_the_connection_is_told_as_gone(pg_url: str) -> None:
    books = Books.open(pg_url)
    with pytest.raises(BooksUnusable, match=r"cannot be written: the server"), books.write() as tx:
        tx.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    with books.write() as tx:
        assert tx.execute(text("SELECT 1")).scalar_one() == 1  # and the next transaction finds it again
    books.close()


def test_an_error_of_the_database_shows_no_values(books: Books) -> None:
    _add(books)
    with pytest.raises(IntegrityError) as told:
        _add(books)
    assert "Ähre" not in str(told.value)
    assert "hide_parameters" in str(told.value)


def _raise(tx: Connection, state: str) -> None:
    tx.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'no value' USING ERRCODE = '{state}'; END $$"))


def _add(books: Books) -> None:
    row = {"company": "01", "connection": "erp", "key": "A", "name": "Ähre", "state": "active", "placeholder": False}
    with books.write() as tx:
        tx.execute(customer.insert(), {**row, "known_from": context().now(), "run_id": 1})


def test_amounts_that_no_sum_of_64_bits_holds_are_told_as_too_much(books: Books) -> None:
    rows = [item(str(number), "9999999999999.00", currency="IDR") for number in range(100)]
    with pytest.raises(BooksUnusable, match=r"add up to more than 922,337,203,685,477\. Fix: .* in thousands"):
        load(books, LiteralSource(50, customer=[a_customer("A")], item=rows))
