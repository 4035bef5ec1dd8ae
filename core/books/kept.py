"""Rows kept for a while in a table of the connection's own. One of the four seams.

A statement over a kept table is compiled once, for the same columns are always the same table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Column, Connection, Insert, MetaData, Select, Table, insert
from sqlalchemy.types import TypeEngine

Types = Callable[[str], TypeEngine[Any]]


@dataclass(frozen=True)
class Kept:
    """A temporary table, how it is filled, and the columns by which its rows are found."""

    table: Table
    filling: Insert
    by: tuple[str, ...]


def kept(name: str, rows: Select[Any], types: Types, *by: str) -> Kept:
    """Describe the rows in a table of that name; `types` gives each column's type.

    A type is one and the same object in every run: a statement that the driver prepared stays valid.
    """
    columns = tuple(column.name for column in rows.selected_columns)
    table = _table(name, tuple((column, types(column)) for column in columns))
    return Kept(table, insert(table).from_select(columns, rows), by)


def fill(tx: Connection, what: Kept, values: Mapping[str, Any] | None = None) -> Table:
    """Make the table and put its rows in; what was kept under its name before is gone.

    `values` are those of the statement's named parameters.
    """
    name, listed = what.table.name, ", ".join(map(tx.dialect.identifier_preparer.quote, what.by))
    own = "pg_temp" if tx.dialect.name == "postgresql" else "temp"
    tx.exec_driver_sql(f"DROP TABLE IF EXISTS {own}.{name}")
    what.table.create(tx, checkfirst=False)
    tx.execute(what.filling, values)
    if listed and tx.dialect.name == "postgresql":  # it hashes
        tx.exec_driver_sql(f"ANALYZE {name} ({listed})")
    elif listed:
        tx.exec_driver_sql(f"CREATE INDEX temp.ix_{name} ON {name} ({listed})")
        tx.exec_driver_sql(f"ANALYZE temp.{name}")
    return what.table


def let_go(tx: Connection, *tables: Table) -> None:
    """Drop kept tables."""
    for table in tables:
        table.drop(tx, checkfirst=False)


@cache
def _table(name: str, columns: tuple[tuple[str, TypeEngine[Any]], ...]) -> Table:
    return Table(name, MetaData(), *(Column(column, kind) for column, kind in columns), prefixes=["TEMPORARY"])
