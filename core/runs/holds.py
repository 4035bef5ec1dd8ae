"""Credit holds by the rules' §4: set after a notice was sent, released when nothing calls for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Row

from duehook.core.books.store import accounts
from duehook.core.books.store.delivery import holds as store
from duehook.core.books.store.delivery import outbox, sending, tasks
from duehook.core.books.store.delivery.outbox import Effect
from duehook.core.books.store.delivery.tasks import NewTask
from duehook.core.collect.facts import Account, Terms
from duehook.core.collect.holds import HoldDecision, HoldFacts, OwnHold, decide_release
from duehook.core.context import Context
from duehook.core.errors import NotFound
from duehook.core.hookspecs import Applied
from duehook.core.ops import audit
from duehook.core.policy.model import Policy
from duehook.core.settings import Settings

from .adopted import adopted
from .days import calendar_of, day_at
from .site import Site

ASPECT: Final = "hold"
BATCH: Final = 500
SET: Final = "set_credit_hold"
RELEASE: Final = "release_credit_hold"


@dataclass
class Judged:
    """What a look at all our holds found."""

    looked_at: int = 0
    proposed: int = 0
    released: int = 0
    withdrawn: int = 0
    drifted: int = 0


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
        _record(tx, context, row, act="hold.refuse", to="refused", why=why)
        text = f"The credit hold of {row.customer} was not set: {why}. Fix: look in the ERP."
        _task(tx, context, row, kind="hold_refused", text=text)
        return why
    store.change(tx, row.id, {"state": "setting"}, at=context.now(), of=["proposed"])
    body = {"value": row.value, "expect": None}
    facts = {"value": row.value, "notice": notice.number}
    _queue(tx, context, row, SET, facts=facts, body=body)
    _record(tx, context, row, act="hold.set", to="setting", why=row.reason)
    return "queued"


def show_hold(tx: Connection, context: Context, notice: Row[Any]) -> None:
    """Write down the hold that live mode would have set (rule 23)."""
    row = store.of_notice(tx, notice.id)
    if row is None or row.state != "proposed":
        return
    store.change(tx, row.id, {"state": "would_be"}, at=context.now(), of=["proposed"])
    effect = _effect(row, SET, facts={"value": row.value, "notice": notice.number}, body={"value": row.value})
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


def judge_holds(site: Site, context: Context, *, company: str | None = None) -> Judged:
    """Look at every hold that is set: propose its release, take a proposal back, or tell of drift.

    Judged by the last import; a hold set after its bound waits for the next one. One reading decides
    all; what moves is decided again in the transaction that moves it.
    """
    with site.books.read() as tx:
        rows = store.listed(tx, states=("set", "release_proposed"), company=company)
        found = [each for some in _batches(rows) for each in _decided(tx, site.settings, context, some)]
    judged = Judged(len(found))
    for row, _ in sorted(filter(_moves, found), key=lambda each: each[0].id):
        with site.books.write() as tx:
            for _, decision in filter(_moves, _decided(tx, site.settings, context, [row])):
                _move(tx, site.settings, context, row=row, judged=judged, found=decision)
    return judged


def _batches(rows: Sequence[Row[Any]]) -> Iterator[Sequence[Row[Any]]]:
    """Yield the holds by company, at most so many at a time."""
    for company in dict.fromkeys(row.company for row in rows):
        own = [row for row in rows if row.company == company]
        yield from (own[start : start + BATCH] for start in range(0, len(own), BATCH))


def _decided(
    tx: Connection, settings: Settings, context: Context, rows: Sequence[Row[Any]]
) -> list[tuple[Row[Any], HoldDecision]]:
    """Decide one company's holds that the last import can speak of."""
    company = rows[0].company
    bounds = {name: store.known_at(tx, company, name) for name in {row.connection for row in rows}}
    rows = [row for row in rows if row.set_at and (bounds[row.connection] or row.set_at) > row.set_at]
    if not rows:
        return []
    calendar, today = calendar_today(settings, company, context)
    notices = sending.notices(tx, {row.notice_id for row in rows})
    policies = adopted(tx, {notice.policy_hash for notice in notices.values()})
    customers = {(row.connection, row.customer) for row in rows}
    held: dict[tuple[str, str], list[Account]] = defaultdict(list)
    for account in accounts.load_accounts(tx, company, customers, today):
        held[account.connection, account.debtor].append(account)
    values, cash = store.erp_values(tx, company, customers), store.last_cash_on(tx, company, customers)
    found = []
    for row, who in ((row, (row.connection, row.customer)) for row in rows):
        facts = HoldFacts(values.get(who), OwnHold(row.value, row.previous), last_cash_on=cash.get(who))
        terms = Terms(policies[notices[row.notice_id].policy_hash], today, calendar)
        found.append((row, decide_release(held[who], facts, terms)))
    return found


def _moves(decided: tuple[Row[Any], HoldDecision]) -> bool:
    row, found = decided
    moving = {"release"} if row.state == "set" else {"still_met", "clearing"}
    return found.code in {"drifted", *moving}


def _move(
    tx: Connection, settings: Settings, context: Context, *, row: Row[Any], judged: Judged, found: HoldDecision
) -> None:
    if found.code == "drifted":
        judged.drifted += _drift(tx, context, row, "the ERP has another value by the last import")
    elif found.code == "release":
        state = "releasing" if _is_automatic(settings, row, found) else "release_proposed"
        if not store.change(tx, row.id, {"state": state}, at=context.now(), of=["set"]):
            return
        _record(tx, context, row, act="hold.propose_release", to=state, why="nothing calls for it")
        if state == "releasing":
            judged.released += 1
            _queue_release(tx, context, row)
        else:
            judged.proposed += 1
            text = f"The credit hold of {row.customer} can go. Fix: duehook hold approve {row.id}, or drop."
            _task(tx, context, row, kind="hold_release", text=text)
    elif store.change(tx, row.id, {"state": "set"}, at=context.now(), of=["release_proposed"]):
        _record(tx, context, row, act="hold.keep", to="set", why=found.code)
        _close_task(tx, context, row, "withdrawn")
        judged.withdrawn += 1


def _is_automatic(settings: Settings, row: Row[Any], found: HoldDecision) -> bool:
    company = settings.companies.get(row.company)
    return found.automatic or bool(company and company.hold and company.hold.auto_release)


def approve_release(tx: Connection, context: Context, number: int, *, why: str | None = None) -> None:
    """Release a hold whose release is proposed. Raises NotFound when none is."""
    row = _get(tx, number)
    changed = {"state": "releasing", "approved_by": context.actor.id}
    if not store.change(tx, number, changed, at=context.now(), of=["release_proposed"]):
        raise NotFound(f"hold {number} is {row.state}; only a proposed release is approved.", fix="duehook hold list")
    _queue_release(tx, context, row)
    _record(tx, context, row, act="hold.release", to="releasing", why=why)
    _close_task(tx, context, row, "approved")


def drop(tx: Connection, context: Context, number: int, *, why: str | None = None) -> str:
    """Drop a proposal: a hold that is not set yet, or a release. Return the state it is in then."""
    row = _get(tx, number)
    state = {"proposed": "dropped", "release_proposed": "set"}.get(row.state)
    if state is None or not store.change(tx, number, {"state": state}, at=context.now(), of=[row.state]):
        raise NotFound(f"hold {number} is {row.state}; only a proposal is dropped.", fix="duehook hold list")
    _record(tx, context, row, act="hold.drop", to=state, why=why)
    _close_task(tx, context, row, "dropped")
    return state


def hold_answered(tx: Connection, context: Context, entry: outbox.Entry, applied: Applied, *, today: date) -> str:
    """Move a hold on by what the ERP said to its command; return its new state."""
    row = _get(tx, entry.subject_id)
    if entry.kind == SET:
        return _set_answered(tx, context, row, applied=applied, doubted=entry.checks > 0)
    if applied.outcome in {"done", "already"}:
        values = {"state": "released", "released_at": context.now(), "released_on": today}
        store.change(tx, row.id, values, at=context.now(), of=["releasing"])
        _record(tx, context, row, act="hold.released", to="released", why=applied.message)
        return "released"
    _drift(tx, context, row, applied.message or "the ERP refused the release")
    return "drifted"


def _set_answered(tx: Connection, context: Context, row: Row[Any], *, applied: Applied, doubted: bool) -> str:
    """A value that was there before we wrote is not ours, whoever set it: we shall not release it."""
    ours = applied.outcome == "done" or (applied.outcome == "already" and doubted)
    if ours:
        values = {"state": "set", "set_at": context.now(), "previous": applied.previous}
        store.change(tx, row.id, values, at=context.now(), of=["setting"])
        _record(tx, context, row, act="hold.is_set", to="set", why=applied.message)
        return "set"
    why = applied.message or ("the ERP had this hold already" if applied.outcome == "already" else "refused")
    store.change(tx, row.id, {"state": "refused", "reason": why}, at=context.now(), of=["setting"])
    _record(tx, context, row, act="hold.refused", to="refused", why=why)
    text = f"The credit hold of {row.customer} was not set: {why}. Fix: look in the ERP."
    _task(tx, context, row, kind="hold_refused", text=text)
    return "refused"


def _drift(tx: Connection, context: Context, row: Row[Any], why: str) -> bool:
    values, of = {"state": "drifted", "reason": why}, ["set", "release_proposed", "releasing"]
    if not store.change(tx, row.id, values, at=context.now(), of=of):
        return False
    _record(tx, context, row, act="hold.drift", to="drifted", why=why)
    text = f"The credit hold of {row.customer} is no longer the {row.value} that Duehook set: {why}."
    _task(tx, context, row, kind="hold_drifted", text=f"{text} Fix: look in the ERP; Duehook leaves it alone.")
    return True


def _queue_release(tx: Connection, context: Context, row: Row[Any]) -> None:
    facts = {"value": row.value, "set_at": row.set_at}
    _queue(tx, context, row, RELEASE, facts=facts, body={"value": row.value, "restore": row.previous})


def _effect(row: Row[Any], kind: str, *, facts: dict[str, Any], body: dict[str, Any]) -> Effect:
    who = (row.connection, row.company, row.customer)
    return Effect(kind, *who, ASPECT, facts, body, subject_id=row.id, newest_wins=True)


def _queue(
    tx: Connection, context: Context, row: Row[Any], kind: str, *, facts: dict[str, Any], body: dict[str, Any]
) -> None:
    outbox.put(tx, _effect(row, kind, facts=facts, body=body), at=context.now(), correlation_id=context.correlation_id)


def _task(tx: Connection, context: Context, row: Row[Any], *, kind: str, text: str) -> None:
    facts = {"value": row.value, "set_at": row.set_at, "on": context.now().date()}
    new = NewTask(kind, row.company, text, facts, connection=row.connection, debtor=row.customer)
    tasks.open_task(tx, new, context.now())


def _close_task(tx: Connection, context: Context, row: Row[Any], outcome: str) -> None:
    of = {"kind": "hold_release", "company": row.company, "connection": row.connection, "debtor": row.customer}
    tasks.close_all(tx, of, by=context.actor.id, outcome=outcome, at=context.now())


def _get(tx: Connection, number: int | None) -> Row[Any]:
    row = store.get(tx, number) if number is not None else None
    if row is None:
        raise NotFound(f"there is no hold {number}.", fix="duehook hold list")
    return row


def _record(tx: Connection, context: Context, row: Row[Any], *, act: str, to: str, why: str | None) -> None:
    before, after = {"state": row.state}, {"state": to, "value": row.value}
    audit.record(tx, context, act=act, company=row.company, subject=row.customer, before=before, after=after, why=why)


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
