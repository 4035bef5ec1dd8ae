"""Rows that could not be loaded, with the reason and the row itself, until they load or expire."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, func, select, update

from duehook.core.books.tables.base import canonical
from duehook.core.books.tables.imports import quarantine
from duehook.core.books.tables.ledger import ALIVE, in_state, item
from duehook.core.books.upsert import insert

from .stage import Shape


@dataclass(frozen=True)
class Parked:
    """A row to park: `company` is ours, '' where it could not be read; `key` the source's."""

    reason: str
    payload: Mapping[str, Any]
    company: str
    key: str | None

    def fingerprint(self) -> str:
        """Return what makes two sightings the same row: its key, else its content."""
        text = canonical([self.company, self.key] if self.key else self.payload)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Sighting:
    """Where and when rows were found to be bad, and when their payload is to be forgotten."""

    connection: str
    stream: str
    run_id: int
    at: datetime
    expires_at: datetime


def park(tx: Connection, sighting: Sighting, rows: Sequence[Parked]) -> None:
    """Park the rows; one that is parked already is told anew, not twice."""
    for row in rows:
        again = {
            "reason": row.reason,
            "payload": row.payload,
            "state": "parked",
            "last_run": sighting.run_id,
            "last_seen_at": sighting.at,
            "expires_at": sighting.expires_at,
        }
        first = {
            "connection": sighting.connection,
            "stream": sighting.stream,
            "fingerprint": row.fingerprint(),
            "company": row.company,
            "key": row.key,
            "first_run": sighting.run_id,
            "first_seen_at": sighting.at,
        }
        statement = insert(tx, quarantine).values({**first, **again})
        tx.execute(statement.on_conflict_do_update(index_elements=["connection", "stream", "fingerprint"], set_=again))


def any_parked(tx: Connection, connection: str, stream: str) -> bool:
    """Say whether the stream has rows parked under a key."""
    wanted = and_(_parked(connection, stream), quarantine.c.key.is_not(None))
    return bool(tx.execute(select(exists().where(wanted))).scalar_one())


def resolve_staged(tx: Connection, of: Shape, connection: str) -> int:
    """Settle the parked rows whose key has now been staged, that is, loaded."""
    same_key = of.stage.c[of.identity[-1]] == quarantine.c.key
    if "company" in of.identity[:-1]:
        same_key = and_(same_key, of.stage.c.company == quarantine.c.company)
    wanted = and_(_parked(connection, of.stream), exists().where(same_key))
    return tx.execute(update(quarantine).where(wanted).values(state="resolved")).rowcount


def supersede(tx: Connection, connection: str, stream: str, run_id: int) -> int:
    """Close the parked rows that a run, which has read all there is of the stream, did not see."""
    wanted = and_(_parked(connection, stream), quarantine.c.last_run < run_id)
    return tx.execute(update(quarantine).where(wanted).values(state="superseded")).rowcount


def rows(tx: Connection, connection: str | None = None, states: Sequence[str] = ("parked",)) -> Sequence[Row[Any]]:
    """Return the rows in these states, newest sighting first."""
    wanted: list[ColumnElement[bool]] = [quarantine.c.state.in_(states)]
    if connection is not None:
        wanted.append(quarantine.c.connection == connection)
    order = (quarantine.c.last_seen_at.desc(), quarantine.c.id)
    return tx.execute(select(quarantine).where(*wanted).order_by(*order)).all()


def row(tx: Connection, number: int) -> Row[Any] | None:
    """Return one row by its number."""
    return tx.execute(select(quarantine).where(quarantine.c.id == number)).first()


def of_debtors(tx: Connection, company: str, connection: str, debtors: Collection[str]) -> dict[str, Row[Any]]:
    """Return a parked row (debtor, stream, key) of each debtor whose account the books may hold as it no longer is.

    That is a row of one of its items that are open here, or the debtor's own.
    """
    here = quarantine.c.company.in_((company, ""))
    names = (quarantine.c.stream, quarantine.c.key)
    same = and_(item.c.connection == quarantine.c.connection, item.c.key == quarantine.c.key)
    theirs = and_(item.c.company == company, item.c.debtor.in_(debtors), in_state(item, *ALIVE))
    of_items = (
        select(item.c.debtor, *names).select_from(quarantine.join(item, same)).where(_parked(connection, "item"), here)
    )
    of_themselves = select(quarantine.c.key.label("debtor"), *names).where(
        _parked(connection, "customer"), here, quarantine.c.key.in_(debtors)
    )
    found = tx.execute(of_items.where(theirs).union_all(of_themselves).order_by("stream", "key")).all()
    return {row.debtor: row for row in reversed(found)}


def count_parked(tx: Connection, connection: str, stream: str | None = None) -> int:
    """Count what waits in quarantine of a connection, or of one of its streams."""
    wanted = and_(quarantine.c.connection == connection, quarantine.c.state == "parked")
    if stream is not None:
        wanted = _parked(connection, stream)
    return int(tx.execute(select(func.count()).select_from(quarantine).where(wanted)).scalar_one())


def settle(tx: Connection, number: int, state: str) -> None:
    """Move a row to another state."""
    tx.execute(update(quarantine).where(quarantine.c.id == number).values(state=state))


def expire(tx: Connection, at: datetime) -> int:
    """Forget the payloads whose time is over; the reason and the key stay."""
    wanted = and_(quarantine.c.expires_at <= at, quarantine.c.payload.is_not(None))
    return tx.execute(update(quarantine).where(wanted).values(payload=None)).rowcount


def expiry(at: datetime, days: int) -> datetime:
    """Return when a payload seen now is to be forgotten."""
    return at + timedelta(days=days)


def _parked(connection: str, stream: str) -> ColumnElement[bool]:
    return and_(quarantine.c.connection == connection, quarantine.c.stream == stream, quarantine.c.state == "parked")
