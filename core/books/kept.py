"""Rows kept for a while in a table of the connection's own. One of the three seams, as bulk and upsert.

A statement over a kept table is compiled once, for the same columns are always the same table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Select, Table, insert
from sqlalchemy.types import TypeEngine

Types = Callable[[str], TypeEngine[Any]]


def keep(tx: Connection, name: str, rows: Select[Any], types: Types, *, by: Sequence[str] = ()) -> Table:
    """Put the rows into a temporary table of that name, to be found by the columns `by`.

    `types` gives each column's type, one and the same object in every run: a statement that the
    driver prepared stays valid. What was kept under the name before is gone.
    """
    quoted = tx.dialect.identifier_preparer.quote
    columns = tuple(column.name for column in rows.selected_columns)
    table = _table(name, tuple((column, types(column)) for column in columns))
    own = "pg_temp" if tx.dialect.name == "postgresql" else "temp"
    tx.exec_driver_sql(f"DROP TABLE IF EXISTS {own}.{name}")
    table.create(tx, checkfirst=False)
    tx.execute(insert(table).from_select(columns, rows))
    listed = ", ".join(map(quoted, by))
    if by and tx.dialect.name == "postgresql":  # it hashes
        tx.exec_driver_sql(f"ANALYZE {name} ({listed})")
    elif by:
        tx.exec_driver_sql(f"CREATE INDEX temp.ix_{name} ON {name} ({listed})")
        tx.exec_driver_sql(f"ANALYZE temp.{name}")
    return table


def let_go(tx: Connection, *tables: Table) -> None:
    """Drop kept tables."""
    for table in tables:
        table.drop(tx, checkfirst=False)


@cache
def _table(name: str, columns: tuple[tuple[str, TypeEngine[Any]], ...]) -> Table:
    return Table(name, MetaData(), *(Column(column, kind) for column, kind in columns), prefixes=["TEMPORARY"])
