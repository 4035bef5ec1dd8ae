"""What searches found: held for a while under an id, and given out page by page."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from duehook.plugins.netsuite.simulator.tables.database import Database

from .columns import Columns
from .criteria import Condition
from .source import Source

Key = tuple[Any, ...]
MOST_HELD: Final = 200
_ORDER: Final = " ORDER BY {}"


@dataclass
class Held:
    """One search: what it asks, the keys of what it found, and how it is given out. `columns` are of rows."""

    search: str
    source: Source
    conditions: list[Condition]
    columns: Columns | None
    size: int
    body_only: bool
    keys: list[Key] = field(default_factory=list)
    used_at: float = 0.0

    @property
    def pages(self) -> int:
        """Return how many pages there are."""
        return -(-len(self.keys) // self.size)

    def page(self, index: int) -> list[Key]:
        """Return the keys of a page, counted from one."""
        return self.keys[(index - 1) * self.size : index * self.size]

    def find(self, database: Database) -> None:
        """Look for the keys of all that is asked for."""
        statement, values = self._statement([], only=None)
        self.keys = [tuple(row) for row in database.connection.execute(statement, values)]

    def rows(self, database: Database, keys: Sequence[Key]) -> list[Sequence[Any]]:
        """Return the columns' values of a page as they are now; what is no longer found is left out."""
        if not keys or self.columns is None:
            return []
        statement, values = self._statement(self.columns.sql, only=(keys[0][0], keys[-1][0]))
        wide, wanted = len(keys[0]), set(keys)
        found = database.connection.execute(statement, values)
        return [row[wide:] for row in found if tuple(row[:wide]) in wanted]

    def _statement(self, columns: Sequence[str], only: tuple[Any, Any] | None) -> tuple[str, list[Any]]:
        source, asked = self.source, [each.sql for each in self.conditions]
        wanted = self.columns.sql if self.columns else []
        always = [f"{alias}.x" for alias in source.always] if self.columns else []
        aliases = source.needed([*asked, *wanted, *always])
        keys = source.keys(aliases) if self.columns else [source.key]
        values = [value for each in self.conditions for value in each.values]
        if only:
            asked = [*asked, f"{source.key} BETWEEN ? AND ?"]
            values += only
        where = f" WHERE {' AND '.join(f'({each})' for each in asked)}" if asked else ""
        distinct = "" if self.columns else "DISTINCT "
        listed = ", ".join([*keys, *columns])
        return f"SELECT {distinct}{listed} {source.sql(aliases)}{where}{_ORDER.format(', '.join(keys))}", values


class Searches:
    """The searches of an account, each until nobody has asked for a page of it for `life` seconds."""

    def __init__(self, account: str, life: float, now: Callable[[], float] = time.monotonic) -> None:
        """Start without any; `now` counts seconds."""
        self._account, self._life, self._now = account, life, now
        self._held: dict[str, Held] = {}
        self._made = 0

    def hold(self, held: Held) -> Held:
        """Keep a search; the oldest are forgotten."""
        self._made += 1
        held.search = f"WEBSERVICES_{self._account}_{self._made:026d}"
        held.used_at = self._now()
        self._held[held.search] = held
        for name in list(self._held)[:-MOST_HELD]:
            del self._held[name]
        return held

    def found(self, search: str) -> Held | None:
        """Return a search by its id; None for one that there is not, or no longer."""
        held = self._held.get(search)
        if held is None or self._now() - held.used_at > self._life:
            self._held.pop(search, None)
            return None
        held.used_at = self._now()
        return held

    def expire(self) -> int:
        """Forget all searches; return how many there were."""
        number = len(self._held)
        self._held.clear()
        return number
