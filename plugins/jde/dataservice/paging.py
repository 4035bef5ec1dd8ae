"""Reads the rows behind a key in key order, whatever becomes of the session on the way.

A page leads to the next one by a link that dies with the session; a range of rows is done only when a
request for what is behind its last key gives nothing. So a link that is lost, a page that ends early and
a server that knows no links all cost requests, and never a row.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from typing import Final

from duehook.core.errors import ConnectorRefused
from duehook.plugins.jde.reading.keys import Keys
from duehook.plugins.jde.reading.reader import Key, RawRow
from duehook.plugins.jde.tables import Column, Table

from .browser import Ask, Browser, Grid
from .conditions import Conditions, behind

RawPage = tuple[list[RawRow], Key]
_Pages = Generator[RawPage, None, tuple[Key | None, bool]]  # returns the last key, and whether AIS says it is the last
_ORDER: Final = "let `ais.data_service.order` be `asked` on Tools 9.2.0.5 or later; this AIS does not sort by the key."


class Ordered:
    """Notices rows out of the key's order, without knowing how the server sorts texts.

    Behind an equal text numbers must rise, and a text that was left must not come again.
    """

    def __init__(self, table: Table) -> None:
        self._columns: Sequence[Column] = table.key
        self._name = table.name
        self._last: Key | None = None
        self._left: set[Key] = set()

    def see(self, keys: Sequence[Key]) -> None:
        """Look at the next keys; raise ConnectorRefused where one is out of order."""
        for key in keys:
            if self._last is not None and not self._after(self._last, key):
                raise ConnectorRefused(
                    f"AIS gives the rows of {self._name} out of the order of their keys.", fix=_ORDER
                )
            self._last = key

    def _after(self, last: Key, key: Key) -> bool:
        place = next((at for at, (one, other) in enumerate(zip(last, key, strict=True)) if one != other), None)
        if place is None:
            return False
        if self._columns[place].width is None:
            return bool(last[place] < key[place])
        if place < len(key) - 1:  # of the last column there are as many values as rows
            self._left.add(last[: place + 1])
        return key[: place + 1] not in self._left


class Paging:
    """The rows of one request, in pages."""

    def __init__(self, browser: Browser, table: Table) -> None:
        self._browser, self._table = browser, table
        self._keys = Keys(table)

    def pages(self, ask: Ask, after: Key | None, limit: int, *, proved: bool = True) -> Iterator[RawPage]:
        """Yield pages of at most `limit` rows behind a key, each with its last key, until nothing is left.

        Where it need not be `proved`, AIS's word that there are no more rows is taken for it.
        """
        ask, ordered = replace(ask, order=self._table.key), Ordered(self._table)
        while True:
            last, ended = yield from self._further(ask, after, limit, ordered=ordered)
            if last == after or (ended and not proved):
                return
            after = last

    def of(self, raws: Sequence[RawRow]) -> list[Key]:
        """Return the rows' keys."""
        return self._keys.of(raws)

    def _further(self, ask: Ask, after: Key | None, limit: int, *, ordered: Ordered) -> _Pages:
        """Yield the pages of the first range behind the key that has rows."""
        ranges: list[Conditions] = [()] if after is None else behind(self._table.key, after)
        for place, extra in enumerate(ranges, 1):
            asked = replace(ask, where=(*ask.where, *extra))
            last, ended = yield from self._linked(asked, after, limit, ordered=ordered)
            if last != after:
                return last, ended and place == len(ranges)
        return after, True

    def _linked(self, ask: Ask, after: Key | None, limit: int, *, ordered: Ordered) -> _Pages:
        """Yield the pages of one request and of the links behind it, until there is none or its session ended."""
        grid: Grid | None = self._browser.page(ask, limit)
        before, demand = frozenset[Key](), self._keys.demand
        while grid is not None and grid.rows:
            raws = self._browser.raw(ask, grid)
            demand(len(raws) <= limit, "a page is larger than was asked for")
            keys = [key for key in self._keys.of(raws) if None not in key]
            seen = self._keys.distinct(keys)
            demand(seen.isdisjoint(before) and after not in seen, "a page came again")
            ordered.see(keys)
            after, before = (keys[-1] if keys else after), seen
            yield raws, after or ()
            if not grid.more:
                return after, not grid.lacks_rows
            grid = self._browser.next(ask, grid)
        return after, grid is not None and not grid.more
