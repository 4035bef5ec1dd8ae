"""Where a reading stands, as JSON: since when it asks, under which bound, in which part, and behind which row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Self, TypeVar

from duehook.core.errors import ConnectorGarbled
from duehook.core.hookspecs import Position, UpperBound

VERSION: Final = 1
HOUR: Final = 3_600_000
_Held = TypeVar("_Held")


@dataclass(frozen=True)
class Place:
    """A reading of one stream; instants are M3's time stamps in milliseconds.

    `mapping` is the site's field mapping: after another one all is read anew. `part` is what the reading makes of
    where it is, `after` the key behind which it goes on there. `whole_on` is the day of the last whole reading, which
    a reading notes where not every one is.
    """

    bound: int
    since: int | None = None
    part: Any = None
    after: tuple[Any, ...] | None = None
    mapping: str = ""
    taken_up: bool = False
    whole_on: str | None = None

    @classmethod
    def at(cls, position: Position | None, bound: UpperBound, *, lookback: float | None, mapping: str) -> Self:
        """Take up a reading, or begin the next one `lookback` hours before the last; without it that is all again."""
        now = int(bound.mark["lmts"])
        if position is None or (position.get("version") == VERSION and position.get("mapping") != mapping):
            return cls(now, mapping=mapping)
        if position.get("version") != VERSION:
            told = f"{position!r} is no position of this connector."
            raise ConnectorGarbled(told, fix="run `duehook import --full`.")
        held, whole_on = int(position["bound"]), position.get("whole_on")
        if position.get("done"):
            since = None if lookback is None else int(held - lookback * HOUR)
            return cls(now, since, mapping=mapping, whole_on=whole_on)
        after = tuple(position["after"]) if position["after"] is not None else None
        return cls(held, position["since"], position["part"], after, mapping, taken_up=True, whole_on=whole_on)

    @property
    def is_whole(self) -> bool:
        """Say whether this reading sees everything from its beginning on."""
        return self.since is None and not self.taken_up

    def moved(self, part: Any, after: Sequence[Any]) -> Self:
        """Return it behind a row of a part."""
        return replace(self, part=part, after=tuple(after))

    @property
    def position(self) -> Position:
        """Return it as JSON."""
        after = None if self.after is None else list(self.after)
        return {**self._written, "done": False, "since": self.since, "part": self.part, "after": after}

    @property
    def done(self) -> Position:
        """Return where the next reading begins."""
        return {**self._written, "done": True}

    @property
    def _written(self) -> Position:
        noted = {"whole_on": self.whole_on} if self.whole_on else {}
        return {"version": VERSION, "mapping": self.mapping, "bound": self.bound, **noted}


def chunks(
    parts: Iterable[tuple[Any, list[_Held]]], place: Place, size: int, *, key: Callable[[_Held], tuple[Any, ...]]
) -> Iterator[tuple[list[_Held], Place]]:
    """Yield what each part holds in pieces, and the place behind each; what the place is behind is left out."""
    for part, held in parts:
        begun = place.after is not None and part == place.part
        left = [each for each in held if not begun or place.after is None or key(each) > place.after]
        for at in range(0, len(left), size):
            piece = left[at : at + size]
            yield piece, place.moved(part, key(piece[-1]))
