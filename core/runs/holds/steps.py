"""What every step of a hold leaves behind: a command for the ERP, a task, a line of audit."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, Row

from duehook.core.books.store.delivery import holds as store
from duehook.core.books.store.delivery import outbox, tasks
from duehook.core.books.store.delivery.outbox import Effect
from duehook.core.books.store.delivery.tasks import NewTask
from duehook.core.context import Context
from duehook.core.errors import NotFound
from duehook.core.ops import audit

ASPECT: Final = "hold"
SET: Final = "set_credit_hold"
RELEASE: Final = store.RELEASE


def get(tx: Connection, number: int | None) -> Row[Any]:
    """Return the hold of that number. Raises NotFound when there is none."""
    row = store.get(tx, number) if number is not None else None
    if row is None:
        raise NotFound(f"there is no hold {number}.", fix="duehook hold list")
    return row


def effect_of(row: Row[Any], kind: str, *, facts: dict[str, Any], body: dict[str, Any]) -> Effect:
    """Return a command for the ERP about this hold."""
    who = (row.connection, row.company, row.customer)
    return Effect(kind, *who, ASPECT, facts, body, subject_id=row.id, newest_wins=True)


def queue(
    tx: Connection, context: Context, row: Row[Any], kind: str, *, facts: dict[str, Any], body: dict[str, Any]
) -> None:
    """Queue a command for the ERP about this hold."""
    outbox.put(
        tx, effect_of(row, kind, facts=facts, body=body), at=context.now(), correlation_id=context.correlation_id
    )


def queue_release(tx: Connection, context: Context, row: Row[Any]) -> None:
    """Queue the release of this hold, back to what stood there before."""
    facts = {"value": row.value, "set_at": row.set_at}
    queue(tx, context, row, RELEASE, facts=facts, body={"value": row.value, "restore": row.previous})


def open_task(tx: Connection, context: Context, row: Row[Any], *, kind: str, text: str) -> None:
    """Open a task about this hold."""
    facts = {"value": row.value, "set_at": row.set_at, "on": context.now().date()}
    new = NewTask(kind, row.company, text, facts, connection=row.connection, debtor=row.customer)
    tasks.open_task(tx, new, context.now())


def close_task(tx: Connection, context: Context, row: Row[Any], outcome: str, *, kind: str = "hold_release") -> None:
    """Close the customer's tasks about its hold, else those that ask for its release."""
    of = {"kind": kind, "company": row.company, "connection": row.connection, "debtor": row.customer}
    tasks.close_all(tx, of, by=context.actor.id, outcome=outcome, at=context.now())


def record(tx: Connection, context: Context, row: Row[Any], *, act: str, to: str, why: str | None) -> None:
    """Write the step into the audit."""
    before, after = {"state": row.state}, {"state": to, "value": row.value}
    audit.record(tx, context, act=act, company=row.company, subject=row.customer, before=before, after=after, why=why)


def drift(tx: Connection, context: Context, row: Row[Any], why: str) -> bool:
    """Give up a hold whose value in the ERP is no longer ours, with a task; False when it was given up already."""
    values, of = {"state": "drifted", "reason": why}, ["set", "release_proposed", "releasing"]
    if not store.change(tx, row.id, values, at=context.now(), of=of):
        return False
    record(tx, context, row, act="hold.drift", to="drifted", why=why)
    text = f"The credit hold of {row.customer} is no longer the {row.value} that Duehook set: {why}."
    open_task(tx, context, row, kind="hold_drifted", text=f"{text} Fix: look in the ERP; Duehook leaves it alone.")
    return True
