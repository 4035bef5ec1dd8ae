"""Where a reading of lines stands: since which day, up to which, and behind which line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from duehook.core.hookspecs import Position, UpperBound
from duehook.core.wire.odata import Where, any_of
from duehook.plugins.sap.settings import SapSettings
from duehook.plugins.sap.site import day_of

from .cube import OPEN

STAMPS = ("LastChangeDate", "AccountingDocumentCreationDate", "ClearingDate", "ClearingCreationDate")
FIRST = ("", "", "", "")  # before every line's key


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
    def at(cls, position: Position | None, bound: UpperBound, settings: SapSettings) -> Place:
        """Take up a reading, or begin the next one behind one that is done."""
        today, history = day_of(bound.mark), timedelta(days=settings.history_months * 365 // 12)
        if position is None:
            return cls(None, today, today - history)
        held, noted = date.fromisoformat(position["bound"]), tuple(position.get("noted", ()))
        if position.get("done"):
            return cls(held - timedelta(days=settings.lookback_days), today, today - history, noted=noted)
        since = date.fromisoformat(position["since"]) if position["since"] else None
        return cls(since, held, held - history, tuple(position["after"]), noted)

    def noting(self, noted: Sequence[str]) -> Place:
        """Return it with something else to keep."""
        return replace(self, noted=tuple(noted))

    def wanted(self, *stamps: str) -> Where:
        """Ask for what is open or young enough by its `stamps` at first, for what is stamped since then later."""
        if self.since is not None:
            return any_of(*(Where.field(name, "ge", self.since) for name in STAMPS))
        return any_of(OPEN, *(Where.field(stamp, "ge", self.history_from) for stamp in stamps))

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
