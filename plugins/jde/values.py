"""How EnterpriseOne writes dates, times, amounts and texts, and how each is read.

A driver may hand a number over as int, text, Decimal or a float without a fraction (SQL Server and
Oracle keep keys and amounts that way); everything else is refused, for a fraction in a binary float
is no longer what the ledger holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from zoneinfo import ZoneInfo

from duehook.core.errors import BadRecord

Stamp = tuple[int, int]
FIRST_YEAR: Final = 1970  # an earlier date is JDE's way of writing "none"
_ONE_DAY: Final = timedelta(days=1)
_ZERO: Final = Decimal(0)


def whole(raw: Any) -> int:
    """Return a key, date or count as int; raise BadRecord when it is none."""
    kind = type(raw)
    if kind is int:
        found: int = raw
        return found
    try:
        if kind is str:
            return int(raw) if raw.isdecimal() else whole(Decimal(raw.strip()))
        if (kind is Decimal or kind is float) and (found := int(raw)) == raw:
            return found
    except (ValueError, OverflowError, InvalidOperation):
        pass
    raise BadRecord(f"{raw!r} ({type(raw).__name__}) is no whole number.")


def amount(raw: Any, factor: Decimal) -> Decimal:
    """Return a stored amount times the factor of its currency (EUR 0.01, JPY 1, KWD 0.001)."""
    kind = type(raw)
    if kind is int or kind is Decimal:
        scaled: Decimal = raw * factor if raw else _ZERO
        return scaled
    if not raw and raw is not False:
        return _ZERO
    if kind is str:
        if raw == "0":
            return _ZERO
        try:
            return int(raw) * factor
        except ValueError:
            return _decimal(raw) * factor
    if kind is float and raw.is_integer():
        return int(raw) * factor
    raise BadRecord(f"{raw!r} ({kind.__name__}) is no exact amount.")


def _decimal(raw: str) -> Decimal:
    try:
        return Decimal(raw.strip() or 0)
    except InvalidOperation:
        raise BadRecord(f"{raw!r} (str) is no exact amount.") from None


def number(raw: Any) -> Decimal:
    """Return an exact number that has its decimal point already, such as an exchange rate."""
    if type(raw) is float and not raw.is_integer():
        raise BadRecord(f"{raw!r} is a binary fraction, not an exact number.")
    return amount(raw, Decimal(1))


def text(raw: Any) -> str | None:
    """Return a blank-padded text without its blanks, and blank as None."""
    if type(raw) is str:
        found: str = raw.strip()
        return (found.replace("\0", "") if "\0" in found else found) or None
    if raw is None:
        return None
    raise BadRecord(
        f"text came as {type(raw).__name__}: {raw!r}.",
        fix="where the files are tagged CCSID 65535, set `ccsid` of the connection (37, 273, …).",
    )


class Texts(dict[Any, str | None]):
    """`text`, remembered: for codes, of which a ledger has few."""

    def __missing__(self, raw: Any) -> str | None:
        self[raw] = found = text(raw)
        return found


def julian(day: date) -> int:
    """Return the day as CYYDDD: 2024-02-29 is 124060."""
    return (day.year - 1900) * 1000 + day.timetuple().tm_yday


def day_of(raw: Any) -> date | None:
    """Return the day that CYYDDD means; None for 0, blank and everything before 1970."""
    if raw is None or raw == "":
        return None
    value = whole(raw)
    year, day = 1900 + value // 1000, value % 1000
    if value == 0 or (value > 0 and year < FIRST_YEAR):
        return None
    found = date(year, 1, 1) + timedelta(days=day - 1) if FIRST_YEAR <= year <= 9998 else None
    if found is None or day == 0 or found.year != year:
        raise BadRecord(f"{value} is no date of the form CYYDDD.")
    return found


class Days(dict[Any, date | None]):
    """`day_of`, remembered: a ledger has few distinct dates."""

    def __missing__(self, raw: Any) -> date | None:
        found = day_of(raw)
        self[raw] = found
        return found


class Times(dict[Any, timedelta | None]):
    """HHMMSS as the time since midnight, remembered: a day has few seconds. None where it is no time."""

    def __missing__(self, raw: Any) -> timedelta | None:
        clock = whole(raw or 0)
        hour, minute, second = clock // 10_000, clock // 100 % 100, clock % 100
        valid = 0 <= hour < 24 and minute < 60 and second < 60
        found = timedelta(hours=hour, minutes=minute, seconds=second) if valid else None
        self[raw] = found
        return found


class Stamps(dict[Any, tuple[datetime, bool] | None]):
    """Change stamps (UPMJ, UPMT in the server's local time) as instants, remembered by day.

    Each day holds its first instant, and whether the clocks change on it.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__()
        self.zone = zone
        self._times = Times()

    def __missing__(self, raw: Any) -> tuple[datetime, bool] | None:
        day = day_of(raw)
        if day is None:
            self[raw] = None
            return None
        first = datetime(day.year, day.month, day.day, tzinfo=self.zone)
        last = first + _ONE_DAY
        self[raw] = held = (first.astimezone(UTC), first.utcoffset() != last.utcoffset())
        return held

    def at(self, day: Any, time: Any) -> datetime | None:
        """Return the instant; None where the row was never stamped or the time is no time."""
        held, since_midnight = self[day], self._times[time]
        if held is None or since_midnight is None:
            return None
        first, clocks_change = held
        if clocks_change:
            return (first.astimezone(self.zone) + since_midnight).astimezone(UTC)
        return first + since_midnight


def stamp_of(instant: datetime, zone: ZoneInfo) -> Stamp:
    """Return an instant as (UPMJ, UPMT) of a server in that zone."""
    local = instant.astimezone(zone)
    return julian(local.date()), local.hour * 10_000 + local.minute * 100 + local.second


def days_before(stamp: Stamp, days: int) -> Stamp:
    """Return the stamp at the same time of an earlier day; the beginning of time stays itself."""
    day = day_of(stamp[0])
    return stamp if day is None else (julian(day - timedelta(days=days)), stamp[1])


class Factors(dict[str, Decimal]):
    """What a stored amount of a currency is multiplied by; a currency nobody knows is a BadRecord."""

    def __init__(self, decimals: Mapping[str, int]) -> None:
        super().__init__({code: Decimal(1).scaleb(-places) for code, places in decimals.items()})

    def __missing__(self, currency: str) -> Decimal:
        raise BadRecord(
            f"Currency {currency!r} has no row in F0013.",
            fix=f"add it in JDE, or set `currency_decimals: {{{currency or 'XXX'}: 2}}` of the connection.",
        )


class FixedFactor(Factors):
    """One factor for every currency, for sites whose files do not follow the currency."""

    def __init__(self, places: int) -> None:
        super().__init__({})
        self._factor = Decimal(1).scaleb(-places)

    def __missing__(self, currency: str) -> Decimal:
        return self._factor
