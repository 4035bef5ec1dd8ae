"""The work that waits for persons, a line a party: what its debtors in all ERPs wait for, and what they owe."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row

from duehook.core.books.store import parties as named
from duehook.core.books.store import worklist as store
from duehook.core.money import from_scaled
from duehook.core.runs.parties import joined

Name = tuple[str, str]


@dataclass(frozen=True)
class Work:
    """What waits of one party: how many of each kind, and what its members owe past due, by currency.

    `members` are its debtors as CONNECTION/KEY: those that a person confirmed as one, else one alone.
    """

    party: str
    members: tuple[str, ...]
    waits: Mapping[str, int]
    overdue: Mapping[str, Decimal]


def worklist(tx: Connection, today: date) -> list[Work]:
    """Return the work, the most first; parties without any are left out."""
    waits: dict[Name, Counter[str]] = defaultdict(Counter)
    for row in store.waiting(tx):
        waits[row.connection, row.debtor][row.kind] += int(row.many)
    groups = [(party.name, party.members) for party in joined(tx)]
    of_group = {member: members for _, members in groups for member in members}
    found: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for name, counts in waits.items():
        found[of_group.get("/".join(name), ("/".join(name),))].update(counts)
    names = {_name(member) for members in found for member in members}
    titles = {members: title for title, members in groups} | _alone(tx, found)
    owed = _owed(store.overdue(tx, names, today))
    work = [Work(titles[members], members, dict(counts), _sum(owed, members)) for members, counts in found.items()]
    return sorted(work, key=lambda each: (-sum(each.waits.values()), each.party, each.members))


def _alone(tx: Connection, found: Mapping[tuple[str, ...], Any]) -> dict[tuple[str, ...], str]:
    single = [members for members in found if len(members) == 1]
    known = named.titles(tx, [_name(members[0]) for members in single])
    return {members: known.get(_name(members[0]), "") for members in single}


def _owed(rows: Sequence[Row[Any]]) -> dict[Name, dict[str, Decimal]]:
    found: dict[Name, dict[str, Decimal]] = defaultdict(dict)
    for row in rows:
        found[row.connection, row.debtor][row.currency] = from_scaled(row.amount, row.currency)
    return found


def _sum(owed: Mapping[Name, Mapping[str, Decimal]], members: Sequence[str]) -> dict[str, Decimal]:
    total: dict[str, Decimal] = {}
    for member in members:
        for currency, amount in owed.get(_name(member), {}).items():
            total[currency] = total.get(currency, Decimal(0)) + amount
    return dict(sorted(total.items()))


def _name(member: str) -> Name:
    connection, _, key = member.partition("/")
    return connection, key
