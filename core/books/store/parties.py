"""The matches of customers of different ERPs, and what a person said of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, false, insert, select, tuple_, update

from duehook.core.books.tables.ledger import customer
from duehook.core.books.tables.parties import party_match

_FACE = ("connection", "key", "name", "country", "tax_id", "address", "extra")
_PAIR = ("connection", "customer", "other_connection", "other_customer")
Name = tuple[str, str]


def faces(tx: Connection) -> Iterator[Row[Any]]:
    """Yield each customer's connection, key, name, country, tax id, address and extra, one row a company."""
    wanted = (customer.c.placeholder == false(), customer.c.state != "one_time")
    order = (customer.c.connection, customer.c.key, customer.c.company)
    yield from tx.execute(select(*(customer.c[name] for name in _FACE)).where(*wanted).order_by(*order))


def known(tx: Connection) -> Mapping[tuple[Name, Name], Row[Any]]:
    """Return every match by its pair."""
    return {(_one(row), _other(row)): row for row in tx.execute(select(party_match))}


def listed(tx: Connection, states: Sequence[str]) -> Sequence[Row[Any]]:
    """Return the matches in these states, the newest last."""
    return tx.execute(select(party_match).where(party_match.c.state.in_(states)).order_by(party_match.c.id)).all()


def confirmed(tx: Connection) -> list[tuple[Name, Name]]:
    """Return the pairs that a person confirmed."""
    return [(_one(row), _other(row)) for row in listed(tx, ["confirmed"])]


def of_number(tx: Connection, number: int) -> Row[Any] | None:
    """Return the match of this number."""
    return tx.execute(select(party_match).where(party_match.c.id == number)).one_or_none()


def propose(tx: Connection, pairs: Mapping[tuple[Name, Name], Sequence[str]], at: datetime) -> None:
    """Write matches that are new, with what speaks for them."""
    rows = [
        {**dict(zip(_PAIR, (*one, *other), strict=True)), "state": "proposed", "evidence": [*evidence], "found_at": at}
        for (one, other), evidence in pairs.items()
    ]
    if rows:
        tx.execute(insert(party_match), rows)


def say_why(tx: Connection, number: int, evidence: Sequence[str]) -> None:
    """Write down what speaks for a match now."""
    tx.execute(update(party_match).where(party_match.c.id == number).values(evidence=[*evidence]))


def forget(tx: Connection, numbers: Sequence[int]) -> None:
    """Drop proposals that nothing speaks for any more."""
    if numbers:
        wanted = (party_match.c.id.in_(numbers), party_match.c.state == "proposed")
        tx.execute(delete(party_match).where(*wanted))


def decide(tx: Connection, number: int, state: str, *, by: str | None, at: datetime | None) -> None:
    """Write down what a person said, or that it is open again."""
    tx.execute(update(party_match).where(party_match.c.id == number).values(state=state, decided_by=by, decided_at=at))


def titles(tx: Connection, names: Sequence[Name]) -> dict[Name, str]:
    """Return what customers are called, by connection and key."""
    if not names:
        return {}
    named = tuple_(customer.c.connection, customer.c.key).in_(sorted(set(names)))
    rows = tx.execute(select(customer.c.connection, customer.c.key, customer.c.name).where(named))
    return {(row.connection, row.key): row.name for row in rows}


def _one(row: Row[Any]) -> Name:
    return row.connection, row.customer


def _other(row: Row[Any]) -> Name:
    return row.other_connection, row.other_customer
