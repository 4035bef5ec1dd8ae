"""What a search runs over: a table, what may be joined to it, and the fields that can be asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from duehook.plugins.netsuite.simulator.soap.names import COMMON

_ALIAS: Final = re.compile(r"\b([a-z]{1,3})\.[a-z_`]")


class Asked(NamedTuple):
    """A field of a search: how its values are compared and written, and the SQL of it."""

    kind: str
    sql: str


class Joined(NamedTuple):
    """A further table: what must be joined before it, its JOIN, and what tells its rows apart beside the main key."""

    after: str
    sql: str
    key: str = ""


@dataclass(frozen=True)
class Part:
    """Fields that stand together in a search or in its rows: those that are asked by and those that are given."""

    filters: Mapping[str, Asked]
    columns: Mapping[str, Asked]

    def without(self, column: str) -> Part:
        """Return it without the fields that are of a table's column."""
        both = (self.filters, self.columns)
        kept = [{name: each for name, each in held.items() if not each.sql.endswith(f".{column}")} for held in both]
        return Part(*kept)


@dataclass(frozen=True)
class Source:
    """One type of search. `name` is that of the search without `Search`; `record` what its records are called.

    `always` are the tables without which a row is none; `joins` are the parts beside `basic`, by the names that
    criteria and columns give them.
    """

    name: str
    namespace: str
    record: str
    right: str
    table: str
    key: str
    basic: Part
    tables: Mapping[str, Joined] = field(default_factory=dict)
    joins: Mapping[str, Part] = field(default_factory=dict)
    always: tuple[str, ...] = ()
    row_namespace: str = COMMON

    def without(self, column: str) -> Source:
        """Return it without the fields that are of a table's column."""
        joins = {name: part.without(column) for name, part in self.joins.items()}
        return replace(self, basic=self.basic.without(column), joins=joins)

    def needed(self, expressions: Iterable[str]) -> list[str]:
        """Return the joined tables that expressions name, in the order in which they are joined."""
        named = {alias for text in expressions for alias in _ALIAS.findall(text)}
        for alias in reversed(list(self.tables)):
            if alias in named:
                named.add(self.tables[alias].after)
        return [alias for alias in self.tables if alias in named]

    def sql(self, aliases: Iterable[str]) -> str:
        """Return FROM and JOINs."""
        return " ".join([f"FROM {self.table}", *(self.tables[alias].sql for alias in aliases)])

    def keys(self, aliases: Iterable[str]) -> list[str]:
        """Return what tells rows apart."""
        return [self.key, *(self.tables[alias].key for alias in aliases if self.tables[alias].key)]


def asked(text: str) -> dict[str, Asked]:
    """Read lines of `name kind sql`."""
    lines = [line.split(None, 2) for line in text.strip().splitlines()]
    return {name: Asked(kind, sql) for name, kind, sql in lines}


def part(both: str, *, filters: str = "", columns: str = "") -> Part:
    """Return fields that are both asked by and given, and those that are only one of them."""
    shared = asked(both)
    return Part({**shared, **asked(filters)}, {**shared, **asked(columns)})


def renamed(held: Part, names: Mapping[str, str]) -> Part:
    """Return the same fields of other tables."""

    def other(fields: Mapping[str, Asked]) -> dict[str, Asked]:
        return {name: Asked(each.kind, _ALIAS.sub(_under, each.sql)) for name, each in fields.items() if _has(each)}

    def _under(found: re.Match[str]) -> str:
        return found[0].replace(f"{found[1]}.", f"{names[found[1]]}.", 1)

    def _has(each: Asked) -> bool:
        return all(alias in names for alias in _ALIAS.findall(each.sql))

    return Part(other(held.filters), other(held.columns))
