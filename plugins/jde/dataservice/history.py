"""Which parts a stream is read in: what SQL would say in one condition with OR."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from duehook.plugins.jde import tables
from duehook.plugins.jde.reading.reader import Window
from duehook.plugins.jde.tables import Column, Table

from .conditions import Condition, Conditions
from .rows import From, Part, Range


@dataclass(frozen=True)
class History:
    """A table whose first reading takes what was posted in the history, then closed in it, then is still open.

    `posted`, `closed` and `still` name the columns that say so. A row without a G/L date is in none of them.
    """

    source: From
    posted: str
    closed: str
    still: Sequence[str] = ()

    def parts(self, window: Window) -> list[Part]:
        """Return the parts of a first reading, or the one of what changed since."""
        day, source = window.recent_from, self.source
        if day is None:
            return [Range(source, changed(source, window))]
        older = Condition(source.column(self.posted), "LESS", (day,))
        ways = [] if self.closed in source.lacking else [since(source, self.closed, day)]
        ways += [not_zero(source.column(name)) for name in self.still]
        return [Range(source, (since(source, self.posted, day),)), *(Range(source, (older, way)) for way in ways)]


def open_parts(source: From) -> list[Part]:
    """Return what has a balance in the company's currency, then what has one in the other only."""
    at_home, abroad = (column_of(tables.ITEM, alias) for alias in ("AAP", "FAP"))
    residue = (Condition(at_home, "EQUAL", (0,)), not_zero(abroad))
    return [Range(source, (not_zero(at_home),)), Range(source, residue)]


def changed(source: From, window: Window) -> Conditions:
    """Return what the day of change must be; nothing for a whole reading, or a table without stamps."""
    stamp = source.table.stamp
    return (since(source, stamp[0], window.since[0]),) if window.since is not None and stamp else ()


def since(source: From, name: str, day: int) -> Condition:
    """Return the condition that a date is that day or later."""
    return Condition(source.column(name), "GREATER_EQUAL", (day,))


def not_zero(column: Column) -> Condition:
    """Return the condition that an amount is not 0."""
    return Condition(column, "NOT_EQUAL", (0,))


def column_of(table: Table, alias: str) -> Column:
    """Return a table's column by its name without the prefix."""
    return next(column for column in table.columns if column.name == table.prefix + alias)
