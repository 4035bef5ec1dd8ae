"""Aging: a recount against a bare GROUP BY, and the debtors touched against a recount, on PostgreSQL."""

from __future__ import annotations

import random
from datetime import date, timedelta
from statistics import median

from sqlalchemy import Connection, select, text

from duehook.core.books import Books
from duehook.core.books.store import aging
from duehook.core.books.tables.ledger import item
from duehook.core.policy.model import AgingScheme
from duehook.core.testing.postgres import throw_away_cluster

from .measure import Figure, cpu_of, settle

SCHEME = AgingScheme("standard", "By month", (0, 30, 60, 90, 120, 180))
AS_OF = date(2026, 3, 31)
REPEATS = 3

_ITEMS = """
INSERT INTO item (company, connection, key, customer, debtor, kind, item_class, state, currency, amount, open_amount,
    document_on, due_on, posted_on, due_derived, document_no, document_type, applies_to, known_from, run_id)
SELECT '01', 'erp', 'RI|' || n, 'C' || d, 'C' || d, CASE WHEN n % 20 = 0 THEN 'credit_note' ELSE 'invoice' END,
    'normal', 'open', (ARRAY['EUR','USD','JPY','KWD'])[1 + (n % 7) % 4], a, a,
    due - 30, due, due - 30, false, n::text, 'RI', CASE WHEN n % 100 = 0 THEN 'RI|' || (n - 1) END, now(), 1
FROM (SELECT n, hashint4(n) %% :debtors AS d, DATE '2026-04-20' - (abs(hashint4(n + 7)) %% 300) AS due,
    (CASE WHEN n % 20 = 0 THEN -1 ELSE 1 END) * (10000 + abs(hashint8(n)) %% 50000000)::bigint AS a
    FROM generate_series(1, :items) n) made
""".replace("%%", "%")

_BARE = """
INSERT INTO bare_balance
SELECT company, connection, debtor, currency,
    coalesce(sum(open_amount) FILTER (WHERE open_amount > 0 AND due_on >= DATE '2026-03-31'), 0)::bigint,
    coalesce(sum(open_amount) FILTER (WHERE open_amount > 0 AND due_on < DATE '2026-03-31'
        AND due_on >= DATE '2026-03-01'), 0)::bigint,
    coalesce(sum(open_amount) FILTER (WHERE open_amount > 0 AND due_on < DATE '2026-03-01'
        AND due_on >= DATE '2026-01-30'), 0)::bigint,
    coalesce(sum(open_amount) FILTER (WHERE open_amount > 0 AND due_on < DATE '2026-01-30'
        AND due_on >= DATE '2025-12-31'), 0)::bigint,
    coalesce(sum(open_amount) FILTER (WHERE open_amount > 0 AND due_on < DATE '2025-12-31'
        AND due_on >= DATE '2025-12-01'), 0)::bigint,
    coalesce(sum(open_amount) FILTER (WHERE open_amount > 0 AND due_on < DATE '2025-12-01'
        AND due_on >= DATE '2025-10-02'), 0)::bigint,
    coalesce(sum(open_amount) FILTER (WHERE open_amount > 0 AND due_on < DATE '2025-10-02'), 0)::bigint,
    0, 0, 0,
    coalesce(sum(open_amount) FILTER (WHERE open_amount < 0), 0)::bigint,
    sum(open_amount)::bigint,
    min(due_on) FILTER (WHERE open_amount > 0)
FROM item WHERE company = '01' AND state = 'open' AND open_amount <> 0
GROUP BY company, connection, debtor, currency
"""


def fill(tx: Connection, items: int, debtors: int) -> None:
    """Make a book of open items in four currencies, a twentieth of them credits."""
    tx.execute(text(_ITEMS), {"items": items, "debtors": debtors})


def recount(books: Books, items: int, debtors: int) -> list[Figure]:
    """Compare the first recount, and one over what is stored, with the bare statement into an identical empty table."""
    with books.write() as tx:
        fill(tx, items, debtors)
    with books.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as tx:
        tx.exec_driver_sql("VACUUM ANALYZE item")
        tx.exec_driver_sql("CREATE TABLE bare_balance (LIKE aging_balance INCLUDING ALL)")
        rounds = [_round(books, tx) for _ in range(REPEATS)]
    bare, first, again = (median(each) for each in zip(*rounds, strict=True))
    print(f"  {items:,} items: bare {bare:.2f} s, recount {first:.2f} s, again {again:.2f} s of backend CPU")
    return [
        Figure("aging: recount / bare GROUP BY", median(first / bare for bare, first, _ in rounds), "ratio", 1.2),
        Figure("aging: recount again / bare GROUP BY", median(again / bare for bare, _, again in rounds), "ratio", 1.2),
    ]


def _round(books: Books, tx: Connection) -> tuple[float, float, float]:
    tx.exec_driver_sql("TRUNCATE bare_balance, aging_balance")
    settle(tx)
    bare = cpu_of(tx, lambda: tx.exec_driver_sql(_BARE))
    return bare, _recounted(books, tx), _recounted(books, tx)


def _recounted(books: Books, tx: Connection) -> float:
    settle(tx)
    with books.write() as writing:
        return cpu_of(writing, lambda: aging.rebuild(writing, "01", SCHEME, AS_OF))


def a_year(books: Books, items: int, debtors: int) -> list[Figure]:
    """Move a book through 365 days: each day's refresh must equal a recount."""
    chance = random.Random(7)
    drifted, refreshed, recounted = 0, 0.0, 0.0
    with books.write() as tx:
        fill(tx, items, debtors)
        aging.rebuild(tx, "01", SCHEME, AS_OF)
    for number in range(1, 366):
        as_of = AS_OF + timedelta(number)
        with books.write() as tx:
            _move(tx, number, chance, items)
            touched = select(item.c.connection, item.c.debtor).where(item.c.run_id == number + 1)
            refreshed += cpu_of(
                tx,
                lambda: aging.refresh(tx, "01", SCHEME, as_of, touched=touched, run_id=number + 1),  # noqa: B023
            )
            drifted += len(aging.drift(tx, "01", SCHEME, as_of))
            if number % 30 == 0:
                recounted += cpu_of(tx, lambda: aging.rebuild(tx, "01", SCHEME, as_of))  # noqa: B023
    share = (refreshed / 365) / (recounted / 12)
    return [
        Figure("aging: debtors that differ from a recount in a year", drifted, "debtors", 0),
        Figure("aging: a day's refresh / recount", share, "ratio", 1.0),
    ]


def _move(tx: Connection, number: int, chance: random.Random, items: int) -> None:
    changed = [f"RI|{chance.randrange(1, items)}" for _ in range(items // 500)]
    statement = text(
        "UPDATE item SET run_id = :run, open_amount = CASE WHEN open_amount = 0 THEN amount ELSE 0 END,"
        " state = CASE WHEN open_amount = 0 THEN 'open' ELSE 'cleared' END WHERE key = ANY(:keys)"
    )
    tx.execute(statement, {"run": number + 1, "keys": changed})


def run(items: int = 2_000_000, debtors: int = 200_000) -> list[Figure]:
    """Measure both."""
    with throw_away_cluster({"shared_buffers": "512MB", "work_mem": "256MB"}) as cluster:
        large, year = Books.open(cluster.create("recount")), Books.open(cluster.create("year"))
        large.migrate()
        year.migrate()
        figures = [*recount(large, items, debtors), *a_year(year, items // 40, debtors // 40)]
        large.close()
        year.close()
    return figures


if __name__ == "__main__":
    for measured in run():
        print(measured.row())
