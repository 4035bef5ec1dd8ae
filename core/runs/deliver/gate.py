"""The freshness gate: ask the ERP again just before sending, and void what has changed (rule 22).

A batch is looked up by its lines and debtors, or passes on the books alone when the company's last
closed import is younger than `fresh_for`. Either way the debtor's account is decided anew as of the
notice's own day, by today's blocks and states: a letter that would read differently is cancelled,
and the next run decides the debtor afresh. For a notice that a person asked for no interval counts,
as when it was proposed. What cannot be asked is held, and so is what has a newer row in quarantine.
Last the plugins are asked: what one of them holds by now is cancelled.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row

from duehook.core.books.store.accounts import load_accounts
from duehook.core.books.store.delivery import sending
from duehook.core.books.store.delivery.outbox import Entry
from duehook.core.books.store.imports import quarantine
from duehook.core.collect.dunning import decide
from duehook.core.collect.facts import Account, Terms
from duehook.core.collect.notice import MANUAL, Line, Notice
from duehook.core.errors import BadRecord, ConnectorError
from duehook.core.policy.model import Policy
from duehook.core.runs.adopted import adopted
from duehook.core.runs.days import calendar_of, start_of
from duehook.core.runs.dunning.plugin_holds import held_by_plugins, told

from .asked import Asked, as_asked, ask
from .round import UNASKED, Round

AGAIN: Final = timedelta(minutes=15)
LOCKED_AGAIN: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Verdict:
    """What the gate says of one notice. `data_at` is when its figures were true, of one that passes.

    `unasked` says of one that is held that the ERP could not be asked.
    """

    what: Literal["pass", "cancel", "hold"]
    why: str = ""
    until: datetime | None = None
    data_at: datetime | None = None
    unasked: bool = False


@dataclass(frozen=True)
class Batch:
    """The notices of one company that are at the gate together."""

    company: str
    entries: Mapping[int, Entry]
    notices: Mapping[int, sending.Notice]
    lines: Mapping[int, Sequence[Row[Any]]]
    policies: Mapping[str, Policy]
    lock: str | None
    feeds: Mapping[str, Row[Any]]


def read_batches(tx: Connection, entries: Sequence[Entry]) -> list[Batch]:
    """Return the claimed notices by company, with their lines and policies."""
    notices = sending.notices(tx, [entry.subject_id for entry in entries])
    lines = sending.lines(tx, notices)
    policies = adopted(tx, {row.policy_hash for row in notices.values()})
    by_company: dict[str, dict[int, Entry]] = defaultdict(dict)
    for entry in entries:
        by_company[entry.company][entry.subject_id] = entry
    return [
        Batch(
            company,
            own,
            {number: notices[number] for number in own},
            {number: lines.get(number, []) for number in own},
            policies,
            sending.lock_of(tx, company),
            sending.feeds(tx, company),
        )
        for company, own in by_company.items()
    ]


def judge(round_: Round, batch: Batch) -> dict[int, Verdict]:
    """Say of each notice whether it may go out now."""
    verdicts = {number: found for number in batch.notices if (found := _before_asking(round_, batch, number))}
    verdicts |= _second_letters(batch, [number for number in batch.notices if number not in verdicts])
    left = [number for number in batch.notices if number not in verdicts]
    by_connection: dict[str, list[int]] = defaultdict(list)
    for number in left:
        by_connection[batch.notices[number].connection].append(number)
    for connection, numbers in by_connection.items():
        verdicts |= _judge_connection(round_, batch, connection, numbers)
    return verdicts | _held_by_plugins(round_, batch, [n for n in verdicts if verdicts[n].what == "pass"])


def _held_by_plugins(round_: Round, batch: Batch, numbers: Sequence[int]) -> dict[int, Verdict]:
    """Cancel what a plugin holds by now; let wait what one cannot say."""
    notices = ((number, _decided(batch.notices[number], batch.lines[number])) for number in numbers)
    reasons = held_by_plugins(round_.outside.site, notices, round_.today(batch.company))
    return {
        number: Verdict("hold", told(reason), round_.now + AGAIN) if reason.failure else Verdict("cancel", told(reason))
        for number, reason in reasons.items()
    }


def _before_asking(round_: Round, batch: Batch, number: int) -> Verdict | None:
    """Return the verdict that needs no ERP: settled, too old, a closed day, a locked company."""
    entry, row = batch.entries[number], batch.notices[number]
    if row.state != "approved":
        return Verdict("cancel", f"the notice is {row.state.replace('_', ' ')}")
    if row.policy_hash not in batch.policies:
        return Verdict("cancel", "its policy is not in the books")
    today = round_.today(batch.company)
    calendar = calendar_of(round_.settings, batch.company)
    if row.as_of > today:
        return Verdict("cancel", f"decided as of {row.as_of}, which has not come yet")
    waits = round_.settings.defaults.notice_waits
    if (today - row.as_of).days > waits:
        return Verdict("cancel", f"decided on {row.as_of}, more than {waits} days ago")
    if entry.valid_until is not None and entry.valid_until <= round_.now:
        return Verdict("cancel", f"its time is over ({entry.outcome or 'it waited too long'})")
    if not calendar.is_open(today):
        opens = calendar.next_open(today)
        return Verdict("hold", f"{today} is no working day", start_of(round_.settings, batch.company, opens))
    if batch.lock is not None:
        return Verdict("hold", f"dunning is locked: {batch.lock}", round_.now + LOCKED_AGAIN)
    return None


def _second_letters(batch: Batch, numbers: Iterable[int]) -> dict[int, Verdict]:
    """Cancel what would be the second letter to an account in this batch (rule 17)."""
    first: dict[tuple[str, str, str], list[sending.Notice]] = defaultdict(list)
    found: dict[int, Verdict] = {}
    for row in (batch.notices[number] for number in sorted(numbers)):
        if row.kind == "reminder":
            continue
        lane = first[row.connection, row.debtor, row.currency]
        twin = next((other for other in lane if not (row.item and other.item) or row.item == other.item), None)
        if twin is None:
            lane.append(row)
        else:
            found[row.id] = Verdict("cancel", f"notice {twin.id} to the debtor is on its way")
    return found


def _judge_connection(round_: Round, batch: Batch, connection: str, numbers: Sequence[int]) -> dict[int, Verdict]:
    held = _in_quarantine(round_, batch, connection, numbers)
    left = [number for number in numbers if number not in held]
    return held | _judge_known(round_, batch, connection, left) if left else held


def _in_quarantine(round_: Round, batch: Batch, connection: str, numbers: Iterable[int]) -> dict[int, Verdict]:
    """Hold what rests on a row whose newer one could not be loaded: its sum or its debtor's state may be old."""
    debtors = {number: batch.notices[number].debtor for number in numbers}
    with round_.books.read() as tx:
        parked = quarantine.of_debtors(tx, batch.company, connection, set(debtors.values()))
    why = "the newest row of {} {} is in quarantine: see `duehook quarantine list`"
    return {
        number: Verdict("hold", why.format(parked[debtor].stream, parked[debtor].key), round_.now + LOCKED_AGAIN)
        for number, debtor in debtors.items()
        if debtor in parked
    }


def _judge_known(round_: Round, batch: Batch, connection: str, numbers: Sequence[int]) -> dict[int, Verdict]:
    feed = batch.feeds.get(connection)
    fresh_for = round_.settings.defaults.fresh_for
    asked: Asked | None = None
    if feed is None or round_.now - feed.bound_at > fresh_for:
        try:
            items = [line.item for number in numbers for line in batch.lines[number]]
            debtors = [batch.notices[number].debtor for number in numbers]
            asked = ask(round_, batch.company, connection, items=items, debtors=debtors)
        except (ConnectorError, BadRecord) as error:
            why = f"{connection} {UNASKED}: {error.message}"
            return {number: Verdict("hold", why, round_.now + AGAIN, unasked=True) for number in numbers}
    data_at = asked.data_at if asked is not None else feed.bound_at if feed else None
    accounts = _accounts(round_, batch, connection, numbers)
    return {number: _compare(round_, batch, number, (accounts, asked, data_at)) for number in numbers}


def _accounts(round_: Round, batch: Batch, connection: str, numbers: Sequence[int]) -> dict[tuple[str, str], Account]:
    debtors = {(connection, batch.notices[number].debtor) for number in numbers}
    with round_.books.read() as tx:
        loaded = load_accounts(tx, batch.company, debtors, round_.today(batch.company), but=batch.notices)
    return {(account.debtor, account.currency): account for account in loaded}


def _compare(
    round_: Round, batch: Batch, number: int, seen: tuple[Mapping[tuple[str, str], Account], Asked | None, Any]
) -> Verdict:
    accounts, asked, data_at = seen
    row, lines = batch.notices[number], batch.lines[number]
    account = accounts.get((row.debtor, row.currency))
    if account is None:
        return Verdict("cancel", "nothing of the debtor is open any more")
    if asked is not None:
        account = as_asked(account, asked, {line.item for line in lines})
    terms = Terms(batch.policies[row.policy_hash], row.as_of, calendar_of(round_.settings, batch.company))
    why = _changed(account.at_any_time() if row.kind == MANUAL else account, row, lines, terms)
    return Verdict("cancel", why) if why else Verdict("pass", data_at=data_at)


def _changed(account: Account, row: sending.Notice, lines: Sequence[Row[Any]], terms: Terms) -> str | None:
    """Say what would be decided differently now, None when the same letter would be."""
    decided = _decided(row, lines)
    for notice in decide(account, terms).notices:
        if (notice.kind, notice.item) == (decided.kind, decided.item):
            return None if notice.fingerprint == decided.fingerprint else _difference(decided, notice)
    return "the debtor would get no such letter any more"


def _decided(row: sending.Notice, lines: Sequence[Row[Any]]) -> Notice:
    return Notice(
        row.company,
        row.connection,
        row.debtor,
        row.currency,
        "dunning" if row.kind == MANUAL else row.kind,
        row.item,
        row.level,
        row.overdue,
        row.credits,
        row.disputed,
        row.demanded,
        tuple(
            Line(line.item, line.role, line.old_level, line.new_level, line.due_on, line.open_amount) for line in lines
        ),
    )


def _difference(before: Notice, after: Notice) -> str:
    """Say in words what a letter would read differently."""
    old = {line.item: line for line in before.lines}
    new = {line.item: line for line in after.lines}
    gone, come = sorted(old.keys() - new.keys()), sorted(new.keys() - old.keys())
    said = [f"{key} is no longer on it" for key in gone] + [f"{key} would be on it" for key in come]
    said += [f"{key} changed" for key in sorted(old.keys() & new.keys()) if _read(old[key]) != _read(new[key])]
    return "; ".join(said[:5]) or "the sum or the level changed"


def _read(line: Line) -> tuple[Any, ...]:
    return line.role, line.new_level, line.due_on, line.open_amount
