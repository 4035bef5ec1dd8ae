"""What M3's values mean: every value is text, blank or 0 is no date, and a minus may stand at the end."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, TypeVar

from duehook.core.errors import BadRecord, ConnectorGarbled
from duehook.core.hookspecs import BadRow

Row = Mapping[str, str]
_AMOUNT: Final = re.compile(r"(-?)(\d+(?:\.\d*)?|\.\d+)(-?)\Z", re.ASCII)
_NO_DAY: Final = frozenset({"", "0", "00000000"})
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
SHOWN: Final = 80
REMEMBERED: Final = 4096  # days and amounts: what is open of an invoice is mostly what it came to
_Value = TypeVar("_Value")


def text(row: Row, name: str) -> str | None:
    """Return a field's text without the blanks around it; None where it is blank."""
    held = row.get(name)
    return held.strip() or None if held else None


def required(row: Row, name: str) -> str:
    """Return a field's text; BadRecord where it is blank."""
    found = text(row, name)
    if found is None:
        raise BadRecord(f"{name} is blank.")
    return found


@lru_cache(REMEMBERED)
def number(held: str) -> Decimal:
    """Return `123.45`, `-123.45` or `123.45-` as a number; ValueError for anything else."""
    digits = held.replace(".", "", 1)
    if digits.isdigit() and digits.isascii():
        return Decimal(held)
    match = _AMOUNT.match(held.strip())
    if match is None or (match[1] and match[3]):
        raise ValueError(held)
    return -Decimal(match[2]) if match[1] or match[3] else Decimal(match[2])


def amount(row: Row, name: str) -> Decimal:
    """Return an amount; blank is 0, as M3 fills its fields; BadRecord for what is no number."""
    held = row.get(name)
    if not held or held.isspace():
        return Decimal(0)
    try:
        return number(held)
    except ValueError:
        raise _refused(name, held.strip(), "amount") from None


def money(row: Row, name: str) -> Decimal:
    """Return an amount that must be there; BadRecord where it is blank or no number."""
    try:
        return number(row[name])
    except (KeyError, ValueError):
        raise _refused(name, required(row, name), "amount") from None


def whole(row: Row, name: str) -> int:
    """Return a whole number, 0 for blank; BadRecord for anything else."""
    held = row.get(name)
    if not held or held == "0":
        return 0
    if held.isascii() and held.isdigit():
        return int(held)
    found = amount(row, name)
    if found != int(found):
        raise _refused(name, str(found), "whole number")
    return int(found)


def day(row: Row, name: str) -> date | None:
    """Return a day that is written yyyyMMdd; None for blank and 0; BadRecord for what is no day."""
    held = row.get(name) or ""
    try:
        return _day(held)
    except ValueError:
        raise _refused(name, held.strip(), "day") from None


@lru_cache(REMEMBERED)
def _day(written: str) -> date | None:
    held = written.strip()
    if held in _NO_DAY:
        return None
    if len(held) != 8 or not held.isdigit():
        raise ValueError(held)
    return date.fromisoformat(held)


def sure(read: Callable[[Row, str], _Value], row: Row, name: str) -> _Value:
    """Return a field of a row that no one can set aside; ConnectorGarbled where it cannot be read."""
    try:
        return read(row, name)
    except BadRecord as error:
        told = f"M3 gave what cannot be read: {error.message}"
        raise ConnectorGarbled(told, fix="let the M3 admin look at that record.") from error


def stamp(row: Row, name: str = "LMTS") -> int:
    """Return a time stamp in milliseconds since 1970, 0 for none; BadRecord for what is no number."""
    return whole(row, name)


def instant(milliseconds: int) -> datetime:
    """Return the instant of a time stamp; ValueError for one of no sensible year."""
    found = datetime.fromtimestamp(milliseconds / 1000, UTC)
    if not 1990 <= found.year < 2200:
        raise ValueError(milliseconds)
    return found


def changed_at(row: Row) -> datetime | None:
    """Return when a row changed; None where it bears no stamp, or none that can be read: nothing rests on it."""
    try:
        return instant(stamp(row))
    except (BadRecord, ValueError, OverflowError, OSError):
        return None


def milliseconds(at: datetime) -> int:
    """Return an instant as M3 stamps it."""
    return int((at - _EPOCH).total_seconds() * 1000)


def written(on: date) -> str:
    """Write a day as M3 takes it."""
    return f"{on:%Y%m%d}"


def bad_row(error: BadRecord, row: Row, *, key: str | None, company: str | None) -> BadRow:
    """Return what cannot be read, with what M3 sent and the division it is of."""
    shown: dict[str, Any] = {name: held for name, held in row.items() if held}
    return BadRow(error.message, shown or {"key": key}, key, company)


def _refused(name: str, held: str, kind: str) -> BadRecord:
    return BadRecord(f"{name} holds {held[:SHOWN]!r}, which is no {kind}.")
