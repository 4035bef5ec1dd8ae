"""Look through a proposal, approve notices or drop them (rule 21)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row

from duehook.core.books import Books
from duehook.core.books.store.dunning import proposals
from duehook.core.context import Context
from duehook.core.errors import Busy, DuehookError, NotFound
from duehook.core.ops import audit
from duehook.core.runs.deliver.queue import queue_notice
from duehook.core.runs.site import Site
from duehook.core.settings import Settings


class NeedsPerson(DuehookError):
    """A notice of this kind is approved by a person, never by the engine."""


def proposed(books: Books, company: str | None = None) -> Sequence[Row[Any]]:
    """Return the proposed notices, highest level and largest sum first."""
    with books.read() as tx:
        return proposals.listed(tx, company=company, states=("proposed",))


def approve(site: Site, context: Context, numbers: Collection[int]) -> int:
    """Approve proposed notices and queue them for sending; return how many.

    All or none. Raises NotFound for one that is not proposed, NeedsPerson when the engine tries
    one that only a person may approve, Busy when the debtor would get two letters (rule 17).
    """
    with site.books.write() as tx:
        rows = _still_proposed(tx, numbers)
        for row in rows:
            if row.needs_person and context.actor.kind != "person":
                raise NeedsPerson(
                    f"notice {row.id} needs a person ({row.needs_person.replace('_', ' ')}).", fix="approve it by hand."
                )
            approve_row(tx, context, row, site.settings)
        _refuse_doubles(tx, numbers)
        return len(rows)


def _refuse_doubles(tx: Connection, numbers: Collection[int]) -> None:
    double = proposals.double_of(tx, numbers)
    if double is not None:
        raise Busy(
            f"notice {double.other} to {double.debtor} is on its way, so {double.id} would be a second one.",
            fix=f"drop it: `duehook proposal drop {double.id}`; nothing was changed.",
        )


def approve_row(tx: Connection, context: Context, row: Row[Any], settings: Settings) -> None:
    """Approve one notice in the caller's transaction."""
    approved = {"state": "approved", "approved_at": context.now(), "approved_by": context.actor.id}
    proposals.change(tx, row.id, approved, of="proposed")
    (row,) = proposals.by_number(tx, [row.id])
    queue_notice(tx, context, row, settings)
    after = {"notice": row.id, "level": row.level, "currency": row.currency, "demanded": row.demanded}
    audit.record(tx, context, act="notice.approve", company=row.company, subject=row.debtor, after=after)


def drop(books: Books, context: Context, numbers: Collection[int], *, why: str) -> int:
    """Drop proposed notices: nothing is sent, no level moves, the next run decides anew."""
    with books.write() as tx:
        rows = _still_proposed(tx, numbers)
        for row in rows:
            proposals.change(
                tx, row.id, {"state": "dropped", "reason": why, "settled_at": context.now()}, of="proposed"
            )
            before = {"notice": row.id, "level": row.level}
            audit.record(
                tx, context, act="notice.drop", company=row.company, subject=row.debtor, before=before, why=why
            )
        return len(rows)


def _still_proposed(tx: Connection, numbers: Collection[int]) -> Sequence[Row[Any]]:
    rows = proposals.by_number(tx, numbers)
    missing = sorted(set(numbers) - {row.id for row in rows if row.state == "proposed"})
    if missing:
        named = ", ".join(map(str, missing))
        raise NotFound(f"not proposed (any more): {named}; nothing was changed.", fix="see `duehook proposal list`.")
    return rows
