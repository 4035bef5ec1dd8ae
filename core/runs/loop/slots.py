"""Which slot of a schedule is due: computed from the clock and the newest slot known, never counted.

A slot is named by its local time, so the hour that comes twice in autumn is one slot, and one in
the hour that is left out in spring still comes. Of slots that passed while nothing ran only the
newest is run; the others are noted as missed, so there is no burst.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from duehook.core.settings.values import Slot

LOOK_BACK_DAYS = 8
ROOM = timedelta(hours=2)  # the hour that comes twice, and another for clocks


@dataclass(frozen=True, order=True)
class Due:
    """A slot: its instant, and its name in local time."""

    at: datetime
    name: str


def passed(weekly: Slot, zone: str, now: datetime, since: str | None) -> list[Due]:
    """Return the slots that came up to now and after the slot named `since`, oldest first.

    Without `since` only the newest: a schedule that was never run has missed nothing.
    """
    slots = sorted({due for due in _around(weekly, zone, now) if due.at <= now})
    if since is None:
        return slots[-1:]
    return [due for due in slots if due.name > since]


def coming(weekly: Slot, zone: str, now: datetime) -> Due | None:
    """Return the next slot after now."""
    return min((due for due in _around(weekly, zone, now) if due.at > now), default=None)


def every(interval: timedelta, now: datetime) -> Due:
    """Return the slot of an interval that now lies in, the same for every process."""
    seconds = int(interval.total_seconds())
    start = datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)
    return Due(start, start.isoformat())


def beyond(zone: str, now: datetime) -> str:
    """Return the name after which a slot's is of a day that cannot have come: its clock ran ahead.

    A server whose clock is a little ahead of this one's is left room, so that no slot is run twice.
    """
    return (now + ROOM).astimezone(ZoneInfo(zone)).replace(tzinfo=None).isoformat(timespec="minutes")


def _around(weekly: Slot, zone: str, now: datetime) -> Iterator[Due]:
    today = now.astimezone(ZoneInfo(zone)).date()
    for days in range(-LOOK_BACK_DAYS, LOOK_BACK_DAYS + 1):
        day = today + timedelta(days)
        if day.weekday() in weekly.days:
            local = datetime.combine(day, weekly.at)
            yield Due(local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC), local.isoformat(timespec="minutes"))
