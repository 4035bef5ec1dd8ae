"""Reads the raw pages of one selection in key order, and proves that they are whole.

A short page is taken for the last one only after a look behind it found nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from duehook.plugins.jde.reading.keys import Keys
from duehook.plugins.jde.reading.reader import Key, RawRow, Window
from duehook.plugins.jde.tables import Table

from .client import OdbcClient
from .queries import Queries, Selection


class OdbcRows:
    """The rows of one selection."""

    def __init__(self, client: OdbcClient, queries: Queries, selection: Selection) -> None:
        self._client, self._queries, self._selection = client, queries, selection
        self._keys = Keys(selection.table)

    @property
    def table(self) -> Table:
        """The table whose key the rows have."""
        return self._selection.table

    def pages(self, window: Window, limit: int) -> Iterator[tuple[list[RawRow], Key]]:
        """Yield raw pages, each with its last key, until nothing is left behind the last.

        A row with a NULL in its key stands behind no key, so that it may come on more than one page.
        """
        demand = self._keys.demand
        before, short = frozenset[Key](), False
        while raws := self._page(window, limit):
            keys = [key for key in self._keys.of(raws) if None not in key]
            demand(len(raws) <= limit, "a page is larger than was asked for")
            if not keys:
                demand(len(raws) < limit and window.after is not None, "a page has no row with a key")
                yield raws, window.after or ()
                return
            demand(not short, "a page ended early and rows came behind it")
            seen = self._keys.distinct(keys)
            demand(seen.isdisjoint(before) and window.after not in seen, "a page came again")
            short, before = len(raws) < limit, seen
            yield raws, keys[-1]
            window = replace(window, after=keys[-1])

    def of(self, keys: Sequence[Key]) -> list[tuple[Key, RawRow]]:
        """Return the rows that are there of these keys."""
        raws = self._client.rows(self._queries.rows(self._selection, keys), about=self.table.name)
        return list(zip(self._keys.of(raws), raws, strict=True))

    def stored(self, file: str, keys: Sequence[Key]) -> set[Key]:
        """Return which of these keys are in another table of the same columns, such as a purge file."""
        statement = self._queries.keys_in(file, self._selection, keys)
        return {*self._keys.plain(self._client.rows(statement, about=file))}

    def _page(self, window: Window, limit: int) -> list[RawRow]:
        return self._client.rows(self._queries.page(self._selection, window, limit), about=self.table.name)
