"""Which rows a query chooses, in which order, page by page."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from duehook.core.testing.odata.encoding import as_moment
from duehook.core.testing.odata.model import EntityType
from duehook.core.testing.odata.table import Key, Table

from .cursor import Cursor
from .filters import Filter, Predicate
from .query import Query


@dataclass(frozen=True)
class Chosen:
    """A page of keys, how many rows there are in all, and where the next page begins."""

    keys: Sequence[Key]
    total: int
    next: Cursor | None


class _Falling:
    """A value that sorts the other way round."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __lt__(self, other: _Falling) -> bool:
        return bool(other.value < self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Falling) and bool(self.value == other.value)

    __hash__ = None  # type: ignore[assignment]


Scope = tuple[str, Predicate]
"""Which rows a request may see at all, with a name for it."""


def choose(table: Table, query: Query, of: EntityType, *, scope: Scope | None, page: int | None) -> Chosen:
    """Choose a page of rows: from the cursor on, at most `page` of them where the server limits it.

    Pages follow each other by key, so a row that comes or goes between two pages moves no other.
    """
    by_key = tuple((name, False) for name in of.key[: len(query.order)]) == query.order
    ordered = () if by_key else query.order
    keys = _matching(table, query.filter, of, scope=scope)
    places: Sequence[Any] = keys
    if ordered:
        name = ("order", query.filter and query.filter.text, scope and scope[0], ordered)
        places = table.kept(name, lambda: _sorted(table, keys, of, ordered=ordered))
    first, left = query.skip, query.top
    if query.cursor is not None:
        after = query.cursor.after
        first = bisect_right(places, _place(query.cursor.ordered, after, ordered) if ordered else after)
        left = query.cursor.left
    end = len(places) if left is None else min(first + left, len(places))
    stop = end if page is None else min(first + page, end)
    chosen = [place[1] for place in places[first:stop]] if ordered else places[first:stop]
    following = None
    if stop < end and chosen:
        row = table.get(chosen[-1])
        assert row is not None
        held = tuple(_held(row, each, of) for each, _ in ordered)
        following = Cursor(chosen[-1], held, None if left is None else left - len(chosen))
    return Chosen(chosen, len(places), following)


def _matching(table: Table, wanted: Filter | None, of: EntityType, *, scope: Scope | None) -> Sequence[Key]:
    """Return the keys of the rows that are meant, in order; worked out once for all pages."""
    if wanted is None and scope is None:
        return table.keys()

    def work_out() -> list[Key]:
        if wanted is not None and wanted.shared is not None:
            shared, here = wanted.shared
            keys = _matching(table, shared, of, scope=scope)
            if here.fields <= set(of.key):  # a place in the order of the keys
                return [key for key in keys if here.matches(dict(zip(of.key, key, strict=True)))]
            return [key for key in keys if (row := table.get(key)) is not None and here.matches(row)]
        matches = [part for part in (scope and scope[1], wanted and wanted.matches) if part]
        found = []
        for prefix in _beginnings(wanted, of):
            for key in table.keys(prefix):
                row = table.get(key)
                if row is not None and all(part(row) for part in matches):
                    found.append(key)
        return found

    return table.kept(("match", wanted and wanted.text, scope and scope[0]), work_out)


def _beginnings(wanted: Filter | None, of: EntityType) -> list[Key]:
    """Return, in order, how the keys begin that can be meant: one empty beginning where it may be any."""
    found: list[Key] = [()]
    for name in of.key:
        if wanted is None or name not in wanted.equal:
            break
        found = [(*begun, value) for begun in found for value in sorted(wanted.equal[name])]
    return found


def _sorted(
    table: Table, keys: Sequence[Key], of: EntityType, *, ordered: Sequence[tuple[str, bool]]
) -> list[tuple[Any, Key]]:
    places = []
    for key in keys:
        row = table.get(key)
        if row is not None:
            places.append(_place(tuple(_held(row, name, of) for name, _ in ordered), key, ordered))
    return sorted(places)


def _place(held: tuple[Any, ...], key: Key, ordered: Sequence[tuple[str, bool]]) -> tuple[Any, Key]:
    """Return what sorts a row: blanks first, falling fields the other way round, then the key."""
    risen = [(value is not None, _comparable(value)) for value in held]
    turned = [_Falling(each) if falls else each for each, (_, falls) in zip(risen, ordered, strict=True)]
    return tuple(turned), key


def _comparable(value: Any) -> Any:
    if value is None:
        return 0
    return as_moment(value) if isinstance(value, date) else value


def _held(row: Any, name: str, of: EntityType) -> Any:
    return row.get(name, of.fields[name].initial)
