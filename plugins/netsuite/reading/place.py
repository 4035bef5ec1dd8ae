"""Where a reading stands, as JSON: since when it asks, under which bound, in which part, and behind which key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, Self

from duehook.core.errors import ConnectorGarbled
from duehook.core.field_mapping import FieldMapping
from duehook.core.hookspecs import Position, UpperBound
from duehook.plugins.netsuite.settings import NetsuiteSettings
from duehook.plugins.netsuite.suiteql import Key

VERSION: Final = 1


class Read(Protocol):
    """What is read: by which settings, and by which field mapping."""

    fields: FieldMapping
    settings: NetsuiteSettings


@dataclass(frozen=True)
class Place:
    """A reading of one stream. `digest` stands for what is read and how: after another one all is read anew.

    `step` counts the pages behind one key, so that no two pages have one position; a reading that is taken up there
    gives them all again, and counts on.
    """

    bound: datetime
    digest: str
    since: datetime | None = None
    part: str = ""
    after: Key | None = None
    step: int = 0

    @classmethod
    def at(cls, position: Position | None, bound: UpperBound, site: Read) -> Self:
        """Take up a reading, or begin the next one the lookback before the bound of one that is done."""
        digest = "/".join((site.fields.digest, *site.settings.companies))
        if position is None or (position.get("version") == VERSION and position.get("digest") != digest):
            return cls(bound.at, digest)
        if position.get("version") != VERSION:
            told = f"{position!r} is no position of this connector."
            raise ConnectorGarbled(told, fix="run `duehook import --full`.")
        held = datetime.fromisoformat(position["bound"])
        if position.get("done"):
            return cls(bound.at, digest, held - timedelta(days=site.settings.lookback_days))
        since = datetime.fromisoformat(position["since"]) if position["since"] else None
        after = tuple(map(int, position["after"])) if position["after"] is not None else None
        return cls(held, digest, since, position["part"], after, position.get("step", 0))

    def part_of(self, parts: Sequence[str]) -> Sequence[str]:
        """Return the parts that are still to be read; the first may have been begun."""
        return parts[parts.index(self.part) :] if self.part in parts else parts

    def begun(self, part: str) -> Key | None:
        """Return the key behind which a part goes on, None for its beginning."""
        return self.after if part == self.part else None

    def position(self, part: str, after: Key | None, step: int = 0) -> Position:
        """Return it as JSON, behind a key of a part."""
        since, key = self.since.isoformat() if self.since else None, list(after) if after else None
        told = {"done": False, "since": since, "part": part, "after": key}
        return {**self._written, **told, **({"step": step} if step else {})}

    @property
    def done(self) -> Position:
        """Return where the next reading begins."""
        return {**self._written, "done": True}

    @property
    def _written(self) -> dict[str, Any]:
        return {"version": VERSION, "digest": self.digest, "bound": self.bound.isoformat()}
