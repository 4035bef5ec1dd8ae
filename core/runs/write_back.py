"""Write queued commands into the ERP: look, write, read back; ask again where nobody knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final, cast, get_args

from sqlalchemy import Connection

from duehook.core.books.store.delivery import outbox, tasks
from duehook.core.books.store.delivery.outbox import Entry
from duehook.core.books.store.delivery.tasks import NewTask
from duehook.core.errors import ConnectorDown, DuehookError
from duehook.core.hookspecs import Applied, Command, CommandKind, NoticeIssued, Target
from duehook.core.ops import audit
from duehook.core.redaction import redact

from .deliver.round import UNANSWERED, Round
from .holds import RELEASE, SET, hold_answered

COMMANDS: Final = frozenset(get_args(CommandKind))
EVENTS: Final = frozenset({"notice_issued"})
BATCH: Final = 200
BACKOFF: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720))
CHECKS: Final = 4
DOUBT: Final = "write_back_in_doubt"
LIVE_AGAIN: Final = timedelta(minutes=15)
ASKED_AGAIN: Final = timedelta(minutes=15)  # what the other side answers later


def write_back(round_: Round) -> None:
    """Apply the commands that are due, and settle those that nobody knew the outcome of.

    Where nothing real may leave, a command that was queued before waits (rule 23).
    """
    _each(round_, COMMANDS, stalled=True)
    _each(round_, COMMANDS, stalled=False)


def tell_plugins(round_: Round) -> None:
    """Fire the events of notices that went out, at least once each."""
    _each(round_, EVENTS, stalled=True)
    _each(round_, EVENTS, stalled=False)


def preview(round_: Round) -> list[str]:
    """Say what `write_back` would change in the ERPs, writing nothing."""
    with round_.books.read() as tx:
        rows = outbox.listed(tx, states={"new"}, kinds=COMMANDS)
    return [_previewed(round_, entry) for entry in reversed(rows)]


def _previewed(round_: Round, entry: Entry) -> str:
    if round_.is_test(entry.company, entry.customer):
        return f"{_named(entry)} {_waits(round_)}"
    target = round_.outside.target(entry.target)
    return target.preview(_command(round_, entry)) if target else f"{entry.target} takes no commands"


def _each(round_: Round, kinds: frozenset[str], *, stalled: bool) -> None:
    claim = outbox.claim_stalled if stalled else outbox.claim
    while not round_.is_stopped:
        with round_.books.write() as tx:
            entries = claim(tx, round_.worker, round_.now, kinds=kinds, most=BATCH)
        if not entries:
            return
        _work(round_, entries, stalled=stalled)


def _work(round_: Round, entries: Sequence[Entry], *, stalled: bool) -> None:
    for entry in entries:
        if not stalled and round_.is_stopped:
            with round_.books.write() as tx:
                outbox.release(tx, entries, round_.worker)
            return
        if entry.kind in EVENTS:
            _tell(round_, entry, stalled=stalled)
        elif stalled:
            _verify(round_, entry)
        else:
            _apply(round_, entry)


def _apply(round_: Round, entry: Entry) -> None:
    if round_.is_test(entry.company, entry.customer):
        with round_.books.write() as tx:
            outbox.postpone(tx, entry, round_.now + LIVE_AGAIN, outcome=_waits(round_))
        round_.report.held += 1
        return
    try:
        target = round_.outside.target(entry.target)
    except DuehookError as error:  # its settings are at fault; the other ERPs' commands go on
        _postpone_new(round_, entry, error.message)
        return
    if target is None or entry.kind not in target.capabilities:
        with round_.books.write() as tx:
            _end(tx, round_, entry, Applied("refused", f"{entry.target} takes no {entry.kind}"))
        return
    with round_.books.write() as tx:
        if not outbox.begin_sending(tx, entry, round_.worker, now=round_.now):
            return
    try:
        applied = target.apply(_command(round_, entry))
    except ConnectorDown as error:  # raised only when nothing was sent
        _postpone_new(round_, entry, error.message)
        return
    except Exception as error:  # noqa: BLE001 - a target is foreign code, and the ERP may have it
        applied = Applied("unknown", _words(error))
    _take(round_, entry, applied)


def _verify(round_: Round, entry: Entry) -> None:
    """Ask what became of a command; only one that certainly is not there is queued again."""
    try:
        found = _asked(round_.outside.target(entry.target), _command(round_, entry))
    except Exception as error:  # noqa: BLE001 - not knowing is an answer here
        found = Applied("unknown", _words(error))
    if found.outcome == "refused":
        with round_.books.write() as tx:
            outbox.postpone(tx, entry, round_.now, outcome=redact(f"it is not there: {found.message}"))
        round_.report.retried += 1
    else:
        _take(round_, entry, found)


def _asked(target: Target | None, command: Command) -> Applied:
    return target.verify(command) if target is not None else Applied("unknown", "the connection takes no commands")


def _take(round_: Round, entry: Entry, applied: Applied) -> None:
    if applied.outcome != "unknown":
        drifted = _has_drifted(round_, entry, applied)
        with round_.books.write() as tx:
            _end(tx, round_, entry, applied, drifted=drifted)
        return
    with round_.books.write() as tx:
        if applied.wait is not None and round_.now < (entry.sending_at or round_.now) + applied.wait:
            said = UNANSWERED + redact(applied.message)
            outbox.postpone(tx, entry, round_.now + ASKED_AGAIN, outcome=said, checked=True)
            round_.report.unanswered += 1
        elif entry.checks < CHECKS:
            until = round_.now + BACKOFF[entry.checks]
            outbox.postpone(tx, entry, until, outcome=redact(applied.message), checked=True)
            round_.report.retried += 1
        else:
            _doubt(tx, round_, entry, applied.message)


def _has_drifted(round_: Round, entry: Entry, applied: Applied) -> bool:
    """Say whether a release was refused while the ERP has another value than ours; not to know is no."""
    target = round_.outside.target(entry.target)
    if entry.kind != RELEASE or applied.outcome != "refused" or target is None:
        return False
    command = _command(round_, entry)
    try:
        return bool(target.current_hold(command.company, command.customer) != command.body["value"])
    except Exception:  # noqa: BLE001 - a target is foreign code, and the next import will tell
        return False


def _end(tx: Connection, round_: Round, entry: Entry, applied: Applied, *, drifted: bool = False) -> None:
    """Settle a command that was answered, and what hangs on it."""
    refused = applied.outcome == "refused"
    said = redact(" ".join(filter(None, (applied.outcome, applied.reference, applied.message))))
    if not outbox.finish(tx, entry, "failed" if refused else "sent", at=round_.now, outcome=said):
        return
    report = round_.report
    report.refused += refused
    if entry.kind in {SET, RELEASE}:
        today = round_.today(entry.company)
        state = hold_answered(tx, round_.context, entry, applied, today=today, drifted=drifted)
        report.holds_set += state == "set"
        report.holds_released += state == "released"
    elif refused:
        text = f"{_named(entry)} was refused: {said}. Fix: look in the ERP."
        _task(tx, round_, entry, kind="write_back_refused", text=text)
    else:
        report.notes += entry.kind == "add_note"
    after = {"outcome": applied.outcome, "reference": applied.reference, "key": entry.key[:12]}
    audit.record(
        tx, round_.context, act=f"erp.{entry.kind}", company=entry.company, subject=entry.customer, after=after
    )


def _doubt(tx: Connection, round_: Round, entry: Entry, why: str) -> None:
    outbox.finish(tx, entry, "in_doubt", at=round_.now, outcome=redact(why))
    round_.report.in_doubt += 1
    settle = f"duehook outbox settle {entry.key[:12]} --sent, or --not-sent, --why TEXT"
    text = f"{_named(entry)} is in doubt: {redact(why)}. Fix: look in the ERP, then: {settle}."
    _task(tx, round_, entry, kind=DOUBT, text=text)


def settle_command(tx: Connection, round_: Round, entry: Entry, *, sent: bool) -> None:
    """Settle a command in doubt by what a person found in the ERP."""
    _end(tx, round_, entry, Applied("done" if sent else "refused", "settled by hand"))
    key = _new_task(entry, DOUBT, "").key
    tasks.close_task(tx, key, by=round_.context.actor.id, outcome="settled", at=round_.now)


def _postpone_new(round_: Round, entry: Entry, why: str) -> None:
    with round_.books.write() as tx:
        until = round_.now + BACKOFF[min(entry.attempts, len(BACKOFF) - 1)]
        outbox.postpone(tx, entry, until, outcome=redact(why))
    round_.report.retried += 1
    round_.report.reasons.append(f"{_named(entry)}: {redact(why)}")


def _tell(round_: Round, entry: Entry, *, stalled: bool) -> None:
    if not stalled:
        with round_.books.write() as tx:
            if not outbox.begin_sending(tx, entry, round_.worker, now=round_.now):
                return
    payload: dict[str, Any] = entry.payload
    notice = NoticeIssued(
        payload["number"],
        entry.company,
        entry.customer,
        payload["currency"],
        payload["level"],
        Decimal(payload["total"]),
        round_.today(entry.company).fromisoformat(payload["sent_on"]),
    )
    try:
        round_.outside.site.plugins.notice_issued(notice, round_.context)
    except DuehookError as error:
        with round_.books.write() as tx:
            _tell_again(tx, round_, entry, error.message)
        return
    with round_.books.write() as tx:
        outbox.finish(tx, entry, "sent", at=round_.now, outcome="told")
    round_.report.events += 1


def _tell_again(tx: Connection, round_: Round, entry: Entry, why: str) -> None:
    if entry.attempts >= len(BACKOFF):
        outbox.finish(tx, entry, "failed", at=round_.now, outcome=redact(why))
        round_.report.failed += 1
    else:
        outbox.postpone(tx, entry, round_.now + BACKOFF[entry.attempts], outcome=redact(why))
        round_.report.retried += 1


def _command(round_: Round, entry: Entry) -> Command:
    """Return the row as a command, under the ERP's own company code."""
    settings = round_.settings
    known = entry.company in settings.companies
    company = settings.code_in(entry.target, entry.company) if known else entry.company
    return Command(cast(CommandKind, entry.kind), entry.key, company, entry.customer, body=entry.payload)


def _waits(round_: Round) -> str:
    return f"waits: mode is {round_.settings.mode}, nothing is written"


def _named(entry: Entry) -> str:
    return f"{entry.kind} for {entry.customer} ({entry.target})"


def _new_task(entry: Entry, kind: str, text: str) -> NewTask:
    return NewTask(kind, entry.company, text, {"outbox": entry.key}, connection=entry.target, debtor=entry.customer)


def _task(tx: Connection, round_: Round, entry: Entry, *, kind: str, text: str) -> None:
    tasks.open_task(tx, _new_task(entry, kind, text), round_.now)


def _words(error: Exception) -> str:
    return error.message if isinstance(error, DuehookError) else f"{type(error).__name__}: {error}"
