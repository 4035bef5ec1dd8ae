"""Reads the raw pages of one selection in key order, and proves that they are whole.

A short page is taken for the last one only after a look behind it found nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Any, Final

from duehook.core.errors import BadRecord, ConnectorGarbled
from duehook.plugins.jde.site import JdeSite
from duehook.plugins.jde.tables import Table
from duehook.plugins.jde.values import whole

from .client import RawRow
from .queries import Selection, Window

Key = tuple[Any, ...]
_INTS: Final = frozenset({int})


class Keys:
    """Takes the keys of a table out of raw rows, numbers as int whatever the driver gave."""

    def __init__(self, table: Table) -> None:
        places = [table.columns.index(column) for column in table.key]
        self._numbers = [place for place, column in enumerate(table.key) if column.width is None]
        self._taken = itemgetter(*places) if len(places) > 1 else lambda raw, place=places[0]: (raw[place],)

    def of(self, raws: Sequence[RawRow]) -> list[Key]:
        """Return the rows' keys, a NULL in one as None; raise BadRecord when one cannot be read."""
        return self.plain(list(map(self._taken, raws)))

    def plain(self, keys: Sequence[Sequence[Any]]) -> list[Key]:
        """Return keys that stand alone."""
        if all({type(key[place]) for key in keys} <= _INTS for place in self._numbers):
            return list(map(tuple, keys))
        numbers = frozenset(self._numbers)
        return [
            tuple(whole(value) if at in numbers and value is not None else value for at, value in enumerate(key))
            for key in keys
        ]


class Paging:
    """One selection on one site, in pages of at most `limit` rows."""

    def __init__(self, site: JdeSite, selection: Selection, limit: int) -> None:
        self._site = site
        self._selection = selection
        self._limit = limit
        self._keys = Keys(selection.table)

    def pages(self, window: Window) -> Iterator[tuple[list[RawRow], Key]]:
        """Yield raw pages, each with its last key, until nothing is left behind the last.

        A row with a NULL in its key stands behind no key, so that it may come on more than one page.
        """
        before, short = frozenset[Key](), False
        while raws := self._page(window):
            keys = [key for key in self.keys(raws) if None not in key]
            self._demand(len(raws) <= self._limit, "a page is larger than was asked for")
            if not keys:
                self._demand(len(raws) < self._limit and window.after is not None, "a page has no row with a key")
                yield raws, window.after or ()
                return
            seen = frozenset(keys)
            self._demand(not short, "a page ended early and rows came behind it")
            if len(seen) != len(keys):
                raise self._garbled(f"two rows have one key ({_twice(keys)})")
            self._demand(seen.isdisjoint(before) and window.after not in seen, "a page came again")
            short, before = len(raws) < self._limit, seen
            yield raws, keys[-1]
            window = replace(window, after=keys[-1])

    def keys(self, raws: Sequence[RawRow]) -> list[Key]:
        """Return the rows' keys; raise ConnectorGarbled when one cannot be read."""
        try:
            return self._keys.of(raws)
        except BadRecord as error:
            raise self._garbled(f"a key cannot be read: {error}") from error

    def _page(self, window: Window) -> list[RawRow]:
        statement = self._site.queries.page(self._selection, window, self._limit)
        return self._site.rows(statement, self._selection.table)

    def _demand(self, holds: bool, otherwise: str) -> None:
        if not holds:
            raise self._garbled(otherwise)

    def _garbled(self, what: str) -> ConnectorGarbled:
        return ConnectorGarbled(
            f"{self._selection.table.name}: {what}; nothing of that page was kept.",
            fix="run the import again; it goes on behind the last good page.",
        )


def _twice(keys: Sequence[Key]) -> str:
    key, _ = Counter(keys).most_common(1)[0]
    return "|".join(str(part).strip() for part in key)
