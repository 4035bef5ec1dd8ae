"""When an item is ripe for a level (rule 17), for one item and as bounds for all of them.

Ripe is always "at least that long past due", never "exactly today", so a missed day is caught up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from duehook.core.calendar import Calendar, Span
from duehook.core.policy.model import Policy

from .facts import ItemFacts, Terms

_ONE_DAY = timedelta(days=1)


def counted_due_on(due_on: date, policy: Policy, calendar: Calendar) -> date:
    """Return the day a due date counts from: itself, or the next business day where the policy says so."""
    return calendar.next_open(due_on) if policy.due_on_closed_day == "next_business_day" else due_on


def days_past_due(due_on: date, terms: Terms) -> int:
    """Return how many days ago it fell due; 0 on the due date, negative before."""
    return (terms.as_of - counted_due_on(due_on, terms.policy, terms.calendar)).days


def ripe_on(due_on: date, level: int, policy: Policy, calendar: Calendar) -> date:
    """Return the day on which an item with this due date becomes ripe for the level."""
    reached = counted_due_on(due_on, policy, calendar) + timedelta(days=policy.level(level).days)
    return calendar.after(reached, policy.grace)


def ripe_level(due_on: date, terms: Terms) -> int:
    """Return the highest level the due date is ripe for, 0 when for none."""
    reached = (
        level.number
        for level in reversed(terms.policy.levels)
        if ripe_on(due_on, level.number, terms.policy, terms.calendar) <= terms.as_of
    )
    return next(reached, 0)


def risen_level(item: ItemFacts, terms: Terms) -> int:
    """Return the level the next sent notice gives the item; its own when it does not rise."""
    level = item.standing_level
    ripe = ripe_level(item.due_on, terms)
    if item.hand_set or ripe <= level:
        return level
    return ripe if terms.policy.step == "jump" else level + 1


def is_over(start: date | None, span: Span, terms: Terms) -> bool:
    """Say whether a span that began on `start` is over by the day decided on; one that never began is."""
    return start is None or terms.calendar.after(start, span) <= terms.as_of


@dataclass(frozen=True, slots=True)
class Bounds:
    """A policy on one day as plain dates, for a set-based statement.

    An item is ripe for level k when its due date is on or before `ripe[k-1]`, overdue when on or
    before `overdue`, within a level but for the grace when on or before `reached[k-1]`, and near
    enough for a pre-due reminder when on or before `reminder` (None: no reminders). A span that
    began on or before its day here is over: `interval[k-1]`, `repeat`, `reopened`, `unblocked`.
    """

    overdue: date
    ripe: tuple[date, ...]
    reached: tuple[date, ...]
    reminder: date | None
    interval: tuple[date, ...]
    repeat: date | None
    reopened: date
    unblocked: date


def bounds(terms: Terms) -> Bounds:
    """Compile the policy for one day."""
    policy, calendar, as_of = terms.policy, terms.calendar, terms.as_of
    graced = calendar.latest_start(as_of, policy.grace)
    return Bounds(
        overdue=_last_due(as_of - _ONE_DAY, policy, calendar),
        ripe=tuple(_last_due(graced - timedelta(days=level.days), policy, calendar) for level in policy.levels),
        reached=tuple(_last_due(as_of - timedelta(days=level.days), policy, calendar) for level in policy.levels),
        reminder=_last_due(as_of + timedelta(days=policy.pre_due.days), policy, calendar) if policy.pre_due else None,
        interval=tuple(calendar.latest_start(as_of, level.interval) for level in policy.levels),
        repeat=calendar.latest_start(as_of, policy.repeat_every) if policy.repeat_every else None,
        reopened=calendar.latest_start(as_of, policy.reopen_grace),
        unblocked=calendar.latest_start(as_of, policy.unblock_grace),
    )


def _last_due(counted: date, policy: Policy, calendar: Calendar) -> date:
    """Return the last due date that counts from `counted` or earlier."""
    return calendar.last_open(counted) if policy.due_on_closed_day == "next_business_day" else counted
