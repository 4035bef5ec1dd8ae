"""Insert a row or change the one that has its key. One of the four seams between the databases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert(tx: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return this database's INSERT, which knows ON CONFLICT."""
    return _insert(tx.dialect.name, table)


def upsert(tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows, or set their columns where the primary key is there already."""
    if rows:
        tx.execute(_upserting(tx.dialect.name, table, tuple(rows[0])), list(rows))


@cache
def _upserting(dialect: str, table: Table, names: tuple[str, ...]) -> postgresql.Insert | sqlite.Insert:
    keys = [column.name for column in table.primary_key]
    statement = _insert(dialect, table)
    changed = {name: statement.excluded[name] for name in names if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=changed)


def insert_new(tx: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert the row unless a unique key of it exists already; say whether it was new."""
    return tx.execute(_inserting_new(tx.dialect.name, table), row).rowcount == 1


@cache
def _inserting_new(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    return _insert(dialect, table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)


def _insert(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
