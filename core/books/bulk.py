"""Load many rows at once: COPY on PostgreSQL, executemany on SQLite. One of the four seams.

Rows come as columns, because a column is turned into text much faster than a row: {column's name:
its values}, all of one length. Values are whole ten-thousandths, `date` and aware `datetime`
objects, booleans, and text; a Json column gets canonical text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from types import NoneType
from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Column, Connection, Date, DateTime, Integer, Table, text

from .tables.base import Instant

Columns = Mapping[str, Sequence[Any]]

# Rows a transaction, so that writers beside an import on SQLite wait little; the pause of so many seconds
# that comes after every turn of so many seconds of writing lets them in, because SQLite's waiters poll
# instead of queueing.
SQLITE_ROWS: Final = 5_000
SQLITE_TURN: Final = 0.1
SQLITE_PAUSE: Final = 0.02
ROWS: Final = 20_000
_NULL: Final = "\\N"
_SAMPLE: Final = 400


def load(tx: Connection, table: Table, columns: Columns) -> None:
    """Insert the rows; a duplicate key is the database's own error."""
    if not columns or not len(next(iter(columns.values()))):
        return
    quote = tx.dialect.identifier_preparer.quote
    listed = ", ".join(map(quote, columns))
    driver = tx.connection.driver_connection
    assert driver is not None
    if tx.dialect.name == "postgresql":
        with driver.cursor() as cursor, cursor.copy(f"COPY {quote(table.name)} ({listed}) FROM STDIN") as copy:
            copy.write(copy_text(table, columns))
        return
    marks = ", ".join("?" * len(columns))
    values = (_sqlite_values(table.c[name], column) for name, column in columns.items())
    cursor = driver.cursor()
    cursor.executemany(f"INSERT INTO {quote(table.name)} ({listed}) VALUES ({marks})", zip(*values, strict=True))
    cursor.close()


def know(tx: Connection, table: Table) -> None:
    """Tell the database what lies in a table: PostgreSQL when it has grown fourfold since it last looked.

    Without figures for a ledger that is being filled, all indexes that begin with the company
    look alike to it, and it takes the wrong one for every row. SQLite looks at a sample, which is
    cheap enough for every page.
    """
    quote = tx.dialect.identifier_preparer.quote
    if tx.dialect.name == "sqlite":
        tx.exec_driver_sql(f"PRAGMA analysis_limit={_SAMPLE}")
        tx.exec_driver_sql(f"ANALYZE {quote(table.name)}")
        return
    grown = text(
        "SELECT pg_relation_size(oid) / current_setting('block_size')::bigint > 4 * relpages FROM pg_class"
        " WHERE oid = to_regclass(:name)"
    )
    if tx.execute(grown, {"name": table.name}).scalar_one():
        names = {
            column.name
            for keys in (table.primary_key.columns, *(index.columns for index in table.indexes))
            for column in keys
        }
        tx.exec_driver_sql(f"ANALYZE {quote(table.name)} ({', '.join(map(quote, sorted(names)))})")


def copy_text(table: Table, columns: Columns) -> str:
    """Return the rows as COPY's text format reads them."""
    turned = [_texts(table.c[name], values) for name, values in columns.items()]
    return "\n".join(map("\t".join, zip(*turned, strict=True))) + "\n"


def _texts(column: Column[Any], values: Sequence[Any]) -> Sequence[str]:
    kinds = set(map(type, values))
    empty = NoneType in kinds
    if kinds == {NoneType}:
        return [_NULL] * len(values)
    kind = column.type
    if isinstance(kind, Boolean):
        return [_NULL if value is None else "t" if value else "f" for value in values]
    if isinstance(kind, (DateTime, Instant)):
        return list(map(_Memo(datetime.isoformat).__getitem__, values))
    if isinstance(kind, Date):
        return list(map(_Memo(date.isoformat).__getitem__, values))
    if isinstance(kind, (Integer, BigInteger)):
        return list(map(_Memo(str).__getitem__, values)) if empty else list(map(str, values))
    nulls = values.count(None) if empty else 0
    return _escaped([_NULL if value is None else value for value in values] if nulls else values, nulls)


def _escaped(texts: Sequence[str], nulls: int) -> Sequence[str]:
    """Escape what COPY reads as its own signs; most columns hold none of them, which is quick to see.

    `nulls` is how many of the texts are no text but NULL; a text that only looks like one is escaped.
    """
    joined = "".join(texts)
    if joined.count("\\") == nulls and "\t" not in joined and "\n" not in joined and "\r" not in joined:
        return texts
    return [each if each is _NULL else _escape(each) for each in texts]


def _escape(plain: str) -> str:
    escaped = plain.replace("\\", "\\\\").replace("\t", "\\t")
    return escaped.replace("\n", "\\n").replace("\r", "\\r")


def _sqlite_values(column: Column[Any], values: Sequence[Any]) -> Sequence[Any]:
    if isinstance(column.type, Instant):
        return list(map(_Memo(_utc_text, None).__getitem__, values))
    if isinstance(column.type, Date):
        return list(map(_Memo(date.isoformat, None).__getitem__, values))
    return values


def _utc_text(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


class _Memo(dict[Any, Any]):
    """Turns a value into text once; days, instants and small numbers come again and again."""

    def __init__(self, turn: Callable[[Any], str], nothing: str | None = _NULL) -> None:
        super().__init__({None: nothing})
        self._turn = turn

    def __missing__(self, value: Any) -> str:
        turned = self[value] = self._turn(value)
        return turned
