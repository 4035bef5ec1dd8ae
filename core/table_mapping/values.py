"""Read the text of one cell: amounts, whole numbers, dates and instants, by the stated format only.

Nothing is guessed: text that does not fit its format is refused with the format's name.
"""

from __future__ import annotations

import re
from calendar import isleap
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from duehook.core.records import EARLIEST

_WHOLE: Final = re.compile(r"([-+]?\d+)(?:[.,]0*)?\Z")
_PLAIN: Final = re.compile(r"\d+(?:\.\d*)?\Z|\.\d+\Z")
_USUAL: Final = re.compile(r"-?\d+\.\d{2}\Z")
MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TOKENS: Final = {
    "CYY": r"(?P<century>\d)?(?P<short>\d{2})",  # of IBM i: 0 or nothing is 19xx, 1 is 20xx
    "YYYY": r"(?P<year>\d{4})",
    "YY": r"(?P<short>\d{2})",
    "MMM": r"(?P<name>[A-Za-z]{3})",
    "MM": r"(?P<month>\d{2})",
    "M": r"(?P<month>\d{1,2})",
    "DDD": r"(?P<yearday>\d{3})",
    "DD": r"(?P<day>\d{2})",
    "D": r"(?P<day>\d{1,2})",
    "HH": r"(?P<hour>\d{2})",
    "mm": r"(?P<minute>\d{2})",
    "ss": r"(?P<second>\d{2})",
}
TOKEN: Final = re.compile("|".join(_TOKENS))


class Unreadable(Exception):
    """A cell's text is not what its format says; the message says what to write instead."""


def amount_reader(decimal: str, thousands: str, implied: int = 0) -> Callable[[str], Decimal]:
    """Return a reader of amounts; a minus may stand behind (SAP) and parentheses mean minus.

    With `implied` the last so many digits are decimals, and no sign stands before them: 1050 is 10.50.
    """
    grouped = re.compile(rf"\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+(?:{re.escape(decimal)}\d*)?\Z")
    is_plain = decimal == "." and not implied

    def read(text: str) -> Decimal:
        if is_plain and _USUAL.match(text):
            return Decimal(text)
        digits, negative = _unsigned(text)
        if thousands and thousands in digits:
            digits = digits.replace(thousands, "") if grouped.match(digits) else "?"
        if decimal != ".":
            digits = "?" if "." in digits else digits.replace(decimal, ".")
        if not _PLAIN.match(digits):
            between = f" and {thousands!r} between thousands" if thousands else ""
            raise Unreadable(f"{text!r} is no amount; write digits with {decimal!r} before the decimals{between}")
        if implied and not digits.isdecimal():
            raise Unreadable(f"{text!r} has a decimal sign, and `implied_decimals` says that none is written")
        amount = Decimal(digits).scaleb(-implied) if implied else Decimal(digits)
        return -amount if negative else amount

    return read


def _unsigned(text: str) -> tuple[str, bool]:
    if text.startswith("(") and text.endswith(")"):
        return text[1:-1].strip(), True
    if text.endswith("-"):
        return text[:-1].rstrip(), True
    if text[:1] in "+-":
        return text[1:].lstrip(), text[0] == "-"
    return text, False


def whole(text: str) -> int:
    """Read a whole number, also one that a spreadsheet wrote as 2960623488.0."""
    found = _WHOLE.match(text)
    if found is None:
        raise Unreadable(f"{text!r} is no whole number")
    return int(found[1])


def date_pattern(form: str) -> re.Pattern[str]:
    """Return what a date format such as YYYY-MM-DD or M/D/YYYY matches.

    Raises ValueError for a format that does not name year, month and day once each.
    """
    out, at = "", 0
    seen: list[str] = []
    for token in TOKEN.finditer(form):
        out += re.escape(form[at : token.start()]) + _TOKENS[token[0]]
        seen += _named(token[0])
        at = token.end()
    if sorted(each for each in seen if each in "YMD") != ["D", "M", "Y"] or len(set(seen)) != len(seen):
        raise ValueError(f"{form!r} is no date format; write one like YYYY-MM-DD, DD.MM.YYYY, M/D/YYYY or YYYYMMDD")
    return re.compile(out + re.escape(form[at:]) + r"\Z")


def _named(token: str) -> str:
    """Return what a token of a date format says: a day of the year also says its month."""
    return {"DDD": "DM", "CYY": "Y"}.get(token, token[0])


def date_reader(forms: Sequence[str]) -> Callable[[str], date]:
    """Return a reader of dates, which remembers those it has read."""
    patterns = [date_pattern(form) for form in forms]
    read: dict[str, date] = {}

    def cached(text: str) -> date:
        found = read.get(text)
        if found is None:
            found = read[text] = _date(text, _parts(text, patterns, forms))
        return found

    return cached


def instant_reader(forms: Sequence[str], zone: str) -> Callable[[str], datetime]:
    """Return a reader of instants in a time zone."""
    patterns = [date_pattern(form) for form in forms]

    def read(text: str) -> datetime:
        found = _parts(text, patterns, forms)
        day = _date(text, found)
        hour, minute, second = (int(found.get(name) or 0) for name in ("hour", "minute", "second"))
        try:
            return datetime.combine(day, time(hour, minute, second), ZoneInfo(zone))
        except ValueError as error:
            raise Unreadable(f"{text!r} is no time: {error}") from None

    return read


def _parts(text: str, patterns: Sequence[re.Pattern[str]], forms: Sequence[str]) -> dict[str, Any]:
    for pattern in patterns:
        found = pattern.match(text)
        if found is not None:
            return found.groupdict()
    raise Unreadable(f"{text!r} is no date of the format {' or '.join(forms)}")


def _date(text: str, found: dict[str, Any]) -> date:
    short = int(found.get("short") or 0)
    year = int(found.get("year") or short + (2000 if short < 70 else 1900))
    if "century" in found:
        year = 1900 + 100 * int(found["century"] or 0) + short
    try:
        if found.get("yearday"):
            return real_day(text, _of_year(year, int(found["yearday"])))
        month = MONTHS.index(found["name"].lower()) + 1 if found.get("name") else int(found["month"])
        day = date(year, month, int(found["day"]))
    except ValueError:
        raise Unreadable(f"{text!r} is no day of the calendar; is the order of day and month right?") from None
    return real_day(text, day)


def _of_year(year: int, number: int) -> date:
    """Return a day of a year by its number. Raises ValueError where the year has none such."""
    if not 1 <= number <= 365 + isleap(year):
        raise ValueError(number)
    return date(year, 1, 1) + timedelta(days=number - 1)


def real_day(text: str, day: date) -> date:
    """Return the day that a text is; Unreadable for one that an ERP writes for none."""
    if day < EARLIEST:
        raise Unreadable(f"{text!r} is no real date but an ERP's way to write none; list it under `empty`")
    return day
