"""The outbox: what has to happen outside, each effect once, in order within its lane.

A lane is one target, company, customer and aspect. `claim` gives a worker the heads of lanes; a
later row of a lane waits until the earlier one is finished, one that is in doubt included. What
moves a row on always names the state it must be in, so that of two workers one finds nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select, update

from duehook.core.books.claim import claimable
from duehook.core.books.tables.base import canonical
from duehook.core.books.tables.ops import outbox
from duehook.core.books.upsert import insert_new

from . import outbox_statements as statements

Entry = Row[Any]
STATES: Final = ("new", "sending", "sent", "failed", "in_doubt", "superseded", "cancelled")
NEVER_SENT: Final = frozenset({"failed", "superseded", "cancelled"})
LONGEST: Final = 500


@dataclass(frozen=True)
class Effect:
    """One thing to do outside.

    `facts` are what makes it the one it is (numbers, dates, amounts; never a row id): the same
    facts are the same effect. `newest_wins` supersedes older unsent rows of the lane.
    """

    kind: str
    target: str
    company: str
    customer: str
    aspect: str
    facts: Mapping[str, Any]
    payload: Mapping[str, Any] = field(default_factory=dict)
    subject_id: int | None = None
    not_before: datetime | None = None
    valid_until: datetime | None = None
    newest_wins: bool = False

    def key(self, again: int = 0) -> str:
        """Return the hash of the facts; `again` counts effects of the same facts that were never sent."""
        facts = [self.kind, self.target, self.company, self.customer, self.aspect, self.facts, again]
        return hashlib.sha256(canonical(facts).encode()).hexdigest()


def put(tx: Connection, effect: Effect, *, at: datetime, correlation_id: str) -> str:
    """Queue the effect and return its key; one that is queued or done already stays as it is.

    An effect of the same facts that ended without being sent does not count: it is queued anew.
    """
    key = _next_key(tx, effect)
    row = _row(effect, key, at, correlation_id)
    if insert_new(tx, outbox, row) and effect.newest_wins:
        older = (*statements.lane(outbox.c, row), outbox.c.state == "new", outbox.c.key != key)
        tx.execute(update(outbox).where(*older).values(state="superseded", settled_at=at, outcome=f"by {key[:12]}"))
    return key


def show(tx: Connection, effect: Effect, outcome: str, *, at: datetime, correlation_id: str) -> str:
    """Write the effect down as one that will not happen, and why (shadow mode)."""
    key = _next_key(tx, effect)
    row = _row(effect, key, at, correlation_id)
    insert_new(tx, outbox, {**row, "state": "cancelled", "settled_at": at, "outcome": outcome[:LONGEST]})
    return key


def _next_key(tx: Connection, effect: Effect) -> str:
    again = 0
    while True:
        key = effect.key(again)
        state = tx.execute(statements.state(), {"the_key": key}).scalar()
        if state not in NEVER_SENT:
            return key
        again += 1


def _row(effect: Effect, key: str, at: datetime, correlation_id: str) -> dict[str, Any]:
    return {
        "key": key,
        "kind": effect.kind,
        "target": effect.target,
        "company": effect.company,
        "customer": effect.customer,
        "aspect": effect.aspect,
        "subject_id": effect.subject_id,
        "payload": dict(effect.payload),
        "state": "new",
        "attempts": 0,
        "checks": 0,
        "made_at": at,
        "not_before": effect.not_before,
        "valid_until": effect.valid_until,
        "correlation_id": correlation_id,
    }


@dataclass(frozen=True)
class Worker:
    """Who claims, and how long a claim holds without a sign of life."""

    name: str
    lease: timedelta = timedelta(minutes=10)


def claim(tx: Connection, worker: Worker, now: datetime, *, kinds: Collection[str], most: int) -> Sequence[Entry]:
    """Take the oldest rows that are due and next in their lanes, for the time of the lease."""
    given = {"kinds": sorted(kinds), "now": now, "most": most}
    return _lease(tx, tx.execute(claimable(tx, statements.due()), given).all(), worker, now)


def claim_stalled(
    tx: Connection, worker: Worker, now: datetime, *, kinds: Collection[str], most: int
) -> Sequence[Entry]:
    """Take rows that were being sent when their worker died, or whose outcome nobody knew."""
    given = {"kinds": sorted(kinds), "now": now, "most": most}
    return _lease(tx, tx.execute(claimable(tx, statements.claimed("sending")), given).all(), worker, now)


def _lease(tx: Connection, rows: Sequence[Entry], worker: Worker, now: datetime) -> Sequence[Entry]:
    """Put the worker's name on the rows and return them as they are then."""
    if not rows:
        return rows
    ids = {"ids": [row.id for row in rows]}
    tx.execute(statements.leased(), {**ids, "claimed_by": worker.name, "leased_until": now + worker.lease})
    return tx.execute(statements.of_ids(), ids).all()


def begin_sending(
    tx: Connection,
    entry: Entry,
    worker: Worker,
    *,
    now: datetime,
    archive_sha: str | None = None,
    message_id: str | None = None,
    more: Mapping[str, Any] | None = None,
) -> bool:
    """Mark the row as going out now; commit before handing over. False when it is no longer ours.

    `more` is added to the payload: what is known only now.
    """
    given = {
        "the_row": entry.id,
        "worker": worker.name,
        "now": now,
        "state": "sending",
        "sending_at": now,
        "not_before": None,
        "leased_until": now + worker.lease,
        "archive_sha": archive_sha,
        "message_id": message_id,
        "payload": {**entry.payload, **(more or {})},
    }
    return tx.execute(statements.begun(), given).rowcount == 1


def finish(tx: Connection, entry: Entry, state: str, *, at: datetime, outcome: str, by: str | None = None) -> bool:
    """End the row (sent, failed, cancelled) or leave it in doubt.

    False when it is no longer the caller's: claimed by another worker since `entry` was read, or
    settled. Who knows that it was sent may say so even after it was put in doubt.
    """
    values: dict[str, Any] = {"state": state, "outcome": outcome[:LONGEST], "claimed_by": None, "leased_until": None}
    if state != "in_doubt":
        values |= {"settled_at": at, "settled_by": by}
    given = {**values, "the_row": entry.id, "claimant": entry.claimed_by}
    return tx.execute(statements.ended(sent=state == "sent"), given).rowcount == 1


def postpone(tx: Connection, entry: Entry, until: datetime, *, outcome: str, checked: bool = False) -> bool:
    """Let the row go until then: as new when nothing went out, as sending when nobody knows.

    False when it is no longer the caller's.
    """
    values: dict[str, Any] = {
        "not_before": until,
        "outcome": outcome[:LONGEST],
        "claimed_by": None,
        "leased_until": None,
        "state": "sending" if checked else "new",
    }
    given = {**values, "the_row": entry.id, "claimant": entry.claimed_by}
    return tx.execute(statements.postponed(checked=checked), given).rowcount == 1


def release(tx: Connection, entries: Sequence[Entry], worker: Worker) -> None:
    """Give back claimed rows that were not begun."""
    ours = (outbox.c.id.in_([entry.id for entry in entries]), outbox.c.claimed_by == worker.name)
    tx.execute(update(outbox).where(*ours, outbox.c.state == "new").values(claimed_by=None, leased_until=None))


def of_subject(tx: Connection, kind: str, subject_id: int) -> Sequence[Entry]:
    """Return the rows of one kind about one subject, oldest first."""
    same = (outbox.c.kind == kind, outbox.c.subject_id == subject_id)
    return tx.execute(select(outbox).where(*same).order_by(outbox.c.id)).all()


def get(tx: Connection, number: int) -> Entry:
    """Return the row of that number."""
    return tx.execute(statements.of_ids(), {"ids": [number]}).one()


def by_key(tx: Connection, prefix: str) -> Sequence[Entry]:
    """Return the rows whose key begins so."""
    return tx.execute(select(outbox).where(outbox.c.key.startswith(prefix, autoescape=True)).limit(2)).all()


def listed(
    tx: Connection,
    *,
    states: Collection[str] = (),
    kinds: Collection[str] = (),
    customer: str | None = None,
    most: int = 200,
) -> Sequence[Entry]:
    """Return rows, newest first, of these states, kinds and customer; of all where none is named."""
    statement = select(outbox).order_by(outbox.c.id.desc()).limit(most)
    if states:
        statement = statement.where(outbox.c.state.in_(sorted(states)))
    if kinds:
        statement = statement.where(outbox.c.kind.in_(sorted(kinds)))
    if customer is not None:
        statement = statement.where(outbox.c.customer == customer)
    return tx.execute(statement).all()


def count(tx: Connection, *, states: Collection[str], kinds: Collection[str]) -> int:
    """Count the rows of these kinds in these states."""
    wanted = (outbox.c.state.in_(sorted(states)), outbox.c.kind.in_(sorted(kinds)))
    return int(tx.execute(select(func.count()).select_from(outbox).where(*wanted)).scalar_one())


def in_doubt(tx: Connection, *, channel: str) -> int:
    """Count the notices in doubt that went by this channel."""
    doubt = (outbox.c.state == "in_doubt", outbox.c.kind == "notice")
    return sum(
        payload.get("channel") == channel for payload in tx.execute(select(outbox.c.payload).where(*doubt)).scalars()
    )


def waiting(tx: Connection, now: datetime) -> Sequence[Entry]:
    """Return what waits for an hour that has not come, the next one first."""
    later = (outbox.c.state.in_(("new", "sending")), outbox.c.not_before > now)
    return tx.execute(select(outbox).where(*later).order_by(outbox.c.not_before, outbox.c.id)).all()
