"""Queue an approved notice, and cancel one that is queued or was sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection

from duehook.core.books.store.delivery import holds as hold_store
from duehook.core.books.store.delivery import outbox, sending
from duehook.core.books.store.delivery.outbox import Effect
from duehook.core.context import Context
from duehook.core.errors import Busy, NotFound
from duehook.core.money import Money
from duehook.core.ops import audit
from duehook.core.runs.days import calendar_of, day_at, start_of
from duehook.core.runs.holds import drop_of_notice
from duehook.core.settings import Settings

NOTICE: Final = "notice"
LETTERS: Final = "letters"
NOTE: Final = "add_note"
EVENT: Final = "notice_issued"


def queue_notice(tx: Connection, context: Context, row: sending.Notice, settings: Settings) -> str:
    """Queue an approved notice in the caller's transaction and return its outbox key.

    Call it where the notice becomes `approved`. A level with a hold gets its hold proposed along
    with it: who approved the notice approved the hold. Queueing the same notice twice is one row.
    """
    now = context.now()
    lines = sending.lines(tx, [row.id]).get(row.id, [])
    effect = _effect(row, lines, context, settings)
    if again := sending.taken_back(tx, row):
        effect = replace(effect, facts={**effect.facts, "again": again})
    key = outbox.put(tx, effect, at=now, correlation_id=context.correlation_id)
    if row.hold:
        _propose_hold(tx, context, row, settings)
    return key


def cancel_notice(tx: Connection, context: Context, notice_id: int, *, why: str) -> None:
    """Cancel a queued notice, or take a sent one back: levels and the debtor's clock return (rule 17).

    Raises NotFound for one that does not exist or was never approved, Busy while it is going out
    or in doubt.
    """
    row = sending.notices(tx, [notice_id]).get(notice_id)
    if row is None or row.state not in {"approved", "sent", "in_doubt"}:
        state = f"is {row.state}" if row else "does not exist"
        drop = f"`duehook proposal drop {notice_id}`" if row and row.state == "proposed" else None
        raise NotFound(
            f"notice {notice_id} {state}; only a queued or a sent one is cancelled.",
            fix=f"drop it: {drop}." if drop else "see `duehook notice list`.",
        )
    entries = outbox.of_subject(tx, NOTICE, notice_id)
    if row.state == "in_doubt" or any(entry.state == "sending" for entry in entries):
        key = entries[-1].key[:12] if entries else notice_id
        raise Busy(
            f"notice {notice_id} is going out or in doubt.", fix=f"settle it first: duehook outbox settle {key}."
        )
    settled = {"state": "cancelled", "reason": why, "settled_at": context.now()}
    stopped = [withdraw(tx, context, entry, why) for entry in entries if entry.state == "new"]
    if not all(stopped) or not sending.move(tx, notice_id, settled, of=[row.state]):
        raise Busy(f"notice {notice_id} is being delivered at this moment.", fix="try again.")
    lowered = sending.lower_levels(tx, row) if row.state == "sent" else 0
    _stop_what_follows(tx, context, notice_id, why)
    drop_of_notice(tx, context, notice_id, why=why)
    after = {"state": "cancelled", "levels_back": lowered}
    before = {"state": row.state, "number": row.number}
    _record(tx, context, row, act="notice.cancel", before=before, after=after, why=why)


def withdraw(tx: Connection, context: Context, entry: outbox.Entry, why: str) -> bool:
    """Cancel an effect that has not begun; False when somebody has claimed it since it was read."""
    return outbox.finish(tx, entry, "cancelled", at=context.now(), outcome=why, by=context.actor.id)


def _stop_what_follows(tx: Connection, context: Context, notice_id: int, why: str) -> None:
    """Withdraw the note and the event that a sent notice led to, as far as they still wait."""
    led_to = [entry for kind in (NOTE, EVENT) for entry in outbox.of_subject(tx, kind, notice_id)]
    for entry in led_to:
        if entry.state == "new":
            withdraw(tx, context, entry, why)


def _effect(row: sending.Notice, lines: list[Any], context: Context, settings: Settings) -> Effect:
    facts = {
        "connection": row.connection,
        "currency": row.currency,
        "item": row.item,
        "kind": row.kind,
        "as_of": row.as_of,
        "level": row.level,
        "demanded": row.demanded,
        "lines": sorted([line.item, line.role, line.new_level, line.open_amount] for line in lines),
    }
    today = day_at(settings, row.company, context.now())
    valid_for = settings.defaults.notice_valid_for
    last_day = calendar_of(settings, row.company).add_business_days(today, valid_for)
    payload = {
        "channel": row.channel,
        "connection": row.connection,
        "level": row.level,
        "demanded": str(Money.from_scaled(row.demanded, row.currency)),
    }
    return Effect(
        NOTICE,
        LETTERS,
        row.company,
        row.debtor,
        _aspect(row),
        facts,
        payload,
        subject_id=row.id,
        valid_until=start_of(settings, row.company, last_day + timedelta(days=1)),
    )


def _aspect(row: sending.Notice) -> str:
    """Name the lane: notices of one invoice each do not wait for one another."""
    return f"{row.kind} {row.currency}" + (f" {row.id}" if row.item else "")


def _propose_hold(tx: Connection, context: Context, row: sending.Notice, settings: Settings) -> None:
    company = settings.companies.get(row.company)
    if company is None or company.hold is None:
        return
    hold = {
        "company": row.company,
        "connection": company.hold.connection or row.connection,
        "customer": row.debtor,
        "state": "proposed",
        "value": company.hold.value,
        "notice_id": row.id,
        "level": row.level,
        "decided_on": row.as_of,
        "reason": f"{row.level_name}: {Money.from_scaled(row.demanded, row.currency)} demanded",
        "approved_by": context.actor.id,
    }
    hold_store.propose(tx, hold)


def _record(tx: Connection, context: Context, row: sending.Notice, *, act: str, **what: Any) -> None:
    audit.record(tx, context, act=act, company=row.company, subject=subject_of(row), **what)


def subject_of(row: sending.Notice) -> str:
    """Return how a notice is named in audit rows and tasks: its number, else whose it is."""
    return f"notice {row.number}" if row.number else f"notice to {row.debtor} of {row.as_of}"
