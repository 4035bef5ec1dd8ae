"""The rows of a stream: its parts one after another, each row once, in the window of a reading.

AIS joins conditions by AND alone, so what SQL says with OR is read in parts that may overlap; a row is
given by the first part that it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Protocol

from duehook.core.errors import BadRecord
from duehook.plugins.jde.reading.reader import Key, RawRow, Window
from duehook.plugins.jde.tables import Column, Table
from duehook.plugins.jde.values import whole

from .browser import Ask, Browser
from .conditions import Conditions, among, holds
from .paging import Paging, RawPage

Dress = Callable[[list[RawRow]], list[RawRow]]


class Part(Protocol):
    """Some rows of a table, in an order that can be gone on with."""

    def fits(self, raw: RawRow) -> bool:
        """Say whether a row belongs to it."""

    def pages(self, after: Key | None, limit: int) -> Iterator[RawPage]:
        """Yield pages behind a place, each with the place behind it."""


@dataclass(frozen=True)
class From:
    """A table to read from: the columns wanted of it, and those of them that the site lacks."""

    browser: Browser
    table: Table
    columns: tuple[Column, ...]
    lacking: frozenset[str] = frozenset()
    name: str = ""

    def asking(self, *conditions: Conditions) -> Ask:
        """Return the request for the rows that fulfil these conditions."""
        where = tuple(each for group in conditions for each in group)
        return Ask(self.name or self.table.name, self.columns, where, lacking=self.lacking)

    def all(self, *conditions: Conditions, limit: int, proved: bool = False) -> Iterator[RawRow]:
        """Yield these rows in key order; `proved` where one that is missing would be missed by nobody."""
        paging = Paging(self.browser, self.table)
        for raws, _ in paging.pages(self.asking(*conditions), None, limit, proved=proved):
            yield from raws

    def column(self, name: str) -> Column:
        """Return a column by its full name."""
        return self.columns[self.places[name]]

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Return where each column stands in a raw row."""
        return {column.name: place for place, column in enumerate(self.columns)}


@dataclass(frozen=True)
class Range:
    """The rows that fulfil some conditions, in key order."""

    source: From
    where: Conditions = ()

    def fits(self, raw: RawRow) -> bool:
        """Say whether a row fulfils them."""
        return holds(self.where, raw, self.source.places)

    def pages(self, after: Key | None, limit: int) -> Iterator[RawPage]:
        """Yield pages behind a key."""
        return Paging(self.source.browser, self.source.table).pages(self.source.asking(self.where), after, limit)


@dataclass(frozen=True)
class Listed:
    """The rows that have one of many numbers in a column, a list of numbers at once, by rising numbers.

    `numbers` yields those behind a number; `wanted` leaves out rows that only share the number.
    """

    source: From
    column: Column
    numbers: Callable[[int], Iterator[int]]
    at_once: int
    wanted: Callable[[RawRow], bool] = field(default=lambda raw: True)

    def fits(self, raw: RawRow) -> bool:
        """Say yes: it stands last."""
        return True

    def pages(self, after: Key | None, limit: int) -> Iterator[RawPage]:
        """Yield the rows of each list of numbers whole, with its last number: they may be more than `limit`."""
        numbers, at_once = self.numbers(after[0] if after else -1), min(self.at_once, limit)
        while found := list(islice(numbers, at_once)):
            rows = self.source.all((among(self.column, found),), limit=limit, proved=True)
            yield [raw for raw in rows if self.wanted(raw)], (found[-1],)


@dataclass(frozen=True)
class AisRows:
    """The rows of one stream. `parts` says which parts a window has; `listed` is the key column asked by in lists.

    `stamp` names the columns that say when a row was changed; where it is `changed_elsewhere` too, the parts
    know what was changed since. `dress` adds to each row what is joined to it, and leaves out rows to which
    nothing can be.
    """

    source: From
    parts: Callable[[Window], Sequence[Part]]
    page_size: int
    list_size: int
    listed: Column
    stamp: tuple[str, str] | None = None
    changed_elsewhere: bool = False
    dress: Dress = list

    @property
    def table(self) -> Table:
        """The table whose key the rows have."""
        return self.source.table

    def pages(self, window: Window, limit: int) -> Iterator[tuple[list[RawRow], Key]]:
        """Yield raw pages, each with the part's number and the place in it, until no part has more."""
        parts, after = self.parts(window), window.after or (0,)
        for number in range(after[0], len(parts)):
            place = tuple(after[1:]) if number == after[0] else ()
            for raws, last in parts[number].pages(place or None, min(limit, self.page_size)):
                kept = [raw for raw in raws if self._within(raw, window) and not _in_one_of(parts[:number], raw)]
                yield self.dress(kept), (number, *last)

    def of(self, keys: Sequence[Key]) -> list[tuple[Key, RawRow]]:
        """Return the rows that are there of these keys."""
        raws = self.dress(self._asked(self.source, keys))
        found = zip(Paging(self.source.browser, self.table).of(raws), raws, strict=True)
        wanted = {_bare(key) for key in keys}
        return [(key, raw) for key, raw in found if _bare(key) in wanted]

    def stored(self, file: str, keys: Sequence[Key]) -> set[Key]:
        """Return which of these keys are in another table of the same columns, such as a purge file."""
        table = Table(file, self.table.prefix, self.table.key, self.table.key)
        raws = self._asked(From(self.source.browser, table, table.key, name=file), keys)
        wanted = {_bare(key) for key in keys}
        return {key for key in Paging(self.source.browser, table).of(raws) if _bare(key) in wanted}

    def _asked(self, source: From, keys: Sequence[Key]) -> list[RawRow]:
        """Return the rows that share the listed column with these keys."""
        place = self.table.key.index(self.listed)
        values = list(dict.fromkeys(key[place] for key in keys))
        found: list[RawRow] = []
        for start in range(0, len(values), self.list_size):
            some = among(self.listed, values[start : start + self.list_size])
            found += source.all((some,), limit=self.page_size)
        return found

    def _within(self, raw: RawRow, window: Window) -> bool:
        """Say whether a row was changed in the window; one whose stamp cannot be read is left to the mapping."""
        if self.stamp is None:
            return True
        try:
            day, time = (whole(raw[self.source.places[name]] or 0) for name in self.stamp)
        except BadRecord:
            return True
        if window.until is not None and (day, time) > window.until:
            return False
        return window.since is None or self.changed_elsewhere or (day, time) >= window.since


def _in_one_of(parts: Sequence[Part], raw: RawRow) -> bool:
    return any(part.fits(raw) for part in parts)


def _bare(key: Key) -> Key:
    return tuple(part.strip() if isinstance(part, str) else part for part in key)
