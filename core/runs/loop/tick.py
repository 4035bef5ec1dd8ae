"""One look at the clock: which slots are due, run once each by whoever claims them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from duehook.core.books.store import jobs
from duehook.core.books.store.jobs import JobKey
from duehook.core.context import Context
from duehook.core.errors import DuehookError
from duehook.core.redaction import mask_secrets
from duehook.core.runs.site import Site
from duehook.core.settings.values import Slot

from .slots import Due, coming, every, passed
from .steps import CHAIN, Step

EVERYTHING: Final = "all"
_KEPT: Final = timedelta(days=7)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Ran:
    """What came of one job."""

    key: JobKey
    state: str
    outcome: str


def tick(site: Site, context: Context, worker: str) -> list[Ran]:
    """Run every slot that is due and nobody else has; return what was run here.

    Call it as often as you like, in as many processes as you like: a job row's unique key makes
    each slot run once, and a step waits until the one before it is done.
    """
    ran = [result for company in site.settings.companies for result in _company(site, context, worker, company)]
    pace = every(site.settings.schedule.deliver_every, context.now())
    if not _paused(site, "deliver"):
        result = _run(site, context, worker, JobKey("deliver", "", pace.name))
        ran += [result] if result else []
        with site.books.write() as tx:
            jobs.forget(tx, "deliver", context.now() - _KEPT)
    return ran


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


def _company(site: Site, context: Context, worker: str, company: str) -> Iterator[Ran]:
    for name, weekly in plan(site).items():
        if _paused(site, name):
            continue
        slot = _due(site, context, name, company, weekly=weekly)
        if slot is None:
            continue
        yield from _chain(site, context, worker, company=company, name=name, slot=slot)


def _due(site: Site, context: Context, name: str, company: str, *, weekly: Slot) -> str | None:
    """Return the slot to run or to finish, noting as missed those before it."""
    now = context.now()
    first = _steps(name)[0]
    with site.books.write() as tx:
        newest = jobs.last_slot(tx, _job(name, first), company)
        slots = passed(weekly, site.settings.zone(company), now, newest)
        for late in slots[:-1]:
            jobs.miss(tx, JobKey(_job(name, first), company, late.name), now)
    return slots[-1].name if slots else newest


def _chain(site: Site, context: Context, worker: str, *, company: str, name: str, slot: str) -> Iterator[Ran]:
    """Run the steps of a slot in order; stop at one that is not done."""
    for step in _steps(name):
        key = JobKey(_job(name, step), company, slot)
        with site.books.read() as tx:
            held = jobs.states(tx, [key.job], company, slot).get(key.job)
        if held is not None and held.state in {"done", "missed"}:
            continue
        result = _run(site, context, worker, key)
        if result:
            yield result
        if result is None or result.state != "done":
            return


def _steps(name: str) -> tuple[str, ...]:
    return CHAIN if name == "nightly" else (name,)


def _job(name: str, step: str) -> str:
    return f"nightly {step}" if name == "nightly" else step


def _run(site: Site, context: Context, worker: str, key: JobKey) -> Ran | None:
    with site.books.write() as tx:
        if not jobs.claim(tx, key, worker, context.now(), correlation_id=context.correlation_id):
            return None
    state, outcome = "done", ""
    try:
        step = Step(key.job.removeprefix("nightly "), key.company)
        outcome = step.run(site, context, since=_since(site, key))
    except DuehookError as error:
        state, outcome = "failed", mask_secrets(str(error))
        _log.warning("a step of the loop failed", job=key.job, company=key.company, slot=key.slot, reason=outcome)
    except Exception as error:  # noqa: BLE001 - the job loop: one job's fault must not end the others
        state, outcome = "failed", mask_secrets(f"{type(error).__name__}: {error}")
        _log.error("a step of the loop failed unexpectedly", job=key.job, exc_info=error)
    with site.books.write() as tx:
        jobs.end(tx, key, worker, context.now(), state=state, outcome=outcome[:2000])
    return Ran(key, state, outcome)


def _since(site: Site, key: JobKey) -> datetime | None:
    """Return the instant of a slot that is named by its local time."""
    slot = datetime.fromisoformat(key.slot)
    return slot if slot.tzinfo else slot.replace(tzinfo=ZoneInfo(site.settings.zone(key.company)))


def _paused(site: Site, name: str) -> bool:
    with site.books.read() as tx:
        held = jobs.pauses(tx)
    return name in held or EVERYTHING in held
