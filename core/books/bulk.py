"""Load many rows at once: COPY on PostgreSQL, executemany on SQLite. One of the three seams.

Rows are tuples of database values in the order of `columns`: whole ten-thousandths, `date`
objects, canonical JSON text, and instants through `instant_text`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Table

SQLITE_ROWS = 5_000


def load(tx: Connection, table: Table | str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert the rows; a duplicate key is the database's own error."""
    name = table if isinstance(table, str) else table.name
    quote = tx.dialect.identifier_preparer.quote
    listed = ", ".join(quote(column) for column in columns)
    driver = tx.connection.driver_connection
    assert driver is not None
    if tx.dialect.name == "postgresql":
        with driver.cursor() as cursor, cursor.copy(f"COPY {quote(name)} ({listed}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    marks = ", ".join("?" * len(columns))
    cursor = driver.cursor()
    cursor.executemany(f"INSERT INTO {quote(name)} ({listed}) VALUES ({marks})", map(_sqlite_row, rows))
    cursor.close()


def _sqlite_row(row: Sequence[Any]) -> list[Any]:
    return [_sqlite_value(value) for value in row]


def _sqlite_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return value.isoformat() if isinstance(value, date) else value
