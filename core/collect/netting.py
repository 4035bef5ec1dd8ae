"""What each item demands after credits and disputes (rules 13, 19, 20).

A credit that belongs to an open invoice nets that invoice first; what it has left, and every free
credit, pays the oldest items first. Only items that may be dunned and are due, or near enough for
a reminder, take part. The disputed part of an item is set aside before credits reach it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from duehook.core.policy.model import Policy

from .facts import ItemFacts


@dataclass(frozen=True, slots=True)
class Netted:
    """The outcome for one account.

    `demanded` is what each participating item demands, 0 for one that credits cover. `disputed`
    is what is set aside of it. `own` is what its own credits took off; `pool` is what was there to
    pay the oldest. `counted` is how much of each credit (as a positive amount) was reckoned with.
    """

    demanded: Mapping[str, int]
    disputed: Mapping[str, int]
    own: Mapping[str, int]
    pool: int
    counted: Mapping[str, int] = field(default_factory=dict)


def net(
    participants: Iterable[ItemFacts],
    credits: Iterable[ItemFacts],
    everything: Iterable[ItemFacts],
    *,
    shown: Collection[str],
    policy: Policy,
) -> Netted:
    """Net the credits against the items that take part.

    `credits` are those that nothing stops; `everything` is all of the account, so that a credit
    finds the invoice it belongs to; `shown` are the keys that stand on the letter beside their
    credits.
    """
    invoices = {item.key: item.open_amount for item in everything if item.open_amount > 0 and not item.gone}
    own, counted, pool = _own_credits(credits if policy.netting else (), invoices, shown)
    demanded, disputed = {}, {}
    left = pool
    for item in sorted(participants, key=lambda item: (item.due_on, item.key)):
        after_own = item.open_amount - own.get(item.key, 0)
        whole = policy.disputed == "item" and item.disputed_amount > 0
        disputed[item.key] = after_own if whole else min(item.disputed_amount, after_own)
        part = after_own - disputed[item.key]
        demanded[item.key] = max(0, part - left)
        left = max(0, left - part)
    return Netted(demanded, disputed, own, pool, counted)


def _own_credits(
    credits: Iterable[ItemFacts], invoices: Mapping[str, int], shown: Collection[str]
) -> tuple[dict[str, int], dict[str, int], int]:
    """Return what own credits take off each invoice, how much of each credit counts, and the pool."""
    own: dict[str, int] = {}
    counted: dict[str, int] = {}
    pool = 0
    for credit in sorted(credits, key=lambda item: (item.due_on, item.key)):
        amount, target = -credit.open_amount, credit.applies_to or ""
        used = min(amount, invoices.get(target, 0) - own.get(target, 0))
        own[target] = own.get(target, 0) + used
        pool += amount - used
        counted[credit.key] = amount if target in shown else amount - used
    return own, counted, pool
