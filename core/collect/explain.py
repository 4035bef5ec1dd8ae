"""Says a decision in words: what became of an item on a day, and why, with dates and amounts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from duehook.core.calendar import Calendar
from duehook.core.money import Money
from duehook.core.policy.model import Level, Policy

from .codes import Code, outcome
from .decision import Decision
from .ripeness import counted_due_on, ripe_on


@dataclass(frozen=True, slots=True)
class Subject:
    """What the words are about: the item as a reader knows it, and the day decided on."""

    document: str
    currency: str
    as_of: date
    policy: Policy
    calendar: Calendar


def explain_item(decision: Decision, subject: Subject) -> str:
    """Return the decision as one sentence, such as "RI 4711 was not dunned on 2026-03-10: …"."""
    verb = {"sent": "is in a letter", "held": "is held back", "skipped": "was not dunned"}[outcome(decision.code)]
    why = _WORDS[decision.code](decision, subject)
    return f"{subject.document} {verb} on {subject.as_of}: {why}."


def _money(decision: Decision, subject: Subject) -> str:
    return str(Money.from_scaled(decision.amount or 0, subject.currency))


def _level(number: int, subject: Subject) -> str:
    level: Level = subject.policy.level(number)
    return f"level {number} ({level.name})"


def _after(start: date, subject: Subject, name: str) -> date:
    return subject.calendar.after(start, getattr(subject.policy, name))


def _reached(decision: Decision, subject: Subject) -> str:
    """Say when the level is reached: "level 2 is reached on 2026-03-14 (21 days after due 2026-02-21)"."""
    if decision.level is None or decision.on is None:
        return "its next level is not reached yet"
    policy, calendar = subject.policy, subject.calendar
    on = ripe_on(decision.on, decision.level, policy, calendar)
    counted = counted_due_on(decision.on, policy, calendar)
    days = policy.level(decision.level).days
    since = f"due {decision.on}" if counted == decision.on else f"due {decision.on}, counted from {counted}"
    grace = f" plus {policy.grace} of grace" if policy.grace.days else ""
    return f"level {decision.level} is reached on {on} ({days} days after {since}{grace})"


def _rises(decision: Decision, subject: Subject) -> str:
    return f"it rises to {_level(decision.level or 1, subject)} and {_money(decision, subject)} of it is demanded"


def _repeats(decision: Decision, subject: Subject) -> str:
    return f"{_level(decision.level or 1, subject)} is repeated and {_money(decision, subject)} of it is demanded"


def _listed(decision: Decision, subject: Subject) -> str:
    stands = f"stays at {_level(decision.level, subject)}" if decision.level else "has reached no level yet"
    return f"it is listed because it is overdue, but {stands}; {_money(decision, subject)} of it is demanded"


def _reminded(decision: Decision, subject: Subject) -> str:
    return f"a reminder before it falls due on {decision.on} names {_money(decision, subject)}; no level is reached"


def _insolvent(decision: Decision, _subject: Subject) -> str:
    if decision.on is None:
        return "its customer is insolvent, and the date of the filing is not known"
    return f"its customer is insolvent since {decision.on} and the item is from before that day"


def _state(decision: Decision, _subject: Subject) -> str:
    since = f" since {decision.on}" if decision.on else ""
    return f"its customer is marked {decision.detail.replace('_', ' ')}{since}, which stops all contact"


def _class(decision: Decision, _subject: Subject) -> str:
    return f"items of class {decision.detail.replace('_', ' ')} are not dunned by this policy"


def _block(whom: str) -> Callable[[Decision, Subject], str]:
    def words(decision: Decision, _subject: Subject) -> str:
        end = f"until {decision.on}" if decision.on else "with no end date"
        return f"{whom} is blocked {end}: {decision.detail or 'no reason given'}"

    return words


def _unblocked(decision: Decision, subject: Subject) -> str:
    start = decision.on or subject.as_of
    return f"its block ended on {start}; dunning goes on from {_after(start, subject, 'unblock_grace')}"


def _reopened(decision: Decision, subject: Subject) -> str:
    start = decision.on or subject.as_of
    return f"a payment of it came back on {start}; dunning goes on from {_after(start, subject, 'reopen_grace')}"


def _disputed(decision: Decision, subject: Subject) -> str:
    return f"{_money(decision, subject)} of it is in dispute, which leaves nothing to demand"


def _covered(decision: Decision, subject: Subject) -> str:
    return f"its {_money(decision, subject)} is covered by credits"


def _not_due(decision: Decision, subject: Subject) -> str:
    if decision.on is None:
        return "it is not past due"
    first = counted_due_on(decision.on, subject.policy, subject.calendar) + timedelta(days=1)
    return f"it is due on {decision.on} and past due from {first}"


def _in_grace(decision: Decision, subject: Subject) -> str:
    return f"it is within the grace of {subject.policy.grace}; {_reached(decision, subject)}"


def _hand_set(decision: Decision, subject: Subject) -> str:
    return f"a person set it to {_stands(decision, subject)}, where it stays until that is taken back"


def _stands(decision: Decision, subject: Subject) -> str:
    return _level(decision.level, subject) if decision.level else "level 0"


def _last(decision: Decision, subject: Subject) -> str:
    tail = (
        f"it repeats every {subject.policy.repeat_every}" if subject.policy.repeat_every else "a collector takes over"
    )
    return f"it stands at {_stands(decision, subject)}, the last one; {tail}"


def _standing(decision: Decision, subject: Subject) -> str:
    level = (decision.level or 1) - 1
    return f"it stands at {_level(level, subject)}; {_reached(decision, subject)}"


def _interval(decision: Decision, subject: Subject) -> str:
    level = subject.policy.level(decision.level or 1)
    start = decision.on or subject.as_of
    return (
        f"the last letter went out on {start} and the next, {_level(level.number, subject)}, may follow after "
        f"{level.interval}, from {subject.calendar.after(start, level.interval)}"
    )


def _below(decision: Decision, subject: Subject) -> str:
    policy, number = subject.policy, decision.level or 0
    amounts = policy.level(number).minimum if number else policy.minimum
    least = Money.from_scaled(amounts.get(subject.currency, 0), subject.currency)
    whom = f"a letter of {_level(number, subject)}" if number else "a reminder"
    return f"{whom} would demand {_money(decision, subject)}, below the minimum of {least}"


def _said(text: str) -> Callable[[Decision, Subject], str]:
    return lambda decision, _subject: text.format(detail=decision.detail)


_WORDS: Final[Mapping[Code, Callable[[Decision, Subject], str]]] = {
    Code.RISES: _rises,
    Code.REPEATS: _repeats,
    Code.LISTED: _listed,
    Code.REMINDED: _reminded,
    Code.PLACEHOLDER: _said("its customer is missing in the ERP's data, so nobody can be written to"),
    Code.GONE: _said("it vanished from the ERP's open items and what became of it is not known"),
    Code.SETTLED: _said("it is settled"),
    Code.INSOLVENT: _insolvent,
    Code.CUSTOMER_STATE: _state,
    Code.CLASS: _class,
    Code.BLOCKED_DEBTOR: _block("its debtor"),
    Code.BLOCKED_ITEM: _block("it"),
    Code.UNBLOCK_GRACE: _unblocked,
    Code.ERP_BLOCK: _said("the ERP blocks its dunning ({detail})"),
    Code.DISPUTED: _disputed,
    Code.REOPEN_GRACE: _reopened,
    Code.CREDIT_NETTED: _said("it is a credit and reduces what is demanded, the oldest item first"),
    Code.CREDIT_SHOWN: _said("it is a credit, shown apart and deducted from nothing"),
    Code.COVERED: _covered,
    Code.NOT_DUE: _not_due,
    Code.WITHIN_GRACE: _in_grace,
    Code.NOT_RIPE: _reached,
    Code.LEVEL_REACHED: _standing,
    Code.HAND_SET: _hand_set,
    Code.LAST_LEVEL: _last,
    Code.PENDING: _said("an approved notice to its debtor is on its way; nothing follows until that is settled"),
    Code.INTERVAL: _interval,
    Code.NO_MINIMUM: _said("the policy has no minimum for {detail}; add one to send letters in it"),
    Code.BELOW_MINIMUM: _below,
    Code.NOT_READY: _said("its company's data is not complete: one of its sources has not closed its run"),
    Code.TIE_OUT: _said("its company is locked until our balances tie out with the ERP's again"),
    Code.CLOSED_DAY: _said("its company is closed that day; the letter follows on the next open one"),
    Code.PLUGIN_HOLD: _said("{detail}"),
}
