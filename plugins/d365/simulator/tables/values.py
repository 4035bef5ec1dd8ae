"""How F&O writes record ids, dates and amounts."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from typing import Final

_MIDDAY: Final = time(12, tzinfo=UTC)
NONE_AT: Final = datetime(1900, 1, 1, 12, tzinfo=UTC)
FIRST: Final = 68_719_476_736
EXACT: Final = 2**53  # above it a float has lost the last digits
_BIG: Final = 8  # one id in so many is above it
NOTHING: Final = Decimal("0.00")


def record_id(table: str, name: str) -> int:
    """Return the SysRecId of a row: always the same for the same name, now and then above 2**53 and odd."""
    digest = int.from_bytes(blake2b(f"{table} {name}".encode(), digest_size=8).digest())
    if digest % _BIG == 0:
        return EXACT + (digest >> 4) | 1
    return FIRST + (digest >> 4) % (EXACT - FIRST)


@lru_cache(maxsize=20_000)
def midday(day: date | None) -> datetime:
    """Return a date as F&O keeps it: at midday UTC, none as the first of January 1900."""
    return NONE_AT if day is None else datetime.combine(day, _MIDDAY)


def day_of(at: datetime) -> date | None:
    """Return the date that is meant, None for F&O's way of writing none."""
    return None if at == NONE_AT else at.date()


def yes(truth: object) -> str:
    """Return NoYes."""
    return "Yes" if truth else "No"
