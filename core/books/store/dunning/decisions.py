"""Why an item was or was not dunned: written as intervals, read for today and any past day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Date, Row, Select, String, Table, and_, bindparam, func, select, union_all

from duehook.core.books.store.find import Debtor
from duehook.core.books.tables.dunning import decision, decision_past, dun_run, policy_version
from duehook.core.books.tables.ledger import in_state, item

_COLUMNS: Final = ("company", "connection", "item", "policy_hash", "code", "parameters", "from_on")


class RunDay(NamedTuple):
    """A dunning run and the day it decided on."""

    number: int
    on: date


def of_item(tx: Connection, row: Row[Any], on: date | None) -> Row[Any] | None:
    """Return the decision on an item that held on a day (None: the newest), with what tells of it in words.

    Beside the decision: `policy`, the adopted policy's text, and `decided_on`, the day of the company's
    last run.
    """
    which = {"of_company": row.company, "of_connection": row.connection, "of_item": row.key}
    return tx.execute(_of_item(dated=on is not None), which if on is None else which | {"on": on}).one_or_none()


@cache
def _of_item(*, dated: bool) -> Select[Any]:
    """Return the statement that is run for every explanation: built once."""
    now, past = (_same_item(table) for table in (decision, decision_past))
    if dated:
        on = bindparam("on", type_=Date())
        now = now.where(decision.c.from_on <= on)
        past = past.where(decision_past.c.from_on <= on, decision_past.c.to_on > on)
    either = union_all(now, past).subquery()
    body = select(policy_version.c.body).where(policy_version.c.hash == either.c.policy_hash)
    last = select(func.max(dun_run.c.as_of)).where(dun_run.c.company == either.c.company, dun_run.c.state == "done")
    told = select(either, body.scalar_subquery().label("policy"), last.scalar_subquery().label("decided_on"))
    return told.order_by(either.c.from_on.desc()).limit(1)


def _same_item(table: Table) -> Select[Any]:
    names = ("company", "connection", "item")
    return select(*(table.c[name] for name in _COLUMNS)).where(
        *(table.c[name] == bindparam(f"of_{name}", type_=String()) for name in names)
    )


def items_of(tx: Connection, debtor: Debtor) -> Sequence[Row[Any]]:
    """Return the debtor's items that are decided on now, oldest due first."""
    same = and_(
        item.c.company == decision.c.company, item.c.connection == decision.c.connection, item.c.key == decision.c.item
    )
    wanted = (item.c.company == debtor.company, item.c.connection == debtor.connection, item.c.debtor == debtor.key)
    statement = select(item).join(decision, same).where(*wanted, in_state(item, "open"))
    return tx.execute(statement.order_by(item.c.due_on, item.c.key)).all()


def newly(tx: Connection, company: str, run: RunDay, code: str) -> Sequence[Row[Any]]:
    """Return the items whose decision with this code the run wrote."""
    same = and_(
        item.c.company == decision.c.company, item.c.connection == decision.c.connection, item.c.key == decision.c.item
    )
    wanted = (decision.c.company == company, decision.c.from_run == run.number, decision.c.code == code)
    return tx.execute(select(item).join(decision, same).where(*wanted)).all()
