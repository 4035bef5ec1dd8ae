"""When a credit hold is proposed, and when one of ours is given up again (rules 25, 26)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from duehook.core.policy.model import Level

from .facts import Account, ItemFacts, Terms
from .notice import Notice
from .ripeness import days_past_due, is_over


@dataclass(frozen=True, slots=True)
class OwnHold:
    """A hold that Duehook set: the value it wrote, and what stood there before."""

    value: str
    previous: str | None = None


@dataclass(frozen=True, slots=True)
class HoldFacts:
    """How one customer's hold stands in one company.

    `erp_value` is what the ERP has now, None for no hold. `own` is the hold that Duehook set and
    has not released. `last_cash_on` is the day of the newest unreversed payment that counts for the
    release.
    """

    erp_value: str | None
    own: OwnHold | None = None
    last_cash_on: date | None = None


HoldCode = Literal[
    "release",
    "still_met",
    "drifted",
    "clearing",
    "not_ours",
]


@dataclass(frozen=True, slots=True)
class HoldDecision:
    """What to do about a hold, and the item or day that decides it.

    `automatic` says that it needs no person (policy `auto_release`).
    """

    code: HoldCode
    item: str | None = None
    level: int | None = None
    on: date | None = None
    automatic: bool = False


def asks_hold(notice: Notice, terms: Terms) -> bool:
    """Say whether an item of the notice meets a level's hold condition once the notice is sent (rule 25)."""
    steps = [level for level in terms.policy.levels if level.hold_min_days is not None]
    return any(
        line.new_level >= step.number and days_past_due(line.due_on, terms) >= (step.hold_min_days or 0)
        for line in notice.lines
        if line.role == "overdue" and line.demanded > 0
        for step in steps
    )


def reached_hold(item: ItemFacts, terms: Terms) -> Level | None:
    """Return the highest level whose hold condition the open item reaches, be it dunnable or not.

    It reaches it when it stands at that level or above, is past due by the level's `min_days`, is
    of a dunned class and not wholly in dispute. A dunning block or a returned payment does not
    free an account that is on hold, so a release asks this.
    """
    if item.open_amount <= 0 or item.disputed_amount >= item.open_amount:
        return None
    past_due = days_past_due(item.due_on, terms)
    for level in reversed(terms.policy.levels if item.item_class in terms.policy.classes else ()):
        if level.hold_min_days is not None and item.standing_level >= level.number and past_due >= level.hold_min_days:
            return level
    return None


def decide_release(
    accounts: Iterable[Account], facts: HoldFacts, terms: Terms, *, beside: Iterable[tuple[Account, Terms]] = ()
) -> HoldDecision:
    """Say whether to release our hold: no item meets its condition any more, and cash has cleared.

    Only a hold that Duehook set, and only while the ERP still has the value we wrote. `beside` are
    the customer's accounts in other companies that the same hold stands for, by their own terms.
    """
    if facts.own is None:
        return HoldDecision("not_ours")
    if facts.erp_value != facts.own.value:
        return HoldDecision("drifted")
    judged = [*((account, terms) for account in accounts), *beside]
    met = _first((item, reached_hold(item, by)) for account, by in judged for item in account.items)
    if met is not None:
        return HoldDecision("still_met", met[0].key, met[1].number)
    if not is_over(facts.last_cash_on, terms.policy.clearing, terms):
        return HoldDecision("clearing", on=_after(facts.last_cash_on, "clearing", terms))
    return HoldDecision("release", automatic=terms.policy.auto_release)


def _first(found: Iterable[tuple[ItemFacts, Level | None]]) -> tuple[ItemFacts, Level] | None:
    """Return the item that weighs most: of the highest level, then the oldest."""
    met = [(item, level) for item, level in found if level is not None]
    return min(met, key=lambda pair: (-pair[1].number, pair[0].due_on, pair[0].key), default=None)


def _after(start: date | None, span: str, terms: Terms) -> date | None:
    return terms.calendar.after(start, getattr(terms.policy, span)) if start else None
