"""Tasks: what a person has to do, each opened once."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Update, bindparam, select, update

from duehook.core.books.tables.base import canonical
from duehook.core.books.tables.dunning import task
from duehook.core.books.upsert import insert_new


@dataclass(frozen=True)
class NewTask:
    """A task to open. The same kind and facts are the same task, open or done."""

    kind: str
    company: str
    text: str
    facts: Mapping[str, Any]
    connection: str | None = None
    debtor: str | None = None
    due_on: date | None = None

    @property
    def key(self) -> str:
        """Return the hash of the facts."""
        facts = [self.kind, self.company, self.connection, self.debtor, self.facts]
        return hashlib.sha256(canonical(facts).encode()).hexdigest()


def open_task(tx: Connection, new: NewTask, at: datetime) -> bool:
    """Open the task unless it was opened before; say whether it is new."""
    row = {
        "key": new.key,
        "company": new.company,
        "connection": new.connection,
        "debtor": new.debtor,
        "kind": new.kind,
        "text": new.text,
        "state": "open",
        "due_on": new.due_on,
        "made_at": at,
    }
    return insert_new(tx, task, row)


def close_task(tx: Connection, key: str, *, by: str, outcome: str, at: datetime) -> bool:
    """Mark an open task done; False when it is done or unknown."""
    return close_each(tx, [key], by=by, outcome=outcome, at=at) == 1


def close_each(tx: Connection, keys: Collection[str], *, by: str, outcome: str, at: datetime) -> int:
    """Mark the open ones of these tasks done; return how many."""
    values = {"state": "done", "done_at": at, "done_by": by, "outcome": outcome}
    return tx.execute(_closed(), {**values, "keys": sorted(keys)}).rowcount


@cache
def _closed() -> Update:
    return update(task).where(task.c.key.in_(bindparam("keys", expanding=True)), task.c.state == "open")


def close_all(tx: Connection, of: Mapping[str, Any], *, by: str, outcome: str, at: datetime) -> int:
    """Mark every open task of these (kind, company, connection, debtor) done; return how many."""
    same = [task.c[name] == value for name, value in of.items()]
    values = {"state": "done", "done_at": at, "done_by": by, "outcome": outcome}
    return tx.execute(update(task).where(*same, task.c.state == "open").values(**values)).rowcount


def get(tx: Connection, number: int) -> Row[Any] | None:
    """Return the task of that number."""
    return tx.execute(select(task).where(task.c.id == number)).first()


def listed(tx: Connection, *, state: str = "open", company: str | None = None, most: int = 500) -> Sequence[Row[Any]]:
    """Return tasks in a state, oldest first."""
    statement = select(task).where(task.c.state == state).order_by(task.c.id).limit(most)
    if company is not None:
        statement = statement.where(task.c.company == company)
    return tx.execute(statement).all()
