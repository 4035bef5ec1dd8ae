"""Every SQL text that EnterpriseOne's database is asked, built for one site's dialect and schemas.

JDE's column names are unique over all tables by their prefix, so a join needs no qualifiers. Nothing
here writes: SQL writes into JDE's tables are not supported by its vendor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from duehook.core.wire.sql import DIALECTS, Sql, all_of, any_of, behind, equal
from duehook.plugins.jde.reading.reader import Window
from duehook.plugins.jde.settings import JdeSettings
from duehook.plugins.jde.tables import Column, Table
from duehook.plugins.jde.values import Stamp

Present = Callable[[Table], frozenset[str]]


@dataclass(frozen=True)
class Selection:
    """What one stream reads: columns, where they come from, and which rows.

    `stamp` are the (date, time) columns that say when a row was changed; `changed` picks the rows
    changed since, where more than the stamp says so. `recent` picks the rows of a first reading.
    """

    table: Table
    columns: tuple[str, ...]
    origin: Sql
    where: tuple[Sql, ...] = ()
    stamp: tuple[str, str] | None = None
    changed: Callable[[Stamp], Sql] | None = None
    recent: Callable[[int], Sql] | None = None


class Queries:
    """Builds the texts; `present` says which columns a table of this site has."""

    def __init__(self, settings: JdeSettings, present: Present) -> None:
        self._settings = settings
        self.present = present
        self.dialect = DIALECTS[settings.dialect]

    def origin(self, table: Table | str, *, control: bool = False) -> str:
        """Return a table as it stands behind FROM."""
        schema = (control and self._settings.control_schema) or self._settings.data_schema
        return self.dialect.table(schema, table if isinstance(table, str) else table.name)

    def q(self, name: str) -> str:
        """Return a column, quoted."""
        return self.dialect.quoted(name)

    @property
    def is_open(self) -> str:
        """Return the condition for an open item: either balance, so that rounding residues count."""
        return f"{self.q('RPAAP')} <> 0 OR {self.q('RPFAP')} <> 0"

    @property
    def parent_structure(self) -> str:
        """Return the structure type of F0150 that says who is whose parent."""
        return self._settings.parent_structure

    def columns(self, table: Table, *, exact: Sequence[str] = ()) -> tuple[str, ...]:
        """Return the table's columns in order; one that the site lacks reads as NULL."""
        present = self.present(table)
        return tuple(self.column(column, present, exact=column.name in exact) for column in table.columns)

    def column(self, column: Column, present: frozenset[str], *, exact: bool = False) -> str:
        """Return one column as it is selected."""
        if column.optional and column.name not in present:
            return "CAST(NULL AS VARCHAR(1))"
        quoted = self.q(column.name)
        if exact:
            return self.dialect.exact.format(quoted)
        if column.width and self._settings.ccsid:
            return f"CAST({quoted} AS VARCHAR({column.width}) CCSID {self._settings.ccsid})"
        return quoted

    def lines_of(self, table: Table, customers: Sequence[int]) -> Sql:
        """Return the phones or mail addresses of these customers in key order."""
        number = self.q(f"{table.prefix}AN8")
        marks = ", ".join("?" * len(customers))
        order = ", ".join(self.q(column.name) for column in table.key)
        text = f"SELECT {', '.join(self.columns(table))} FROM {self.origin(table)} WHERE {number} IN ({marks})"
        return Sql(f"{text} ORDER BY {order}{self.dialect.dirty}", tuple(customers))

    def look(
        self, table: Table | str, names: Sequence[str], where: Mapping[str, Sequence[Any]], *, control: bool = False
    ) -> Sql:
        """Return the statement for some columns of the rows whose cells are among these values."""
        values = [value for found in where.values() for value in found]
        marks = [f"{{{name}}} IN ({', '.join('?' * len(found))})" for name, found in where.items()]
        known = {column.name: column for column in table.columns} if isinstance(table, Table) else {}
        columns = ", ".join(self.column(known.get(name) or Column(name), frozenset(names)) for name in names)
        return self.plain(columns, table, " AND ".join(marks), *values, control=control)

    def page(self, selection: Selection, window: Window, limit: int) -> Sql:
        """Return one page in key order."""
        conditions = [*selection.where, *self._within(selection, window)]
        if window.after is not None:
            conditions.append(behind([self.q(column.name) for column in selection.table.key], window.after))
        order = ", ".join(self.q(column.name) for column in selection.table.key)
        return self._statement(selection, conditions, order=order, limit=limit)

    def rows(self, selection: Selection, keys: Sequence[Sequence[Any]]) -> Sql:
        """Return the rows of these keys."""
        names = [self.q(column.name) for column in selection.table.key]
        return self._statement(selection, [*selection.where, any_of([equal(names, key) for key in keys])])

    def keys_in(self, table: str, selection: Selection, keys: Sequence[Sequence[Any]]) -> Sql:
        """Return which of these keys are in another table of the same columns, such as a purge file."""
        names = [self.q(column.name) for column in selection.table.key]
        found = any_of([equal(names, key) for key in keys])
        text = f"SELECT {', '.join(names)} FROM {self.origin(table)} WHERE {found.text}{self.dialect.dirty}"
        return Sql(text, found.values)

    def plain(self, columns: str, table: Table | str, where: str = "", *values: Any, control: bool = False) -> Sql:
        """Return a small statement over one table, its column names in `{braces}`."""
        named = _Quoted(self)
        text = f"SELECT {columns.format_map(named)} FROM {self.origin(table, control=control)}"
        text += f" WHERE {where.format_map(named)}" if where else ""
        return Sql(text + self.dialect.dirty, values)

    def nothing(self, table: str, *, control: bool = False) -> Sql:
        """Return a statement without rows that shows the right to read a table, and its columns."""
        return Sql(f"SELECT * FROM {self.origin(table, control=control)} WHERE 1 = 0{self.dialect.dirty}")

    def clock(self) -> Sql:
        """Return the statement that reads the database's clock."""
        return Sql(self._settings.clock_query or self.dialect.clock)

    def _within(self, selection: Selection, window: Window) -> list[Sql]:
        found = []
        if window.until is not None and selection.stamp:
            found.append(self._until(selection.stamp, window.until))
        if window.since is not None and selection.changed:
            found.append(selection.changed(window.since))
        elif window.since is not None and selection.stamp:
            found.append(self.since(selection.stamp, window.since))
        if window.recent_from is not None and selection.recent:
            found.append(selection.recent(window.recent_from))
        return found

    def since(self, stamp: tuple[str, str], since: Stamp) -> Sql:
        """Return the condition "changed at this stamp or after"."""
        day, time = map(self.q, stamp)
        return Sql(f"{day} >= ? AND ({day} > ? OR {time} >= ?)", (since[0], *since))

    def _until(self, stamp: tuple[str, str], until: Stamp) -> Sql:
        day, time = map(self.q, stamp)
        return Sql(f"({day} < ? OR ({day} = ? AND {time} <= ?) OR {day} IS NULL)", (until[0], *until))

    def _statement(
        self, selection: Selection, conditions: Sequence[Sql], *, order: str = "", limit: int | None = None
    ) -> Sql:
        dialect = self.dialect
        top = dialect.top.format(limit) if limit else ""
        tail = dialect.tail.format(limit) if limit else ""
        where = all_of(conditions)
        text = f"SELECT {top}{', '.join(selection.columns)} FROM {selection.origin.text}"
        text += f" WHERE {where.text}" if conditions else ""
        text += f" ORDER BY {order}" if order else ""
        return Sql(text + tail + dialect.dirty, (*selection.origin.values, *where.values))


class _Quoted(dict[str, str]):
    def __init__(self, queries: Queries) -> None:
        super().__init__()
        self._queries = queries

    def __missing__(self, name: str) -> str:
        return self._queries.q(name)
