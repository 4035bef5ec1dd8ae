"""What is bound to happen to a book, and when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Final

from .knobs import Character, Knobs
from .ledger import Ledger
from .objects import Item

_AHEAD: Final = timedelta(days=3)
_DUE_LONGER: Final = ("retainage", "down_payment")


@dataclass
class Plan:
    """What is bound to happen and when: payments by item, and single acts by name.

    `weights` are the customers' shares of new documents, running sums.
    """

    payments: dict[date, list[str]] = field(default_factory=dict)
    acts: dict[date, list[tuple[str, str]]] = field(default_factory=dict)
    weights: list[float] = field(default_factory=list)

    def pay(self, on: date, item: str) -> None:
        """Plan an item's payment."""
        days = working_days(on)
        self.payments.setdefault(min(days, key=lambda day: len(self.payments.get(day, ()))), []).append(item)

    def act(self, on: date, name: str, key: str) -> None:
        """Plan a single act."""
        self.acts.setdefault(working_days(on)[0], []).append((name, key))


def working_days(day: date) -> tuple[date, ...]:
    """Return the day itself, or the Monday and the Tuesday after a weekend."""
    if day.weekday() < 5:
        return (day,)
    monday = day + timedelta(days=7 - day.weekday())
    return monday, monday + timedelta(days=1)


def lateness(rng: Random, character: Character) -> int:
    """Draw how many days after the due date a payer of that habit pays."""
    if character.tail and rng.random() < character.tail:
        return character.late + int(rng.random() * (character.longest - character.late + 1))
    return character.early + int(rng.random() * (character.late - character.early + 1))


def expect_payment(
    rng: Random, ledger: Ledger, plan: Plan, item: Item, *, after: date, knobs: Knobs, late: int | None = None
) -> None:
    """Plan when an item will be settled: a bill by its payer's habit, a credit by netting."""
    soon = after + timedelta(days=1)
    if item.kind in ("credit_note", "on_account"):
        return plan.act(after + timedelta(days=5 + int(rng.random() * 40)), "net", item.key)
    if item.item_class == "unposted":
        plan.act(after + timedelta(days=1 + int(rng.random() * 15)), "post", item.key)
    customer = ledger.customers.get(item.customer)
    habit = knobs.characters[customer.character if customer else "prompt"]
    due = item.due_on or item.document_on + timedelta(days=30)
    if item.item_class == "direct_debit":
        late = 0
    early = item.discount_on - _AHEAD if item.discount_on else after
    if early > after and not habit.clears_all and rng.random() < knobs.discount_share:
        return plan.pay(early, item.key)
    wait = lateness(rng, habit) if late is None else late
    if item.item_class in _DUE_LONGER:
        wait += 60
    return plan.pay(max(due + timedelta(days=wait), soon), item.key)
