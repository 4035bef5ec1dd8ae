"""Cells that are more than text: numbers and days of a workbook, and cells that hold nothing usable.

Each is the text that it would be in a CSV file, so that codes, conditions and joined keys work alike;
amounts and days are taken as they are, whatever the mapping's `decimal` and `date` say of texts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Self
from zoneinfo import ZoneInfo

from .values import Unreadable, real_day

Cells = list[str]


class Number(str):
    """A cell that holds a number. As text it has no zeros behind the point, and a key stays a key."""

    amount: Decimal

    def __new__(cls, number: int | float) -> Self:
        """Take a float as the shortest decimal that is it: 0.1 is 0.1."""
        amount = Decimal(repr(number))
        text = format(amount, "f")
        cell = super().__new__(cls, text.rstrip("0").rstrip(".") if "." in text else text)
        cell.amount = amount
        return cell


class Moment(str):
    """A cell that holds a day, with or without a time."""

    at: datetime

    def __new__(cls, at: datetime) -> Self:
        """Take a day or an instant; midnight is a day."""
        cell = super().__new__(cls, at.date().isoformat() if at.time() == time() else at.isoformat(" ", "seconds"))
        cell.at = at
        return cell


class Wrong(str):
    """A cell that must not be read as what it shows, and why."""

    why: str

    def __new__(cls, shown: str, why: str) -> Self:
        """Keep the reason beside what the cell shows."""
        cell = super().__new__(cls, shown)
        cell.why = why
        return cell


def amounts_of(read: Callable[[str], Decimal], implied: int = 0) -> Callable[[str], Decimal]:
    """Return a reader of amounts that takes a number as it is; with `implied` decimals it reads its digits."""

    def amount(cell: str) -> Decimal:
        if isinstance(cell, Moment):
            raise Unreadable(f"{cell!r} is a day and no amount; correct the cell's number format")
        return cell.amount if isinstance(cell, Number) and not implied else read(cell)

    return amount


def days_of(read: Callable[[str], date]) -> Callable[[str], date]:
    """Return a reader of days that takes a day as it is."""
    return lambda cell: real_day(cell, cell.at.date()) if isinstance(cell, Moment) else read(cell)


def instants_of(read: Callable[[str], datetime], zone: str) -> Callable[[str], datetime]:
    """Return a reader of instants that takes one as it is, in the files' time zone."""

    def instant(cell: str) -> datetime:
        if isinstance(cell, Moment):
            real_day(cell, cell.at.date())
            return cell.at.replace(tzinfo=ZoneInfo(zone))
        return read(cell)

    return instant
