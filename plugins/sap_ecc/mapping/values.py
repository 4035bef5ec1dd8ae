"""ECC's texts as values: days, amounts with their sign behind them and their currency's decimals, numbers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final

from duehook.core.wire.odata.dialect import Unreadable

NO_DAY: Final = frozenset({"", "00000000"})


def day(column: str, text: str) -> date | Unreadable | None:
    """Read YYYYMMDD; zeros are no day."""
    return _day(column, text)


@lru_cache(maxsize=20_000)
def _day(column: str, text: str) -> date | Unreadable | None:
    if text in NO_DAY:
        return None
    try:
        if len(text) != 8 or not text.isascii() or not text.isdecimal():
            raise ValueError(text)
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return Unreadable(column, text)


def number(column: str, text: str) -> Decimal | Unreadable:
    """Read a number whose minus stands behind it; blank is nothing."""
    found = _number(text)
    return Unreadable(column, text) if found is None else found


@lru_cache(maxsize=5_000)  # most discounts are nothing, and most amounts stand in two columns
def _number(text: str) -> Decimal | None:
    try:
        found = Decimal(text if text and text[-1].isdigit() else _signed(text.strip()))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _signed(text: str) -> str:
    return (f"-{text[:-1].rstrip()}" if text.endswith("-") else text) or "0"


def amount(column: str, text: str, currency: str, decimals: Mapping[str, int]) -> Decimal | Unreadable:
    """Read an amount as the table holds it, with two decimals whatever the currency's own (TCURX)."""
    found = number(column, text)
    shift = 2 - decimals.get(currency, 2)
    return found.scaleb(shift) if shift and isinstance(found, Decimal) else found


@lru_cache(maxsize=2_000)
def whole(text: str) -> int:
    """Read a count of days; what is none counts as none."""
    found = number("", text)
    return int(found) if isinstance(found, Decimal) else 0


def bare(key: str) -> str:
    """Return a number without the zeros that SAP puts in front of it (ALPHA); letters stay as they are."""
    return key.lstrip("0") or key if key.isascii() and key.isdecimal() else key


def padded(key: str, length: int = 10) -> str:
    """Return a number with the zeros that SAP's tables have in front of it."""
    return key.zfill(length) if key.isascii() and key.isdecimal() else key


def text_or_none(row: Mapping[str, Any], column: str) -> str | None:
    """Return a column's text, None for a blank one or one that is not there."""
    return row.get(column) or None
