"""The rows of all tables, in SQLite in memory: written when they are first asked for."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, Final

from .schema import SHAPES, Row, TableShape, Value

Key = tuple[Value, ...]
_MANY: Final = 5_000


class Store:
    """Rows by table and key. Whoever holds it sees to it that it is used by one thread at a time."""

    def __init__(self) -> None:
        """Make the tables."""
        self._database = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA case_sensitive_like = ON")
        self._waiting: dict[str, dict[Key, Row | None]] = {name: {} for name in SHAPES}
        for shape in SHAPES.values():
            for statement in _made(shape):
                self._database.execute(statement)

    def put(self, table: str, row: Row) -> None:
        """Write a row, over the one of its key."""
        self._waiting[table][SHAPES[table].key_of(row)] = row
        if len(self._waiting[table]) > _MANY:
            self._write(table)

    def drop(self, table: str, key: Key) -> None:
        """Take a row away, where there is one."""
        self._waiting[table][key] = None

    def get(self, table: str, key: Key) -> Row | None:
        """Return a row by its key; None where there is none."""
        shape = SHAPES[table]
        where = " AND ".join(f'"{name}" = ?' for name in shape.key)
        found = next(self.select(table, where, key), None)
        return None if found is None else dict(zip(shape.columns, found, strict=True))

    def select(
        self, table: str, where: str = "", values: Sequence[Value] = (), *, columns: str = "*", limit: str = ""
    ) -> Iterator[tuple[Any, ...]]:
        """Yield the rows that a condition in SQL holds for; in no order that anybody promises."""
        self._write(table)
        condition = f" WHERE {where}" if where else ""
        return self._database.execute(f'SELECT {columns} FROM "{table}"{condition}{limit}', tuple(values))

    def close(self) -> None:
        """End the database."""
        self._database.close()

    def _write(self, table: str) -> None:
        waiting, shape = self._waiting[table], SHAPES[table]
        if not waiting:
            return
        self._waiting[table] = {}
        gone = [key for key, row in waiting.items() if row is None]
        where = " AND ".join(f'"{name}" = ?' for name in shape.key)
        marks = ", ".join("?" * len(shape.columns))
        self._database.execute("BEGIN")
        self._database.executemany(f'DELETE FROM "{table}" WHERE {where}', gone)
        rows = (shape.values(row) for row in waiting.values() if row is not None)
        self._database.executemany(f'INSERT OR REPLACE INTO "{table}" VALUES ({marks})', rows)
        self._database.execute("COMMIT")


def _made(shape: TableShape) -> Iterator[str]:
    columns = ", ".join(
        f'"{each.name}" {"INTEGER" if each.is_number else "TEXT NOT NULL"}' for each in shape.columns.values()
    )
    key = ", ".join(f'"{name}"' for name in shape.key)
    yield f'CREATE TABLE "{shape.name}" ({columns}, PRIMARY KEY ({key})) WITHOUT ROWID'
    for place, names in enumerate(shape.indexes):
        on = ", ".join(f'"{name}"' for name in names)
        yield f'CREATE INDEX "{shape.name}~{place}" ON "{shape.name}" ({on})'
