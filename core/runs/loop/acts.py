"""What people do to the loop: look at it, pause and resume jobs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from duehook.core.books.store import jobs
from duehook.core.context import Context
from duehook.core.errors import NotFound
from duehook.core.ops import audit
from duehook.core.runs.site import Site

from .steps import CHAIN
from .tick import EVERYTHING, next_slot, plan

NAMES: Final = ("nightly", *CHAIN, "deliver", EVERYTHING)


@dataclass(frozen=True)
class Coming:
    """When a job comes next for a company: `slot` and `next` in the company's own time, `next_at` the instant."""

    job: str
    company: str
    slot: str
    next: str | None
    paused: bool
    next_at: datetime | None


def coming(site: Site, now: datetime) -> Iterator[Coming]:
    """Yield every job of the schedule with its next slot; a paused step of nightly is told by `pauses`."""
    with site.books.read() as tx:
        held = jobs.pauses(tx)
    for name, slot in plan(site).items():
        for company in site.settings.companies:
            due = next_slot(site, name, company, now)
            paused = name in held or EVERYTHING in held
            yield Coming(name, company, str(slot), due.name if due else None, paused, due.at if due else None)
    seconds = int(site.settings.schedule.deliver_every.total_seconds())
    pace = f"{seconds // 60} min" if seconds % 60 == 0 else f"{seconds} s"
    yield Coming("deliver", "", f"every {pace}", None, "deliver" in held or EVERYTHING in held, None)


def pauses(site: Site) -> list[dict[str, Any]]:
    """Return what is paused, since when, by whom and why."""
    with site.books.read() as tx:
        return [dict(row._mapping) for _, row in sorted(jobs.pauses(tx).items())]


def newest(site: Site, most: int = 15) -> list[dict[str, Any]]:
    """Return the newest runs as plain rows."""
    with site.books.read() as tx:
        return [dict(row._mapping) for row in jobs.listed(tx, most=most)]


def pause(site: Site, context: Context, name: str, *, why: str | None) -> None:
    """Pause a job, or all, until it is resumed. Raises NotFound for a name that is no job's."""
    with site.books.write() as tx:
        jobs.pause(tx, known(name), since=context.now(), actor=context.actor.id, reason=why)
        audit.record(tx, context, act="schedule.pause", subject=name, why=why)


def resume(site: Site, context: Context, name: str) -> None:
    """End a pause. Raises NotFound when there is none."""
    with site.books.write() as tx:
        if not jobs.resume(tx, known(name)):
            raise NotFound(f"{name} is not paused.", fix="see `duehook schedule list`.")
        audit.record(tx, context, act="schedule.resume", subject=name)


def known(name: str) -> str:
    """Return the name of a job. Raises NotFound for any other."""
    if name not in NAMES:
        raise NotFound(f"there is no job {name!r}.", fix=f"name one of {', '.join(NAMES)}.")
    return name
