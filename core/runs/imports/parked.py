"""Quarantine, as a person works through it: try the rows again, or set one aside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from duehook.core.books import Books
from duehook.core.books.store.imports import quarantine as store
from duehook.core.context import Context
from duehook.core.errors import NotFound
from duehook.core.hookspecs import Source
from duehook.core.ops import audit
from duehook.core.records import Stream

from .locked import locked
from .report import ImportReport
from .rules import ImportRules
from .session import Session
from .sweep import LOOKUP


def retry(
    books: Books,
    connection: str,
    sources: Sequence[Source],
    context: Context,
    *,
    as_of: date,
    rules: ImportRules | None = None,
) -> ImportReport:
    """Read the connection's parked rows again by their key; those that load are settled.

    Rows that were parked without a key wait for the next full import.
    """
    report = ImportReport(connection, "retry", as_of)
    session = Session(books, connection, context, as_of, rules or ImportRules(), report)
    given = {stream: source for source in reversed(sources) for stream in source.streams}
    with locked(session):
        for stream, keys in _parked_keys(session).items():
            if stream in given:
                _retry(session, given[stream], stream, keys)
        with books.read() as tx:
            report.waiting_in_quarantine = store.count_parked(tx, connection)
    return report


def _parked_keys(session: Session) -> dict[Stream, list[tuple[str, str]]]:
    keys: dict[Stream, list[tuple[str, str]]] = defaultdict(list)
    with session.books.read() as tx:
        for row in store.rows(tx, session.connection):
            if row.key is not None:
                keys[cast(Stream, row.stream)].append((row.company, row.key))
    return keys


def _retry(session: Session, source: Source, stream: Stream, keys: list[tuple[str, str]]) -> None:
    for start in range(0, len(keys), LOOKUP):
        answer = source.lookup(stream, [session.erp_key(key) for key in keys[start : start + LOOKUP]])
        session.take(stream, answer.found, answer.bad)


def discard(books: Books, number: int, context: Context, *, why: str) -> None:
    """Set a parked row aside for good; should it be bad again in a later import, it is parked anew."""
    with books.write() as tx:
        row: Any = store.row(tx, number)
        if row is None or row.state != "parked":
            raise NotFound(f"Nothing is parked under {number}.", fix="see `duehook quarantine list`.")
        store.settle(tx, number, "discarded")
        audit.record(
            tx,
            context,
            act="quarantine.discard",
            company=row.company,
            subject=f"{row.connection}:{row.stream}:{row.key or number}",
            before={"state": "parked", "reason": row.reason},
            after={"state": "discarded"},
            why=why,
        )
