"""By what a transaction is known to have moved: its stamp where it has one, else the days that stand on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from duehook.core.connecting.place import Place
from duehook.core.hookspecs import Position, UpperBound
from duehook.core.wire.odata import Where
from duehook.plugins.d365.site import D365Site, either_since

DAYS: Final = ("TransDate", "LastSettleDate")


class Movement:
    """What moved since a reading, and what moves while one goes on."""

    def __init__(self, site: D365Site) -> None:
        """Take the site."""
        self._site = site

    def place(self, position: Position | None, bound: UpperBound) -> Place:
        """Take up a reading of transactions, or begin the next one the lookback before the last one's bound."""
        lookback = timedelta(days=self._site.settings.lookback_days)
        return Place.at(position, bound, lookback=lookback, mapping=self._site.fields.digest)

    def wanted(self, place: Place) -> Where:
        """Ask for what moved since then; at first for what did within the history."""
        if place.since is None:
            return either_since(self._site.history_from(place.bound), *DAYS)
        if self._site.stamped:
            return Where.field("SysModifiedDateTime", "ge", place.since)
        return either_since(place.since.date(), *DAYS)

    def has(self, row: Mapping[str, Any], since: datetime) -> bool:
        """Say whether a transaction is among what moved since then."""
        return _stamp(row) >= since if self._site.stamped else is_since(row, since.date())

    def is_past(self, row: Mapping[str, Any], bound: datetime) -> bool:
        """Say whether a transaction changed behind the bound, as far as its stamp or its days tell."""
        if self._site.stamped:
            return _stamp(row) > bound
        return is_since(row, bound.astimezone(UTC).date() + timedelta(days=1))


def is_since(row: Mapping[str, Any], day: date) -> bool:
    """Say whether a transaction was posted or settled on a day or later."""
    held = (row.get(name) for name in DAYS)
    return any(each >= day for each in held if isinstance(each, date))


def _stamp(row: Mapping[str, Any]) -> datetime:
    found = row["SysModifiedDateTime"]
    return found if isinstance(found, datetime) else datetime.max.replace(tzinfo=UTC)
