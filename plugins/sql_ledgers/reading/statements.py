"""Every SQL text that a part of a template is asked by, for one site's dialect and schema. Nothing here writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from duehook.core.wire.sql import Dialect, Key, Sql, all_of, any_of, behind, equal
from duehook.plugins.sql_ledgers.template.columns import written
from duehook.plugins.sql_ledgers.template.model import Changed, Part

from .catalogue import Known
from .stamps import Stamps


@dataclass(frozen=True)
class Wanted:
    """Which rows one reading wants: changed in [since, until]; open ones, or with the history beside them; else all."""

    until: datetime | None = None
    since: datetime | None = None
    recent: bool = False
    open: bool = False


@dataclass(frozen=True)
class Place:
    """Where a site's tables are: dialect, schema, what is known of their columns, and what `:name` stands for.

    `value` gives None where the site sets none: the condition that names it is left out.
    """

    dialect: Dialect
    schema: str
    ccsid: int | None
    known: Callable[[str], Mapping[str, Known]]
    value: Callable[[str], Any]
    stamps: Stamps


class Statements:
    """The texts of one part."""

    def __init__(self, place: Place, part: Part) -> None:
        self._place, self._part = place, part
        self.names = part.cells_read()

    def page(self, wanted: Wanted, after: Key | None, limit: int) -> Sql:
        """Return one page in key order."""
        conditions = [*self._base(), *self._within(wanted)]
        keys = [self._cell(name) for name in self._part.key]
        if after is not None:
            conditions.append(behind(keys, after))
        return self._statement(conditions, order=", ".join(keys), limit=limit)

    def rows(self, keys: Sequence[Key]) -> Sql:
        """Return the rows of these keys; a part of a key may be written in several ways."""
        columns = [self._cell(name) for name in self._part.key]
        found = any_of([equal(columns, key) for key in keys])
        return self._statement([*self._base(), found])

    def counted(self, text: str) -> Sql:
        """Return a statement of the template's own."""
        found = self._text(text)
        assert found is not None
        return Sql(found.text + self._place.dialect.dirty, found.values)

    def _base(self) -> list[Sql]:
        return [found for text in self._part.where if (found := self._text(f"({text})")) is not None]

    def _within(self, wanted: Wanted) -> list[Sql]:
        part, stamps = self._part, self._place.stamps
        found: list[Sql | None] = [self._text(f"({part.reads})")] if part.reads else []
        if part.changed is not None:
            columns = tuple(self._cell(name) for name in part.changed.columns)
            found += [stamps.until(part.changed, columns, wanted.until)] if wanted.until else []
            found += [self._since(part.changed, columns, wanted.since)] if wanted.since else []
        if part.open and wanted.open:
            found.append(self._text(f"({part.open})"))
        elif part.open and part.history and wanted.recent:
            found.append(self._text(f"({part.open} OR {part.history})"))
        elif part.history and wanted.recent:
            found.append(self._text(f"({part.history})"))
        return [condition for condition in found if condition is not None]

    def _since(self, changed: Changed, columns: tuple[str, ...], at: datetime) -> Sql:
        stamped = self._place.stamps.since(changed, columns, at)
        day = {"since": self._place.stamps.day_of(at)}
        also = [found for text in changed.also if (found := self._text(f"({text})", day)) is not None]
        return any_of([stamped, *also]) if also else stamped

    def _statement(self, conditions: Sequence[Sql], *, order: str = "", limit: int | None = None) -> Sql:
        dialect = self._place.dialect
        top = dialect.top.format(limit) if limit else ""
        tail = dialect.tail.format(limit) if limit else ""
        origin, where = self._origin(), all_of(conditions)
        selected = [self._selected(name) for name in self.names]
        text = f"SELECT {top}{', '.join(each.text for each in selected)} FROM {origin.text}"
        text += f" WHERE {where.text}" if conditions else ""
        text += f" GROUP BY {', '.join(self._grouped())}" if self._part.group else ""
        text += f" ORDER BY {order}" if order else ""
        values = tuple(value for each in selected for value in each.values)
        return Sql(text + tail + dialect.dirty, (*values, *origin.values, *where.values))

    def _origin(self) -> Sql:
        joins = [found for text in self._part.joins if (found := self._text(text)) is not None]
        text = " ".join([self._table(self._part.main), *(join.text for join in joins)])
        return Sql(text, tuple(value for join in joins for value in join.values))

    def _grouped(self) -> list[str]:
        return [self._cell(name) for name in self.names if name not in self._part.select]

    def _selected(self, name: str) -> Sql:
        if name not in self._part.select:
            return Sql(self._cell(name))
        return self._text(self._part.select[name]) or Sql("CAST(NULL AS VARCHAR(1))")

    def _text(self, text: str, own: Mapping[str, Any] = MappingProxyType({})) -> Sql | None:
        """Return the template's SQL as this database's; None where it names a value that the site does not set."""
        values: list[Any] = []
        away: list[str] = []

        def value(name: str) -> str:
            held = own[name] if name in own else self._place.value(name)
            if held is None or held == ():
                away.append(name)
            several = held if isinstance(held, (list, tuple)) else [held]
            values.extend(several)
            return ", ".join("?" * len(several))

        made = written(text, table=self._table, column=self._column, value=value)
        return None if away else Sql(made, tuple(values))

    def _table(self, alias: str) -> str:
        """Return a table with its alias; SQL Server wants the hint behind it."""
        dialect, name = self._place.dialect, self._part.tables[alias]
        plain = dialect.table(self._place.schema, name)
        return f"{plain[: len(plain) - len(dialect.hint)]} {alias}{dialect.hint}"

    def _cell(self, name: str) -> str:
        alias, _, column = name.partition(".")
        return self._column(alias, column)

    def _column(self, alias: str, column: str) -> str:
        """Return a column, quoted; a text of files that are tagged 65535 is cast to the site's CCSID."""
        quoted = f"{alias}.{self._place.dialect.quoted(column)}"
        if not self._place.ccsid or alias not in self._part.tables:
            return quoted
        known = self._place.known(self._part.tables[alias]).get(column, Known())
        if known.kind != "text" or not known.width:
            return quoted
        return f"CAST({quoted} AS VARCHAR({known.width}) CCSID {self._place.ccsid})"
