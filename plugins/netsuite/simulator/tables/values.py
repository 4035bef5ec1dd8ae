"""How the account's tables hold dates, and in which form SuiteQL gives what was not formatted.

A date is text behind a sign of its own, so that one that was never formatted is known when it is given out.
"""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any, Final

MARK: Final = "\x01"


def day(on: date | None) -> str | None:
    """Return a date as a table holds it: midnight."""
    return None if on is None else f"{MARK}{on.isoformat()} 00:00:00"


def moment(at: datetime | None, zone: tzinfo) -> str | None:
    """Return an instant as a table holds it: in the account's own zone, which it does not tell."""
    return None if at is None else f"{MARK}{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def is_date(held: Any) -> bool:
    """Say whether a table's value is a date."""
    return isinstance(held, str) and held.startswith(MARK)


def as_datetime(held: str) -> datetime:
    """Return the local time that is meant, as if it were UTC."""
    return datetime.fromisoformat(f"{held.removeprefix(MARK)}+00:00")


def as_date(held: str | None) -> date | None:
    """Return the day that is meant."""
    return None if held is None else as_datetime(held).date()


def stored(at: datetime) -> str:
    """Return a local time as a table holds it."""
    return f"{MARK}{at.replace(tzinfo=None).isoformat(sep=' ', timespec='seconds')}"


def preferred(held: str) -> str:
    """Return a date as the user's preference writes it, M/D/YYYY: the time of day is lost."""
    at = as_datetime(held)
    return f"{at.month}/{at.day}/{at.year:04d}"


def number_text(held: float) -> str:
    """Return a number as SuiteQL writes it: exact, without zeros at its end."""
    if isinstance(held, int):
        return str(held)
    text = format(Decimal(repr(round(held, 9))).normalize(), "f")
    return "0" if text in ("-0", "") else text


def given_out(held: Any) -> str | None:
    """Return a value as SuiteQL gives it: text, whatever it is; nothing for NULL."""
    if held is None:
        return None
    if isinstance(held, str):
        return preferred(held) if is_date(held) else held
    return number_text(held)
