"""A dunning policy and its levels, frozen, with the hash that a run pins.

Amounts are ten-thousandths by currency. The canonical form is the policy as JSON under the keys of
the file with every default written out: it can be read back like a file, and equal policies have
equal hashes however their files were written.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final, Literal

from duehook.core.calendar import Span
from duehook.core.money import from_scaled

Amounts = Mapping[str, int]
Credits = Literal["own_column", "by_own_date", "offset_oldest"]
Basis = Literal["due", "document"]
NO_DAYS: Final = Span(0)
FIVE_DAYS: Final = Span(5)
TEN_DAYS: Final = Span(10)
ONE_BUSINESS_DAY: Final = Span(1, business=True)
FIVE_BUSINESS_DAYS: Final = Span(5, business=True)
NO_AMOUNTS: Final[Amounts] = MappingProxyType({})


@dataclass(frozen=True)
class Level:
    """One step of a policy; `number` counts from 1.

    `days` past due make an item ripe for it, `interval` must lie between the last sent notice and
    one of this level. `hold_min_days` is None when the level proposes no credit hold, else how many
    days past due an item must be for it. `formal` wording has no fallback language (rule 30).
    """

    number: int
    name: str
    days: int
    interval: Span
    channel: str
    template: str
    minimum: Amounts
    hold_min_days: int | None = None
    final: bool = False
    formal: bool = False

    @property
    def needs_person(self) -> bool:
        """Say whether a notice of this level never goes out unapproved (rule 21)."""
        return self.final or self.hold_min_days is not None


@dataclass(frozen=True)
class PreDue:
    """A friendly reminder before the due date; no level (rule 17)."""

    days: int
    channel: str
    template: str


@dataclass(frozen=True)
class AutoApprove:
    """Which proposals of a scheduled run need no person: up to a level and an amount (rule 21)."""

    up_to_level: int
    up_to: Amounts


@dataclass(frozen=True)
class Policy:
    """How one group of debtors is dunned: RULES.md §3 with every choice made."""

    name: str
    about: str
    levels: tuple[Level, ...]
    minimum: Amounts
    per: Literal["debtor", "invoice"] = "debtor"
    classes: tuple[str, ...] = ("normal",)
    step: Literal["one", "jump"] = "one"
    grace: Span = NO_DAYS
    due_on_closed_day: Literal["as_it_is", "next_business_day"] = "as_it_is"
    netting: bool = True
    disputed: Literal["part", "item"] = "part"
    interest_on_disputed: bool = False
    reopen_grace: Span = FIVE_BUSINESS_DAYS
    unblock_grace: Span = ONE_BUSINESS_DAY
    repeat_every: Span | None = None
    pre_due: PreDue | None = None
    auto_approve: AutoApprove | None = None
    hold_grace: Span = TEN_DAYS
    clearing: Span = FIVE_DAYS
    auto_release: bool = False

    def level(self, number: int) -> Level:
        """Return the level of that number; a number past the last means the last."""
        return self.levels[min(number, len(self.levels)) - 1]

    @property
    def last_level(self) -> int:
        """Return the number of the last level."""
        return len(self.levels)

    @cached_property
    def canonical(self) -> str:
        """Return the policy as JSON under the file's keys, all defaults written out."""
        return json.dumps(_plain_policy(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @cached_property
    def hash(self) -> str:
        """Return the SHA-256 of the canonical form, in hex."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()


@dataclass(frozen=True)
class AgingScheme:
    """Buckets by days past due. `upper` are the last days of all buckets but the open-ended one.

    `upper` starts with 0, the last day that is current. `basis` is the date the days count from.
    """

    name: str
    about: str
    upper: tuple[int, ...]
    credits: Credits = "own_column"
    basis: Basis = "due"
    labels: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Name the buckets: current, 1-30, 31-60, …, over 180."""
        object.__setattr__(self, "labels", tuple(_labels(self.upper)))


def _labels(upper: tuple[int, ...]) -> Iterator[str]:
    yield "current"
    for low, high in itertools.pairwise(upper):
        yield f"{low + 1}-{high}"
    yield f"over {upper[-1]}"


def _plain_policy(policy: Policy) -> dict[str, Any]:
    return {
        "policy": policy.name,
        "about": policy.about,
        "per": policy.per,
        "classes": list(policy.classes),
        "step": policy.step,
        "grace_days": str(policy.grace),
        "due_on_closed_day": policy.due_on_closed_day,
        "netting": _switch(policy.netting),
        "disputed": policy.disputed,
        "interest_on_disputed": _switch(policy.interest_on_disputed),
        "reopen_grace": str(policy.reopen_grace),
        "unblock_grace": str(policy.unblock_grace),
        "repeat_every": str(policy.repeat_every) if policy.repeat_every else "never",
        "minimum": _plain_amounts(policy.minimum),
        "pre_due": _plain_pre_due(policy.pre_due),
        "auto_approve": _plain_auto(policy.auto_approve),
        "hold_grace_days": str(policy.hold_grace),
        "clearing_days": str(policy.clearing),
        "auto_release": _switch(policy.auto_release),
        "levels": [_plain_level(level) for level in policy.levels],
    }


def _plain_level(level: Level) -> dict[str, Any]:
    return {
        "name": level.name,
        "days": level.days,
        "interval": str(level.interval),
        "channel": level.channel,
        "template": level.template,
        "minimum": _plain_amounts(level.minimum),
        "hold": "no" if level.hold_min_days is None else {"min_days": level.hold_min_days},
        "final": _switch(level.final),
        "formal": _switch(level.formal),
    }


def _plain_pre_due(pre_due: PreDue | None) -> Any:
    if pre_due is None:
        return "no"
    return {"days": pre_due.days, "channel": pre_due.channel, "template": pre_due.template}


def _plain_auto(auto: AutoApprove | None) -> Any:
    if auto is None:
        return "no"
    return {"up_to_level": auto.up_to_level, "up_to": _plain_amounts(auto.up_to)}


def _plain_amounts(amounts: Amounts) -> dict[str, str]:
    return {currency: str(from_scaled(amounts[currency], currency)) for currency in sorted(amounts)}


def _switch(on: bool) -> str:
    return "yes" if on else "no"
