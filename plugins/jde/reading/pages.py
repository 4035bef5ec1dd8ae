"""Reads one stream page by page in key order: resumable, bounded, and proved whole at its end.

A position holds the bound that reading began with, where it began from, the place behind the last page, the
way that was read by, and which field mapping the rows went through: after another mapping all is read anew,
by another way the reading that was broken off. It is JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from duehook.core.errors import ConnectorGarbled
from duehook.core.hookspecs import BadRow, KeyPage, Lookup, Page, Position, Row, UpperBound
from duehook.core.records import Stream
from duehook.plugins.jde import tables
from duehook.plugins.jde.mapping.cash import VOID, all_parts
from duehook.plugins.jde.mapping.site import Mapped
from duehook.plugins.jde.site import BATCH, JdeSite, stamp_in
from duehook.plugins.jde.values import Stamp, days_before

from .reader import Key, RawRow, ReadBy, Rows, Window

VERSION: Final = 1
_DATABASE: Final[ReadBy] = "odbc"
_OF_A_COMPANY: Final[frozenset[Stream]] = frozenset({"payment", "allocation"})
# What may stand behind the key of a row that cannot be read: a receipt's reversal, further mail addresses.
_ENDINGS: Final[Mapping[Stream, Sequence[str]]] = {"payment": (VOID,), "contact": tuple(map(str, range(1, 100)))}


@dataclass(frozen=True)
class Plan:
    """How a stream is read: its raw rows, its mapping, and how a canonical key names its rows.

    `row_key` turns (company, key) into the values of the table's key, or None where no row of the
    table can have it.
    """

    stream: Stream
    raws: Rows
    rows: Callable[[Sequence[RawRow]], Mapped]
    row_key: Callable[[str, str], Key | None]


def key_of(row: Row) -> str:
    """Return a mapped row's key; a company is its own."""
    key: str = row["key"] if "key" in row else row["company"]
    return key


def _is_of(row: Mapping[str, Any], company: str) -> bool:
    return not company or row.get("company", company) == company


def _bare(key: Key) -> Key:
    return tuple(part.rstrip() if isinstance(part, str) else part for part in key)


class Reading:
    """One plan on one site."""

    def __init__(self, site: JdeSite, plan: Plan) -> None:
        self._site = site
        self._plan = plan
        self._limit = site.settings.page_size

    def pages(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield mapped pages; the last one, empty, says `done`."""
        window, start = self._window(position, stamp_in(bound.mark))
        for raws, last in self._plan.raws.pages(window, self._limit):
            rows, bad = self._plan.rows(raws)
            yield Page(rows, start | {"after": list(last)}, bad)
        kept = {name: start[name] for name in ("version", "start", "mapping", "by") if name in start}
        yield Page([], kept | {"done": True})

    def keys(self, bound: UpperBound) -> Iterator[KeyPage]:
        """Yield the keys of a first reading's rows, whenever they were changed.

        A row that cannot be read is there all the same: it stands under every key it may have.
        """
        recent_from = self._site.history_from(stamp_in(bound.mark))
        for raws, _ in self._plan.raws.pages(Window(recent_from=recent_from), self._limit):
            rows, bad = self._plan.rows(raws)
            found = [pair for row in rows for pair in self._under(row.get("company"), key_of(row))]
            maybe = [(row.company, key) for row in bad for key in self._may_have(row.key or "")]
            yield KeyPage(found + [pair for company, key in maybe for pair in self._under(company, key)])
        yield KeyPage([], complete=True)

    def _may_have(self, key: str) -> list[str]:
        if self._plan.stream == "allocation":
            return all_parts(key)
        return [key, *(f"{key}|{ending}" for ending in _ENDINGS.get(self._plan.stream, ()))]

    def _under(self, company: str | None, key: str) -> list[tuple[str, str]]:
        """Return the pair; where the company should be told and is not, one for each there is."""
        if company or self._plan.stream not in _OF_A_COMPANY:
            return [(company or "", key)]
        return [(each, key) for each in self._site.facts.company_currency]

    def lookup(self, keys: Sequence[tuple[str, str]]) -> Lookup:
        """Read these rows again, and say of the others what became of them.

        A key that names one of several rows which one of the table makes (an application's cash and
        its discount) is answered with all of them. What is there under another company is `missing`.
        An asked company "" is any.
        """
        found: dict[tuple[str | None, str], Row] = {}
        deleted: list[tuple[str, str]] = []
        purged: list[tuple[str, str]] = []
        missing: list[tuple[str, str]] = []
        bad: list[BadRow] = []
        for start in range(0, len(keys), BATCH):
            gone: list[tuple[str, str]] = []
            batch = keys[start : start + BATCH]
            there = self._rows_of(batch)
            for pair in batch:
                row_key = self._plan.row_key(*pair)
                held = there.get(_bare(row_key)) if row_key else None
                rows, unread = held or ([], [])
                unread = [row for row in unread if not pair[0] or row.company in {None, pair[0]}]
                answers = {(row.get("company"), key_of(row)): row for row in rows if _is_of(row, pair[0])}
                found |= answers
                if unread:
                    bad += [replace(row, company=pair[0], key=pair[1]) for row in unread]
                elif all(key != pair[1] for _, key in answers):
                    (gone if held is None else missing).append(pair)
            self._sort_gone(gone, deleted=deleted, purged=purged, missing=missing)
        return Lookup([*found.values()], deleted, purged, missing, bad)

    def _rows_of(self, pairs: Sequence[tuple[str, str]]) -> dict[Key, Mapped]:
        """Return what is there by the table's key."""
        keys = self._row_keys(pairs)
        if not keys:
            return {}
        return {_bare(key): self._plan.rows([raw]) for key, raw in self._plan.raws.of(keys)}

    def _sort_gone(
        self,
        pairs: Sequence[tuple[str, str]],
        *,
        deleted: list[tuple[str, str]],
        purged: list[tuple[str, str]],
        missing: list[tuple[str, str]],
    ) -> None:
        file = tables.PURGED.get(self._plan.raws.table.name)
        keys = self._row_keys(pairs)
        if file not in self._site.purge_files or file is None:
            missing += pairs
            return
        stored = {_bare(key) for key in self._plan.raws.stored(file, keys)} if keys else set()
        for pair in pairs:
            row_key = self._plan.row_key(*pair)
            (purged if row_key and _bare(row_key) in stored else deleted).append(pair)

    def _row_keys(self, pairs: Sequence[tuple[str, str]]) -> list[Key]:
        found = (self._plan.row_key(*pair) for pair in pairs)
        return list(dict.fromkeys(key for key in found if key is not None))

    def _window(self, position: Position | None, bound: Stamp) -> tuple[Window, dict[str, Any]]:
        mark = {"upmj": bound[0], "upmt": bound[1]}
        digest = self._site.digest
        fresh: dict[str, Any] = {"version": VERSION, "start": mark, **({"mapping": digest} if digest else {})}
        fresh |= self._by()
        if position is None or (position.get("version") == VERSION and position.get("mapping", "") != digest):
            return Window(bound, recent_from=self._site.history_from(bound)), fresh
        if position.get("version") != VERSION:
            raise ConnectorGarbled(
                f"The position {position!r} is of another version.", fix="run `duehook import --full`."
            )
        if position.get("done"):
            since = days_before(stamp_in(position.get("start")), self._site.settings.lookback_days)
            return Window(bound, since=since), fresh | {"since": {"upmj": since[0], "upmt": since[1]}}
        return self._resumed(position, bound)

    def _by(self) -> dict[str, str]:
        """Return the way that places in the position are of, where it is not the database."""
        by = self._site.reader.by
        return {} if by == _DATABASE else {"by": by}

    def _resumed(self, position: Position, bound: Stamp) -> tuple[Window, dict[str, Any]]:
        kept: dict[str, Any] = {}
        kept |= {name: position[name] for name in ("version", "start", "since", "mapping", "by") if name in position}
        if not isinstance(position.get("after"), list):
            raise ConnectorGarbled(f"The position {position!r} names no row.", fix="run `duehook import --full`.")
        after: Key | None = tuple(position["after"])
        if position.get("by", _DATABASE) != self._site.reader.by:  # its places are those of the other way
            after = None
            kept = {name: kept[name] for name in kept if name != "by"} | self._by()
        if "since" in position:
            return Window(bound, since=stamp_in(position["since"]), after=after), kept
        recent_from = self._site.history_from(stamp_in(position.get("start")))
        return Window(bound, recent_from=recent_from, after=after), kept
