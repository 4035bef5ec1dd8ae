"""Insert a row or change the one that has its key. One of the three seams between the databases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert(tx: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return this database's INSERT, which knows ON CONFLICT."""
    return postgresql.insert(table) if tx.dialect.name == "postgresql" else sqlite.insert(table)


def upsert(tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows, or set their columns where the primary key is there already."""
    if not rows:
        return
    keys = [column.name for column in table.primary_key]
    statement = insert(tx, table)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    statement = (
        statement.on_conflict_do_update(index_elements=keys, set_=changed)
        if changed
        else statement.on_conflict_do_nothing(index_elements=keys)
    )
    tx.execute(statement, list(rows))


def insert_new(tx: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert the row unless a unique key of it exists already; say whether it was new."""
    statement = insert(tx, table).on_conflict_do_nothing()
    return tx.execute(statement, row, execution_options={"preserve_rowcount": True}).rowcount == 1
