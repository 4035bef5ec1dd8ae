"""Deliver: everything of the outbox that is due, in one go."""

from __future__ import annotations

import os
import socket
import uuid
from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from duehook.core.books.store import facts
from duehook.core.books.store.delivery import outbox, sending
from duehook.core.books.store.delivery.outbox import Worker
from duehook.core.context import Context
from duehook.core.errors import DuehookError, RunStopped
from duehook.core.ops.heap import settled
from duehook.core.runs.audit import seal_audit
from duehook.core.runs.holds import judge_holds
from duehook.core.runs.site import Site
from duehook.core.runs.write_back import preview, tell_plugins, write_back

from .gate import Verdict, judge, read_batches
from .outside import Outside
from .queue import NOTICE
from .rehearsal import end_rehearsals
from .round import UNANSWERED, UNASKED, DeliveryReport, Round, Waiting
from .send import send_notices, settle_stalled

LEASE: Final = timedelta(minutes=10)
GO_LIVE: Final = "go_live"
FIRST_RUN: Final = "first_live_run"


@settled()
def deliver(site: Site, context: Context, *, most: int | None = None, lease: timedelta = LEASE) -> DeliveryReport:
    """Send the notices that are due, write back what they lead to, and tell what is in doubt.

    Safe to run beside itself and after a kill at any point. Our holds are looked at first.
    Stops between two letters when the caller's process is to end, delivery is paused meanwhile, or
    duehook.yaml changes. Raises RunStopped while that file does not load, in live mode before
    `duehook go-live`, or when the first live run would send more than it allowed.
    """
    site.reload()
    _refuse_faulty(site)
    judge_holds(site, context)
    with Outside(site) as outside:
        round_ = Round(context, outside, Worker(_name(), lease))
        _refuse_unready(round_)
        with site.books.write() as tx:
            end_rehearsals(tx, context, site.settings)
        settle_stalled(round_)
        send_notices(round_, most=most)
        write_back(round_)
        tell_plugins(round_)
        _note_first_run(round_)
        round_.report.waits = _waiting(round_)
    seal_audit(site, context)
    return round_.report


def _waiting(round_: Round) -> Waiting | None:
    """Sum up what waits for its hour, and why the first of it does."""
    with round_.books.read() as tx:
        rows = outbox.waiting(tx, round_.now)
    if not rows:
        return None
    zone = ZoneInfo(round_.settings.timezone)
    next_at, at = (when.astimezone(zone) for when in (rows[0].not_before, round_.now))
    due = [row for row in rows if not (row.outcome or "").startswith(UNANSWERED)]  # who answers later is not stuck
    tried = sum(row.attempts > 0 or UNASKED in (row.outcome or "") for row in due)
    return Waiting(len(rows), tried, next_at, rows[0].outcome or "", at)


def look(site: Site, context: Context) -> list[dict[str, Any]]:
    """Say what `deliver` would do now, asking the ERPs but changing nothing."""
    with Outside(site) as outside:
        round_ = Round(context, outside, Worker(_name(), LEASE))
        with site.books.read() as tx:
            queued = outbox.listed(tx, states={"new"}, kinds={NOTICE}, most=10_000)
            due = [entry for entry in reversed(queued) if entry.not_before is None or entry.not_before <= round_.now]
            batches = read_batches(tx, due)
        waiting = _waiting(round_)
        said: list[dict[str, Any]] = []
        for batch in batches:
            for number, verdict in judge(round_, batch).items():
                row = batch.notices[number]
                verdict = _with_way(round_, row, verdict)
                what = {"pass": "would send", "hold": "would wait", "cancel": "would cancel"}[verdict.what]
                said.append(
                    {
                        "company": row.company,
                        "debtor": row.debtor,
                        "what": what,
                        "level": row.level,
                        "channel": row.channel,
                        "test": round_.is_test(row.company, row.debtor),
                        "why": verdict.why,
                    }
                )
        said += [{"what": "would write back", "why": text} for text in preview(round_)]
        said += [{"what": "waits", "why": str(waiting)}] if waiting else []
        return said


def _with_way(round_: Round, row: sending.Notice, verdict: Verdict) -> Verdict:
    """Let a notice wait whose channel or template is not there, as sending it would."""
    if verdict.what != "pass":
        return verdict
    try:
        round_.outside.channel(row.channel)
    except DuehookError as error:
        return Verdict("hold", str(error))
    if row.template not in round_.outside.templates.names():
        return Verdict("hold", f"there is no template {row.template!r}. Fix: duehook policy check")
    return verdict


def _refuse_faulty(site: Site) -> None:
    if site.fault is not None:
        raise RunStopped(
            f"{site.config.name} does not load any more, so nothing is sent: {site.fault.message}",
            fix="see `duehook config check`; sending goes on once it loads.",
        )


def _refuse_unready(round_: Round) -> None:
    """Hold a site to its go-live, in pilot too, and a live one to the size of its first run (rule 23)."""
    mode = round_.settings.mode
    if mode == "shadow":
        return
    with round_.books.read() as tx:
        live, ran = facts.get(tx, GO_LIVE), facts.get(tx, FIRST_RUN)
        queued = 0 if ran else outbox.count(tx, states={"new"}, kinds={NOTICE})
    if live is None:
        raise RunStopped(
            f"mode is {mode}, but the site has not gone live; nothing was sent.", fix="run `duehook go-live`."
        )
    if mode != "live":
        return
    allowed = live["first_run_notices"]
    if queued > allowed:
        raise RunStopped(
            f"the first live run would send {queued} notices, and {allowed} are allowed; nothing was sent.",
            fix=f"look through them, then run `duehook go-live --first-run-notices {queued}`.",
        )


def _note_first_run(round_: Round) -> None:
    if round_.settings.mode != "live" or not round_.report.sent + round_.report.to_post:
        return
    with round_.books.write() as tx:
        if facts.get(tx, FIRST_RUN) is None:
            facts.put(tx, FIRST_RUN, {"sent": round_.report.sent}, round_.now)


def _name() -> str:
    """Name this round's worker, apart from every other, in this process too."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:12]}"
