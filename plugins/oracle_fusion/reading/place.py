"""Where a reading stands, as JSON: since when it asks, under which bound, in which part, and behind which id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Self

from duehook.core.errors import ConnectorGarbled
from duehook.core.hookspecs import Position, UpperBound
from duehook.plugins.oracle_fusion.site import FusionSite

VERSION: Final = 1


@dataclass(frozen=True)
class Place:
    """A reading of one stream. `reads` stands for what is read and how: after another one all is read anew.

    `whole_at` is when a reading last gave all there is, for streams whose changes nobody stamps.
    """

    bound: datetime
    reads: str
    since: datetime | None = None
    part: str = ""
    after: str | None = None
    whole_at: datetime | None = None
    taken_up: bool = False

    @classmethod
    def at(cls, position: Position | None, bound: UpperBound, site: FusionSite) -> Self:
        """Take up a reading, or begin the next one the lookback before the bound of one that is done."""
        reads = "/".join((site.fields.digest, *sorted(site.currencies)))
        if position is not None and position.get("version") != VERSION:
            told = f"{position!r} is no position of this connector."
            raise ConnectorGarbled(told, fix="run `duehook import --full`.")
        if position is None or position.get("reads") != reads:
            return cls(bound.at, reads)
        held, whole_at = datetime.fromisoformat(position["bound"]), _instant(position.get("whole_at"))
        if position["done"]:
            since = held - timedelta(hours=site.settings.lookback_hours)
            return cls(bound.at, reads, since, whole_at=whole_at)
        return cls(
            held, reads, _instant(position["since"]), position["part"], position["after"], whole_at, taken_up=True
        )

    def anew(self) -> Self:
        """Return a reading of all there is."""
        return replace(self, since=None)

    def part_of(self, parts: Sequence[str]) -> Sequence[str]:
        """Return the parts that are still to be read; the first may have been begun."""
        return parts[parts.index(self.part) :] if self.part in parts else parts

    def begun(self, part: str) -> str | None:
        """Return the id behind which a part goes on, None for its beginning."""
        return self.after if part == self.part else None

    def position(self, part: str, after: str) -> Position:
        """Return it as JSON, behind a row of a part."""
        since = self.since.isoformat() if self.since else None
        return {**self._written(self.whole_at), "done": False, "since": since, "part": part, "after": after}

    @property
    def done(self) -> Position:
        """Return where the next reading begins."""
        return {**self._written(self.bound if self.since is None else self.whole_at), "done": True}

    def _written(self, whole_at: datetime | None) -> Position:
        told = whole_at.isoformat() if whole_at else None
        return {"version": VERSION, "reads": self.reads, "bound": self.bound.isoformat(), "whole_at": told}


def _instant(held: str | None) -> datetime | None:
    return datetime.fromisoformat(held) if held else None
