"""SuiteQL's functions as SQLite calls them: Oracle's formats of dates, and dates that know that they are dates."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache
from sqlite3 import Connection
from typing import Any, Final

from duehook.plugins.netsuite.simulator.tables.values import as_datetime, given_out, is_date, stored

_TOKENS: Final = {
    "YYYY": "%Y", "RRRR": "%Y", "YY": "%y", "HH24": "%H", "HH12": "%I", "HH": "%I", "MI": "%M", "MM": "%m",
    "MON": "%b", "MONTH": "%B", "DDD": "%j", "DD": "%d", "DY": "%a", "SS": "%S", "AM": "%p", "PM": "%p",
}  # fmt: skip
_TOKEN: Final = re.compile("|".join(sorted(_TOKENS, key=len, reverse=True)) + r"|[^A-Za-z0-9\"]|\"([^\"]*)\"|[XFf]+\d?")
_FORMS: Final = ("YYYY-MM-DD HH24:MI:SS", "YYYY-MM-DD")
Displayed = Callable[[str, Any, Any], str | None]


class Wrong(ValueError):
    """A function was given what it cannot take; what NetSuite says of it."""


@lru_cache(maxsize=200)
def python_format(oracle: str) -> str:
    """Return the format of a date as Python writes it; raises Wrong for one that Oracle does not have."""
    made, place = "", 0
    while place < len(oracle):
        token = _TOKEN.match(oracle.upper() if oracle[place] != '"' else oracle, place)
        if token is None:
            raise Wrong("ORA-01821: date format not recognized")
        made += _TOKENS.get(token[0], token[1] if token[1] is not None else "" if token[0][0] in "XF" else token[0])
        place = token.end()
    return made


@lru_cache(maxsize=50_000)
def to_char(held: Any, form: str | None = None) -> str | None:
    """TO_CHAR of a date or a number."""
    if held is None or form is None:
        return given_out(held)
    if not is_date(held):
        return _number(held, form.upper())
    at = as_datetime(held)
    return at.strftime(python_format(form).replace("%Y", f"{at.year:04d}"))  # Linux leaves out a year's zeros


def _number(held: Any, form: str) -> str:
    """Return a number in one of Oracle's formats of digits, such as FM9999990.00; TM9 is as short as can be."""
    digits = form.removeprefix("FM")
    if digits == "TM9":
        return given_out(held) or ""
    if not re.fullmatch(r"[90,]+(\.[90]*)?", digits):
        raise Wrong("ORA-01481: invalid number format model")
    whole, _, part = digits.partition(".")
    text = f"{Decimal(repr(held)):,.{len(part)}f}" if "," in whole else f"{Decimal(repr(held)):.{len(part)}f}"
    return text if form.startswith("FM") else f" {text}".rjust(len(digits) + 1)


def to_date(text: Any, form: str) -> str | None:
    """TO_DATE and TO_TIMESTAMP of a text."""
    if text is None or is_date(text):
        return None if text is None else str(text)
    plain = re.sub(r"\.\d+$", "", str(text)) if "F" in form.upper() else str(text)
    try:
        return stored(datetime.strptime(plain, python_format(form)).replace(tzinfo=UTC))
    except Wrong:
        raise
    except ValueError:
        raise Wrong("ORA-01830: date format picture ends before converting entire input string") from None


def trunc(held: Any, places: Any = None) -> Any:
    """TRUNC of a date, to its day, month or year, or of a number."""
    if held is None:
        return None
    if is_date(held):
        at = as_datetime(held).replace(hour=0, minute=0, second=0)
        unit = str(places or "DD").upper()
        if unit in ("MM", "MONTH"):
            at = at.replace(day=1)
        return stored(at.replace(month=1, day=1) if unit in ("YYYY", "YEAR") else at)
    step = Decimal(1).scaleb(-int(places or 0))
    return float(Decimal(repr(held)).quantize(step, ROUND_DOWN))


def plus(one: Any, other: Any, sign: int) -> Any:
    """Return a sum or difference, of numbers or of a date and days."""
    if one is None or other is None:
        return None
    if is_date(one) and is_date(other):
        return (as_datetime(one) - as_datetime(other)) / timedelta(days=1)
    if is_date(one) or is_date(other):
        at, days = (one, other) if is_date(one) else (other, one)
        return stored(as_datetime(at) + sign * timedelta(days=float(days)))
    return round(float(one) + sign * float(other), 9)


def joined(one: Any, other: Any) -> str:
    """Return what || makes of two values; Oracle takes NULL for an empty text."""
    return f"{given_out(one) or ''}{given_out(other) or ''}"


def nvl2(asked: Any, there: Any, none: Any) -> Any:
    """NVL2."""
    return none if asked is None else there


class Functions:
    """The functions of one account, and what the last of them that failed said."""

    def __init__(self, connection: Connection, displayed: Displayed) -> None:
        """Teach them to the database; `displayed` is what BUILTIN.DF gives."""
        self.said = ""
        one: Mapping[str, tuple[int, Callable[..., Any]]] = {
            "NS_TO_CHAR": (-1, to_char), "NS_TO_DATE": (2, to_date), "NS_TRUNC": (-1, trunc), "NS_PLUS": (3, plus),
            "NS_NVL2": (3, nvl2), "NS_DF": (3, displayed), "NS_JOIN": (2, joined),
        }  # fmt: skip
        for name, (count, function) in one.items():
            connection.create_function(name, count, self._telling(function), deterministic=True)

    def _telling(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def told(*given: Any) -> Any:
            try:
                return function(*given)
            except (Wrong, ValueError, TypeError) as wrong:
                self.said = str(wrong)
                raise

        return told


def read_preferred(text: str) -> str | None:
    """Return the date that a text in the user's preference M/D/YYYY means; None for one in another form."""
    found = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text)
    return stored(datetime(int(found[3]), int(found[1]), int(found[2]), tzinfo=UTC)) if found else None
