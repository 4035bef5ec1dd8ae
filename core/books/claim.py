"""Lock the rows that a worker claims. One of the four seams between the databases.

PostgreSQL skips what another worker holds; SQLite has one writer at a time, so the transaction
itself is the lock.
"""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import Connection, Select

Chosen = TypeVar("Chosen", bound=Select[Any])


def in_turn(tx: Connection, what: str) -> None:
    """Wait until nobody else does `what`, and keep others waiting until this transaction ends."""
    if tx.dialect.name == "postgresql":
        tx.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (what,))


def claimable(tx: Connection, statement: Chosen) -> Chosen:
    """Return the selection such that no two workers get the same row."""
    if tx.dialect.name == "postgresql":
        return statement.with_for_update(skip_locked=True)
    return statement
