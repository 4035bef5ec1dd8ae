"""Says a policy in words, so that a credit manager can read back what was switched on."""

from __future__ import annotations

from collections.abc import Iterator

from duehook.core.calendar import Span
from duehook.core.money import Money

from .model import Amounts, Level, Policy


def explain(policy: Policy) -> str:
    """Return the policy as sentences, one a line."""
    return "\n".join(_lines(policy))


def _lines(policy: Policy) -> Iterator[str]:
    yield f"Policy {policy.name}: {policy.about}."
    yield from _scope(policy)
    for level in policy.levels:
        yield from _level(level, policy)
    yield _after_the_last(policy)
    yield from _money(policy)
    yield from _pauses(policy)
    yield _approval(policy)


def _scope(policy: Policy) -> Iterator[str]:
    if policy.per == "invoice":
        yield "Each invoice gets a letter of its own, with its own interval."
    else:
        yield "One letter for each debtor and currency lists everything that is overdue."
    yield f"Dunned item classes: {', '.join(policy.classes)}."
    if policy.step == "one":
        yield "An item rises one level with each letter that was sent."
    else:
        yield "An item jumps straight to the level of its age."
    if policy.grace.days:
        yield f"Every level waits {policy.grace} longer than it says (grace)."
    if policy.due_on_closed_day == "next_business_day":
        yield "A due date on a closed day counts from the next business day."
    if policy.pre_due:
        yield (
            f"{_in_days(policy.pre_due.days)} before an item falls due it gets one friendly reminder by "
            f"{policy.pre_due.channel} ({policy.pre_due.template}), which is no level."
        )


def _level(level: Level, policy: Policy) -> Iterator[str]:
    yield (
        f"Level {level.number}, {level.name}: from {_in_days(level.days)} past due, at least {level.interval} "
        f"after the last letter, by {level.channel} ({level.template})."
    )
    if level.minimum != policy.minimum:
        yield f"  Its own minimum: {_amounts(level.minimum)}."
    if level.hold_min_days is not None:
        yield f"  A credit hold is proposed once an item is {_in_days(level.hold_min_days)} past due."
    if level.final:
        yield "  It is a final demand: a person approves it."
    if level.formal:
        yield "  It is written in the debtor's language or held; there is no other language to fall back on."


def _after_the_last(policy: Policy) -> str:
    last = policy.levels[-1].name
    if policy.repeat_every:
        return f"After {last} it repeats every {policy.repeat_every}."
    return f"After {last} a collector takes over; nothing repeats."


def _money(policy: Policy) -> Iterator[str]:
    yield f"No letter below: {_amounts(policy.minimum)}."
    if policy.netting:
        yield "Credits reduce what is demanded, the oldest item first; nothing is sent for what they cover."
    else:
        yield "Credits are shown apart and deducted from nothing."
    if policy.disputed == "part":
        yield "The disputed part of an item is shown and not demanded; the rest is."
    else:
        yield "An item that is disputed, be it in part, is shown and not demanded."
    if policy.interest_on_disputed:
        yield "Disputed amounts bear interest."


def _pauses(policy: Policy) -> Iterator[str]:
    if policy.reopen_grace.days:
        yield f"After a payment came back, its item waits {policy.reopen_grace}."
    if policy.unblock_grace.days:
        yield f"After a block ends, nothing is sent for {policy.unblock_grace}."
    if any(level.hold_min_days is not None for level in policy.levels):
        yield (
            f"After a hold is released, it waits {policy.hold_grace} before it is proposed again; a payment frees "
            f"the account after {policy.clearing}; "
            + ("a release needs no person." if policy.auto_release else "a person approves a release.")
        )


def _approval(policy: Policy) -> str:
    auto = policy.auto_approve
    if auto is None:
        return "A person approves every letter."
    return f"Letters up to level {auto.up_to_level} and up to {_amounts(auto.up_to)} need no person."


def _amounts(amounts: Amounts) -> str:
    return ", ".join(str(Money.from_scaled(amounts[currency], currency)) for currency in sorted(amounts))


def _in_days(days: int) -> str:
    return str(Span(days))
