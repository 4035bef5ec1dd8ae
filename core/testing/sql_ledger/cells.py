"""How the cells of an ERP's tables are declared and written: blank-padded text, packed numbers, dates in every form.

Each kind gives what SQLite declares, what the ERP's own catalogue says of such a column, and how a value of the
book becomes what the column holds. Texts compare as in Db2: blanks at the end do not count.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

NEVER: Final = 99_999_999  # the other way, beside 0, in which a packed date says that there is none
PACKED: Final = "DECIMAL"


@dataclass(frozen=True)
class Cell:
    """A kind of column: its SQL, its type, length and scale as the catalogue has them, and how it is written."""

    sql: str
    data_type: str
    length: int
    scale: int
    write: Callable[[Any], Any]


def char(width: int) -> Cell:
    """Return fixed text: cut, padded with blanks, never NULL."""
    sql = f"CHAR({width}) COLLATE RTRIM NOT NULL"
    return Cell(sql, "CHAR", width, 0, lambda held: str(held or "")[:width].ljust(width))


def one_blank(width: int) -> Cell:
    """Return text as PeopleSoft keeps it: not padded, and a single blank where there is none."""
    sql = f"VARCHAR({width}) COLLATE RTRIM NOT NULL"
    return Cell(sql, "VARCHAR2", width, 0, lambda held: str(held or "")[:width] or " ")


def text(width: int) -> Cell:
    """Return text as Oracle keeps it: NULL where there is none."""
    return Cell(f"VARCHAR({width})", "VARCHAR2", width, 0, lambda held: str(held)[:width] if held else None)


def whole(width: int) -> Cell:
    """Return a whole packed number; nothing is 0."""
    return Cell("BIGINT NOT NULL", PACKED, width, 0, lambda held: int(held or 0))


def number(width: int) -> Cell:
    """Return a whole number that may be NULL."""
    return Cell("BIGINT", "NUMBER", width, 0, lambda held: None if held is None else int(held))


def amount(width: int, scale: int) -> Cell:
    """Return a number with that many decimals; nothing is 0."""
    return Cell(f"DECIMAL({width},{scale}) NOT NULL", PACKED, width, scale, lambda held: str(held or 0))


def nullable_amount(width: int = 38, scale: int = 9) -> Cell:
    """Return a number with decimals that may be NULL."""
    sql = f"DECIMAL({width},{scale})"
    return Cell(sql, "NUMBER", width, scale, lambda held: None if held is None else str(held))


def packed_day(form: Callable[[date | None], int], width: int) -> Cell:
    """Return a date as a packed number; a number is written as it stands."""
    return Cell("BIGINT NOT NULL", PACKED, width, 0, lambda held: held if isinstance(held, int) else form(held))


def day() -> Cell:
    """Return a true date, NULL where there is none."""
    return Cell("DATE", "DATE", 7, 0, lambda held: None if held is None else str(held)[:10])


def moment() -> Cell:
    """Return a date with its time, NULL where there is none; it is given in the database's own zone."""
    return Cell("TIMESTAMP", "DATE", 7, 0, _moment)


@lru_cache(maxsize=100_000)
def _moment(held: date | None) -> str | None:
    return None if held is None else f"{held:%Y-%m-%d %H:%M:%S}"


@lru_cache(maxsize=20_000)
def yyyymmdd(on: date | None) -> int:
    """Return a date as 20260331, none as 0."""
    return 0 if on is None else on.year * 10_000 + on.month * 100 + on.day


@lru_cache(maxsize=20_000)
def cyymmdd(on: date | None) -> int:
    """Return a date as 1260331, C being the century since 19xx; none as 0."""
    return 0 if on is None else (on.year - 1900) * 10_000 + on.month * 100 + on.day


@lru_cache(maxsize=20_000)
def cyyddd(on: date | None) -> int:
    """Return a date as 126090, DDD being the day of the year; none as 0."""
    return 0 if on is None else (on.year - 1900) * 1000 + on.timetuple().tm_yday


@lru_cache(maxsize=50_000)
def local(at: datetime, zone: tzinfo) -> datetime:
    """Return an instant as the clock of a zone shows it."""
    return at.astimezone(zone).replace(tzinfo=None)


def hhmmss(at: datetime) -> int:
    """Return a time of day as 93005."""
    return at.hour * 10_000 + at.minute * 100 + at.second


def hundredths(held: Decimal, decimals: int) -> int:
    """Return an amount as a whole number, its decimals being implied."""
    return int(held.scaleb(decimals))
