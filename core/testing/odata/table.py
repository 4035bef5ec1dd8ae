"""Rows by key, in key order, with what was worked out over them kept until one changes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Protocol, Self, TypeVar

Key = tuple[Any, ...]
_T = TypeVar("_T")
_KEPT: Final = 24


class Row(Protocol):
    """What gives a value by a field's name."""

    def get(self, name: str, default: Any = None, /) -> Any:
        """Return the field's value, or the default where the row does not have it."""


class Table:
    """Rows of an entity set by key.

    What is put is what rows are made of: `build` makes the row when it is looked at (the row itself,
    where it is not given), so that a hundred thousand rows cost little. Say `touch` when what they are
    made of has changed under the same keys.
    """

    def __init__(self, build: Callable[[Any], Row] | None = None) -> None:
        """Start empty."""
        self._build = build
        self._sources: dict[Key, Any] = {}
        self._order: list[Key] = []
        self._sorted = True
        self._cache: dict[Any, Any] = {}

    @classmethod
    def of(cls, key_of: Callable[[Row], Key], rows: Iterable[Row]) -> Self:
        """Make a table of rows."""
        made = cls()
        for row in rows:
            made.put(key_of(row), row)
        return made

    def __len__(self) -> int:
        return len(self._sources)

    def put(self, key: Key, source: Any) -> None:
        """Add what a row is made of, or put it in the place of what was there."""
        if key not in self._sources:
            self._order.append(key)
            self._sorted = False
        self._sources[key] = source
        self.touch()

    def drop(self, key: Key) -> None:
        """Take a row away, if it is there."""
        if self._sources.pop(key, None) is not None:
            self._sorted = False
            self.touch()

    def clear(self) -> None:
        """Take all rows away."""
        self._sources.clear()
        self._order.clear()
        self.touch()

    def touch(self) -> None:
        """Forget what was worked out: rows have changed."""
        self._cache.clear()

    def get(self, key: Key) -> Row | None:
        """Return the row of this key."""
        source = self._sources.get(key)
        if source is None:
            return None
        row: Row = self._build(source) if self._build else source
        return row

    def keys(self, prefix: Key = ()) -> Sequence[Key]:
        """Return the keys in order: all, or those that begin so."""
        if not self._sorted:
            self._order = sorted(key for key in dict.fromkeys(self._order) if key in self._sources)
            self._sorted = True
        if not prefix:
            return self._order
        size = len(prefix)
        first = bisect_left(self._order, prefix, key=lambda key: key[:size])
        return self._order[first : bisect_right(self._order, prefix, first, key=lambda key: key[:size])]

    def kept(self, name: Any, work_out: Callable[[], _T]) -> _T:
        """Return what was worked out under this name since the last change, or work it out."""
        if name not in self._cache:
            found = work_out()
            if len(self._cache) >= _KEPT:
                self._cache.pop(next(iter(self._cache)))
            self._cache[name] = found
        held: _T = self._cache[name]
        return held

    def where(self, names: tuple[str, ...], values: Key) -> Sequence[Key]:
        """Return the keys of the rows that hold these values in these fields."""

        def index() -> dict[Key, list[Key]]:
            found: dict[Key, list[Key]] = {}
            for key in self.keys():
                row = self.get(key)
                assert row is not None
                found.setdefault(tuple(row.get(name) for name in names), []).append(key)
            return found

        return self.kept(("index", names), index).get(values, ())
