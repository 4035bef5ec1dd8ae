"""Reads one stream page by page in key order: resumable, bounded, and proved whole at its end.

A position holds the bound that reading began with, where it began from, and the last key. It is
JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from duehook.core.errors import ConnectorGarbled
from duehook.core.hookspecs import Lookup, Page, Position, Row, UpperBound
from duehook.core.records import Stream

from . import tables
from .mapping.site import Mapped
from .odbc.client import RawRow
from .odbc.paging import Key, Keys, Paging
from .odbc.queries import Selection, Window
from .site import BATCH, JdeSite, stamp_in
from .values import Stamp, days_before

VERSION: Final = 1


@dataclass(frozen=True)
class Plan:
    """How a stream is read: its selection, its mapping, and how a canonical key names its rows.

    `row_key` turns (company, key) into the values of the table's key, or None where no row of the
    table can have it.
    """

    stream: Stream
    selection: Selection
    rows: Callable[[Sequence[RawRow]], Mapped]
    row_key: Callable[[str, str], Key | None]


def key_of(row: Row) -> str:
    """Return a mapped row's key; a company is its own."""
    key: str = row["key"] if "key" in row else row["company"]
    return key


class Reading:
    """One plan on one site."""

    def __init__(self, site: JdeSite, plan: Plan) -> None:
        self._site = site
        self._plan = plan
        self._paging = Paging(site, plan.selection, site.settings.page_size)

    def pages(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield mapped pages; the last one, empty, says `done`."""
        window, start = self._window(position, stamp_in(bound.mark))
        for raws, last in self._paging.pages(window):
            rows, bad = self._plan.rows(raws)
            yield Page(rows, start | {"after": list(last)}, bad)
        yield Page([], {"version": VERSION, "start": start["start"], "done": True})

    def lookup(self, keys: Sequence[tuple[str, str]]) -> Lookup:
        """Read these rows again, and say of the others what became of them."""
        found: list[Row] = []
        deleted: list[tuple[str, str]] = []
        purged: list[tuple[str, str]] = []
        missing: list[tuple[str, str]] = []
        for start in range(0, len(keys), BATCH):
            batch = keys[start : start + BATCH]
            rows, unreadable = self._rows_of(batch)
            there = {key_of(row) for row in rows}
            wanted = {key for _, key in batch}
            found += [row for row in rows if key_of(row) in wanted]
            absent = [pair for pair in batch if pair[1] not in there]
            missing += [pair for pair in absent if self._plan.row_key(*pair) in unreadable]
            gone = [pair for pair in absent if self._plan.row_key(*pair) not in unreadable]
            self._sort_gone(gone, deleted=deleted, purged=purged, missing=missing)
        return Lookup(found, deleted, purged, missing)

    def _rows_of(self, pairs: Sequence[tuple[str, str]]) -> tuple[list[Row], set[Key | None]]:
        keys = self._row_keys(pairs)
        if not keys:
            return [], set()
        raws = self._site.rows(self._site.queries.rows(self._plan.selection, keys), self._plan.selection.table)
        rows: list[Row] = []
        unreadable: set[Key | None] = set()
        for raw in raws:
            mapped, bad = self._plan.rows([raw])
            rows += mapped
            if bad:
                unreadable.update(self._paging.keys([raw]))
        return rows, unreadable

    def _sort_gone(
        self,
        pairs: Sequence[tuple[str, str]],
        *,
        deleted: list[tuple[str, str]],
        purged: list[tuple[str, str]],
        missing: list[tuple[str, str]],
    ) -> None:
        file = tables.PURGED.get(self._plan.selection.table.name)
        keys = self._row_keys(pairs)
        if file not in self._site.purge_files or file is None:
            missing += pairs
            return
        statement = self._site.queries.keys_in(file, self._plan.selection, keys)
        stored = {*Keys(self._plan.selection.table).plain(self._site.rows(statement, file))} if keys else set()
        for pair in pairs:
            (purged if self._plan.row_key(*pair) in stored else deleted).append(pair)

    def _row_keys(self, pairs: Sequence[tuple[str, str]]) -> list[Key]:
        found = (self._plan.row_key(*pair) for pair in pairs)
        return list(dict.fromkeys(key for key in found if key is not None))

    def _window(self, position: Position | None, bound: Stamp) -> tuple[Window, dict[str, Any]]:
        mark = {"upmj": bound[0], "upmt": bound[1]}
        fresh: dict[str, Any] = {"version": VERSION, "start": mark}
        if position is None:
            return Window(bound, recent_from=self._site.history_from(bound)), fresh
        if position.get("version") != VERSION:
            raise ConnectorGarbled(
                f"The position {position!r} is of another version.", fix="run `duehook import --full`."
            )
        if position.get("done"):
            since = days_before(stamp_in(position.get("start")), self._site.settings.lookback_days)
            return Window(bound, since=since), fresh | {"since": {"upmj": since[0], "upmt": since[1]}}
        return self._resumed(position, bound)

    def _resumed(self, position: Position, bound: Stamp) -> tuple[Window, dict[str, Any]]:
        kept: dict[str, Any] = {}
        kept |= {name: position[name] for name in ("version", "start", "since") if name in position}
        if not isinstance(position.get("after"), list):
            raise ConnectorGarbled(f"The position {position!r} names no row.", fix="run `duehook import --full`.")
        after = tuple(position["after"])
        if "since" in position:
            return Window(bound, since=stamp_in(position["since"]), after=after), kept
        recent_from = self._site.history_from(stamp_in(position.get("start")))
        return Window(bound, recent_from=recent_from, after=after), kept
