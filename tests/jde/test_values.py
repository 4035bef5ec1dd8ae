"""JDE's dates, times, amounts and texts are read as its ledger means them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duehook.core.errors import BadRecord
from duehook.plugins.jde.values import (
    Days,
    Factors,
    FixedFactor,
    Stamps,
    amount,
    day_of,
    days_before,
    julian,
    number,
    stamp_of,
    text,
    whole,
)

FACTORS = Factors({"EUR": 2, "JPY": 0, "KWD": 3, "CLF": 4})
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        (99365, date(1999, 12, 31)),
        (100001, date(2000, 1, 1)),
        (124060, date(2024, 2, 29)),
        (126090, date(2026, 3, 31)),
        (126365, date(2026, 12, 31)),
        (Decimal("126090"), date(2026, 3, 31)),
        ("126090", date(2026, 3, 31)),
        (126090.0, date(2026, 3, 31)),
        (70001, date(1970, 1, 1)),
    ],
)
def test_a_julian_date_is_that_day(raw: Any, day: date) -> None:
    assert day_of(raw) == day
    assert Days()[raw] == day


@pytest.mark.parametrize("raw", [0, None, "", "0", Decimal(0), 1, 69365])
def test_nought_and_everything_before_1970_is_no_date(raw: Any) -> None:
    assert day_of(raw) is None


@pytest.mark.parametrize("raw", [126366, 126367, 126000, 100999, -1, 126090.5, "yesterday", b"126090", 9999999])
def test_what_is_no_day_of_a_year_is_refused(raw: Any) -> None:
    with pytest.raises(BadRecord):
        day_of(raw)


@given(st.dates(date(1970, 1, 1), date(2899, 12, 31)))
def test_every_day_survives_the_way_there_and_back(day: date) -> None:
    assert day_of(julian(day)) == day


@given(st.integers(-(10**15) + 1, 10**15 - 1), st.sampled_from(["EUR", "JPY", "KWD", "CLF"]))
def test_an_amount_is_the_same_in_every_form_a_driver_gives(stored: int, currency: str) -> None:
    factor = FACTORS[currency]
    expected = Decimal(stored).scaleb({"EUR": -2, "JPY": 0, "KWD": -3, "CLF": -4}[currency])
    for raw in (stored, str(stored), f" {stored} ", Decimal(stored), float(stored)):
        assert amount(raw, factor) == expected


@pytest.mark.parametrize(
    ("currency", "told"), [("EUR", "1234.50"), ("JPY", "123450"), ("KWD", "123.450"), ("CLF", "12.3450")]
)
def test_decimals_follow_the_currency(currency: str, told: str) -> None:
    assert str(amount(123450, FACTORS[currency])) == told


@pytest.mark.parametrize("raw", [1.5, float("nan"), float("inf"), "twelve", b"1", True, object()])
def test_what_is_no_exact_amount_is_refused(raw: Any) -> None:
    with pytest.raises(BadRecord):
        amount(raw, FACTORS["EUR"])


@pytest.mark.parametrize("raw", [None, "", "   ", 0])
def test_nothing_is_nought(raw: Any) -> None:
    assert amount(raw, FACTORS["EUR"]) == 0


def test_a_currency_without_a_row_in_f0013_names_the_fix() -> None:
    with pytest.raises(BadRecord, match="F0013.*currency_decimals: {XYZ: 2}"):
        FACTORS["XYZ"]


def test_one_factor_serves_every_currency_where_the_site_says_so() -> None:
    assert amount(123450, FixedFactor(2)["JPY"]) == Decimal("1234.50")


@pytest.mark.parametrize(("raw", "kept"), [("  RI ", "RI"), ("   ", None), ("", None), (None, None), ("A\0\0", "A")])
def test_padding_is_taken_off_and_blank_is_nothing(raw: Any, kept: str | None) -> None:
    assert text(raw) == kept


def test_text_that_comes_as_bytes_names_the_ccsid() -> None:
    with pytest.raises(BadRecord, match="ccsid"):
        text(b"\xd9\xc9")


@pytest.mark.parametrize("raw", [4711, 4711.0, Decimal("4711.00"), "4711", " 4711 "])
def test_a_key_is_whole_in_every_form(raw: Any) -> None:
    assert whole(raw) == 4711


@pytest.mark.parametrize("raw", [4711.5, Decimal("0.1"), Decimal("NaN"), Decimal("Infinity"), "", "x", None, b"4711"])
def test_what_is_no_whole_number_is_refused(raw: Any) -> None:
    with pytest.raises(BadRecord):
        whole(raw)


def test_a_rate_keeps_its_own_decimals_but_is_no_binary_fraction() -> None:
    assert number(Decimal("1.0845000")) == Decimal("1.0845")
    with pytest.raises(BadRecord, match="binary"):
        number(1.0845)


@pytest.mark.parametrize(
    ("day", "time", "instant"),
    [
        (126090, 93005, datetime(2026, 3, 31, 7, 30, 5, tzinfo=UTC)),
        (126001, 0, datetime(2025, 12, 31, 23, 0, 0, tzinfo=UTC)),
        (126088, 10000, datetime(2026, 3, 29, 0, 0, 0, tzinfo=UTC)),
        (126088, 120000, datetime(2026, 3, 29, 10, 0, 0, tzinfo=UTC)),
        (126298, 120000, datetime(2026, 10, 25, 11, 0, 0, tzinfo=UTC)),
    ],
)
def test_a_change_stamp_is_the_servers_local_time(day: int, time: int, instant: datetime) -> None:
    assert Stamps(BERLIN).at(day, time) == instant
    assert Stamps(BERLIN).at(str(day), str(time)) == instant


@pytest.mark.parametrize(("day", "time"), [(0, 93005), (126090, 250000), (126090, 96000), (126090, 93099), (None, 0)])
def test_a_stamp_that_is_none_is_no_instant(day: Any, time: Any) -> None:
    assert Stamps(BERLIN).at(day, time) is None


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(0, 86_399))
def test_an_instant_survives_as_a_stamp_in_utc(day: date, seconds: int) -> None:
    instant = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=seconds)
    assert Stamps(ZoneInfo("UTC")).at(*stamp_of(instant, ZoneInfo("UTC"))) == instant


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(0, 800))
def test_looking_back_keeps_the_time_of_day(day: date, days: int) -> None:
    assert days_before((julian(day), 93005), days) == (julian(day - timedelta(days=days)), 93005)
