"""What the books know of themselves: go-live, the first live run, and the like."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from duehook.core.books.tables.ops import fact
from duehook.core.books.upsert import upsert


def get(tx: Connection, name: str) -> Any:
    """Return the fact's value, None when it is not known."""
    return tx.execute(select(fact.c.value).where(fact.c.name == name)).scalar()


def put(tx: Connection, name: str, value: Any, at: datetime) -> None:
    """Write the fact, in the place of an earlier one."""
    upsert(tx, fact, [{"name": name, "value": value, "set_at": at}])
