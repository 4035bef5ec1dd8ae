"""Jobs: one row a job, company and slot, whose unique key makes it run once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, or_, select, update

from duehook.core.books.claim import claimable
from duehook.core.books.tables.ops import job, job_pause
from duehook.core.books.upsert import insert_new, upsert

LEASE: Final = timedelta(minutes=10)
# How long a failed job waits before it is tried again, by its attempts so far: the ERP's own night lasts for hours.
AGAIN: Final = (*(timedelta(minutes=wait) for wait in (5, 10, 30)), *(timedelta(hours=wait) for wait in (1, 2, 4)))
ATTEMPTS: Final = len(AGAIN) + 1
_NOBODY: Final[dict[str, Any]] = {"claimed_by": None, "leased_until": None}


class JobKey(NamedTuple):
    """What runs, for whom, and for which slot (local time, or an instant for all companies)."""

    job: str
    company: str
    slot: str


def claim(tx: Connection, key: JobKey, worker: str, now: datetime, *, correlation_id: str) -> bool:
    """Take the job when nobody has done it or is doing it; False otherwise.

    A failed one is taken again after waits that grow (AGAIN); one whose worker was killed when its
    lease is over.
    """
    fresh = {"state": "due", "attempts": 0, "correlation_id": correlation_id}
    insert_new(tx, job, {**key._asdict(), **fresh})
    free = or_(
        job.c.state == "due",
        (job.c.state == "running") & (job.c.leased_until < now),
        *(_failed(attempts) & (job.c.ended_at < now - wait) for attempts, wait in enumerate(AGAIN, 1)),
    )
    held = tx.execute(claimable(tx, select(job.c.attempts).where(*_same(key), free))).one_or_none()
    if held is None:
        return False
    taken = {"state": "running", "claimed_by": worker, "leased_until": now + LEASE, "started_at": now}
    tx.execute(
        update(job).where(*_same(key)).values(**taken, attempts=held.attempts + 1, correlation_id=correlation_id)
    )
    return True


def renew(tx: Connection, key: JobKey, worker: str, now: datetime) -> bool:
    """Say that the worker is still at it; False when another has taken the job over."""
    return _change(tx, key, worker, {"leased_until": now + LEASE})


def end(tx: Connection, key: JobKey, worker: str, now: datetime, *, state: str, outcome: str) -> bool:
    """Close the job as done or failed; False when another worker has taken it over."""
    return _change(tx, key, worker, {"state": state, "outcome": outcome, "ended_at": now, "leased_until": None})


def give_back(tx: Connection, key: JobKey, worker: str, *, why: str) -> bool:
    """Let the job wait for the next look, which counts as no attempt: somebody else held what it needs."""
    return _change(tx, key, worker, {"state": "due", "outcome": why, "attempts": job.c.attempts - 1, **_NOBODY})


def close_abandoned(tx: Connection, name: str, company: str, *, before: str, now: datetime) -> None:
    """Close what a killed worker left of slots before this one: nobody takes them up any more."""
    gone = or_(job.c.state == "due", (job.c.state == "running") & (job.c.leased_until < now))
    of_old = (job.c.job == name, job.c.company == company, job.c.slot < before)
    closed = {"state": "failed", "outcome": "its worker was gone, and a newer slot came", "ended_at": now, **_NOBODY}
    tx.execute(update(job).where(*of_old, gone).values(**closed))


def miss(tx: Connection, key: JobKey, now: datetime) -> bool:
    """Note a slot that passed while nothing ran or it was paused; it is not run any more."""
    row = {**key._asdict(), "state": "missed", "attempts": 0, "ended_at": now, "outcome": "stopped or paused"}
    return insert_new(tx, job, row)


def states(tx: Connection, names: Collection[str], company: str, slot: str) -> dict[str, Row[Any]]:
    """Return the rows of these jobs for one company and slot."""
    wanted = (job.c.job.in_(sorted(names)), job.c.company == company, job.c.slot == slot)
    return {row.job: row for row in tx.execute(select(job).where(*wanted))}


def last_slot(tx: Connection, name: str, company: str) -> str | None:
    """Return the newest slot of a job that is known, run or missed."""
    slot: str | None = tx.execute(
        select(func.max(job.c.slot)).where(job.c.job == name, job.c.company == company)
    ).scalar_one()
    return slot


def listed(tx: Connection, *, most: int = 50) -> Sequence[Row[Any]]:
    """Return the newest jobs."""
    newest = func.coalesce(job.c.started_at, job.c.ended_at).desc()
    return tx.execute(select(job).order_by(newest, job.c.slot.desc()).limit(most)).all()


def forget_ahead(tx: Connection, names: Collection[str], company: str, *, after: str) -> list[str]:
    """Drop the rows of slots that are later than `after`, and return those slots, the earliest first."""
    ahead = (job.c.job.in_(sorted(names)), job.c.company == company, job.c.slot > after)
    slots = sorted(set(tx.execute(select(job.c.slot).where(*ahead)).scalars()))
    tx.execute(delete(job).where(*ahead))
    return slots


def forget(tx: Connection, name: str, before: datetime) -> None:
    """Drop the old rows of a job that runs every few minutes, for all companies at once."""
    old = func.coalesce(job.c.ended_at, job.c.started_at) < before
    tx.execute(delete(job).where(job.c.job == name, job.c.company == "", old))


def pauses(tx: Connection) -> dict[str, Row[Any]]:
    """Return the paused jobs by name; `all` pauses everything."""
    return {row.job: row for row in tx.execute(select(job_pause))}


def pause(tx: Connection, name: str, *, since: datetime, actor: str, reason: str | None) -> None:
    """Pause a job."""
    upsert(tx, job_pause, [{"job": name, "since": since, "actor": actor, "reason": reason}])


def resume(tx: Connection, name: str) -> bool:
    """End a pause; False when there was none."""
    return tx.execute(delete(job_pause).where(job_pause.c.job == name)).rowcount == 1


def _failed(attempts: int) -> ColumnElement[bool]:
    return and_(job.c.state == "failed", job.c.attempts == attempts)


def _same(key: JobKey) -> tuple[Any, ...]:
    return job.c.job == key.job, job.c.company == key.company, job.c.slot == key.slot


def _change(tx: Connection, key: JobKey, worker: str, values: dict[str, Any]) -> bool:
    """Change a job that this worker is at; False when it is not."""
    mine = (job.c.claimed_by == worker, job.c.state == "running")
    return tx.execute(update(job).where(*_same(key), *mine).values(**values)).rowcount == 1
