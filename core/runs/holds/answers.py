"""What the ERP said to a hold's command, and where the hold stands then."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, Row

from duehook.core.books.store.delivery import holds as store
from duehook.core.books.store.delivery import outbox
from duehook.core.context import Context
from duehook.core.hookspecs import Applied

from .steps import SET, drift, get, open_task, record


def hold_answered(tx: Connection, context: Context, entry: outbox.Entry, applied: Applied, *, today: date) -> str:
    """Move a hold on by what the ERP said to its command; return its new state."""
    row = get(tx, entry.subject_id)
    if entry.kind == SET:
        return _set_answered(tx, context, row, applied=applied, doubted=entry.checks > 0)
    if applied.outcome in {"done", "already"}:
        values = {"state": "released", "released_at": context.now(), "released_on": today}
        store.change(tx, row.id, values, at=context.now(), of=["releasing"])
        record(tx, context, row, act="hold.released", to="released", why=applied.message)
        return "released"
    drift(tx, context, row, applied.message or "the ERP refused the release")
    return "drifted"


def _set_answered(tx: Connection, context: Context, row: Row[Any], *, applied: Applied, doubted: bool) -> str:
    """A value that was there before we wrote is not ours, whoever set it: we shall not release it."""
    ours = applied.outcome == "done" or (applied.outcome == "already" and doubted)
    if ours:
        values = {"state": "set", "set_at": context.now(), "previous": applied.previous}
        store.change(tx, row.id, values, at=context.now(), of=["setting"])
        record(tx, context, row, act="hold.is_set", to="set", why=applied.message)
        return "set"
    why = applied.message or ("the ERP had this hold already" if applied.outcome == "already" else "refused")
    store.change(tx, row.id, {"state": "refused", "reason": why}, at=context.now(), of=["setting"])
    record(tx, context, row, act="hold.refused", to="refused", why=why)
    text = f"The credit hold of {row.customer} was not set: {why}. Fix: look in the ERP."
    open_task(tx, context, row, kind="hold_refused", text=text)
    return "refused"
