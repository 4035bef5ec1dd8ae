"""The rows of a resource, found by their id, by what is indexed, and in the order of their stamps."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from typing import Any, Final

Row = dict[str, Any]
STAMP: Final = "LastUpdateDate"


class Table:
    """The rows of a resource by the number that `key` holds.

    `indexed` are the fields that rows are asked for by; one of a child is written `child.field`. `version` rises
    whenever a row is put, so that what was worked out of the rows can be told to be out of date; `put_at` is the
    version that each row came with.
    """

    def __init__(self, key: str, indexed: Iterable[str] = ()) -> None:
        """Start without rows."""
        self.key = key
        self.version = 0
        self.rows: dict[int, Row] = {}
        self.put_at: dict[int, int] = {}
        self.indexes: dict[str, dict[Any, dict[int, None]]] = {name: {} for name in indexed}
        self._ids: list[int] = []
        self._newest: tuple[int, list[int]] = (-1, [])
        self._counts: tuple[int, dict[str, int]] = (-1, {})

    @property
    def counts(self) -> dict[str, int]:
        """What was counted since a row was last put, by the question."""
        if self._counts[0] != self.version:
            self._counts = (self.version, {})
        return self._counts[1]

    def put(self, row: Row) -> None:
        """Put a row in the place of the one that it was."""
        key, self.version = row[self.key], self.version + 1
        before = self.rows.get(key)
        if before is None:
            _append(self._ids, key)
        self.rows[key], self.put_at[key] = row, self.version
        for name, index in self.indexes.items():
            if before is not None:
                for value in _held(before, name):
                    index[value].pop(key, None)
            for value in _held(row, name):
                index.setdefault(value, {})[key] = None

    def drop(self, key: int) -> None:
        """Take a row away."""
        row = self.rows.pop(key, None)
        if row is None:
            return
        self.version += 1
        self._ids.pop(bisect_left(self._ids, key))
        for name, index in self.indexes.items():
            for value in _held(row, name):
                index[value].pop(key, None)

    def by_id(self, above: int | None = None, below: int | None = None) -> Sequence[int]:
        """Return the ids in their order, those between two bounds, each of which may be one of them."""
        start = 0 if above is None else bisect_left(self._ids, above)
        end = len(self._ids) if below is None else bisect_right(self._ids, below)
        return self._ids if (start, end) == (0, len(self._ids)) else self._ids[start:end]

    def newest_first(self) -> Sequence[int]:
        """Return the ids, those whose rows changed last first."""
        if self._newest[0] != self.version:
            by_stamp = sorted(self._ids, key=lambda key: str(self.rows[key].get(STAMP)), reverse=True)
            self._newest = (self.version, by_stamp)
        return self._newest[1]

    def having(self, name: str, values: Iterable[Any]) -> set[int]:
        """Return the ids of the rows that hold one of these values in an indexed field."""
        index = self.indexes[name]
        return {key for value in values for key in index.get(value, ())}


def _held(row: Row, name: str) -> list[Any]:
    child, _, field = name.rpartition(".")
    return [each[field] for each in row.get(child, ())] if child else [row.get(field)]


def _append(ids: list[int], key: int) -> None:
    if not ids or ids[-1] < key:
        ids.append(key)
    else:
        insort(ids, key)
