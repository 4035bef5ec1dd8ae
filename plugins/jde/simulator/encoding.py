"""How JD Edwards writes dates, instants and amounts."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from functools import lru_cache


@lru_cache(maxsize=20_000)
def julian(day: date | None) -> int:
    """Return a date as CYYDDD, no date as 0."""
    return 0 if day is None else (day.year - 1900) * 1000 + day.timetuple().tm_yday


@lru_cache(maxsize=50_000)
def stamp(at: datetime, zone: tzinfo) -> tuple[int, int]:
    """Return an instant as UPMJ and UPMT in the server's zone, without seconds' fractions."""
    local = at.astimezone(zone)
    return julian(local.date()), local.hour * 10000 + local.minute * 100 + local.second
