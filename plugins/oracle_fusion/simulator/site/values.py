"""Days and instants as the resources write them, and amounts read back to the last digit."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from .codes import units


def day(on: date | None) -> str | None:
    """Return a day as it is written."""
    return None if on is None else on.isoformat()


def stamp(at: datetime) -> str:
    """Return an instant as it is written: in UTC, to the second."""
    return at.astimezone(UTC).replace(microsecond=0).isoformat()


def exact(held: float, currency: str) -> Decimal:
    """Return an amount with the decimals of its currency."""
    return Decimal(str(held)).quantize(Decimal(1) / units(currency))


def as_day(held: str | None) -> date | None:
    """Return the day that is written, where one is."""
    return None if held is None else date.fromisoformat(held)
