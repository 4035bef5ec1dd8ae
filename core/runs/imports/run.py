"""Import one connection: every stream in order, the sweep, the guards, and the circle closed.

A killed run leaves its positions, each under the bound it was read by. The next run first reads
those streams to their end under the old bound, so that nothing between is missed, and then goes
on from there to a new bound; what stands in the books at the end is what a clean run leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from duehook.core.books import Books
from duehook.core.books.store.imports import import_runs as store
from duehook.core.books.store.imports import open_check, quarantine
from duehook.core.books.store.terms import net_days
from duehook.core.context import Context
from duehook.core.errors import ConnectorGarbled, NotFound
from duehook.core.hookspecs import Position, Source, UpperBound
from duehook.core.money import from_scaled
from duehook.core.ops.heap import settled
from duehook.core.records import Stream

from . import guards
from .locked import locked, refuse_if_held, settle
from .report import ImportReport, OpenFault
from .rules import ImportRules
from .session import Session
from .sweep import sweep_items, sweep_others

ORDER: Final[tuple[Stream, ...]] = (
    "company",
    "payment_term",
    "exchange_rate",
    "customer",
    "contact",
    "item",
    "payment",
    "allocation",
)
SWEPT_IN_FULL: Final[tuple[Stream, ...]] = ("customer", "contact", "payment", "allocation")
_FIRST_FAULTS: Final = 10
Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class Wish:
    """How a run is wanted: all anew, a drop accepted by a person, somebody watching."""

    full: bool = False
    accept_drop: bool = False
    progress: Progress | None = None


@dataclass(frozen=True)
class Reading:
    """One stream's reading: from which position, up to which bound."""

    stream: Stream
    source: Source
    position: Position | None
    bound: UpperBound


@settled()
def import_connection(
    books: Books,
    connection: str,
    sources: Sequence[Source],
    context: Context,
    *,
    as_of: date,
    rules: ImportRules | None = None,
    full: bool = False,
    dry_run: bool = False,
    accept_drop: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Read the connection up to now, sweep, and close one generation for the companies it feeds.

    Raises Busy when the connection is being imported already, RunStopped when a guard stops it,
    and the source's own ConnectorError; the run is then settled as stopped or failed, what was
    read stays, and no company it feeds is ready. `progress` is called with stream and rows read.
    """
    report = ImportReport(connection, "full" if full else "incremental", as_of, dry_run)
    session = Session(books, connection, context, as_of, rules or ImportRules(), report)
    streams = _by_stream(connection, sources)
    wish = Wish(full, accept_drop, progress)
    if dry_run:
        refuse_if_held(session)
        _circle(session, streams, wish)
        return report
    with locked(session):
        _circle(session, streams, wish)
        _close(session, streams, wish)
    return report


def _by_stream(connection: str, sources: Sequence[Source]) -> dict[Stream, Source]:
    """Return each stream's source, the first that gives it, in the order of reading."""
    given = {stream: source for source in reversed(sources) for stream in source.streams}
    if not given:
        raise NotFound(f"{connection} gives nothing to import.", fix="see `duehook plugins`.")
    return {stream: given[stream] for stream in ORDER if stream in given}


def _circle(session: Session, streams: dict[Stream, Source], wish: Wish) -> None:
    kept_from = session.report.resumes
    if not wish.full or kept_from is not None:
        _finish_unfinished(session, streams, wish)
    bound = streams.get("item", next(iter(streams.values()))).upper_bound()
    session.report.bound_at = bound.at
    if not session.dry_run:
        with session.transaction() as tx:
            store.set_bound(tx, session.run_id, bound.mark, bound.at)
    with session.books.read() as tx:
        known = store.positions(tx, session.connection)
    for stream, source in streams.items():
        kept = known.get(stream) if source.capabilities.incremental else None
        if wish.full and (kept is None or kept_from is None or kept.run_id < kept_from):
            kept = None
        _read(session, Reading(stream, source, None if kept is None else kept.position, bound), wish)
    _sweep(session, streams, wish)


def _finish_unfinished(session: Session, streams: dict[Stream, Source], wish: Wish) -> None:
    """Read what a killed run left half read to its end, under the bound it was begun with."""
    with session.books.read() as tx:
        unfinished = {name: row for name, row in store.positions(tx, session.connection).items() if not row.done}
        runs = {row.run_id: store.run(tx, row.run_id) for row in unfinished.values()}
    for stream, source in streams.items():
        row = unfinished.get(stream)
        begun = None if row is None else runs[row.run_id]
        if row is None or begun is None or begun.bound is None or not source.capabilities.incremental:
            continue  # what cannot go on is read whole anyway
        session.report.resumed = True
        _read(session, Reading(stream, source, row.position, UpperBound(begun.bound, begun.bound_at)), wish)


def _read(session: Session, reading: Reading, wish: Wish) -> None:
    """Read a stream to its end, a page a transaction; the page's position is committed with it."""
    stream, at = reading.stream, reading.position
    part, whole = session.report.stream(stream), at is None
    if stream == "item":
        _learn_terms(session)
    before = None if at is None or at.get("done") else at  # a reading may end where the last one did
    for page in reading.source.read(stream, at, reading.bound):
        if page.rows and page.position == before:
            told = f"{session.connection} gave a page of {stream} again; nothing of it was kept."
            raise ConnectorGarbled(told, fix="run `duehook import` again; report it to the plugin's author.")
        at = before = page.position
        session.take(stream, page.rows, page.bad, position=at)
        part.pages += 1
        part.notes += page.notes
        whole = whole or page.whole
        if wish.progress is not None:
            wish.progress(stream, part.read)
        guards.bad_rows(session, stream, ended=False)
    if at is None or not at.get("done"):
        told = f"{session.connection} broke off reading {stream}; it goes on from its last page."
        raise ConnectorGarbled(told, fix="run `duehook import` again.")
    if whole and not session.dry_run:
        with session.transaction() as tx:
            session.report.superseded += quarantine.supersede(tx, session.connection, stream, session.run_id)
    guards.bad_rows(session, stream, ended=True)


def _learn_terms(session: Session) -> None:
    with session.books.read() as tx:
        session.placing = replace(session.placing, net_days=net_days(tx, session.connection))


def _sweep(session: Session, streams: dict[Stream, Source], wish: Wish) -> None:
    if wish.full:
        for stream in SWEPT_IN_FULL:
            if stream in streams and streams[stream].capabilities.sweeps:
                sweep_others(session, streams[stream], stream)
    items = streams.get("item")
    if items is None:
        return
    if items.capabilities.sweeps:
        sweep_items(session, items, accept_drop=wish.accept_drop)
    else:
        guards.balance_drop(session, swept=False, accepted=wish.accept_drop)


def _close(session: Session, streams: dict[Stream, Source], wish: Wish) -> None:
    """Close the generation, settle the run, give the lock back, and write one audit row."""
    report, now = session.report, session.context.now()
    with session.books.write() as tx:
        _check_open(tx, session, streams)
        assert report.bound_at is not None
        report.generation = store.close_generation(
            tx,
            session.connection,
            run_id=session.run_id,
            closed_at=now,
            bound_at=report.bound_at,
            history_from=_history_from(streams, report.bound_at),
        )
        report.waiting_in_quarantine = quarantine.count_parked(tx, session.connection)
        report.balances = _balances(tx, session.connection)
        settle(tx, session, "closed", why="a drop of the balance was accepted" if wish.accept_drop else None)


def _history_from(streams: dict[Stream, Source], bound_at: datetime) -> date | None:
    """Return the day from which the sources give what is closed, None when they give all of it."""
    told = [source.capabilities.history_days for source in streams.values()]
    reach = min((days for days in told if days is not None), default=None)
    return None if reach is None else (bound_at - timedelta(days=reach)).date()


def _check_open(tx: Connection, session: Session, streams: dict[Stream, Source]) -> None:
    source = streams.get("allocation")
    if source is None or not source.capabilities.allocations:
        return
    report = session.report
    closed = None if report.mode == "full" else store.last_run(tx, session.connection, state="closed")
    count, first = open_check.faults(
        tx,
        session.connection,
        since_run=0 if closed is None else closed.id,
        since=session.rules.history_from,
        most=_FIRST_FAULTS,
    )
    report.open_faults = count
    report.first_open_faults = tuple(_fault(row) for row in first)


def _fault(row: Any) -> OpenFault:
    held, expected = (from_scaled(amount, row.currency) for amount in (row.open_amount, row.expected))
    return OpenFault(row.company, row.document_no, row.currency, held, expected)


def _balances(tx: Connection, connection: str) -> dict[str, dict[str, Any]]:
    told: dict[str, dict[str, Any]] = {}
    for (company, currency), balance in sorted(store.kept_balances(tx, connection).items()):
        told.setdefault(company, {})[currency] = from_scaled(balance, currency)
    return told
