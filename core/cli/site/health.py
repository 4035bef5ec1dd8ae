"""`duehook status` and `duehook doctor`: how the collections stand, and whether the machine is well."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import typer

from duehook.core.cli.desk import AsJson, Desk, Exit, desk_of
from duehook.core.runs.health.doctor import examine_alone
from duehook.core.runs.health.sign import Sign
from duehook.core.runs.health.status import CompanyStatus, Status
from duehook.core.runs.health.status import status as look
from duehook.core.runs.health.worklist import Work

SHOWN: Final = 15  # parties with work; `--json` has them all
MARKS: Final = {"ok": "ok", "note": "note", "warning": "look", "error": "FAILED"}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("status")(status)
    app.command("doctor")(doctor)


def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Show how the collections stand: data, balances, proposals, letters sent, what waits, what is next.

    Example: duehook status
    """
    desk = desk_of(context, as_json=as_json)
    found = look(desk.site, desk.context)
    desk.screen.show(dataclasses.asdict(found), lambda: draw(desk, found))


def doctor(context: typer.Context, as_json: AsJson = False) -> None:
    """Examine the machine, the books and the work, and say what to do; the ERPs are asked by `check`.

    Ends with 1 when anything failed, so that a monitor can run it.

    Example: duehook doctor --json
    """
    desk = desk_of(context, as_json=as_json)
    signs = examine_alone(desk.config, desk.context)
    failed = [each for each in signs if each.severity == "error"]
    desk.screen.show({"ok": not failed, "signs": signs}, lambda: _draw_signs(desk, signs))
    if failed:
        raise typer.Exit(Exit.FAILED)


def _draw_signs(desk: Desk, signs: Sequence[Sign]) -> None:
    rows = [(MARKS[each.severity], each.code, each.text, each.fix or "") for each in signs]
    desk.screen.table(["", "code", "finding", "what to do"], rows)
    counts = Counter(each.severity for each in signs)
    desk.screen.say(f"{len(signs)} looked at: {counts['error']} failed, {counts['warning']} to look at.")


def draw(desk: Desk, found: Status) -> None:
    """Print a status as a screen for a person."""
    since = f" since {_clock(desk, found.since)}" if found.since else ""
    desk.screen.say(
        f"Mode {desk.site.settings.mode}{since}. It is {_clock(desk, found.at)} ({desk.site.settings.timezone})."
    )
    if found.companies:
        _draw_companies(desk, found)
        _draw_balances(desk, found.companies)
        _draw_sent(desk, found.companies)
        _draw_work(desk, found.work)
    desk.screen.say()
    if found.outbox:
        counts = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in found.outbox.items())
        desk.screen.say(f"Outbox: {counts}.")
    if found.quarantine:
        desk.screen.say(f"Quarantine: {', '.join(f'{name} {count}' for name, count in found.quarantine.items())}.")
    _draw_jobs(desk, found)
    for line in found.advice:
        desk.screen.say(f"→ {line}")


def _draw_companies(desk: Desk, found: Status) -> None:
    columns = ["company", "ERP data", "ready", "tie-out", "proposals", "holds", "tasks"]
    rows = [
        (
            each.company,
            _data_age(desk, each, found.at),
            f"no: {'; '.join(each.not_ready)}" if each.not_ready else "yes",
            _tie_out(desk, each),
            each.proposals,
            ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in sorted(each.holds.items())),
            each.tasks,
        )
        for each in found.companies
    ]
    desk.screen.table(columns, rows, right=[4, 6])


def _data_age(desk: Desk, company: CompanyStatus, now: datetime) -> str:
    """Say per feed when the ERP was read, and how long ago that is."""
    return ", ".join(
        f"{feed.connection} {_clock(desk, feed.read_up_to, now)}, {ago(now - feed.read_up_to)} ago"
        if feed.read_up_to
        else f"{feed.connection} never read whole"
        for feed in company.feeds
    )


def _tie_out(desk: Desk, company: CompanyStatus) -> str:
    if company.lock:
        return f"LOCKED: {company.lock}"
    done = company.tie_out
    if done is None:
        return "never"
    differ = f", {done.unexplained} unexplained" if done.unexplained else ""
    return f"{done.state.replace('_', ' ')} {_clock(desk, done.made_at)}, {done.documents} documents{differ}"


def _draw_balances(desk: Desk, companies: Sequence[CompanyStatus]) -> None:
    rows = [
        (each.company, line.currency, line.items, line.balance, line.overdue, line.oldest_due_on)
        for each in companies
        for line in each.open
    ]
    if rows:
        columns = ["company", "currency", "open items", "balance", "overdue", "oldest due"]
        desk.screen.say()
        desk.screen.table(columns, rows, title="Open", right=[2, 3, 4])


def _draw_sent(desk: Desk, companies: Sequence[CompanyStatus]) -> None:
    rows = [(each.company, sent.level, sent.name, sent.today, sent.week) for each in companies for sent in each.sent]
    if rows:
        columns = ["company", "level", "name", "today", "7 days"]
        desk.screen.say()
        desk.screen.table(columns, rows, title="Notices sent", right=[1, 3, 4])


def _draw_work(desk: Desk, work: Sequence[Work]) -> None:
    rows = [
        (
            each.party,
            ", ".join(each.members),
            ", ".join(f"{count} {kind}" for kind, count in each.waits.items()),
            ", ".join(f"{amount} {currency}" for currency, amount in each.overdue.items()),
        )
        for each in work[:SHOWN]
    ]
    if rows:
        desk.screen.say()
        title = f"Work, the first {SHOWN} of {len(work)}" if len(work) > SHOWN else "Work"
        desk.screen.table(["debtor", "in the ERPs", "waits", "overdue"], rows, title=title, right=[3])


def _draw_jobs(desk: Desk, found: Status) -> None:
    rows = [
        (
            each.job,
            each.company,
            f"{_clock(desk, each.last_at)} {each.state}" if each.last_at else "",
            "paused" if each.paused else _clock(desk, each.next_at) if each.next_at else "",
            each.outcome or "",
        )
        for each in found.jobs
    ]
    if rows:
        desk.screen.table(["job", "company", "last run", "next", "outcome"], rows, title="Jobs")
        desk.screen.say()


def _clock(desk: Desk, at: datetime, now: datetime | None = None) -> str:
    """Write an instant in the site's own time, without the day when that is today."""
    written = desk.clock(at)
    same_day = now is not None and written[:10] == desk.clock(now)[:10]
    return written[11:] if same_day else written


def ago(span: timedelta) -> str:
    """Say how long it is in the largest unit that fits: `6 min`, `5 h`, `3 d`."""
    seconds = int(span.total_seconds())
    for length, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * length or (unit == "min" and seconds >= length):
            return f"{seconds // length} {unit}"
    return f"{max(seconds, 0)} s"
