"""The check that an item's open amount is its original less what was allocated to it (rule 1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select, union

from duehook.core.books.tables.ledger import allocation, item


def faults(
    tx: Connection, connection: str, *, since_run: int, since: date | None, most: int
) -> tuple[int, Sequence[Any]]:
    """Return how many items do not add up, and the first of them.

    Only items that runs after `since_run` wrote, or an allocation of, are looked at; 0 looks at
    all. Items whose document is older than `since` have incomplete allocations and are left out.
    """
    part = _part(connection, since_run)
    settled = (
        select(allocation.c.company, allocation.c.item, func.sum(allocation.c.amount).label("settled"))
        .where(allocation.c.connection == connection)
        .group_by(allocation.c.company, allocation.c.item)
    )
    if part is not None:
        settled = settled.join(part, and_(part.c.company == allocation.c.company, part.c.key == allocation.c.item))
    sums = settled.subquery("sums")
    expected = item.c.amount - func.coalesce(sums.c.settled, 0)
    told = (item.c.company, item.c.document_no, item.c.key, item.c.currency, item.c.open_amount)
    rows = (
        select(*told, expected.label("expected"))
        .outerjoin(sums, and_(sums.c.company == item.c.company, sums.c.item == item.c.key))
        .where(item.c.connection == connection, item.c.open_amount != expected, item.c.state.in_(["open", "cleared"]))
    )
    if part is not None:
        rows = rows.join(part, and_(part.c.company == item.c.company, part.c.key == item.c.key))
    if since is not None:
        rows = rows.where(item.c.document_on >= since)
    count = tx.execute(select(func.count()).select_from(rows.subquery())).scalar_one()
    first = tx.execute(rows.order_by(item.c.company, item.c.key).limit(most)).all() if count else []
    return int(count), first


def _part(connection: str, since_run: int) -> Any:
    if not since_run:
        return None
    written: Select[Any] = select(item.c.company, item.c.key).where(
        item.c.connection == connection, item.c.run_id > since_run
    )
    allocated = select(allocation.c.company, allocation.c.item).where(
        allocation.c.connection == connection, allocation.c.run_id > since_run
    )
    return union(written, allocated).subquery("part")
