"""SuiteQL as it is asked: columns under names of their own, conditions, and pages that follow each other by key.

All values come as text and NULL is left out, so each column says what it is, and dates are always written by a
format: without one they come as the user likes to read them. Numbers in a statement are ids, never what anybody typed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final, Literal

from duehook.core.records import EARLIEST

DAY: Final = "YYYY-MM-DD"
INSTANT: Final = "YYYY-MM-DD HH24:MI:SS"
LISTED: Final = 1_000  # values that Oracle takes in one list
COUNTED: Final = "counted"
NEVER: Final = "1 = 0"  # the condition that nothing meets
Kind = Literal["text", "amount", "date", "instant", "flag", "whole", "list"]
Key = tuple[int, ...]
_PLACE: Final = re.compile(r"\b([a-z]+)\.(\w+)")


@dataclass(frozen=True)
class Column:
    """A column of an answer: its name there, where it is taken from, and what it holds."""

    name: str
    source: str
    kind: Kind = "text"

    @property
    def sql(self) -> str:
        """Return it as it stands in a statement."""
        if self.kind in {"date", "instant"}:
            return f"TO_CHAR({self.source},'{DAY if self.kind == 'date' else INSTANT}') AS {self.name}"
        return f"{self.source} AS {self.name}"


@dataclass(frozen=True)
class Query:
    """What is asked of some tables: `tables` are their names by the letters they go by in `source`.

    `key` names the columns that tell its rows apart and order them, all whole numbers.
    """

    source: str
    tables: Mapping[str, str]
    key: tuple[Column, ...]
    columns: tuple[Column, ...] = ()
    where: tuple[str, ...] = field(default=())

    def under(self, *where: str | None) -> Query:
        """Return it under these conditions too."""
        return replace(self, where=(*self.where, *(each for each in where if each)))

    def with_columns(self, *columns: Column) -> Query:
        """Return it with these columns too."""
        return replace(self, columns=(*self.columns, *columns))

    def only(self, *names: str) -> Query:
        """Return it with these of its columns alone."""
        return replace(self, columns=tuple(each for each in self.columns if each.name in names))

    def without(self, missing: Collection[str]) -> Query:
        """Return it without the columns (`table.column`) that the account does not have."""
        kept = tuple(each for each in self.columns if self.place_of(each) not in missing)
        return replace(self, columns=kept)

    def place_of(self, column: Column) -> str:
        """Return `table.column` of what a column is taken from."""
        found = _PLACE.search(column.source)
        return f"{self.tables[found[1]]}.{found[2]}" if found else column.source

    def page(self, after: Key | None, size: int) -> str:
        """Return the statement for the rows behind a key, at most so many."""
        where = (*self.where, *behind([each.source for each in self.key], after))
        order = ", ".join(each.source for each in self.key)
        return f"{self._select(where)} ORDER BY {order} {first(size)}"

    def count(self, after: Key | None = None) -> str:
        """Return the statement that counts the rows, those behind a key, in the same terms."""
        where = (*self.where, *behind([each.source for each in self.key], after))
        return f"SELECT COUNT(*) AS {COUNTED} FROM {self.source}{_where(where)}"

    def key_of(self, row: Mapping[str, Any]) -> Key:
        """Return a row's key; KeyError or ValueError where it has none."""
        return tuple(int(row[each.name]) for each in self.key)

    def _select(self, where: Sequence[str]) -> str:
        columns = ", ".join(each.sql for each in (*self.key, *self.columns))
        return f"SELECT {columns} FROM {self.source}{_where(where)}"


def first(size: int) -> str:
    """Return what ends a statement that gives so many rows."""
    return f"FETCH FIRST {int(size)} ROWS ONLY"


def behind(key: Sequence[str], after: Key | None) -> Iterator[str]:
    """Yield the conditions of what stands behind a key: the first part also by itself, for an index to begin at."""
    if after is None:
        return
    if len(key) == 1:
        yield f"{key[0]} > {int(after[0])}"
        return
    yield f"{key[0]} >= {int(after[0])}"
    yield _behind(key, after)


def _behind(key: Sequence[str], after: Key) -> str:
    here = f"{key[0]} > {int(after[0])}"
    return here if len(key) == 1 else f"({here} OR ({key[0]} = {int(after[0])} AND {_behind(key[1:], after[1:])}))"


def ids(source: str, values: Iterable[int | str]) -> str:
    """Return the condition that a column holds one of these ids."""
    return f"{source} IN ({', '.join(str(int(value)) for value in values)})"


def codes(source: str, values: Iterable[str]) -> str:
    """Return the condition that a column holds one of these codes."""
    return f"{source} IN ({', '.join(literal(value) for value in values)})"


def literal(text: str) -> str:
    """Return a text as it stands in a statement."""
    return "'" + text.replace("'", "''") + "'"


def since_day(source: str, day: date) -> str:
    """Return the condition that a date is this day or later."""
    return f"{source} >= TO_DATE('{day.isoformat()}','{DAY}')"


def of_day(source: str, first: date) -> str:
    """Return the condition that a date is this day or later, or none at all: what was mistyped is not left out."""
    return any_of(since_day(source, first), f"{source} < TO_DATE('{EARLIEST.isoformat()}','{DAY}')")


def since(source: str, local: datetime) -> str:
    """Return the condition that a stamp is this moment or later, which is told in the account's time zone."""
    return f"{source} >= TO_TIMESTAMP('{local:%Y-%m-%d %H:%M:%S}','{INSTANT}')"


def any_of(*conditions: str) -> str:
    """Return the condition that one of these holds."""
    return f"({' OR '.join(conditions)})"


def windows(values: Iterable[int], size: int = LISTED) -> Iterator[list[int]]:
    """Yield the values in ascending parts that fit a list; one that comes twice stands once."""
    found = sorted(set(values))
    for start in range(0, len(found), size):
        yield found[start : start + size]


def _where(conditions: Sequence[str]) -> str:
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""
