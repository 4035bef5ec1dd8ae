"""Lock the rows that a worker claims. One of the three seams between the databases.

PostgreSQL skips what another worker holds; SQLite has one writer at a time, so the transaction
itself is the lock.
"""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import Connection, Select

Chosen = TypeVar("Chosen", bound=Select[Any])


def claimable(tx: Connection, statement: Chosen) -> Chosen:
    """Return the selection such that no two workers get the same row."""
    if tx.dialect.name == "postgresql":
        return statement.with_for_update(skip_locked=True)
    return statement
