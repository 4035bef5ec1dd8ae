"""Where a reading stands, as JSON: since when it asks, under which bound, in which part, and behind which row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, Self

from duehook.core.errors import ConnectorGarbled
from duehook.core.hookspecs import Position, UpperBound

VERSION: Final = 1


@dataclass(frozen=True)
class Place:
    """A reading of one stream. `mapping` is the site's field mapping: after another one all is read anew.

    `noted` is what the reading itself keeps, as JSON, from one reading to the next.
    """

    bound: datetime
    since: datetime | None = None
    part: str = ""
    after: tuple[Any, ...] | None = None
    mapping: str = ""
    taken_up: bool = False
    noted: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def at(cls, position: Position | None, bound: UpperBound, *, lookback: timedelta | None, mapping: str) -> Self:
        """Take up a reading, or begin the next one behind one that is done; without `lookback` that is all again."""
        if position is None or (position.get("version") == VERSION and position.get("mapping") != mapping):
            return cls(bound.at, mapping=mapping)
        if position.get("version") != VERSION:
            told = f"{position!r} is no position of this connector."
            raise ConnectorGarbled(told, fix="run `duehook import --full`.")
        held, noted = datetime.fromisoformat(position["bound"]), position.get("noted", {})
        if position.get("done"):
            return cls(bound.at, None if lookback is None else held - lookback, mapping=mapping, noted=noted)
        since = datetime.fromisoformat(position["since"]) if position["since"] else None
        after = tuple(position["after"]) if position["after"] is not None else None
        return cls(held, since, position["part"], after, mapping, taken_up=True, noted=noted)

    def noting(self, noted: Mapping[str, Any]) -> Self:
        """Return it with something else to keep."""
        return replace(self, noted=noted)

    def part_of(self, parts: Sequence[str]) -> Sequence[str]:
        """Return the parts that are still to be read; the first may have been begun."""
        return parts[parts.index(self.part) :] if self.part in parts else parts

    def begun(self, part: str) -> tuple[Any, ...] | None:
        """Return the key behind which a part goes on, None for its beginning."""
        return self.after if part == self.part else None

    def position(self, part: str, after: Sequence[Any]) -> Position:
        """Return it as JSON, behind a row of a part."""
        since = self.since.isoformat() if self.since else None
        return {**self._written(), "done": False, "since": since, "part": part, "after": list(after)}

    @property
    def done(self) -> Position:
        """Return where the next reading begins."""
        return {**self._written(), "done": True}

    def _written(self) -> Position:
        kept = {"noted": dict(self.noted)} if self.noted else {}
        return {"version": VERSION, "mapping": self.mapping, "bound": self.bound.isoformat(), **kept}
