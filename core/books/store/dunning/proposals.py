"""Notices as proposals: listed, changed by state, and written by a dunning run."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, insert, or_, select, update

from duehook.core.books.store.accounts import ON_ITS_WAY
from duehook.core.books.tables.dunning import dun_run, notice, notice_line, policy_version
from duehook.core.books.upsert import insert_new


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


def double_of(tx: Connection, numbers: Collection[int]) -> Row[Any] | None:
    """Return one of the notices whose account has another letter on its way, with the `other`; None when none has.

    Pre-due reminders are no such letters, and neither are two notices of one invoice each.
    """
    other = notice.alias("other")
    names = ("company", "connection", "debtor", "currency")
    statement: Select[Any] = (
        select(notice.c.id, notice.c.debtor, other.c.id.label("other"))
        .join(other, and_(*(notice.c[name] == other.c[name] for name in names), notice.c.id != other.c.id))
        .where(notice.c.id.in_(sorted(numbers)), notice.c.kind != "reminder", other.c.kind != "reminder")
        .where(other.c.state.in_(ON_ITS_WAY))
        .where(or_(notice.c.item == other.c.item, notice.c.item == "", other.c.item == ""))
        .order_by(notice.c.id.desc(), other.c.id)
        .limit(1)
    )
    return tx.execute(statement).first()


def change(tx: Connection, number: int, values: Mapping[str, Any], *, of: str) -> bool:
    """Change a notice that is in state `of`; False when it is not any more."""
    statement = update(notice).where(notice.c.id == number, notice.c.state == of).values(**values)
    return tx.execute(statement).rowcount == 1


def put(tx: Connection, row: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> int:
    """Write a proposed notice with its lines; return its number."""
    number = int(tx.execute(insert(notice).returning(notice.c.id), dict(row)).scalar_one())
    tx.execute(insert(notice_line), [{"notice_id": number, **line} for line in lines])
    return number


def adopt(tx: Connection, policy_hash: str, name: str, body: str, *, at: datetime, actor: str) -> bool:
    """Keep a policy's text under its hash; say whether it is new."""
    row = {"hash": policy_hash, "name": name, "body": body, "adopted_at": at, "actor": actor}
    return insert_new(tx, policy_version, row)


def start_run(tx: Connection, row: Mapping[str, Any]) -> int:
    """Write a dunning run; return its number."""
    return int(tx.execute(insert(dun_run).returning(dun_run.c.id), dict(row)).scalar_one())


def end_run(tx: Connection, number: int, values: Mapping[str, Any]) -> None:
    """Close a dunning run."""
    tx.execute(update(dun_run).where(dun_run.c.id == number).values(**values))
