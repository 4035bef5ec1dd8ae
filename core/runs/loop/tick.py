"""One look at the clock: which slots are due, run once each by whoever claims them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from duehook.core.books.store import jobs
from duehook.core.books.store.jobs import JobKey
from duehook.core.context import Context
from duehook.core.errors import Busy, DuehookError
from duehook.core.ops import audit
from duehook.core.redaction import mask_secrets
from duehook.core.runs.site import Site
from duehook.core.settings.values import Slot

from .heartbeat import kept
from .slots import Due, beyond, coming, every, passed
from .steps import CHAIN, Step

EVERYTHING: Final = "all"
_KEPT: Final = timedelta(days=7)
_LONGEST: Final = 2000
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Ran:
    """What came of one job."""

    key: JobKey
    state: str
    outcome: str


def tick(site: Site, context: Context, worker: str) -> Iterator[Ran]:
    """Run every slot that is due and nobody else has, yielding each job as it ends.

    Call it as often as you like, in as many processes as you like: a job row's unique key makes
    each slot run once, and a step waits until the one before it is done. Whoever stops reading
    stops it between two jobs.
    """
    for company in site.settings.companies:
        for name, weekly in plan(site).items():
            yield from _scheduled(site, context, worker, company=company, name=name, weekly=weekly)
    yield from _every_so_often(site, context, worker)


def plan(site: Site) -> dict[str, Slot]:
    """Return the slots of duehook.yaml by job; `nightly` is the chain of all steps."""
    schedule = site.settings.schedule
    named = {"import": schedule.import_, "tie_out": schedule.tie_out, "aging": schedule.aging, "dun": schedule.dun}
    chosen: Mapping[str, Slot | None] = {"nightly": schedule.nightly, **named, "deliver": schedule.deliver}
    return {name: slot for name, slot in chosen.items() if slot is not None}


def next_slot(site: Site, name: str, company: str, now: datetime) -> Due | None:
    """Return when a job comes next for a company."""
    slot = plan(site).get(name)
    return coming(slot, site.settings.zone(company), now) if slot else None


def _scheduled(site: Site, context: Context, worker: str, *, company: str, name: str, weekly: Slot) -> Iterator[Ran]:
    """Run or finish the newest slot of a job: its steps in order, up to one that is not done."""
    if _paused(site, name):
        return
    slot = _due(site, context, name, company, weekly=weekly)
    for step in _steps(name) if slot else ():
        key = JobKey(_job(name, step), company, slot or "")
        if _is_done(site, key):
            continue
        result = None if _paused(site, name, step) else _run(site, context, worker, key)
        if result:
            yield result
        if result is None or result.state != "done":
            return


def _due(site: Site, context: Context, name: str, company: str, *, weekly: Slot) -> str | None:
    """Return the slot to run or to finish, closing those before it; None when there is none."""
    now, steps = context.now(), [_job(name, step) for step in _steps(name)]
    _forget_ahead(site, context, steps, company, now=now)
    with site.books.read() as tx:
        newest = jobs.last_slot(tx, steps[0], company)
        last = jobs.states(tx, steps[:1], company, newest).get(steps[0]) if newest else None
    slots = passed(weekly, site.settings.zone(company), now, newest)
    if not slots:
        return newest if last and last.state != "missed" else None
    with site.books.write() as tx:
        for late in slots[:-1]:
            jobs.miss(tx, JobKey(steps[0], company, late.name), now)
        for job in steps:
            jobs.close_abandoned(tx, job, company, before=slots[-1].name, now=now)
    return slots[-1].name


def _forget_ahead(site: Site, context: Context, steps: Sequence[str], company: str, *, now: datetime) -> None:
    """Drop the slots that a clock gave which ran ahead for a moment, and say it: no night is theirs to take."""
    limit = beyond(site.settings.zone(company), now)
    with site.books.read() as tx:
        if (jobs.last_slot(tx, steps[0], company) or "") <= limit:
            return
    with site.books.write() as tx:
        slots = jobs.forget_ahead(tx, steps, company, after=limit)
        audit.record(tx, context, act="schedule.forget", subject=steps[0], company=company, after={"slots": slots})
    _log.warning(
        "a clock was ahead, or this one is behind: slots that have not come yet were run or missed; they come anew",
        job=steps[0],
        company=company,
        slots=slots,
    )


def _every_so_often(site: Site, context: Context, worker: str) -> Iterator[Ran]:
    """Deliver for all companies when the interval's slot is still free."""
    now = context.now()
    key = JobKey("deliver", "", every(site.settings.schedule.deliver_every, now).name)
    if _paused(site, "deliver") or _is_done(site, key):
        return
    with site.books.write() as tx:
        jobs.close_abandoned(tx, key.job, key.company, before=key.slot, now=now)
        jobs.forget(tx, key.job, now - _KEPT)
    result = _run(site, context, worker, key)
    if result:
        yield result


def _is_done(site: Site, key: JobKey) -> bool:
    with site.books.read() as tx:
        held = jobs.states(tx, [key.job], key.company, key.slot).get(key.job)
    return held is not None and held.state == "done"


def _steps(name: str) -> tuple[str, ...]:
    return CHAIN if name == "nightly" else (name,)


def _job(name: str, step: str) -> str:
    return f"nightly {step}" if name == "nightly" else step


def _run(site: Site, context: Context, worker: str, key: JobKey) -> Ran | None:
    """Claim the job, run it and close it; None when it is not free, or what it needs is held."""
    with site.books.write() as tx:
        if not jobs.claim(tx, key, worker, context.now(), correlation_id=context.correlation_id):
            return None
    try:
        with kept(site, context, worker, key):
            state, outcome = _work(site, context, key)
    except Busy as error:
        with site.books.write() as tx:
            jobs.give_back(tx, key, worker, why=mask_secrets(str(error)))
        return None
    with site.books.write() as tx:
        if not jobs.end(tx, key, worker, context.now(), state=state, outcome=outcome[:_LONGEST]):
            return Ran(key, "lost", f"another worker has taken it over; here it came to: {outcome}")
    return Ran(key, state, outcome)


def _work(site: Site, context: Context, key: JobKey) -> tuple[str, str]:
    """Run the step and return the job's state and outcome. Raises Busy alone."""
    try:
        step = Step(key.job.removeprefix("nightly "), key.company)
        return "done", step.run(site, context, since=_since(site, key))
    except Busy:
        raise
    except DuehookError as error:
        outcome = mask_secrets(str(error))
        _log.warning("a step of the loop failed", job=key.job, company=key.company, slot=key.slot, reason=outcome)
    except Exception as error:  # noqa: BLE001 - the job loop: one job's fault must not end the others
        outcome = mask_secrets(f"{type(error).__name__}: {error}")
        _log.error("a step of the loop failed unexpectedly", job=key.job, exc_info=error)
    return "failed", outcome


def _since(site: Site, key: JobKey) -> datetime:
    """Return the instant of a slot that is named by its local time."""
    slot = datetime.fromisoformat(key.slot)
    return slot if slot.tzinfo else slot.replace(tzinfo=ZoneInfo(site.settings.zone(key.company)))


def _paused(site: Site, *names: str) -> bool:
    with site.books.read() as tx:
        held = jobs.pauses(tx)
    return not held.keys().isdisjoint({EVERYTHING, *names})
