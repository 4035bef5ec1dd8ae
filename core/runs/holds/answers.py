"""What the ERP said to a hold's command, and where the hold stands then."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Row

from duehook.core.books.store.delivery import holds as store
from duehook.core.books.store.delivery import outbox
from duehook.core.context import Context
from duehook.core.hookspecs import Applied

from .steps import SET, close_task, drift, get, open_task, record

REFUSED: Final = "hold_release_refused"


def hold_answered(
    tx: Connection, context: Context, entry: outbox.Entry, applied: Applied, *, today: date, drifted: bool = False
) -> str:
    """Move a hold on by what the ERP said to its command; return its new state.

    `drifted` says of a refused release that the ERP has another value than ours.
    """
    row = get(tx, entry.subject_id)
    if entry.kind == SET:
        return _set_answered(tx, context, row, applied=applied, doubted=entry.checks > 0)
    if applied.outcome in {"done", "already"}:
        values = {"state": "released", "released_at": context.now(), "released_on": today}
        store.change(tx, row.id, values, at=context.now(), of=["releasing"])
        record(tx, context, row, act="hold.released", to="released", why=applied.message)
        close_task(tx, context, row, "released", kind=REFUSED)
        return "released"
    why = applied.message or "the ERP refused the release"
    if drifted:
        drift(tx, context, row, why)
        return "drifted"
    return _release_refused(tx, context, row, why)


def _release_refused(tx: Connection, context: Context, row: Row[Any], why: str) -> str:
    """Leave the hold set and ours: it is judged again by an import that begins after the refusal."""
    store.change(tx, row.id, {"state": "set"}, at=context.now(), of=["releasing"])
    record(tx, context, row, act="hold.refuse_release", to="set", why=why)
    text = f"The credit hold of {row.customer} was not released: {why}."
    open_task(
        tx, context, row, kind=REFUSED, text=f"{text} Fix: look in the ERP; after the next import it is judged again."
    )
    return "set"


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
