"""Import runs: who imports, how far each stream has come, and which companies are ready."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, delete, func, select, update
from sqlalchemy.types import TypeEngine

from duehook.core.books.kept import fill, kept
from duehook.core.books.tables.imports import (
    company_feed,
    connection_lock,
    feed_balance,
    import_run,
    stream_position,
    touched_debtor,
)
from duehook.core.books.tables.ledger import in_state, item
from duehook.core.books.upsert import insert_new, upsert
from duehook.core.context import Context
from duehook.core.records import Stream

from .stage import shape

POSITION_VERSION: Final = 1
READING: Final = ("incremental", "full")  # modes whose runs decide whether a company is ready


@dataclass(frozen=True)
class Holder:
    """Who holds a connection's lock, and until when."""

    name: str
    run_id: int
    leased_until: datetime


def begin_run(
    tx: Connection, connection: str, context: Context, *, mode: str, as_of: date, resumes: int | None = None
) -> int:
    """Write a run as running and return its id."""
    row = {
        "connection": connection,
        "mode": mode,
        "state": "running",
        "as_of": as_of,
        "started_at": context.now(),
        "resumes": resumes,
        "actor": f"{context.actor.kind}:{context.actor.id}",
        "correlation_id": context.correlation_id,
    }
    (run_id,) = tx.execute(import_run.insert(), row).inserted_primary_key or (0,)
    return int(run_id)


def end_run(tx: Connection, run_id: int, *, state: str, at: datetime, report: Mapping[str, Any]) -> None:
    """Settle a run as closed, stopped or failed, with its report."""
    tx.execute(update(import_run).where(import_run.c.id == run_id).values(state=state, ended_at=at, report=report))


def fail_abandoned(tx: Connection, connection: str, at: datetime) -> None:
    """Settle runs of the connection that were killed: they still say running, but nobody holds them."""
    running = and_(import_run.c.connection == connection, import_run.c.state == "running")
    report = {"error": "the run was killed; the next one goes on from its last page"}
    tx.execute(update(import_run).where(running).values(state="failed", ended_at=at, report=report))


def set_bound(tx: Connection, run_id: int, mark: Mapping[str, Any], at: datetime) -> None:
    """Pin the run's upper bound."""
    tx.execute(update(import_run).where(import_run.c.id == run_id).values(bound=dict(mark), bound_at=at))


def run(tx: Connection, run_id: int) -> Row[Any]:
    """Return a run."""
    return tx.execute(select(import_run).where(import_run.c.id == run_id)).one()


def last_run(tx: Connection, connection: str, *, state: str | None = None) -> Row[Any] | None:
    """Return the connection's newest reading run, or its newest one of that state."""
    wanted = [import_run.c.connection == connection, import_run.c.mode.in_(READING)]
    wanted += [] if state is None else [import_run.c.state == state]
    return tx.execute(select(import_run).where(*wanted).order_by(import_run.c.id.desc()).limit(1)).first()


def holder(tx: Connection, connection: str) -> Holder | None:
    """Return who holds the connection's lock, be the lease over or not."""
    row = tx.execute(select(connection_lock).where(connection_lock.c.connection == connection)).first()
    return None if row is None else Holder(row.holder, row.run_id, row.leased_until)


def lock(tx: Connection, connection: str, *, run_id: int, name: str, until: datetime) -> bool:
    """Take the lock where nobody has it; say whether it is ours."""
    row = {"connection": connection, "run_id": run_id, "holder": name, "leased_until": until}
    return insert_new(tx, connection_lock, row)


def unlock(tx: Connection, connection: str, run_id: int) -> None:
    """Give the lock up, if it is still that run's."""
    tx.execute(delete(connection_lock).where(_held(connection, run_id)))


def renew(tx: Connection, connection: str, run_id: int, until: datetime) -> bool:
    """Move the lease's end; False when another run has taken the connection meanwhile."""
    statement = update(connection_lock).where(_held(connection, run_id)).values(leased_until=until)
    return tx.execute(statement).rowcount == 1


def _held(connection: str, run_id: int) -> ColumnElement[bool]:
    return and_(connection_lock.c.connection == connection, connection_lock.c.run_id == run_id)


def positions(tx: Connection, connection: str) -> dict[str, Row[Any]]:
    """Return how far each stream has come; a position of another version is none."""
    mine = (stream_position.c.connection == connection, stream_position.c.version == POSITION_VERSION)
    rows = tx.execute(select(stream_position).where(*mine))
    return {row.stream: row for row in rows}


def set_position(tx: Connection, connection: str, stream: str, *, position: Mapping[str, Any], run_id: int) -> None:
    """Note where the stream's reading goes on; `{"done": true}` in it ends the reading."""
    row = {"connection": connection, "stream": stream, "version": POSITION_VERSION, "run_id": run_id}
    done = bool(position.get("done"))
    upsert(tx, stream_position, [{**row, "position": dict(position), "done": done}])


def count_held(tx: Connection, connection: str, stream: Stream) -> int:
    """Count the connection's rows of a stream in the ledger."""
    table = shape(stream).table
    rows = select(func.count()).select_from(table).where(table.c.connection == connection)
    return int(tx.execute(rows).scalar_one())


def add_feeds(tx: Connection, connection: str, companies: Collection[str]) -> None:
    """Note that the connection feeds these companies; they are not ready before it closes a circle."""
    for company in sorted(companies):
        insert_new(tx, company_feed, {"company": company, "connection": connection, "generation": 0})


def close_generation(
    tx: Connection,
    connection: str,
    *,
    run_id: int,
    closed_at: datetime,
    bound_at: datetime,
    history_from: date | None = None,
) -> int:
    """Close a full circle of the connection for every company it feeds; return the generation's number.

    The first circle says from which day on the books know what was closed (rule 11); None: from ever.
    """
    newest = select(func.coalesce(func.max(import_run.c.generation), 0)).where(import_run.c.connection == connection)
    generation = int(tx.execute(newest).scalar_one()) + 1
    tx.execute(update(import_run).where(import_run.c.id == run_id).values(generation=generation))
    closed: dict[str, Any] = {"generation": generation, "closed_at": closed_at, "bound_at": bound_at}
    if generation == 1:
        closed["history_from"] = history_from
    tx.execute(update(company_feed).where(company_feed.c.connection == connection).values(closed))
    _keep_balances(tx, connection)
    return generation


def balances(connection: str) -> Select[Any]:
    """Return the selection of what the connection's companies have open, in the company's currency.

    One sum a company, so that a few items of a rare currency are no sudden drop; items whose
    source gives no company amounts count in their own currency.
    """
    currency, amount = in_company_currency()
    total = func.sum(amount).label("balance")
    rows = select(item.c.company, currency.label("currency"), total)
    return rows.where(item.c.connection == connection, in_state(item, "open")).group_by(item.c.company, currency)


def in_company_currency() -> tuple[ColumnElement[str], ColumnElement[int]]:
    """Return an item's currency and open amount as its company reckons, else its own."""
    known = item.c.company_currency.is_not(None) & item.c.company_open_amount.is_not(None)
    return (
        case((known, item.c.company_currency), else_=item.c.currency),
        case((known, item.c.company_open_amount), else_=item.c.open_amount),
    )


def kept_balances(tx: Connection, connection: str) -> dict[tuple[str, str], int]:
    """Return what the last closed generation left open, by company and currency."""
    rows = tx.execute(select(feed_balance).where(feed_balance.c.connection == connection))
    return {(row.company, row.currency): row.balance for row in rows}


def _keep_balances(tx: Connection, connection: str) -> None:
    tx.execute(delete(feed_balance).where(feed_balance.c.connection == connection))
    rows = tx.execute(balances(connection)).all()
    kept = [
        {"company": row.company, "connection": connection, "currency": row.currency, "balance": int(row.balance)}
        for row in rows
    ]
    upsert(tx, feed_balance, kept)


@dataclass(frozen=True)
class Readiness:
    """Whether a company may be dunned by what was imported, and if not, why, in words.

    `bound_at` is the oldest instant up to which its sources were read.
    """

    company: str
    reasons: tuple[str, ...]
    bound_at: datetime | None

    @property
    def ready(self) -> bool:
        """Say whether nothing stands against it."""
        return not self.reasons


def ready(tx: Connection, company: str) -> Readiness:
    """Say whether every connection that feeds the company has closed its newest reading."""
    feeds = tx.execute(select(company_feed).where(company_feed.c.company == company)).all()
    if not feeds:
        return Readiness(company, (f"nothing was ever imported for {company}",), None)
    reasons = tuple(reason for feed in feeds if (reason := _against(tx, feed)))
    bounds = [feed.bound_at for feed in feeds if feed.bound_at is not None]
    return Readiness(company, reasons, min(bounds) if len(bounds) == len(feeds) else None)


def _against(tx: Connection, feed: Row[Any]) -> str | None:
    newest = last_run(tx, feed.connection)
    if newest is not None and newest.state != "closed":
        return f"the import of {feed.connection} (run {newest.id}) is {newest.state}"
    return None if feed.closed_at is not None else f"{feed.connection} has never closed an import"


def read_up_to(tx: Connection, company: str, connection: str) -> datetime | None:
    """Return the bound of the connection's last closed run for the company, None before the first."""
    same = (company_feed.c.company == company, company_feed.c.connection == connection)
    bound: datetime | None = tx.execute(select(company_feed.c.bound_at).where(*same)).scalar()
    return bound


def settled_run(tx: Connection, company: str) -> int:
    """Return the run up to which the company's changes are all there.

    A run that is still going may write more under its number, so whoever reads changes remembers
    this number, not the newest one, and hands it to `touched` next time.
    """
    newest = tx.execute(select(func.coalesce(func.max(import_run.c.id), 0))).scalar_one()
    feeds = select(company_feed.c.connection).where(company_feed.c.company == company)
    running = select(func.min(import_run.c.id)).where(
        import_run.c.state == "running", import_run.c.connection.in_(feeds)
    )
    oldest_running = tx.execute(running).scalar_one()
    return int(newest if oldest_running is None else oldest_running - 1)


def touched(company: str, since_run: int) -> Select[Any]:
    """Return the selection of (connection, debtor) that runs after `since_run` changed."""
    wanted = (touched_debtor.c.company == company, touched_debtor.c.run_id > since_run)
    return select(touched_debtor.c.connection, touched_debtor.c.debtor).where(*wanted).distinct()


def keep_touched(tx: Connection, company: str, since_run: int) -> Select[Any]:
    """Select what `touched` selects, out of a table that is filled now."""
    rows = fill(tx, kept("touched", touched(company, since_run), _type, "connection", "debtor"))
    return select(rows)


def _type(name: str) -> TypeEngine[Any]:
    return touched_debtor.c[name].type


def forget_touched(tx: Connection, company: str, upto_run: int) -> None:
    """Drop the notes of runs that every reader has taken in."""
    wanted = (touched_debtor.c.company == company, touched_debtor.c.run_id <= upto_run)
    tx.execute(delete(touched_debtor).where(*wanted))
