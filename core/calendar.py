"""A company's calendar: which days it works, and spans counted in its days (rule 10).

A company is closed at weekends, on the public holidays of its country and subdivision, and on
days of its own. Spans count calendar days or business days, as they are stated.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, Self

import holidays

from duehook.core.errors import ConfigError

_ONE_DAY: Final = timedelta(days=1)
_LONGEST_CLOSURE: Final = 366


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A number of days, calendar days unless `business` says otherwise."""

    days: int
    business: bool = False

    def __str__(self) -> str:
        unit = "business day" if self.business else "day"
        return f"{self.days} {unit}{'' if self.days == 1 else 's'}"


class Calendar:
    """The days on which one company is open."""

    def __init__(
        self,
        country: str | None = None,
        subdivision: str | None = None,
        *,
        closed: Collection[date] = (),
        weekend: Collection[int] | None = None,
    ) -> None:
        """Take the country's holidays and weekend, and the company's own closed days.

        `country` is ISO 3166 alpha-2; without one there are no holidays. `weekend` holds weekday
        numbers (Monday 0) and replaces the country's. Raises ConfigError for a country or
        subdivision that has no calendar, and for a week without an open day.
        """
        self.country = country
        self.subdivision = subdivision
        self.closed = frozenset(closed)
        self._weekend = frozenset(_weekend_of(country, subdivision) if weekend is None else weekend)
        if self._weekend >= set(range(7)):
            raise ConfigError("A calendar has no open day.", fix="leave at least one weekday out of `weekend`.")

    @classmethod
    def always_open(cls) -> Self:
        """Return a calendar without weekends, holidays or closed days."""
        return cls(weekend=())

    def is_open(self, day: date) -> bool:
        """Say whether the company works on that day."""
        return (
            day.weekday() not in self._weekend
            and day not in self.closed
            and (self.country is None or day not in _holidays_of(self.country, self.subdivision, day.year))
        )

    def next_open(self, day: date) -> date:
        """Return the day itself when it is open, else the first open day after it."""
        return self._seek(day, _ONE_DAY)

    def last_open(self, day: date) -> date:
        """Return the day itself when it is open, else the last open day before it."""
        return self._seek(day, -_ONE_DAY)

    def add_business_days(self, day: date, count: int) -> date:
        """Return the `count`-th open day after `day` (before it when negative); 0 is the day itself."""
        step = _ONE_DAY if count > 0 else -_ONE_DAY
        for _ in range(abs(count)):
            day = self._seek(day + step, step)
        return day

    def business_days_between(self, start: date, end: date) -> int:
        """Count the open days after `start` up to and including `end`; negative when `end` is first."""
        if end < start:
            return -self.business_days_between(end, start)
        days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
        return sum(map(self.is_open, days))

    def after(self, day: date, span: Span) -> date:
        """Return the day on which the span that starts on `day` is over."""
        if span.business:
            return self.add_business_days(day, span.days)
        return day + timedelta(days=span.days)

    def latest_start(self, end: date, span: Span) -> date:
        """Return the last day from which the span is over by `end`: `after(start, span) <= end`."""
        if not span.business:
            return end - timedelta(days=span.days)
        if span.days == 0:
            return end
        return self.add_business_days(self.last_open(end), -span.days + 1) - _ONE_DAY

    def _seek(self, day: date, step: timedelta) -> date:
        for _ in range(_LONGEST_CLOSURE):
            if self.is_open(day):
                return day
            day += step
        raise ConfigError(
            f"The calendar has no open day within a year of {day}.", fix="shorten the list of closed days."
        )


def _weekend_of(country: str | None, subdivision: str | None) -> Collection[int]:
    if country is None:
        return (5, 6)
    try:
        weekend: set[int] = holidays.country_holidays(country, subdiv=subdivision).weekend
    except NotImplementedError as error:
        raise ConfigError(
            f"No holiday calendar is known: {error}.",
            fix="give `country` as ISO 3166 alpha-2 and `subdivision` as its ISO 3166-2 code, or leave both out.",
        ) from error
    return weekend


@lru_cache(maxsize=512)
def _holidays_of(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=year, expand=False))
