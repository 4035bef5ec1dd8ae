"""The company's calendar: closed days, and spans in business or calendar days (rule 10)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duehook.core.calendar import Calendar, Span
from duehook.core.errors import ConfigError

BAVARIA = Calendar("DE", "BY")
DAYS = st.dates(date(2023, 1, 1), date(2027, 12, 31))
SPANS = st.builds(Span, st.integers(0, 40), st.booleans())
CALENDARS = st.sampled_from(
    [BAVARIA, Calendar("SA"), Calendar.always_open(), Calendar("US", closed={date(2025, 3, 10)})]
)


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        (date(2026, 3, 13), True),
        (date(2026, 3, 14), False),
        (date(2026, 3, 15), False),
        (date(2026, 1, 6), False),
        (date(2026, 12, 25), False),
    ],
)
def test_a_company_is_closed_at_weekends_and_on_its_holidays(day: date, is_open: bool) -> None:
    assert BAVARIA.is_open(day) is is_open


def test_a_holiday_of_one_subdivision_is_a_working_day_in_another() -> None:
    epiphany = date(2026, 1, 6)
    assert Calendar("DE", "HH").is_open(epiphany)
    assert not BAVARIA.is_open(epiphany)


def test_the_weekend_is_the_countrys_own() -> None:
    friday, sunday = date(2026, 3, 13), date(2026, 3, 15)
    assert not Calendar("SA").is_open(friday)
    assert Calendar("SA").is_open(sunday)


def test_a_company_has_closed_days_of_its_own() -> None:
    bridge_day = date(2026, 5, 15)
    assert BAVARIA.is_open(bridge_day)
    assert not Calendar("DE", "BY", closed={bridge_day}).is_open(bridge_day)


def test_the_next_open_day_skips_a_long_weekend() -> None:
    assert BAVARIA.next_open(date(2026, 4, 3)) == date(2026, 4, 7)
    assert BAVARIA.last_open(date(2026, 4, 6)) == date(2026, 4, 2)
    assert BAVARIA.next_open(date(2026, 4, 7)) == date(2026, 4, 7)


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (date(2026, 3, 12), 0, date(2026, 3, 12)),
        (date(2026, 3, 12), 1, date(2026, 3, 13)),
        (date(2026, 3, 12), 2, date(2026, 3, 16)),
        (date(2026, 3, 14), 1, date(2026, 3, 16)),
        (date(2026, 3, 16), -1, date(2026, 3, 13)),
    ],
)
def test_business_days_are_counted_from_the_day_after(start: date, count: int, end: date) -> None:
    assert BAVARIA.add_business_days(start, count) == end


def test_business_days_between_count_the_end_and_not_the_start() -> None:
    assert BAVARIA.business_days_between(date(2026, 3, 12), date(2026, 3, 16)) == 2
    assert BAVARIA.business_days_between(date(2026, 3, 16), date(2026, 3, 12)) == -2


def test_an_unknown_country_or_subdivision_names_the_fix() -> None:
    with pytest.raises(ConfigError, match="Country XX not available.*Fix: give `country`"):
        Calendar("XX")
    with pytest.raises(ConfigError, match="subdivision ZZ"):
        Calendar("DE", "ZZ")


def test_a_calendar_without_an_open_day_is_refused() -> None:
    with pytest.raises(ConfigError, match="no open day"):
        Calendar(weekend=range(7))
    year = {date(2026, 1, 1) + timedelta(days=n) for n in range(800)}
    with pytest.raises(ConfigError, match="no open day within a year"):
        Calendar(closed=year).next_open(date(2026, 1, 1))


@given(CALENDARS, DAYS, SPANS)
def test_the_latest_start_is_the_last_day_whose_span_is_over(calendar: Calendar, end: date, span: Span) -> None:
    start = calendar.latest_start(end, span)
    assert calendar.after(start, span) <= end
    assert calendar.after(start + timedelta(days=1), span) > end


def test_no_business_days_are_over_at_once_also_at_a_weekend() -> None:
    saturday = date(2026, 3, 14)
    assert BAVARIA.latest_start(saturday, Span(0, business=True)) == saturday
    assert BAVARIA.latest_start(saturday, Span(1, business=True)) == date(2026, 3, 12)


@given(CALENDARS, DAYS, st.integers(1, 60))
def test_adding_business_days_lands_on_an_open_day_that_many_later(calendar: Calendar, start: date, count: int) -> None:
    end = calendar.add_business_days(start, count)
    assert calendar.is_open(end)
    assert calendar.business_days_between(start, end) == count


@pytest.mark.parametrize(
    ("span", "words"),
    [(Span(1), "1 day"), (Span(14), "14 days"), (Span(1, True), "1 business day"), (Span(5, True), "5 business days")],
)
def test_a_span_reads_as_it_is_written(span: Span, words: str) -> None:
    assert str(span) == words
