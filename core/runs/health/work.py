"""How the work goes: imports, tie-outs, the outbox, the loop's jobs, and what live letters still lack."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from duehook.core.books.store import health, jobs
from duehook.core.books.store.currencies import open_currencies
from duehook.core.books.store.delivery import outbox as store
from duehook.core.books.store.delivery import sending
from duehook.core.books.store.imports import import_runs
from duehook.core.runs.deliver.letter import LETTER
from duehook.core.runs.loop.slots import passed
from duehook.core.runs.loop.tick import EVERYTHING, plan
from duehook.core.runs.packs import own_policies
from duehook.core.runs.site import Site
from duehook.core.settings.live import before_live

from .sign import Sign, error, note, ok, warning

DAY: Final = timedelta(days=1)
OLD: Final = timedelta(days=4)
SLACK: Final = timedelta(hours=2)
WEEK: Final = timedelta(days=7)
QUEUED: Final = timedelta(hours=1)


def data(site: Site, now: datetime) -> Iterator[Sign]:
    """Yield how old each company's data is, what was parked, and whether it is tied out."""
    if not site.settings.companies:
        yield note("companies", "no company is configured", "duehook discover, then write companies: in duehook.yaml")
    for company in site.settings.companies:
        yield _age(site, company, now)
        yield from _tied(site, company)
    with site.books.read() as tx:
        parked = health.parked(tx)
    for connection, count in parked.items():
        yield warning("quarantine", f"{connection}: {count} rows could not be read", "duehook quarantine list")


def _age(site: Site, company: str, now: datetime) -> Sign:
    with site.books.read() as tx:
        state = import_runs.ready(tx, company)
    if state.bound_at is None:
        return warning("import", "; ".join(state.reasons), "duehook import")
    text = f"{company}: the data is of {state.bound_at:%Y-%m-%d %H:%M} UTC"
    if now - state.bound_at > OLD:
        return error("import", text, "duehook import; see `duehook schedule list` for why none ran")
    if not state.ready:
        return warning("import", f"{company}: {'; '.join(state.reasons)}", "duehook import")
    if now - state.bound_at > DAY and state.bound_at < _expected(site, company, now) - SLACK:
        return warning("import", text, "duehook import")
    return ok("import", text)


def _expected(site: Site, company: str, now: datetime) -> datetime:
    """Return when the schedule last asked for an import, two hours ago or longer; else now."""
    slot = site.settings.schedule.nightly or site.settings.schedule.import_
    slots = passed(slot, site.settings.zone(company), now - SLACK, None) if slot else []
    return slots[-1].at if slots else now


def _tied(site: Site, company: str) -> Iterator[Sign]:
    with site.books.read() as tx:
        last, held, feeds = health.last_tie_out(tx, company), health.lock(tx, company), sending.feeds(tx, company)
    if held is not None:
        text = f"{company}: dunning is locked since {held.since:%Y-%m-%d %H:%M} UTC: {held.reason}"
        yield error("tie_out", text, f"duehook tie-out --company {company}")
    elif last is None and feeds:
        yield warning("tie_out", f"{company} was never tied out", f"duehook tie-out --company {company}")
    elif last is not None:
        yield ok("tie_out", f"{company}: {last.state} on {last.made_at:%Y-%m-%d}, {last.documents} documents")


def outbox(site: Site, now: datetime) -> Iterator[Sign]:
    """Yield what is in doubt, failed, or waits though it could have gone."""
    with site.books.read() as tx:
        counts = {row.state: int(row.many) for row in health.outbox_states(tx)}
        failed = health.failed_since(tx, now - WEEK)
        late = health.overdue_effects(tx, now - QUEUED)
        held = jobs.pauses(tx)
        to_post = store.in_doubt(tx, channel=LETTER)
    if to_post:
        fix = "post them, then duehook task done ID --outcome posted; duehook task list"
        yield warning("outbox.to_post", f"{to_post} letters wait to be posted", fix)
    if count := counts.get("in_doubt", 0) - to_post:
        text = f"{count} in doubt: nobody knows whether they went out"
        yield error("outbox.in_doubt", text, "duehook outbox list --state in_doubt, then duehook outbox settle KEY")
    if failed:
        yield warning("outbox.failed", f"{failed} failed in the last 7 days", "duehook outbox list --state failed")
    if late and held.keys() & {"deliver", EVERYTHING}:
        yield note("outbox.late", f"{late} wait while delivery is paused", "duehook schedule resume deliver")
    elif late:
        yield warning("outbox.late", f"{late} could have gone out an hour ago and more", "duehook deliver")
    if not counts.get("in_doubt") and not failed and not late:
        yield ok("outbox", "nothing is in doubt, failed or late")


def loop(site: Site, now: datetime) -> Iterator[Sign]:
    """Yield the jobs that stalled, failed, were missed, or that nobody runs."""
    with site.books.read() as tx:
        stalled, missed = health.stalled_jobs(tx, now), health.missed_jobs(tx, now - WEEK)
        newest, held = health.newest_jobs(tx), jobs.pauses(tx)
    for row in stalled:
        text = f"{row.job} {row.company} {row.slot} says running, but its worker is gone"
        yield error("jobs.stalled", text, "duehook serve: the next look takes it up again")
    for row in newest:
        if row.state == "failed":
            text = f"{row.job} {row.company} {row.slot} failed: {row.outcome}"
            yield error("jobs.failed", text, f"duehook schedule run {row.job.removeprefix('nightly ')}")
    for row in missed:
        text = f"{row.job} {row.company} {row.slot} was missed: stopped or paused"
        yield warning("jobs.missed", text, "keep `duehook serve` running, as a service")
    for name, row in held.items():
        why = f" ({row.reason})" if row.reason else ""
        yield note(
            "jobs.paused", f"{name} is paused since {row.since:%Y-%m-%d}{why}", f"duehook schedule resume {name}"
        )
    idle = (
        [company for company in site.settings.companies if _idle(site, company, now)] if EVERYTHING not in held else []
    )
    if idle:
        text = f"a slot of {', '.join(idle)} passed and nobody took it: the loop does not run"
        yield warning("jobs.idle", text, "duehook serve")
    if not stalled and not missed and not idle and all(row.state != "failed" for row in newest):
        yield ok("jobs", "no job stalled, failed or was missed")


def _idle(site: Site, company: str, now: datetime) -> bool:
    """Say whether a slot of the schedule has no job row two hours later, though the site was in use by then."""
    with site.books.read() as tx:
        used_since = health.first_act_at(tx)
        for name, slot in plan(site).items():
            due = passed(slot, site.settings.zone(company), now - SLACK, None)
            job = "nightly import" if name == "nightly" else name
            last = jobs.last_slot(tx, job, company)
            in_use = due and used_since is not None and used_since < due[-1].at
            if in_use and (last is None or last < due[-1].name):
                return True
    return False


def policies(site: Site) -> Iterator[Sign]:
    """Yield each mistake of the site's own policies, a channel or template that is not there among them."""
    count, problems = own_policies(site)
    for each in problems:
        yield error("policy", f"{each.where}: {each.message}", each.fix)
    if count and not problems:
        yield ok("policy", f"{count} policies of the site's own have no mistake")


def live(site: Site) -> Iterator[Sign]:
    """Yield what `duehook go-live` needs and does not find: errors once the mode is live."""
    with site.books.read() as tx:
        currencies = open_currencies(tx)
    if not site.settings.companies and site.settings.mode != "live":
        return
    found = before_live(site.settings, currencies)
    for each in found:
        if not each.ok:
            text = f"{each.subject}: {each.message}"
            fix = each.advice or "see docs/how-to/go-live.md"
            yield error("live", text, fix) if each.severity == "error" else warning("live", text, fix)
    if found and all(each.ok for each in found):
        yield ok("live", "sender, accounts and creditor of every company are written")
