"""What a dunning decision looks at: the items and the standing of one debtor, frozen on a day.

Amounts are whole ten-thousandths of the account's currency, signed as in the books (rule 1). What
the ERP says of its own dunning (`erp_*`) is kept apart from what Duehook did (rule 8).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Self

from duehook.core.calendar import Calendar
from duehook.core.policy.model import Policy


def in_dispute(open_amount: int, disputed: int | None, reason: str | None) -> int:
    """Return what of an item is in dispute: all that is open when a reason is told without an amount."""
    return max(open_amount, 0) if disputed is None and reason else disputed or 0


@dataclass(frozen=True, slots=True)
class Block:
    """A block by a person; `ends_on` is the first day it no longer holds, None while it has no end."""

    reason: str
    ends_on: date | None = None

    def holds(self, as_of: date) -> bool:
        """Say whether it stops dunning on that day."""
        return self.ends_on is None or as_of < self.ends_on


@dataclass(frozen=True, slots=True)
class Standing:
    """What the ERP says of a customer: its state with the day it began, and its own dunning block."""

    state: str = "active"
    state_since: date | None = None
    erp_block: str | None = None


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """One open item.

    `level` None means that Duehook has never set one: the ERP's own counts then. `last_notice_on`
    is the day its level last moved by a sent notice. `disputed_amount` is the part that is in
    dispute, the open amount when all of it is. `placeholder` says that its customer is missing.
    `owner` is how its own customer stands where another one pays for it.
    """

    key: str
    document: str
    due_on: date
    document_on: date
    open_amount: int
    disputed_amount: int = 0
    item_class: str = "normal"
    applies_to: str | None = None
    gone: bool = False
    placeholder: bool = False
    level: int | None = None
    hand_set: bool = False
    last_notice_on: date | None = None
    reminded_on: date | None = None
    reopened_on: date | None = None
    block: Block | None = None
    pending: bool = False
    erp_block: str | None = None
    erp_level: int | None = None
    erp_last_dunned_on: date | None = None
    owner: Standing | None = None

    @property
    def standing_level(self) -> int:
        """Return the level it stands at: ours, else the ERP's, else 0."""
        return self.level if self.level is not None else self.erp_level or 0


@dataclass(frozen=True, slots=True)
class Account:
    """One debtor's account with one company in one currency, and all its open items.

    `pending` says that an approved notice is on its way and not settled. `last_sent_on` is the
    day of the last notice that was sent (pre-due reminders do not count).
    """

    company: str
    debtor: str
    currency: str
    items: tuple[ItemFacts, ...]
    connection: str = ""
    state: str = "active"
    state_since: date | None = None
    block: Block | None = None
    pending: bool = False
    last_sent_on: date | None = None
    erp_block: str | None = None
    erp_last_dunned_on: date | None = None

    @property
    def last_notice_on(self) -> date | None:
        """Return the day of the last notice the debtor got, from us or from the ERP."""
        days = [self.last_sent_on, self.erp_last_dunned_on, *(item.erp_last_dunned_on for item in self.items)]
        return max((day for day in days if day), default=None)

    def at_any_time(self) -> Self:
        """Return the account as if no notice had gone out yet: no interval runs, levels stay."""
        items = tuple(replace(item, erp_last_dunned_on=None, last_notice_on=None) for item in self.items)
        return replace(self, items=items, last_sent_on=None, erp_last_dunned_on=None)


@dataclass(frozen=True, slots=True)
class Terms:
    """By what is decided: the policy, the day, the company's calendar, and what stops the company.

    `gate` is the code that keeps all notices of the company back today (not ready, locked by the
    tie-out, a closed day), or None.
    """

    policy: Policy
    as_of: date
    calendar: Calendar
    gate: str | None = None
