"""Where a reading of lines stands: since which day, up to which, and behind which line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Protocol, Self

from duehook.core.hookspecs import Position, UpperBound

FIRST = ("", "", "", "")  # before every line's key


class Spans(Protocol):
    """How far readings reach back, as settings say it."""

    @property
    def history_months(self) -> int:
        """Return for how long what is closed is given at first."""

    @property
    def lookback_days(self) -> int:
        """Return how far a reading goes back behind the last one."""


@dataclass(frozen=True)
class Place:
    """A reading's place. `history_from` is the day from which what is closed is given at first.

    `noted` is what the reading itself keeps in its position, from one reading to the next.
    """

    since: date | None
    bound: date
    history_from: date
    after: tuple[str, ...] | None = None
    noted: tuple[str, ...] = ()

    @classmethod
    def at(cls, position: Position | None, bound: UpperBound, settings: Spans) -> Self:
        """Take up a reading, or begin the next one behind one that is done."""
        today, history = date.fromisoformat(bound.mark["day"]), timedelta(days=settings.history_months * 365 // 12)
        if position is None:
            return cls(None, today, today - history)
        held, noted = date.fromisoformat(position["bound"]), tuple(position.get("noted", ()))
        if position.get("done"):
            return cls(held - timedelta(days=settings.lookback_days), today, today - history, noted=noted)
        since = date.fromisoformat(position["since"]) if position["since"] else None
        return cls(since, held, held - history, tuple(position["after"]), noted)

    def noting(self, noted: Sequence[str]) -> Self:
        """Return it with something else to keep."""
        return replace(self, noted=tuple(noted))

    def position(self, after: Sequence[str]) -> Position:
        """Return it as JSON, behind a line."""
        since = self.since.isoformat() if self.since else None
        return {"since": since, "bound": self.bound.isoformat(), "after": list(after), **self._kept}

    @property
    def done(self) -> Position:
        """Return where the next reading begins."""
        return {"done": True, "bound": self.bound.isoformat(), **self._kept}

    @property
    def _kept(self) -> dict[str, Any]:
        return {"noted": list(self.noted)} if self.noted else {}
