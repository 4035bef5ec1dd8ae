"""What a person looks through: the outbox and the tasks, as plain rows."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from duehook.core.books.store.delivery import outbox
from duehook.core.books.store.delivery import tasks as task_store
from duehook.core.runs.site import Site

STATES: Final = outbox.STATES


def effects(site: Site, *, states: Collection[str] = (), most: int = 50) -> list[dict[str, Any]]:
    """Return effects in these states, newest first, under keys that a person can type."""
    with site.books.read() as tx:
        rows = outbox.listed(tx, states=states, most=most)
    return [{**row._mapping, "key": row.key[:12]} for row in rows]


def tasks(site: Site, *, state: str, company: str | None = None) -> list[dict[str, Any]]:
    """Return tasks in a state, oldest first."""
    with site.books.read() as tx:
        return [dict(row._mapping) for row in task_store.listed(tx, state=state, company=company)]
