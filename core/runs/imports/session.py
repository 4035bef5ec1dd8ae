"""A run that is going: its lock and lease, its transactions, and what it has done so far."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection

from duehook.core.books import Books, bulk
from duehook.core.books.store.imports import import_runs as store
from duehook.core.books.store.imports import quarantine
from duehook.core.books.store.imports.merge import Merged, Stamp, merge
from duehook.core.books.store.imports.quarantine import Parked, Sighting
from duehook.core.books.store.imports.stage import Placing, shape, stage
from duehook.core.context import Context
from duehook.core.errors import Busy
from duehook.core.hookspecs import BadRow, Row
from duehook.core.ops.heap import without_cycles
from duehook.core.records import Record, Stream

from .pages import checked, stageable
from .report import ImportReport, StreamReport
from .rules import ImportRules


@dataclass
class Session:
    """One run of one connection; every write of it goes through `transaction`."""

    books: Books
    connection: str
    context: Context
    as_of: date
    rules: ImportRules
    report: ImportReport
    run_id: int = 0
    placing: Placing = field(init=False)
    _fed: set[str] = field(default_factory=set)
    _parked: dict[str, bool] = field(default_factory=dict)
    _last_write: float = 0.0
    _held: float = 0.0

    def __post_init__(self) -> None:
        """Refuse company codes that cannot be told apart, before anything is read."""
        self._erp_codes = self.rules.erp_codes(self.connection)
        self.placing = Placing(self.connection, {**self.rules.apart(self.connection), **self.rules.companies})

    @property
    def dry_run(self) -> bool:
        """Say whether nothing may stay written."""
        return self.report.dry_run

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Give a bulk transaction that renews the lease; a dry run's is taken back.

        Raises Busy when the lease ended and another run took the connection.
        """
        self._let_others_in()
        began = time.monotonic()
        with self.books.write(bulk=True) as tx:
            if self.dry_run:
                undo = tx.begin_nested()
                yield tx
                undo.rollback()
                return
            until = self.context.now() + self.rules.lease
            if not store.renew(tx, self.connection, self.run_id, until):
                raise Busy(f"the lock of {self.connection} was taken over by another run; this one ends here.")
            yield tx
        self._last_write = time.monotonic()
        self._held += self._last_write - began

    def _let_others_in(self) -> None:
        """Pause after a turn of writing, unless the ERP was waited for so long just now."""
        pause = bulk.SQLITE_PAUSE - (time.monotonic() - self._last_write)
        if self.books.is_sqlite and self._held >= bulk.SQLITE_TURN and pause > 0:
            time.sleep(pause)
        if pause <= 0 or self._held >= bulk.SQLITE_TURN:
            self._held = 0.0

    def stamp(self) -> Stamp:
        """Return what rows written now carry."""
        return Stamp(self.connection, self.run_id, self.context.now(), self.as_of)

    def erp_key(self, key: tuple[str, str]) -> tuple[str, str]:
        """Return a key under the ERP's own company code."""
        return self._erp_codes.get(key[0], key[0]), key[1]

    def our_key(self, key: tuple[str, str]) -> tuple[str, str]:
        """Return a key under our company code."""
        return self.placing.company(key[0]), key[1]

    def take(
        self,
        stream: Stream,
        rows: Sequence[Row],
        bad: Sequence[BadRow] = (),
        *,
        position: Mapping[str, Any] | None = None,
    ) -> Merged:
        """Load rows: check, stage, merge, park, and note the position with the last of them."""
        with without_cycles():
            return self._take(stream, rows, bad, position)

    def _take(
        self, stream: Stream, rows: Sequence[Row], bad: Sequence[BadRow], position: Mapping[str, Any] | None
    ) -> Merged:
        page = checked(stream, rows, bad, self.placing)
        size = bulk.SQLITE_ROWS if self.books.is_sqlite else bulk.ROWS
        chunks = [page.records[start : start + size] for start in range(0, len(page.records), size)] or [()]
        done = [
            self._take_chunk(
                stream,
                chunk,
                page.parked if last else (),
                position=position if last else None,
            )
            for chunk, last in zip(chunks, [False] * (len(chunks) - 1) + [True], strict=True)
        ]
        merged = Merged(
            *(sum(getattr(part, name) for part in done) for name in ("new", "changed", "unchanged", "placeholders"))
        )
        self._count(stream, len(rows) + len(bad), merged)
        return merged

    def _take_chunk(
        self, stream: Stream, records: Sequence[Record], parked: Sequence[Parked], *, position: Mapping[str, Any] | None
    ) -> Merged:
        columns, unholdable = stageable(stream, records, self.placing) if records else ({}, [])
        parked = [*parked, *unholdable]
        with self.transaction() as tx:
            merged = self._merge(tx, stream, columns) if columns else Merged()
            self._park(tx, stream, parked)
            if position is not None and not self.dry_run:
                store.set_position(tx, self.connection, stream, position=position, run_id=self.run_id)
        return merged

    def _merge(self, tx: Connection, stream: Stream, columns: dict[str, Any]) -> Merged:
        of = shape(stream)
        stage(tx, of, columns)
        merged = merge(tx, of, self.stamp(), len(columns["n"]))
        if self._has_parked(tx, stream):
            self.report.resolved += quarantine.resolve_staged(tx, of, self.connection)
        self._note_feeds(tx, columns)
        return merged

    def _note_feeds(self, tx: Connection, columns: dict[str, Any]) -> None:
        fresh = set(columns.get("company", ())) - self._fed - {""}
        if fresh:
            store.add_feeds(tx, self.connection, fresh)
            self._fed |= fresh

    def _has_parked(self, tx: Connection, stream: str) -> bool:
        if stream not in self._parked:
            self._parked[stream] = quarantine.any_parked(tx, self.connection, stream)
        return self._parked[stream]

    def _park(self, tx: Connection, stream: str, parked: Sequence[Parked]) -> None:
        if not parked:
            return
        now = self.context.now()
        expires = quarantine.expiry(now, self.rules.quarantine_days)
        quarantine.park(tx, Sighting(self.connection, stream, self.run_id, now, expires), parked)
        self._parked[stream] = True
        self._part(stream).parked += len(parked)

    def _count(self, stream: str, read: int, merged: Merged) -> None:
        part = self._part(stream)
        part.read += read
        part.new += merged.new
        part.changed += merged.changed
        part.unchanged += merged.unchanged
        self.report.placeholders += merged.placeholders

    def _part(self, stream: str) -> StreamReport:
        return self.report.stream(stream)
