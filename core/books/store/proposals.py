"""Notices as proposals: listed, changed by state, and written by a dunning run."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select, update

from duehook.core.books.tables.dunning import notice


def listed(
    tx: Connection, *, company: str | None = None, states: Collection[str] = (), run_id: int | None = None
) -> Sequence[Row[Any]]:
    """Return notices, highest level and largest sum first."""
    wanted = [] if company is None else [notice.c.company == company]
    wanted += [notice.c.state.in_(sorted(states))] if states else []
    wanted += [] if run_id is None else [notice.c.run_id == run_id]
    order = (notice.c.company, notice.c.level.desc(), notice.c.currency, notice.c.demanded.desc(), notice.c.id)
    return tx.execute(select(notice).where(*wanted).order_by(*order)).all()


def by_number(tx: Connection, numbers: Collection[int]) -> Sequence[Row[Any]]:
    """Return the notices of these numbers."""
    return tx.execute(select(notice).where(notice.c.id.in_(sorted(numbers))).order_by(notice.c.id)).all()


def change(tx: Connection, number: int, values: Mapping[str, Any], *, of: str) -> bool:
    """Change a notice that is in state `of`; False when it is not any more."""
    statement = update(notice).where(notice.c.id == number, notice.c.state == of).values(**values)
    return tx.execute(statement).rowcount == 1
