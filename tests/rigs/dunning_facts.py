"""Short ways to write the facts of a dunning decision, for the tests of its rules."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from duehook.core.calendar import Calendar, Span
from duehook.core.collect.dunning import decide
from duehook.core.collect.facts import Account, ItemFacts, Terms
from duehook.core.policy.model import Level, Policy

EUR = 10_000
TODAY = date(2026, 3, 10)
OPEN = Calendar.always_open()
MINIMUM = {"EUR": 10 * EUR}


def level(number: int, days: int, **more: Any) -> Level:
    """Build a level with an interval of 7 days."""
    name = ("reminder", "demand", "final_demand")[number - 1]
    return Level(number, name, days, more.pop("interval", Span(7)), "mail", name, more.pop("minimum", MINIMUM), **more)


def policy(**more: Any) -> Policy:
    """Build a policy of three levels at 7, 21 and 35 days; no grace of any kind."""
    plain: dict[str, Any] = {"reopen_grace": Span(0), "unblock_grace": Span(0), "minimum": MINIMUM}
    levels = more.pop("levels", (level(1, 7), level(2, 21), level(3, 35)))
    return Policy("test", "for tests", levels, **{**plain, **more})


def due(days_ago: int) -> date:
    """Return the due date of an item that many days past due today."""
    return TODAY - timedelta(days=days_ago)


def item(key: str, late: int, amount: int = 100, **more: Any) -> ItemFacts:
    """Build an item that many days past due today, with an amount in whole EUR."""
    due_on = more.pop("due_on", due(late))
    document_on = more.pop("document_on", due_on - timedelta(days=30))
    return ItemFacts(key, f"RI {key}", due_on, document_on, amount * EUR, **more)


def account(*items: ItemFacts, **more: Any) -> Account:
    """Build the account of one debtor in EUR."""
    return Account("00001", "4711", more.pop("currency", "EUR"), items, **more)


def terms(used: Policy | None = None, **more: Any) -> Terms:
    """Build the terms of a decision today."""
    return Terms(used or policy(), more.pop("as_of", TODAY), more.pop("calendar", OPEN), more.pop("gate", None))


def codes(facts: Account, **more: Any) -> dict[str, str]:
    """Decide today and return the code of each item; `used` is the policy, the rest goes to `terms`."""
    used = more.pop("used", None)
    decided = decide(facts, terms(used, **more))
    return {decision.item: str(decision.code) for decision in decided.decisions}


def levels(facts: Account, **more: Any) -> dict[str, int]:
    """Decide today and return the new level of each line of the first letter; the rest goes to `terms`."""
    notice = decide(facts, terms(**more)).notices[0]
    return {line.item: line.new_level for line in notice.lines}
