"""Dunning: our selection and a whole run against one hand-written statement, on PostgreSQL.

The hand-written statement has the same filters (state, class, block, dispute, interval, minimum,
netting) and must select the same letters. A book in its steady state: most debtors were written to
in the last two weeks, so that a fourteenth of them is due for a letter.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any, Final

from sqlalchemy import Connection, insert, select, text

from duehook.core.books import Books
from duehook.core.books.store.dunning import proposals
from duehook.core.books.store.dunning.decisions import RunDay
from duehook.core.books.store.dunning.rules import Rules
from duehook.core.books.store.dunning.run import letters, write
from duehook.core.books.tables.dunning import dun_run
from duehook.core.calendar import Calendar
from duehook.core.collect.facts import Terms
from duehook.core.plugins import Plugins
from duehook.core.policy.packs import shipped_policies
from duehook.core.runs.dunning.explain import explain
from duehook.core.runs.site import Site
from duehook.core.settings import Settings
from duehook.core.settings.seen import Seen
from duehook.core.testing.postgres import throw_away_cluster

from .measure import Figure, client_seconds, cpu_of, settle

AS_OF: Final = date(2026, 3, 31)
NEXT: Final = AS_OF + timedelta(1)
KNOWN: Final = datetime(2026, 3, 1, tzinfo=UTC)
REPEATS: Final = 3
EXPLAINED: Final = 1_000
SERVER: Final = {"shared_buffers": "512MB", "work_mem": "256MB", "max_parallel_workers_per_gather": "0", "jit": "off"}
HERE: Final = Path(__file__).with_name("dunning.sql")


def run(items: int = 2_000_000, debtors: int = 200_000) -> list[Figure]:
    """Measure the selection, the first run, the next day's, and an explanation."""
    with throw_away_cluster(SERVER) as cluster:
        books = Books.open(cluster.create("dunning"))
        books.migrate()
        fill(books, items, debtors)
        bare, ours = _selections(books)
        first, decided = _run(books, rules(AS_OF), number=1)
        written = _bare_write(books)
        _a_night(books, items)
        again, _ = _run(books, rules(NEXT), number=2)
        spoken = _explanations(books, items)
        books.close()
    print(f"  {items:,} items: bare {bare:.2f} s, selection {ours:.2f} s, first run {first:.2f} s, next {again:.2f} s")
    limit = decided / (bare + written)
    print(f"  bare INSERT of the decisions {written:.2f} s: with bare, {limit:,.0f} decisions a CPU second at most")
    return [
        Figure("dunning: selection / bare SQL", ours / bare, "ratio", 1.3),
        Figure("dunning: first run with all decisions / bare SQL", first / bare, "ratio", 8),
        Figure("dunning: next day's run / bare SQL", again / bare, "ratio", 3),
        Figure("dunning: decisions a CPU second, first run", decided / first, "decisions/s", 50_000, most=False),
        Figure("dunning: an explanation, median of 1,000", spoken * 1_000, "ms CPU", 5),
    ]


def rules(as_of: date) -> Rules:
    """Return the shipped default policy for the company."""
    policy = shipped_policies()["default"]
    return Rules("01", {"default": Terms(policy, as_of, Calendar("DE", "BY"))}, "default", {}, {})


def fill(books: Books, items: int, debtors: int) -> None:
    """Make the book: its statements are in dunning.sql, under their names."""
    with books.write() as tx:
        for name in ("customers", "items", "feed", "levels", "clocks", "blocks"):
            tx.execute(text(_statement(name)), {"items": items, "debtors": debtors, "as_of": AS_OF})
    with books.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as tx:
        tx.exec_driver_sql("VACUUM ANALYZE")


def _statement(name: str) -> str:
    parts = HERE.read_text().split("-- name: ")
    return next(part.partition("\n")[2] for part in parts if part.partition("\n")[0].strip() == name)


def _bare(tx: Connection, as_of: date) -> set[tuple[Any, ...]]:
    return {tuple(row) for row in tx.execute(text(_statement("bare")), {"as_of": as_of})}


def _ours(tx: Connection, as_of: date) -> set[tuple[Any, ...]]:
    return {(row.connection, row.debtor, row.currency, row.level, row.demanded) for row in letters(tx, rules(as_of))}


def _selections(books: Books) -> tuple[float, float]:
    """Return the CPU seconds of both selections; they must select the same."""
    with books.write() as tx:
        mine, theirs = _ours(tx, AS_OF), _bare(tx, AS_OF)
        if mine != theirs:
            odd = sorted(mine ^ theirs)[:5]
            raise AssertionError(f"{len(mine)} letters are not the {len(theirs)} of the bare statement: {odd}")
        print(f"  {len(mine):,} letters, the same by both")
        pairs = [(cpu_of(tx, lambda: _bare(tx, AS_OF)), cpu_of(tx, lambda: _ours(tx, AS_OF))) for _ in range(REPEATS)]
    bare, ours = zip(*pairs, strict=True)
    return median(bare), median(ours)


def _run(books: Books, used: Rules, *, number: int) -> tuple[float, int]:
    """Return the CPU seconds of a run with its decisions, and how many it decided."""
    with books.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as tx:
        settle(tx)
    found: list[Any] = []
    with books.write() as tx:
        for policy in used.policies:
            proposals.adopt(tx, policy.hash, policy.name, policy.canonical, at=KNOWN, actor="bench")
        tx.execute(insert(dun_run), _run_row(number, used.as_of))
        spent = cpu_of(tx, lambda: found.append(write(tx, used, RunDay(number, used.as_of))))
    written = found[0]
    print(f"  run of {used.as_of}: {len(written.letters):,} letters, {written.changed:,} decisions changed")
    return spent, sum(written.codes.values())


def _bare_write(books: Books) -> float:
    """Return the CPU seconds of writing the same decisions into an identical empty table."""
    with books.write() as tx:
        tx.execute(text("CREATE TABLE decision_again (LIKE decision INCLUDING ALL)"))
        spent = cpu_of(tx, lambda: tx.execute(text("INSERT INTO decision_again SELECT * FROM decision")))
        tx.execute(text("DROP TABLE decision_again"))
    return spent


def _run_row(number: int, as_of: date) -> dict[str, Any]:
    states = {"kind": "scheduled", "state": "done", "policies": [], "actor": "bench", "correlation_id": "bench"}
    return {"id": number, "company": "01", "as_of": as_of, "started_at": KNOWN, **states}


def _a_night(books: Books, items: int) -> None:
    """Send the letters and let 1 % of the items be paid."""
    with books.write() as tx:
        for name in ("sent_levels", "sent_clocks", "paid"):
            tx.execute(text(_statement(name)), {"as_of": AS_OF, "items": items})
    with books.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as tx:
        tx.exec_driver_sql("VACUUM ANALYZE")


def _explanations(books: Books, items: int) -> float:
    """Return the median CPU seconds of explaining an item, here and in the database."""
    site = Site(Settings(), Plugins(), books, Path(), Seen({}))
    chance = random.Random(5)
    with books.read() as tx:
        wanted = text("SELECT item FROM decision WHERE company = '01' AND item = ANY(:keys)")
        keys = [_key(chance.randrange(items) + 1) for _ in range(2 * EXPLAINED)]
        known = list(tx.execute(wanted, {"keys": keys}).scalars())[:EXPLAINED]
    return _median_cpu(books, [lambda key=key: explain(site, f"01/{key}") for key in known])  # type: ignore[misc]


def _key(number: int) -> str:
    return f"RI|{number:08d}|001"


def _median_cpu(books: Books, works: list[Callable[[], object]]) -> float:
    """Return the median of what each costs here, plus the database's mean, whose clock is too coarse for one."""
    here = []
    with books.read() as tx:
        backend = select(text("pg_backend_pid()"))
        assert tx.execute(backend).scalar_one()
    with books.engine.connect() as probe:
        before = _server_seconds(probe)
        for work in works:
            start = client_seconds()
            clock = time.process_time()
            work()
            here.append(max(client_seconds() - start, time.process_time() - clock))
        server = _server_seconds(probe) - before
    return median(here) + server / len(works)


def _server_seconds(tx: Connection) -> float:
    from .cpu import server_cpu

    return server_cpu(tx.engine)


if __name__ == "__main__":
    for measured in run():
        print(measured.row())
