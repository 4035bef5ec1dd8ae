"""Values as XML schema writes them, and as the account's tables hold them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from duehook.plugins.netsuite.simulator.tables.values import MARK, as_datetime


def instant(held: str, zone: tzinfo) -> str:
    """Return a date of the tables as xsd:dateTime, with the account's own offset."""
    return written(as_datetime(held).replace(tzinfo=zone))


def written(at: datetime) -> str:
    """Return an instant as xsd:dateTime with its offset, to the millisecond."""
    behind = (at.utcoffset() or timedelta()).total_seconds()
    minutes = int(abs(behind) // 60)
    sign = "-" if behind < 0 else "+"
    return f"{at.replace(tzinfo=None).isoformat(timespec='milliseconds')}{sign}{minutes // 60:02d}:{minutes % 60:02d}"


def read_instant(text: str, zone: tzinfo) -> datetime:
    """Return the local time of the account that an xsd:dateTime means, as if it were UTC; ValueError for none."""
    at = datetime.fromisoformat(text.strip())
    return (at if at.tzinfo is None else at.astimezone(zone)).replace(tzinfo=UTC, microsecond=0)


def stored(at: datetime) -> str:
    """Return a local time as a table holds it."""
    return f"{MARK}{at:%Y-%m-%d %H:%M:%S}" if at.year >= 1000 else f"{MARK}{at.isoformat(' ')[:19]}"


def read_boolean(text: str) -> bool:
    """Return an xsd:boolean; ValueError for none."""
    found = {"true": True, "1": True, "false": False, "0": False}.get(text.strip())
    if found is None:
        raise ValueError(text)
    return found


def number(held: Any) -> str:
    """Return an xsd:double; no zero has a sign."""
    return repr(float(held) + 0.0)
