"""Import: killed, resumed, locked, beside others, and whatever the order of things equal to a clean run."""

from __future__ import annotations

import gc
import os
import random
import signal
import socket
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from duehook.core.books import Books
from duehook.core.books.store.imports import import_runs as store
from duehook.core.books.tables.imports import connection_lock, import_run, stream_position
from duehook.core.books.tables.ledger import customer as customer_table
from duehook.core.books.tables.ops import audit, fact
from duehook.core.books.upsert import upsert
from duehook.core.errors import Busy, ConnectorGarbled
from tests.rigs.imported import Killed, count, items, kill_at, load, source_of
from tests.rigs.literal_source import AS_OF, START, LiteralSource, context, customer, item


@pytest.mark.parametrize("stream", ["customer", "item"])
@pytest.mark.parametrize("page", [0, 1, 2])
def test_a_run_killed_between_pages_is_finished_by_the_next(books: Books, stream: str, page: int) -> None:
    def made() -> LiteralSource:
        people = [customer(key) for key in "ABCD"]
        return LiteralSource(2, customer=people, item=[item(str(n), "10") for n in range(5)])

    source = made()
    source.before_page = kill_at(stream, page)
    with pytest.raises(Killed):
        load(books, source)
    with books.read() as tx:
        assert not store.ready(tx, "01").ready
    source.before_page = lambda stream, number: None
    report = load(books, source)
    assert report.resumed == (page > 0)
    assert [row[0] for row in items(books, "key")] == list("01234")
    assert count(books, customer_table) == 4
    with books.read() as tx:
        assert store.ready(tx, "01").ready


def test_changes_between_a_killed_run_and_the_next_are_not_missed(books: Books) -> None:
    source = LiteralSource(2, item=[item(str(n), "10") for n in range(6)])
    source.before_page = kill_at("item", 2)
    with pytest.raises(Killed):
        load(books, source)
    source.before_page = lambda stream, number: None
    source.put("item", item("0", "10", "4"))  # read already, changed after the killed run's bound
    load(books, source)
    assert items(books, "key", "open_amount")[0] == ("0", 40_000)


def test_a_killed_full_reading_goes_on_instead_of_beginning_anew(books: Books) -> None:
    source = LiteralSource(1, customer=[customer("A")], item=[item(str(n), "10") for n in range(4)])
    load(books, source)
    source.before_page = kill_at("item", 3)
    with pytest.raises(Killed):
        load(books, source, full=True)
    source.before_page = lambda stream, number: None
    report = load(books, source, full=True)
    assert report.resumed
    assert (report.streams["customer"].read, report.streams["item"].read) == (0, 1)


def test_a_run_that_left_no_trace_but_its_lock_is_taken_over(books: Books) -> None:
    source, calls = source_of(item("1", "10")), context()
    load(books, source, context=calls)
    with books.write() as tx:
        number = store.begin_run(tx, "erp", calls, mode="incremental", as_of=AS_OF)
        gone = calls.now() - timedelta(seconds=1)
        assert store.lock(tx, "erp", run_id=number, name="elsewhere:1", until=gone)
    report = load(books, source, context=calls)
    assert report.generation == 2
    with books.read() as tx:
        assert store.run(tx, number).state == "failed"


KILLED_BY_THE_SYSTEM = """
import os, signal, sys
from duehook.core.books import Books
from tests.rigs.imported import load
from tests.rigs.literal_source import LiteralSource, customer, item

source = LiteralSource(2, customer=[customer("A")], item=[item(str(n), "10") for n in range(6)])
source.before_page = lambda stream, number: (stream, number) == ("item", 2) and os.kill(os.getpid(), signal.SIGKILL)
load(Books.open(sys.argv[1]), source)
"""


def test_a_run_that_the_system_killed_is_finished_at_once_by_the_next(books: Books, database_url: str) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED_BY_THE_SYSTEM, database_url], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert [key for (key,) in items(books, "key")] == ["0", "1", "2", "3"]
    with books.read() as tx:
        assert store.run(tx, 1).state == "running"
        assert store.ready(tx, "01").reasons == ("the import of erp (run 1) is running",)
        assert store.settled_run(tx, "01") == 0
    source = LiteralSource(2, customer=[customer("A")], item=[item(str(n), "10") for n in range(6)])
    report = load(books, source)
    assert (report.resumed, report.generation) == (True, 1)
    assert [key for (key,) in items(books, "key")] == ["0", "1", "2", "3", "4", "5"]


def test_a_position_of_another_version_is_none(books: Books) -> None:
    source = source_of(item("1", "10"), item("2", "10"))
    load(books, source)
    with books.write() as tx:
        tx.execute(stream_position.update().values(version=0))
    assert load(books, source).streams["item"].read == 2


def test_a_connection_is_imported_by_one_at_a_time(books: Books) -> None:
    source, calls = source_of(item("1", "10")), context()
    with books.write() as tx:
        number = store.begin_run(tx, "erp", calls, mode="incremental", as_of=AS_OF)
        store.lock(tx, "erp", run_id=number, name="elsewhere:77", until=calls.now() + timedelta(hours=1))
    for dry_run in (False, True):
        with pytest.raises(Busy, match=r"being imported by elsewhere:77 \(run 1\)"):
            load(books, source, context=calls, dry_run=dry_run)
    assert count(books, import_run) == 1


def test_of_two_runs_that_begin_at_once_one_is_refused(books: Books) -> None:
    refused: list[Busy] = []

    def second() -> None:
        try:
            load(books, source_of(item("1", "10")))
        except Busy as error:
            refused.append(error)

    calls = context()
    late = threading.Thread(target=second)
    with books.write() as tx:
        number = store.begin_run(tx, "erp", calls, mode="incremental", as_of=AS_OF)
        store.lock(tx, "erp", run_id=number, name="elsewhere:77", until=calls.now() + timedelta(hours=1))
        late.start()
        late.join(1)  # it has looked, seen nobody, and waits for us
        assert late.is_alive()
    late.join(30)
    (error,) = refused
    assert str(error).startswith("erp ")
    assert items(books, "key") == []


def test_another_users_process_holds_its_connection_too(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(process: int, number: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    calls = context()
    with books.write() as tx:
        number = store.begin_run(tx, "erp", calls, mode="incremental", as_of=AS_OF)
        name = f"{socket.gethostname()}:4242"
        store.lock(tx, "erp", run_id=number, name=name, until=calls.now() + timedelta(hours=1))
    monkeypatch.setattr(os, "kill", refused)
    with pytest.raises(Busy, match=f"being imported by {name}"):
        load(books, source_of(item("1", "10")), context=calls)


def test_who_keeps_the_collector_off_finds_it_off_after_an_import(books: Books) -> None:
    gc.disable()
    try:
        load(books, source_of(item("1", "10")))
        assert not gc.isenabled()
    finally:
        gc.enable()
    load(books, source_of(item("2", "10")))
    assert gc.isenabled()


def test_a_run_whose_connection_was_taken_over_writes_no_more(books: Books) -> None:
    source = source_of(item("1", "10"), item("2", "10"), item("3", "10"))

    def stolen(stream: str, number: int) -> None:
        if (stream, number) == ("item", 1):
            with books.write() as tx:
                tx.execute(connection_lock.update().values(run_id=99))

    source.before_page = stolen
    with pytest.raises(Busy, match="taken over by another run"):
        load(books, source)
    assert [row[0] for row in items(books, "key")] == ["1", "2"]


def test_every_run_leaves_one_audit_row(books: Books) -> None:
    source = source_of(item("1", "10"))
    load(books, source)
    source.complete = False
    with pytest.raises(ConnectorGarbled):
        load(books, source)
    with books.read() as tx:
        rows = tx.execute(select(audit.c.act, audit.c.subject, audit.c.after).order_by(audit.c.id)).all()
    assert [(act, subject, after["state"]) for act, subject, after in rows] == [
        ("import.run", "erp", "closed"),
        ("import.run", "erp", "failed"),
    ]


def test_an_import_beside_ten_writers_meets_no_lock(sqlite_url: str) -> None:
    """Each writer has books of its own, as another process would; all write all the time."""
    books = Books.open(sqlite_url)
    books.migrate()
    ended = threading.Event()
    written: dict[int, int] = {}
    failed: list[Exception] = []

    def write(number: int) -> None:
        own = Books.open(sqlite_url)
        try:
            while not ended.is_set():
                with own.write() as tx:
                    now = START + timedelta(seconds=written.get(number, 0))
                    upsert(tx, fact, [{"name": f"writer {number}", "value": written.get(number, 0), "set_at": now}])
                written[number] = written.get(number, 0) + 1
        except Exception as error:  # noqa: BLE001 - whatever it is, the test tells it
            failed.append(error)
        finally:
            own.close()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(10)]
    for writer in writers:
        writer.start()
    report = load(books, source_of(*(item(str(n), "10") for n in range(12_000)), size=6_000))
    ended.set()
    for writer in writers:
        writer.join()
    books.close()
    assert failed == []
    assert report.streams["item"].new == 12_000
    assert len(written) == 10


@pytest.mark.parametrize("seed", range(6))
def test_many_small_runs_leave_what_one_clean_run_leaves(books: Books, seed: int) -> None:
    """Changes between runs, during paging, with equal and late stamps, kills, deletes: nothing is missed."""
    dice = random.Random(seed)
    source = LiteralSource(dice.choice([1, 2, 3, 7]), customer=[customer("A")], item=[], payment=[])
    source.lookback = timedelta(days=1)

    def move(stream: str = "", number: int = 0) -> None:
        for _ in range(dice.randrange(3)):
            act, key = dice.random(), str(dice.randrange(12))
            late = None if act > 0.2 else source.clock.at - timedelta(seconds=dice.randrange(3))
            if act > 0.9 and ("01", key) in source.rows["item"]:
                source.drop("item", ("01", key), trace=source.deleted)
            else:
                source.put("item", item(key, "100", str(dice.choice([0, 40, 100]))), at=late)
        if stream == "item" and dice.random() < 0.15:
            raise Killed

    source.before_page = move
    for _ in range(8):
        move()
        try:
            load(books, source)
        except Killed:
            continue
    source.before_page = lambda stream, number: None
    load(books, source)
    held = {key: (state, amount) for key, state, amount in items(books, "key", "state", "open_amount")}
    told = {row["key"]: row["open_amount"] for _, row in source.rows["item"].values()}
    assert {key: amount for key, (state, amount) in held.items() if state == "open"} == {
        key: int(amount * 10_000) for key, amount in told.items() if amount
    }
    for key, (state, _) in held.items():
        assert state in {"open", "cleared"} if key in told else state in {"deleted", "cleared"}
    with books.read() as tx:
        assert all(tx.execute(select(stream_position.c.done)).scalars())
