"""The books: they open, migrate both ways, refuse what is newer, and hold what they are given."""

from __future__ import annotations

import importlib
import pkgutil
import threading
import traceback
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, inspect, select, text

import duehook.core.books.store as store_package
from duehook.core.books import Books, bulk, migrate
from duehook.core.books.claim import claimable
from duehook.core.books.tables import metadata
from duehook.core.books.tables.base import canonical
from duehook.core.books.tables.imports import quarantine
from duehook.core.books.tables.ledger import ALIVE, customer, in_state, item
from duehook.core.books.tables.ops import fact
from duehook.core.books.upsert import insert_new, upsert
from duehook.core.errors import ConfigError
from duehook.core.plugins import Plugins
from duehook.core.runs.site import Site

NOW = datetime(2026, 3, 2, 6, 0, 1, 250_000, tzinfo=UTC)


@pytest.fixture
def empty(database_url: str) -> Iterator[Books]:
    """Give books without tables, once on each database."""
    opened = Books.open(database_url)
    yield opened
    opened.close()


def tables_of(books: Books) -> set[str]:
    return set(inspect(books.engine).get_table_names())


COLUMNS = """
    SELECT table_name, column_name, ordinal_position, data_type, character_maximum_length, is_nullable, column_default
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
"""
INDEXES = "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
FILE = "SELECT name, sql FROM sqlite_master WHERE tbl_name <> 'alembic_version'"


def definitions(books: Books) -> list[tuple[object, ...]]:
    """Return what the database itself says of every column, key and index."""
    asked = (COLUMNS, INDEXES) if books.engine.dialect.name == "postgresql" else (FILE,)
    with books.engine.connect() as tx:
        return sorted((tuple(row) for query in asked for row in tx.execute(text(query))), key=str)


def test_migrations_make_the_schema_that_the_tables_describe(empty: Books) -> None:
    empty.migrate()
    with empty.engine.connect() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert migrate.current(tx) == migrate.head()
        assert MigrationContext.configure(tx).get_current_revision() == migrate.head()
    assert ScriptDirectory.from_config(migrate.config()).get_current_head() == migrate.head()


def test_migrations_make_the_same_tables_and_indexes_as_the_description_to_the_letter(empty: Books) -> None:
    metadata.create_all(empty.engine)
    described = definitions(empty)
    metadata.drop_all(empty.engine)
    empty.migrate()
    assert definitions(empty) == described


def test_migrations_go_down_to_nothing_and_up_again(empty: Books) -> None:
    empty.migrate()
    made = definitions(empty)
    migrate.downgrade(empty.engine, "base")
    assert tables_of(empty) <= {"alembic_version"}
    empty.migrate()
    assert definitions(empty) == made


def test_migrating_twice_changes_nothing(empty: Books) -> None:
    empty.migrate()
    with empty.write() as tx:
        tx.execute(fact.insert(), {"name": "a", "value": 1, "set_at": NOW})
    empty.migrate()
    with empty.read() as tx:
        assert tx.execute(select(fact.c.name)).scalars().all() == ["a"]


def test_books_of_a_newer_version_are_refused_by_name(empty: Books) -> None:
    empty.migrate()
    with empty.write() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigError, match=r"at revision 9999, which is newer than this Duehook"):
        empty.migrate()
    assert "item" in tables_of(empty)


def test_a_site_whose_books_are_of_an_older_version_says_migrate(empty: Books, tmp_path: Path) -> None:
    empty.migrate()
    migrate.downgrade(empty.engine, "-1")
    config = tmp_path / "duehook.yaml"
    url = empty.engine.url.render_as_string(hide_password=False)
    config.write_text("database: {file: database.url}\n")
    (tmp_path / "database.url").write_text(url)
    with pytest.raises(ConfigError, match=r"the books are at revision \d+; .* run `duehook migrate`"):
        Site.open(config, plugins=Plugins())


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://x/y", "mysql is not supported"),
        ("no url", "this is no database URL"),
        ("sqlite://host/file.db", "this is no database URL"),
    ],
)
def test_a_database_that_is_none_of_ours_is_refused(url: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        Books.open(url)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql:/ann:geheim123@db/x",
        "ann:geheim123@db/x",
        "host=db user=ann password=geheim123",
        "postgresql://ann:pass@geheim123:word/x",
        "postgresql://ann:geheim123@[::1/x",
        "sqlite://ann:geheim123@db/x",
        "mysql://ann:geheim123@db/x",
    ],
)
def test_a_url_that_cannot_be_read_is_never_shown(url: str) -> None:
    with pytest.raises(ConfigError, match="database: ") as refused:
        Books.open(url)
    assert "geheim123" not in "".join(traceback.format_exception(refused.value))


def test_a_new_file_is_ours_alone_and_one_that_is_there_keeps_its_rights(tmp_path: Path) -> None:
    file = tmp_path / "new.db"
    books = Books.open(f"sqlite:///{file}")
    books.migrate()
    with books.write() as tx:
        tx.execute(select(1))
        there = {each.name: each.stat().st_mode & 0o777 for each in tmp_path.iterdir()}
    books.close()
    assert there == {"new.db": 0o600, "new.db-wal": 0o600, "new.db-shm": 0o600}
    file.chmod(0o640)
    books = Books.open(f"sqlite:///{file}")
    books.migrate()
    books.close()
    assert file.stat().st_mode & 0o777 == 0o640


def test_a_relative_file_counts_from_the_base(tmp_path: Path) -> None:
    books = Books.open("sqlite:///here.db", tmp_path)
    books.migrate()
    books.close()
    assert (tmp_path / "here.db").exists()


@pytest.mark.parametrize("module", [module.name for module in pkgutil.walk_packages(store_package.__path__, "")])
def test_every_store_opens_without_touching_a_database(module: str) -> None:
    assert importlib.import_module(f"{store_package.__name__}.{module}").__doc__


def test_a_write_that_fails_leaves_nothing(books: Books) -> None:
    with pytest.raises(RuntimeError, match="no"), books.write() as tx:
        tx.execute(fact.insert(), {"name": "a", "value": 1, "set_at": NOW})
        raise RuntimeError("no")
    with books.read() as tx:
        assert tx.execute(select(fact)).all() == []


def test_a_reader_sees_one_state_of_the_books(books: Books) -> None:
    with books.read() as reading:
        assert reading.execute(select(fact)).all() == []
        with books.write() as tx:
            tx.execute(fact.insert(), {"name": "a", "value": 1, "set_at": NOW})
        assert reading.execute(select(fact)).all() == []
    with books.read() as reading:
        assert len(reading.execute(select(fact)).all()) == 1


def test_instants_come_back_in_utc_and_naive_ones_are_refused(books: Books) -> None:
    east = NOW.astimezone(timezone(timedelta(hours=9)))
    with books.write() as tx:
        tx.execute(fact.insert(), {"name": "a", "value": {"z": 1, "a": [2]}, "set_at": east})
    with books.read() as tx:
        row = tx.execute(select(fact)).one()
    assert (row.set_at, row.set_at.tzinfo, row.value) == (NOW, UTC, {"a": [2], "z": 1})
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(Exception, match="needs a time zone"), books.write() as tx:
        tx.execute(fact.insert(), {"name": "b", "value": 1, "set_at": naive})


def test_canonical_json_is_one_text_for_equal_values() -> None:
    assert canonical({"b": date(2026, 1, 5), "a": "ü"}) == canonical({"a": "ü", "b": date(2026, 1, 5)})
    assert canonical({"b": 1, "a": "ü"}) == '{"a":"ü","b":1}'


def customer_columns(names: list[str], **given: Any) -> dict[str, list[Any]]:
    rows = len(names)
    columns: dict[str, Any] = {
        "company": "01",
        "connection": "erp",
        "key": [str(number) for number in range(rows)],
        "name": names,
        "state": "active",
        "placeholder": False,
        "known_from": NOW,
        "run_id": 1,
    }
    return {name: value if isinstance(value, list) else [value] * rows for name, value in (columns | given).items()}


def test_bulk_rows_come_back_as_they_went_in(books: Books) -> None:
    names = ["plain", "tab\there", "line\nbreak", "return\r", "back\\slash", "\\N", "Łódź 漢字 😀", "", " "]
    rows = len(names)
    columns = customer_columns(
        names,
        language=[None, "en", *[None] * (rows - 2)],
        credit_limit=[None, -1, 0, 2**62, *[None] * (rows - 4)],
        dunning_level=list(range(rows)),
        state_since=[None, date(2026, 1, 5), *[None] * (rows - 2)],
        changed_at=[None, NOW, *[None] * (rows - 2)],
        placeholder=[number % 2 == 0 for number in range(rows)],
        extra=[None, canonical({"a": "\\t"}), *[None] * (rows - 2)],
    )
    with books.write(bulk=True) as tx:
        bulk.load(tx, customer, columns)
    with books.read() as tx:
        told = tx.execute(select(customer).order_by(customer.c.key)).all()
    assert [row.name for row in told] == names
    assert [row.placeholder for row in told] == columns["placeholder"]
    assert [row.credit_limit for row in told[:4]] == [None, -1, 0, 2**62]
    assert [row.dunning_level for row in told] == list(range(rows))
    second = told[1]
    assert (second.language, second.state_since, second.changed_at) == ("en", date(2026, 1, 5), NOW)
    assert (second.extra, second.known_from) == ({"a": "\\t"}, NOW)


def test_a_bulk_load_of_nothing_is_nothing(books: Books) -> None:
    with books.write(bulk=True) as tx:
        bulk.load(tx, customer, customer_columns([]))
        bulk.load(tx, customer, {})
        bulk.know(tx, item)


def test_an_upsert_inserts_or_changes(books: Books) -> None:
    with books.write() as tx:
        upsert(tx, fact, [{"name": "a", "value": 1, "set_at": NOW}, {"name": "b", "value": 1, "set_at": NOW}])
        upsert(tx, fact, [{"name": "b", "value": 2, "set_at": NOW}])
        upsert(tx, fact, [])
        assert not insert_new(tx, fact, {"name": "b", "value": 3, "set_at": NOW})
        assert insert_new(tx, fact, {"name": "c", "value": 3, "set_at": NOW})
    with books.read() as tx:
        rows = tx.execute(select(fact.c.name, fact.c.value).order_by(fact.c.name)).all()
    assert [tuple(row) for row in rows] == [("a", 1), ("b", 2), ("c", 3)]


def test_two_workers_never_claim_one_row(books: Books) -> None:
    """PostgreSQL skips what is claimed; SQLite lets the second wait until the first has written."""
    with books.write() as tx:
        upsert(tx, fact, [{"name": name, "value": 0, "set_at": NOW} for name in ("a", "b", "c", "d")])
    claimed: list[str] = []

    def work() -> None:
        for _ in range(2):
            with books.write() as tx:
                free = select(fact.c.name).where(fact.c.value == 0).order_by(fact.c.name).limit(1)
                name = tx.execute(claimable(tx, free)).scalar()
                if name is not None:
                    tx.execute(fact.update().where(fact.c.name == name).values(value=1))
                    claimed.append(name)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(claimed) == sorted(set(claimed))
    assert len(claimed) == 4


def test_quarantine_has_one_row_a_fingerprint(books: Books) -> None:
    row = {
        "connection": "erp",
        "stream": "item",
        "fingerprint": "f",
        "reason": "r",
        "state": "parked",
        "first_run": 1,
        "last_run": 1,
        "first_seen_at": NOW,
        "last_seen_at": NOW,
        "expires_at": NOW,
    }
    with books.write() as tx:
        assert insert_new(tx, quarantine, row)
        assert not insert_new(tx, quarantine, row)


@pytest.mark.parametrize("states", [("open",), ("gone",), ALIVE])
def test_the_living_items_are_read_by_an_index_of_them_alone(states: tuple[str, ...], books: Books) -> None:
    """Most of a book is cleared."""
    sent: list[tuple[str, Any]] = []
    explain = "EXPLAIN" if books.engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    with books.write() as tx:
        if explain == "EXPLAIN":
            tx.execute(text("SET LOCAL enable_seqscan = off"))  # of an empty table it would read the whole
        event.listen(tx, "before_cursor_execute", lambda *told: sent.append(told[2:4]))
        tx.execute(select(item.c.key).where(item.c.company == "00070", in_state(item, *states))).all()
        ((statement, values),) = sent
        assert all(f"state = '{state}'" in statement for state in states)
        plan = tx.exec_driver_sql(f"{explain} {statement}", values).all()
    assert "ix_item_alive" in str(plan)
