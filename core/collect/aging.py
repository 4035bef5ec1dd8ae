"""Ages open items as of a day: how far past due each is, and what a debtor owes by bucket (rules 10, 13).

Amounts are ten-thousandths of one currency. The buckets and what is unapplied always add up to the
balance, in every way of treating credits.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from duehook.core.policy.model import AgingScheme


@dataclass(frozen=True, slots=True)
class OpenItem:
    """What aging needs of an item; `open_amount` is negative for credits and on-account cash."""

    key: str
    open_amount: int
    due_on: date
    document_on: date
    applies_to: str | None = None


@dataclass(frozen=True, slots=True)
class Aged:
    """One debtor's balance in one currency: by bucket, and what credits leave unapplied (≤ 0)."""

    buckets: tuple[int, ...]
    unapplied: int
    oldest_due_on: date | None

    @property
    def balance(self) -> int:
        """Return what the debtor owes, net."""
        return sum(self.buckets) + self.unapplied


def days_late(due_on: date, as_of: date) -> int:
    """Return the days past due: 0 on the due date, negative before."""
    return (as_of - due_on).days


def bucket_of(aged_on: date, scheme: AgingScheme, as_of: date) -> int:
    """Return the number of the bucket, 0 for current."""
    return bisect_left(scheme.upper, days_late(aged_on, as_of))


def aged_on(item: OpenItem, scheme: AgingScheme) -> date:
    """Return the date the item ages from."""
    return item.due_on if scheme.basis == "due" else item.document_on


def age(items: Iterable[OpenItem], scheme: AgingScheme, as_of: date) -> Aged:
    """Age one debtor's open items of one currency."""
    listed = list(items)
    invoices = {item.key: item for item in listed if item.open_amount > 0}
    buckets = [0] * len(scheme.labels)
    for item in invoices.values():
        buckets[bucket_of(aged_on(item, scheme), scheme, as_of)] += item.open_amount
    credits = [item for item in listed if item.open_amount < 0]
    if scheme.credits == "by_own_date":
        for credit in credits:
            dated = invoices.get(credit.applies_to or "", credit)
            buckets[bucket_of(aged_on(dated, scheme), scheme, as_of)] += credit.open_amount
        unapplied = 0
    else:
        unapplied = _net_own_invoices(credits, invoices, buckets, cut=_Cut(scheme, as_of))
    if scheme.credits == "offset_oldest":
        unapplied = _offset(buckets, unapplied)
    oldest = min((aged_on(item, scheme) for item in invoices.values()), default=None)
    return Aged(tuple(buckets), unapplied, oldest)


@dataclass(frozen=True, slots=True)
class _Cut:
    """Where items of a scheme fall on a day."""

    scheme: AgingScheme
    as_of: date

    def bucket(self, item: OpenItem) -> int:
        return bucket_of(aged_on(item, self.scheme), self.scheme, self.as_of)


def _net_own_invoices(
    credits: Iterable[OpenItem], invoices: Mapping[str, OpenItem], buckets: list[int], *, cut: _Cut
) -> int:
    """Take each linked credit off its invoice's bucket, up to what is open; return what is left (≤ 0)."""
    unapplied = 0
    left = {key: item.open_amount for key, item in invoices.items()}
    for credit in credits:
        target = credit.applies_to or ""
        used = min(-credit.open_amount, left.get(target, 0))
        if used:
            left[target] -= used
            buckets[cut.bucket(invoices[target])] -= used
        unapplied += credit.open_amount + used
    return unapplied


def _offset(buckets: list[int], unapplied: int) -> int:
    """Take credits off the oldest bucket first; return what is left of them (≤ 0)."""
    for number in reversed(range(len(buckets))):
        used = min(-unapplied, buckets[number])
        buckets[number] -= used
        unapplied += used
    return unapplied


def add_up(parts: Sequence[Aged], scheme: AgingScheme) -> Aged:
    """Add debtors of one currency up to a company or a group."""
    buckets = tuple(sum(part.buckets[number] for part in parts) for number in range(len(scheme.labels)))
    oldest = min((part.oldest_due_on for part in parts if part.oldest_due_on), default=None)
    return Aged(buckets, sum(part.unapplied for part in parts), oldest)
