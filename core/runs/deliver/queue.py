"""Queue an approved notice, and cancel one that is queued or was sent."""

from __future__ import annotations

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
from duehook.core.settings import Settings

NOTICE: Final = "notice"
LETTERS: Final = "letters"


def queue_notice(tx: Connection, context: Context, row: sending.Notice, settings: Settings) -> str:
    """Queue an approved notice in the caller's transaction and return its outbox key.

    Call it where the notice becomes `approved`. A level with a hold gets its hold proposed along
    with it: who approved the notice approved the hold. Queueing the same notice twice is one row.
    """
    now = context.now()
    lines = sending.lines(tx, [row.id]).get(row.id, [])
    key = outbox.put(tx, _effect(row, lines, context, settings), at=now, correlation_id=context.correlation_id)
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
        raise NotFound(f"notice {notice_id} {state}; only a queued or a sent one is cancelled.")
    entries = outbox.of_subject(tx, NOTICE, notice_id)
    if row.state == "in_doubt" or any(entry.state == "sending" for entry in entries):
        key = entries[-1].key[:12] if entries else notice_id
        raise Busy(
            f"notice {notice_id} is going out or in doubt.", fix=f"settle it first: duehook outbox settle {key}."
        )
    now = context.now()
    for entry in entries:
        if entry.state == "new":
            outbox.finish(tx, entry, "cancelled", at=now, outcome=why, by=context.actor.id)
    sending.move(tx, notice_id, {"state": "cancelled", "reason": why, "settled_at": now}, of=["approved", "sent"])
    lowered = sending.lower_levels(tx, row) if row.state == "sent" else 0
    drop_hold(tx, context, notice_id)
    after = {"state": "cancelled", "levels_back": lowered}
    before = {"state": row.state, "number": row.number}
    _record(tx, context, row, act="notice.cancel", before=before, after=after, why=why)


def drop_hold(tx: Connection, context: Context, notice_id: int) -> None:
    """Drop the hold that was proposed with a notice which did not go out."""
    found = hold_store.of_notice(tx, notice_id)
    if found is not None:
        hold_store.change(tx, found.id, {"state": "dropped"}, at=context.now(), of=["proposed"])


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
