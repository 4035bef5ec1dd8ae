"""What starts a hold, and what persons decide of it: set after its notice was sent, approve, drop (rule 26)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Row

from duehook.core.books.store.delivery import holds as store
from duehook.core.books.store.delivery import outbox
from duehook.core.context import Context
from duehook.core.errors import NotFound
from duehook.core.policy.model import Policy
from duehook.core.runs.days import calendar_of, day_at
from duehook.core.runs.site import Site
from duehook.core.settings import Settings

from .steps import SET, close_task, effect_of, get, open_task, queue, queue_release, record

STATES: Final = store.STATES


def start_hold(tx: Connection, context: Context, notice: Row[Any], *, policy: Policy, settings: Settings) -> str:
    """Queue the hold that was approved with a notice which has now been sent; say what became of it.

    It is not set while another code stands in the ERP, or within `hold_grace_days` of a release.
    """
    row = store.of_notice(tx, notice.id)
    if row is None or row.state != "proposed":
        return "no hold"
    why = _why_not(tx, row, policy, calendar_today(settings, row.company, context))
    if why:
        store.change(tx, row.id, {"state": "refused", "reason": why}, at=context.now(), of=["proposed"])
        record(tx, context, row, act="hold.refuse", to="refused", why=why)
        text = f"The credit hold of {row.customer} was not set: {why}. Fix: look in the ERP."
        open_task(tx, context, row, kind="hold_refused", text=text)
        return why
    store.change(tx, row.id, {"state": "setting"}, at=context.now(), of=["proposed"])
    body = {"value": row.value, "expect": None}
    facts = {"value": row.value, "notice": notice.number}
    queue(tx, context, row, SET, facts=facts, body=body)
    record(tx, context, row, act="hold.set", to="setting", why=row.reason)
    return "queued"


def show_hold(tx: Connection, context: Context, notice: Row[Any]) -> None:
    """Write down the hold that live mode would have set (rule 23)."""
    row = store.of_notice(tx, notice.id)
    if row is None or row.state != "proposed":
        return
    store.change(tx, row.id, {"state": "would_be"}, at=context.now(), of=["proposed"])
    effect = effect_of(row, SET, facts={"value": row.value, "notice": notice.number}, body={"value": row.value})
    said = f"shadow: would set the credit hold {row.value}"
    outbox.show(tx, effect, said, at=context.now(), correlation_id=context.correlation_id)


def _why_not(tx: Connection, row: Row[Any], policy: Policy, terms: tuple[Any, date]) -> str | None:
    who = (row.company, row.connection, row.customer)
    held = store.erp_value(tx, *who)
    if held is not None:
        return f"the ERP has the hold {held!r} already"
    calendar, today = terms
    released_on = store.last_released_on(tx, *who)
    if released_on is not None and calendar.after(released_on, policy.hold_grace) > today:
        return f"a hold was released on {released_on}, and {policy.hold_grace} of grace are not over"
    return None


def calendar_today(settings: Settings, company: str, context: Context) -> tuple[Any, date]:
    """Return the company's calendar and its day."""
    return calendar_of(settings, company), day_at(settings, company, context.now())


def approve_release(tx: Connection, context: Context, number: int, *, why: str | None = None) -> None:
    """Release a hold whose release is proposed. Raises NotFound when none is."""
    row = get(tx, number)
    changed = {"state": "releasing", "approved_by": context.actor.id}
    if not store.change(tx, number, changed, at=context.now(), of=["release_proposed"]):
        raise NotFound(f"hold {number} is {row.state}; only a proposed release is approved.", fix="duehook hold list")
    queue_release(tx, context, row)
    record(tx, context, row, act="hold.release", to="releasing", why=why)
    close_task(tx, context, row, "approved")


def drop(tx: Connection, context: Context, number: int, *, why: str | None = None) -> str:
    """Drop a proposal: a hold that is not set yet, or a release. Return the state it is in then."""
    row = get(tx, number)
    state = {"proposed": "dropped", "release_proposed": "set"}.get(row.state)
    if state is None or not store.change(tx, number, {"state": state}, at=context.now(), of=[row.state]):
        raise NotFound(f"hold {number} is {row.state}; only a proposal is dropped.", fix="duehook hold list")
    record(tx, context, row, act="hold.drop", to=state, why=why)
    close_task(tx, context, row, "dropped")
    return state


def drop_of_notice(tx: Connection, context: Context, notice_id: int, *, why: str) -> None:
    """Drop the hold of a notice that did not go out or was taken back, as long as no command for it has begun."""
    row = store.of_notice(tx, notice_id)
    if row is None or row.state not in {"proposed", "setting"}:
        return
    values = {"state": "dropped"}
    if row.state == "setting":
        if not _withdraw(tx, context, row, why):
            return
        values["reason"] = why
    if store.change(tx, row.id, values, at=context.now(), of=[row.state]):
        record(tx, context, row, act="hold.drop", to="dropped", why=why)


def _withdraw(tx: Connection, context: Context, row: Row[Any], why: str) -> bool:
    """Cancel the commands that would set the hold; False when none of them waits any more."""
    waiting = [entry for entry in outbox.of_subject(tx, SET, row.id) if entry.state == "new"]
    cancelled = [
        outbox.finish(tx, entry, "cancelled", at=context.now(), outcome=why, by=context.actor.id) for entry in waiting
    ]
    return bool(waiting) and all(cancelled)


def listed(site: Site, *, states: Sequence[str] = (), company: str | None = None) -> Sequence[Row[Any]]:
    """Return holds in these states, oldest first."""
    with site.books.read() as tx:
        return store.listed(tx, states=states, company=company)


def approve_releases(site: Site, context: Context, numbers: Sequence[int] | None, *, why: str | None = None) -> int:
    """Approve the releases of these holds, all proposed ones for None; all or none. Return how many."""
    with site.books.write() as tx:
        ids = [row.id for row in store.listed(tx, states=("release_proposed",))] if numbers is None else numbers
        for number in ids:
            approve_release(tx, context, number, why=why)
        return len(ids)


def drop_all(site: Site, context: Context, numbers: Sequence[int], *, why: str) -> dict[int, str]:
    """Drop these proposals, all or none; return the state each hold is in then."""
    with site.books.write() as tx:
        return {number: drop(tx, context, number, why=why) for number in numbers}
