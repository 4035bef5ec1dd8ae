"""Reads the raw pages of one selection in key order, and proves that they are whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from duehook.core.wire.sql import Key, OdbcClient, RawRow, in_key_order
from duehook.plugins.jde.reading.keys import Keys
from duehook.plugins.jde.reading.reader import Window
from duehook.plugins.jde.tables import Table

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
        """Yield raw pages, each with its last key, until nothing is left behind the last."""
        return in_key_order(
            lambda after: self._page(replace(window, after=after), limit),
            self._keys.of, self._keys, limit=limit, after=window.after,
        )  # fmt: skip

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
