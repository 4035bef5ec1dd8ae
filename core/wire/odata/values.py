"""What values of JSON mean in the two versions: exact numbers, days, instants, times and flags."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from .fields import Kind

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NO_DAY: Final = frozenset({"0000-00-00", "0001-01-01"})  # how ABAP's initial date comes through
_TICKS: Final = re.compile(r"^/Date\((-?\d+)(?:[+-]\d+)?\)/$")
_SPAN: Final = re.compile(r"^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?$")


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool | float):
        raise ValueError("no exact number")
    found = Decimal(value)
    if not found.is_finite():
        raise ValueError("no number")
    return found


def _whole(value: Any) -> int:
    if isinstance(value, bool) or int(value) != Decimal(value):
        raise ValueError("no integer")
    return int(value)


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError("neither true nor false")


@lru_cache(maxsize=20_000)  # a book has few thousand different days
def _v2_day(text: str) -> date | None:
    found = _v2_instant(text)
    return found and found.date()


def _v2_instant(text: str) -> datetime | None:
    found = _TICKS.match(text)
    if found is None:
        return _v4_instant(text)
    instant = _EPOCH + timedelta(milliseconds=int(found[1]))
    return instant if instant.year > 1 else None


def _v2_time(text: str) -> time:
    found = _SPAN.match(text)
    if found is None:
        return time.fromisoformat(text)
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return time(hours, minutes, seconds)


@lru_cache(maxsize=20_000)
def _v4_day(text: str) -> date | None:
    return None if text[:10] in _NO_DAY else date.fromisoformat(text[:10])


def _v4_instant(text: str) -> datetime | None:
    if text[:10] in _NO_DAY:
        return None
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def v2_value(value: Any) -> Any:
    """Return a value as V2 writes it into JSON."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day, tzinfo=UTC)
        return f"/Date({int((moment - _EPOCH).total_seconds() * 1000)})/"
    return value


_SHARED: Final[Mapping[Kind, Callable[[Any], Any]]] = {"amount": _decimal, "whole": _whole, "flag": _flag}
V2_DECODERS: Final[Mapping[Kind, Callable[[Any], Any]]] = {
    **_SHARED, "day": _v2_day, "instant": _v2_instant, "time": _v2_time,
}  # fmt: skip
V4_DECODERS: Final[Mapping[Kind, Callable[[Any], Any]]] = {
    **_SHARED, "day": _v4_day, "instant": _v4_instant, "time": time.fromisoformat,
}  # fmt: skip
