"""What follows when a notice was sent, failed, was cancelled, or is in doubt: one transaction each."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection

from duehook.core.books.store.delivery import outbox, rehearsals, sending, tasks
from duehook.core.books.store.delivery.outbox import Effect, Entry
from duehook.core.books.store.delivery.tasks import NewTask
from duehook.core.context import Context
from duehook.core.money import Money, from_scaled
from duehook.core.ops import audit
from duehook.core.redaction import redact
from duehook.core.runs.adopted import adopted
from duehook.core.runs.days import day_at
from duehook.core.runs.holds import drop_of_notice, show_hold, start_hold
from duehook.core.settings import Settings

from .letter import LETTER
from .outside import Outside
from .queue import EVENT, NOTE, subject_of

DOUBT: Final = "notice_in_doubt"
PAPER: Final = "letter_to_post"
PLUGINS: Final = "plugins"


def notice_sent(tx: Connection, context: Context, outside: Outside, *, entry: Entry, outcome: str) -> bool:
    """Settle a notice as sent: levels and clock move, and note, hold and event are queued.

    Its day is the company's day at which it was handed over, whenever that is known. False when it
    was settled before: a person's word stands, and where that was "not sent" a task tells of it.
    """
    row = sending.notices(tx, [entry.subject_id])[entry.subject_id]
    settings = outside.site.settings
    sent_on = day_at(settings, row.company, entry.sending_at)
    if not outbox.finish(tx, entry, "sent", at=context.now(), outcome=redact(outcome), by=context.actor.id):
        _tell_of_the_letter_out(tx, context, row, entry, outcome=outcome)
        return False
    settled = {"state": "sent", "sent_on": sent_on, "settled_at": context.now(), "reason": None}
    sending.move(tx, row.id, settled, of=["approved", "in_doubt"])
    risen = sending.raise_levels(tx, row, sent_on)
    if entry.payload.get("test"):
        rehearsals.note(tx, row.id)
    _close_tasks(tx, context, entry, "sent")
    after = {"state": "sent", "on": sent_on, "level": row.level, "risen": risen, "channel": entry.payload["channel"]}
    _record(tx, context, row, act="notice.send", after=after)
    _follow_up(tx, context, outside, entry=entry, row=row)
    return True


def _tell_of_the_letter_out(
    tx: Connection, context: Context, row: sending.Notice, entry: Entry, *, outcome: str
) -> None:
    """Open a task for a letter that is out although it was settled as not sent."""
    if outbox.get(tx, entry.id).state != "failed":
        return
    text = (
        f"{_named(row)} was settled as not sent, but it went out: {redact(outcome)}. Its levels were not raised, "
        f"so it would go out again. Fix: duehook block {row.company}/{row.debtor} --until DAY --why TEXT."
    )
    _open_task(tx, context, row, entry, kind="notice_went_out", text=text)


def notice_ended(tx: Connection, context: Context, *, entry: Entry, state: str, why: str) -> None:
    """Settle a notice as cancelled or failed: no level moves, its hold is dropped."""
    row = sending.notices(tx, [entry.subject_id])[entry.subject_id]
    if not outbox.finish(tx, entry, state, at=context.now(), outcome=redact(why), by=context.actor.id):
        return
    settled = {"state": state, "reason": redact(why), "settled_at": context.now()}
    sending.move(tx, row.id, settled, of=["approved", "in_doubt"])
    drop_of_notice(tx, context, row.id, why=redact(why))
    _close_tasks(tx, context, entry, state)
    act = "notice.cancel" if state == "cancelled" else "notice.fail"
    _record(tx, context, row, act=act, after={"state": state}, why=why)
    if state == "failed":
        text = f"{_named(row)} could not be sent: {redact(why)}. Fix: correct it; the next run decides it anew."
        _open_task(tx, context, row, entry, kind="notice_failed", text=text)


def notice_in_doubt(tx: Connection, context: Context, *, entry: Entry, why: str, paper: bool = False) -> None:
    """Leave a notice in doubt, or a written letter unconfirmed, with a task for a person (rules 32, 34)."""
    row = sending.notices(tx, [entry.subject_id])[entry.subject_id]
    if not outbox.finish(tx, entry, "in_doubt", at=context.now(), outcome=redact(why)):
        return
    sending.move(tx, row.id, {"state": "in_doubt", "reason": redact(why)}, of=["approved"])
    _record(tx, context, row, act="notice.doubt", after={"state": "in_doubt"}, why=why)
    settle = f"duehook outbox settle {entry.key[:12]} --sent, or --not-sent, --why TEXT"
    text = (
        f"Print and post {_named(row)} ({redact(why)}), then: {settle}."
        if paper
        else f"{_named(row)} may or may not have gone out: {redact(why)}. Fix: find out, then: {settle}."
    )
    _open_task(tx, context, row, entry, kind=PAPER if paper else DOUBT, text=text)


def person_needed(tx: Connection, context: Context, *, entry: Entry, kind: str, why: str) -> None:
    """Open a task beside a notice that goes on, or waits."""
    row = sending.notices(tx, [entry.subject_id])[entry.subject_id]
    _open_task(tx, context, row, entry, kind=kind, text=f"{_named(row)}: {redact(why)}")


def _named(row: sending.Notice) -> str:
    subject = subject_of(row)
    who = f"{subject[0].upper()}{subject[1:]}"
    return f"{who} to debtor {row.debtor}" if row.number else who


def _open_task(tx: Connection, context: Context, row: sending.Notice, entry: Entry, *, kind: str, text: str) -> None:
    tasks.open_task(tx, _task(row, entry, kind, text), context.now())


def _task(row: Any, entry: Entry, kind: str, text: str) -> NewTask:
    return NewTask(
        kind, row.company, text, {"outbox": entry.key}, connection=entry.payload["connection"], debtor=entry.customer
    )


def _close_tasks(tx: Connection, context: Context, entry: Entry, outcome: str) -> None:
    keys = [_task(entry, entry, kind, "").key for kind in (DOUBT, PAPER, "notice_held")]
    tasks.close_each(tx, keys, by=context.actor.id, outcome=outcome, at=context.now())


def _record(tx: Connection, context: Context, row: sending.Notice, *, act: str, **what: Any) -> None:
    audit.record(tx, context, act=act, company=row.company, subject=subject_of(row), **what)


def _follow_up(tx: Connection, context: Context, outside: Outside, *, entry: Entry, row: sending.Notice) -> None:
    """Queue what a sent notice leads to, or in test mode write down that it would have."""
    note = _note(row, entry)
    writes = outside.can(row.connection, "add_note")
    if entry.payload.get("test"):
        if writes:
            said = f"shadow: would note in the ERP: {note.payload['text']}"
            outbox.show(tx, note, said, at=context.now(), correlation_id=context.correlation_id)
        show_hold(tx, context, row)
        return
    if writes:
        outbox.put(tx, note, at=context.now(), correlation_id=context.correlation_id)
    if outside.site.plugins.offers(EVENT):
        event = _event(row, entry, outside.site.settings)
        outbox.put(tx, event, at=context.now(), correlation_id=context.correlation_id)
    if row.hold:
        policy = adopted(tx, [row.policy_hash])[row.policy_hash]
        start_hold(tx, context, row, policy=policy, settings=outside.site.settings)


def _note(row: sending.Notice, entry: Entry) -> Effect:
    demanded = Money.from_scaled(row.demanded, row.currency)
    way = "letter" if entry.payload.get("channel") == LETTER else entry.payload["channel"]
    step = "Payment reminder" if row.kind == "reminder" else f"Dunning level {row.level} ({row.level_name})"
    text = f"{step}: notice {row.number} by {way}, {demanded} demanded."
    subject = f"Notice {row.number}"
    facts = {"notice": row.number, "subject": "sent"}
    payload = {"text": text, "subject": subject}
    return Effect(NOTE, row.connection, row.company, row.debtor, "note", facts, payload, subject_id=row.id)


def _event(row: sending.Notice, entry: Entry, settings: Settings) -> Effect:
    payload = {
        "number": row.number,
        "currency": row.currency,
        "level": row.level,
        "total": str(from_scaled(row.demanded, row.currency)),
        "sent_on": day_at(settings, row.company, entry.sending_at).isoformat(),
    }
    facts = {"notice": row.number, "connection": row.connection}
    return Effect(EVENT, PLUGINS, row.company, row.debtor, "event", facts, payload, subject_id=row.id)
