"""The state of a site on one screen: data, readiness, money, what waits, what went out, what comes next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from duehook.core.books.store import health, jobs, parties
from duehook.core.books.store.delivery import outbox, sending
from duehook.core.books.store.imports import import_runs
from duehook.core.context import Context
from duehook.core.money import from_scaled
from duehook.core.runs.days import day_at
from duehook.core.runs.deliver.letter import LETTER
from duehook.core.runs.deliver.run import GO_LIVE
from duehook.core.runs.loop.slots import coming
from duehook.core.runs.loop.tick import EVERYTHING, plan
from duehook.core.runs.site import Site

from .worklist import Work, worklist

WEEK: Final = timedelta(days=6)  # and today
GRAVEST: Final = ("failed", "running", "due", "missed", "done")
OUTBOX_ORDER: Final = ("in_doubt", "failed", "sending", "new", "sent", "superseded", "cancelled")


@dataclass(frozen=True)
class Feed:
    """A connection that feeds a company, and up to when it was read; None before its first closed import."""

    connection: str
    read_up_to: datetime | None


@dataclass(frozen=True)
class OpenBalance:
    """What a company has open in one currency; `balance` is net of credits, `overdue` is debts only."""

    currency: str
    items: int
    balance: Decimal
    overdue: Decimal
    oldest_due_on: date | None


@dataclass(frozen=True)
class TieOut:
    """The newest tie-out of a company."""

    state: str
    made_at: datetime
    documents: int
    unexplained: int


@dataclass(frozen=True)
class SentLevel:
    """Notices of one level that went out."""

    level: int
    name: str
    today: int
    week: int


@dataclass(frozen=True)
class CompanyStatus:
    """How one company stands."""

    company: str
    name: str | None
    feeds: tuple[Feed, ...]
    not_ready: tuple[str, ...]
    tie_out: TieOut | None
    lock: str | None
    open: tuple[OpenBalance, ...]
    proposals: int
    sent: tuple[SentLevel, ...]
    holds: dict[str, int]
    tasks: int


@dataclass(frozen=True)
class JobStatus:
    """A job: its newest run (or the slot that was missed) and its next slot; nightly is its steps together."""

    job: str
    company: str
    last_at: datetime | None
    last_slot: str | None
    state: str | None
    outcome: str | None
    next_at: datetime | None
    paused: bool


@dataclass(frozen=True)
class Status:
    """How the whole site stands. `advice` says what a person would do next."""

    at: datetime
    since: datetime | None
    companies: tuple[CompanyStatus, ...]
    outbox: dict[str, int]
    quarantine: dict[str, int]
    jobs: tuple[JobStatus, ...]
    work: tuple[Work, ...]
    advice: tuple[str, ...]


def status(site: Site, context: Context) -> Status:
    """Return how the site stands now; reads the books only."""
    now = context.now()
    with site.books.read() as tx:
        waiting, holds, tasks = health.proposals(tx), health.hold_states(tx), health.tasks_open(tx)
        companies = tuple(
            _company(tx, site, code, today=day_at(site.settings, code, now), counted=(waiting, holds, tasks))
            for code in site.settings.companies
        )
        counts = {row.state: int(row.many) for row in health.outbox_states(tx)}
        effects = {state: counts[state] for state in OUTBOX_ORDER if state in counts}
        quarantine = health.parked(tx)
        told = tuple(_jobs(tx, site, now))
        work = tuple(worklist(tx, now.astimezone(ZoneInfo(site.settings.timezone)).date()))
        unsure = len(parties.listed(tx, ["proposed"]))
        live_at = health.set_at(tx, GO_LIVE)
        since = live_at if site.settings.mode == "live" else health.first_act_at(tx)
        to_post = outbox.in_doubt(tx, channel=LETTER)
    advice = (
        *_about_go_live(site.settings.mode, live_at),
        *_about_doubt(effects.get("in_doubt", 0) - to_post, to_post),
        *_advice(companies, effects, sum(quarantine.values())),
        *_about_parties(unsure),
        *_about_mode(site.settings.mode, companies),
    )
    return Status(now, since, companies, effects, quarantine, told, work, advice)


def _company(tx: Connection, site: Site, code: str, *, today: date, counted: tuple[Any, Any, Any]) -> CompanyStatus:
    waiting, holds, tasks = counted
    tied = health.last_tie_out(tx, code)
    held = health.lock(tx, code)
    return CompanyStatus(
        code,
        site.settings.companies[code].legal_name,
        tuple(Feed(name, feed.bound_at) for name, feed in sorted(sending.feeds(tx, code).items())),
        import_runs.ready(tx, code).reasons,
        TieOut(tied.state, tied.made_at, tied.documents, int(tied.unexplained)) if tied else None,
        held.reason if held else None,
        tuple(_open(row) for row in health.open_items(tx, code, today)),
        waiting.get(code, 0),
        tuple(_sent(tx, code, today)),
        holds.get(code, {}),
        tasks.get(code, 0),
    )


def _open(row: Any) -> OpenBalance:
    amounts = (from_scaled(row.balance, row.currency), from_scaled(row.overdue, row.currency))
    return OpenBalance(row.currency, int(row.items), *amounts, row.oldest_due_on)


def _sent(tx: Connection, code: str, today: date) -> Iterator[SentLevel]:
    on_day: Counter[tuple[int, str]] = Counter()
    in_week: Counter[tuple[int, str]] = Counter()
    for row in health.sent_notices(tx, code, today - WEEK):
        in_week[row.level, row.level_name] += row.many
        on_day[row.level, row.level_name] += row.many if row.sent_on == today else 0
    for level, name in sorted(in_week):
        yield SentLevel(level, name, on_day[level, name], in_week[level, name])


def _jobs(tx: Connection, site: Site, now: datetime) -> Iterator[JobStatus]:
    """Yield the jobs of the schedule and those that ran out of it, once each."""
    held = jobs.pauses(tx)
    ran = [_ran(site, row) for row in health.newest_jobs(tx)]
    known = {(each.job, each.company): each for each in ran}
    planned = set()
    for name, slot in plan(site).items():
        for company in site.settings.companies:
            planned.add((name, company))
            due = coming(slot, site.settings.zone(company), now)
            last = known.get((name, company)) or _together(name, company, ran)
            yield replace(last, next_at=due.at if due else None, paused=name in held or EVERYTHING in held)
    for each in ran:
        if (each.job, each.company) not in planned:
            paused = any(name in held for name in (each.job, *each.job.split(), EVERYTHING))
            yield replace(each, paused=paused)
    for name in sorted(held.keys() - {each.job for each in ran} - plan(site).keys()):
        yield JobStatus(name, "", None, None, None, None, None, True)


def _ran(site: Site, row: Any) -> JobStatus:
    """Return a job's newest run; one that was missed stands at its slot, which is local time unless it says."""
    at = row.started_at
    if at is None:
        zone = site.settings.zone(row.company) if row.company in site.settings.companies else site.settings.timezone
        slot = datetime.fromisoformat(row.slot)
        at = slot if slot.tzinfo else slot.replace(tzinfo=ZoneInfo(zone))
    return JobStatus(row.job, row.company, at, row.slot, row.state, row.outcome, None, False)


def _together(name: str, company: str, ran: Sequence[JobStatus]) -> JobStatus:
    """Return what a job's steps, the rows `nightly import` and so on, come to: the newest slot's gravest state."""
    steps = [each for each in ran if each.job.startswith(f"{name} ") and each.company == company]
    if not steps:
        return JobStatus(name, company, None, None, None, None, None, False)
    slot = max(each.last_slot or "" for each in steps)
    of_slot = [each for each in steps if each.last_slot == slot]
    grave = min(of_slot, key=lambda each: GRAVEST.index(each.state) if each.state in GRAVEST else len(GRAVEST))
    at = min(each.last_at for each in of_slot if each.last_at)
    of_state = [each.job.removeprefix(f"{name} ") for each in of_slot if each.state == grave.state]
    return JobStatus(name, company, at, slot, grave.state, ", ".join(of_state), None, False)


def _advice(companies: Sequence[CompanyStatus], effects: Mapping[str, int], parked: int) -> Iterator[str]:
    """Yield what to do next, the most pressing first."""
    if not companies:
        yield "No company is configured: `duehook discover` lists what the ERP has; write companies: in duehook.yaml."
    if count := effects.get("failed"):
        yield f"{count} failed: see `duehook outbox list --state failed`."
    yield from _about_data(companies)
    if parked:
        yield f"{parked} rows are in quarantine: see `duehook quarantine list`."
    if count := sum(each.proposals for each in companies):
        yield f"{count} notices wait for approval: see `duehook proposal list`."
    if count := sum(each.tasks for each in companies):
        yield f"{count} tasks are open: see `duehook task list`."
    if count := effects.get("new"):
        yield f"{count} are queued: `duehook deliver` or `duehook serve` sends them."
    elif companies and all(each.feeds and not each.proposals and not each.sent for each in companies):
        yield "Nobody was dunned in the last 7 days: `duehook dun --dry-run` shows who would be."


def _about_go_live(mode: str, live_at: datetime | None) -> Iterator[str]:
    if mode != "shadow" and live_at is None:
        yield "Not gone live yet: `duehook go-live`; until then nothing is sent."


def _about_doubt(in_doubt: int, to_post: int) -> Iterator[str]:
    if in_doubt:
        yield f"{in_doubt} in doubt: see `duehook outbox list --state in_doubt`, then `duehook outbox settle KEY`."
    if to_post:
        yield f"{to_post} letters wait to be posted: see `duehook task list`."


def _about_parties(unsure: int) -> Iterator[str]:
    if unsure:
        yield f"{unsure} matches of customers across ERPs wait: see `duehook party list`."


def _about_mode(mode: str, companies: Sequence[CompanyStatus]) -> Iterator[str]:
    if mode == "shadow" and any(each.sent for each in companies):
        yield "These letters were a rehearsal: docs/how-to/go-live.md says how real ones go out."


def _about_data(companies: Sequence[CompanyStatus]) -> Iterator[str]:
    if empty := [each.company for each in companies if not each.feeds]:
        yield f"Nothing was imported for {', '.join(empty)}: run `duehook import`."
    for each in companies:
        if each.lock:
            yield f"{each.company} is locked ({each.lock}): see `duehook tie-out --company {each.company}`."
        elif each.feeds and each.tie_out is None:
            yield f"{each.company} was never tied out with the ERP: run `duehook tie-out`."
