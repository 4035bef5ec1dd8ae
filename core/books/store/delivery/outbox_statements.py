"""The outbox's statements, built once a process: building one costs more than running it."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, Select, Update, and_, bindparam, exists, or_, select, update

from duehook.core.books.tables.ops import outbox

UNFINISHED: Final = ("new", "sending", "in_doubt")
_LANE: Final = ("target", "company", "customer", "aspect")


def lane(columns: Any, row: Any) -> tuple[ColumnElement[bool], ...]:
    """Say that a row stands in the lane of another one."""
    given = row if isinstance(row, dict) else {name: getattr(row, name) for name in _LANE}
    return tuple(columns[name] == given[name] for name in _LANE)


@cache
def state() -> Select[Any]:
    """Return the selection of a key's state."""
    return select(outbox.c.state).where(outbox.c.key == bindparam("the_key"))


@cache
def due() -> Select[Any]:
    """Return the selection of new rows that are due and next in their lanes."""
    earlier = outbox.alias("earlier")
    waits = exists().where(*lane(earlier.c, outbox.c), earlier.c.id < outbox.c.id, earlier.c.state.in_(UNFINISHED))
    return claimed("new").where(~waits)


@cache
def claimed(state: str) -> Select[Any]:
    """Return the rows of a state that are due and that nobody holds, oldest first."""
    now = bindparam("now", type_=outbox.c.not_before.type)
    due = (
        outbox.c.state == state,
        outbox.c.kind.in_(bindparam("kinds", expanding=True)),
        or_(outbox.c.not_before.is_(None), outbox.c.not_before <= now),
        or_(outbox.c.leased_until.is_(None), outbox.c.leased_until <= now),
    )
    return select(outbox).where(*due).order_by(outbox.c.id).limit(bindparam("most", type_=Integer))


@cache
def leased() -> Update:
    """Return the update of these rows' claim."""
    return update(outbox).where(outbox.c.id.in_(bindparam("ids", expanding=True)))


@cache
def of_ids() -> Select[Any]:
    """Return the selection of these rows."""
    return select(outbox).where(outbox.c.id.in_(bindparam("ids", expanding=True))).order_by(outbox.c.id)


@cache
def begun() -> Update:
    """Return the update that marks a worker's own row as going out."""
    ours = (
        outbox.c.id == bindparam("the_row"),
        outbox.c.state == "new",
        outbox.c.claimed_by == bindparam("worker"),
        outbox.c.leased_until > bindparam("now"),
    )
    return update(outbox).where(*ours).values(attempts=outbox.c.attempts + 1)


@cache
def ended(*, sent: bool) -> Update:
    """Return the update that ends a row which is still the caller's; one that was sent, in doubt too."""
    ours = and_(outbox.c.state.in_(UNFINISHED), _as_claimed())
    if sent:
        ours = or_(ours, outbox.c.state == "in_doubt")
    return update(outbox).where(outbox.c.id == bindparam("the_row"), ours)


@cache
def postponed(*, checked: bool) -> Update:
    """Return the update that lets a row go which is still the caller's; one that is as new was never asked about."""
    ours = (outbox.c.id == bindparam("the_row"), outbox.c.state.in_(("new", "sending")), _as_claimed())
    statement = update(outbox).where(*ours)
    return statement.values(checks=outbox.c.checks + 1 if checked else 0)


def _as_claimed() -> ColumnElement[bool]:
    """Say that nobody else has claimed the row since the entry was read."""
    return outbox.c.claimed_by.is_not_distinct_from(bindparam("claimant", type_=outbox.c.claimed_by.type))
