"""A company's day at an instant, and its calendar."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from duehook.core.calendar import Calendar
from duehook.core.errors import RunStopped
from duehook.core.settings import Settings


def calendar_of(settings: Settings, company: str) -> Calendar:
    """Return the company's calendar; weekends only for a company that is not in the settings."""
    known = settings.companies.get(company)
    return known.calendar.build() if known else Calendar()


def zone_of(settings: Settings, company: str) -> str:
    """Return the zone the company's days are counted in."""
    known = settings.companies.get(company)
    return (known.timezone if known else None) or settings.timezone


def day_at(settings: Settings, company: str, instant: datetime) -> date:
    """Return the company's day at the instant."""
    return instant.astimezone(ZoneInfo(zone_of(settings, company))).date()


def refuse_day_to_come(settings: Settings, company: str, day: date, instant: datetime) -> None:
    """Raise RunStopped for a day that has not begun yet where the company is: nothing is due by it."""
    today = day_at(settings, company, instant)
    if day > today:
        raise RunStopped(
            f"{day} has not come yet for {company}, where it is {today}; nothing was proposed.",
            fix=f"look ahead with `duehook dun --as-of {day} --dry-run`.",
        )


def start_of(settings: Settings, company: str, day: date) -> datetime:
    """Return the instant at which the company's day begins."""
    return datetime.combine(day, time(), ZoneInfo(zone_of(settings, company)))
