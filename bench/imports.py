"""What importing items costs, measured by a raw COPY of the same rows into the same table.

Mapped rows are lists of dicts with canonical field names, raw JDE rows the tuples that a driver
hands over. Counted is the CPU of this process and
of its database backends, over validation, staging, comparing and merging, the run's own rows
included; the aging refresh is no part of it.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from statistics import median
from typing import Any, Final

from sqlalchemy import Table, text
from sqlalchemy.orm import Session, registry

from duehook.core.books import Books, bulk
from duehook.core.books.store.imports.stage import Placing, columns_of, shape
from duehook.core.books.tables.ledger import item
from duehook.core.context import Actor, Context
from duehook.core.hookspecs import Source
from duehook.core.records import Item
from duehook.core.runs.imports import import_connection
from duehook.core.testing.postgres import throw_away_cluster

from .cpu import cost
from .item_rows import BOUND, RowSource, item_row, rows_by_page
from .jde_rows import RawSource, raw_pages
from .measure import Figure

ROWS: Final = 200_000
ORM_ROWS: Final = 20_000
ROUNDS: Final = 3
NOW: Final = datetime(2026, 3, 2, tzinfo=UTC)
CONTEXT: Final = Context(Actor("person", "bench", "bench"), lambda: NOW, "bench")


def run() -> list[Figure]:
    """Measure imports of mapped and of raw JDE rows against raw COPY and against the ORM, and their memory."""
    with throw_away_cluster({"shared_buffers": "512MB", "max_wal_size": "4GB"}) as cluster:
        books = Books.open(cluster.create("bench"))
        books.migrate()
        mapped = _compared(books, RowSource(rows_by_page(ROWS)))
        raw = _compared(books, RawSource(raw_pages(ROWS)))
        orm = _orm(books) * ROWS / ORM_ROWS
        books.close()
    return [
        Figure("import: mapped rows, first load", mapped.first / mapped.copy, "× raw COPY", 5),
        Figure("import: mapped rows, unchanged", mapped.again / mapped.copy, "× raw COPY", 3.5),
        Figure("import: raw JDE rows, first load", raw.first / raw.copy, "× raw COPY", 8),
        Figure("import: raw JDE rows, unchanged", raw.again / raw.copy, "× raw COPY", 6),
        Figure("import: mapped rows, first load", mapped.first / orm, "× ORM add_all", 0.5),
        _memory(),
    ]


@dataclass(frozen=True)
class Costs:
    """CPU seconds of ROWS rows: raw COPY, a first load, and a load that changes nothing."""

    copy: float
    first: float
    again: float


def _compared(books: Books, source: RowSource) -> Costs:
    """Return the median of each cost over the rounds, which take turns."""
    texts = _copy_texts(source)
    rounds = [_round(books, source, texts) for _ in range(ROUNDS)]
    return Costs(*(median(getattr(each, name) for each in rounds) for name in ("copy", "first", "again")))


def _round(books: Books, source: RowSource, texts: Sequence[str]) -> Costs:
    _empty(books)
    raw = cost(books.engine, lambda: _raw_copy(books, texts))
    _empty(books)
    first = cost(books.engine, lambda: load(books, source))
    again = cost(books.engine, lambda: load(books, source))
    if "-v" in sys.argv:
        print(
            f"raw {sum(raw):.2f}  first {first[0]:.2f}+{first[1]:.2f}  again {again[0]:.2f}+{again[1]:.2f}", flush=True
        )
    return Costs(sum(raw), sum(first), sum(again))


def load(books: Books, source: Source) -> None:
    """Import the source as a site would."""
    import_connection(books, "erp", [source], CONTEXT, as_of=date(2026, 3, 2))


def _empty(books: Books) -> None:
    with books.write() as tx:
        for table in ("item", "item_version", "customer", "touched_debtor", "feed_balance", "stream_position"):
            tx.execute(text(f"TRUNCATE {table}"))
    with books.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as tx:
        tx.execute(text("CHECKPOINT"))


def _copy_texts(source: RowSource) -> list[str]:
    """Return the source's rows as COPY takes them, so that raw COPY has nothing to prepare."""
    of = shape("item")
    texts = []
    for page in source.read("item", None, BOUND):
        if page.rows:
            columns = columns_of(of, [Item(**row) for row in page.rows], Placing("erp"))
            stamps: dict[str, Sequence[Any]] = {"known_from": [NOW] * len(page.rows), "run_id": [1] * len(page.rows)}
            texts.append(bulk.copy_text(item, {name: columns[name] for name in of.columns} | stamps))
    return texts


def _raw_copy(books: Books, texts: Sequence[str]) -> None:
    listed = ", ".join(f'"{name}"' for name in (*shape("item").columns, "known_from", "run_id"))
    with books.write() as tx:
        driver: Any = tx.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f"COPY item ({listed}) FROM STDIN") as copy:
            for each in texts:
                copy.write(each)


def _orm(books: Books) -> float:
    """Return the CPU seconds of ORM add_all of the smaller number of rows."""
    mapped = _mapped_class(item)
    _empty(books)
    of = shape("item")
    columns = columns_of(of, [Item(**item_row(number)) for number in range(ORM_ROWS)], Placing("erp"))
    rows = [
        dict(zip(of.columns, values, strict=True)) for values in zip(*(columns[n] for n in of.columns), strict=True)
    ]

    def add_all() -> None:
        with Session(books.engine) as session:
            session.add_all([mapped(**row, known_from=NOW, run_id=1) for row in rows])
            session.commit()

    return sum(cost(books.engine, add_all))


def _mapped_class(table: Table) -> Any:
    mapped = type("MappedItem", (), {})
    registry().map_imperatively(mapped, table)
    return mapped


def _memory() -> Figure:
    """Compare the peak memory of two imports in processes of their own."""
    small, large = (_peak(count) for count in (100_000, 1_000_000))
    return Figure("import: peak memory, 1M rows", large / small, "× that of 100k", 1.2)


def _peak(count: int) -> int:
    told = subprocess.run(
        [sys.executable, "-m", "bench.import_memory", str(count)], capture_output=True, text=True, check=True
    )
    return int(told.stdout)
