"""Money: exact, by its currency, never added to another."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duehook.core.errors import BadRecord
from duehook.core.money import (
    DIGITS,
    STEPS,
    Money,
    Totals,
    exponent,
    fits,
    from_scaled,
    is_currency,
    rounded,
    to_scaled,
)

SCALED = st.integers(min_value=-(10**17) + 1, max_value=10**17 - 1)
CURRENCIES = st.sampled_from(["EUR", "USD", "JPY", "KWD", "CLF"])


@st.composite
def amounts(draw: st.DrawFn, currency: str) -> Decimal:
    """Return an amount of whole smallest units of the currency."""
    units = draw(st.integers(min_value=-(10 ** (9 + exponent(currency))), max_value=10 ** (9 + exponent(currency))))
    return Decimal(units).scaleb(-exponent(currency))


@given(SCALED)
def test_what_the_books_hold_comes_back_as_it_went_in(scaled: int) -> None:
    assert to_scaled(from_scaled(scaled)) == scaled


@given(st.data(), CURRENCIES)
def test_an_amount_of_a_currency_survives_the_books(data: st.DataObject, currency: str) -> None:
    amount = data.draw(amounts(currency))
    assert fits(amount, currency)
    assert from_scaled(to_scaled(amount), currency) == amount


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9), CURRENCIES)
def test_an_amount_fits_exactly_when_rounding_changes_nothing(amount: Decimal, currency: str) -> None:
    assert fits(amount, currency) == (rounded(amount, currency) == amount)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9), CURRENCIES)
def test_rounding_moves_by_at_most_half_a_step_and_fits(amount: Decimal, currency: str) -> None:
    near = rounded(amount, currency)
    assert fits(near, currency)
    assert abs(near - amount) <= STEPS[currency] / 2


@pytest.mark.parametrize(
    ("rule", "amount", "result"),
    [
        ("half_up", "1.005", "1.01"),
        ("half_up", "-1.005", "-1.01"),
        ("half_even", "1.005", "1.00"),
        ("half_even", "1.015", "1.02"),
        ("down", "1.009", "1.00"),
        ("down", "-1.009", "-1.00"),
    ],
)
def test_rounding_follows_the_rule_named(rule: str, amount: str, result: str) -> None:
    assert rounded(Decimal(amount), "EUR", rule) == Decimal(result)  # type: ignore[arg-type]


@pytest.mark.parametrize(("currency", "places"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("QQQ", 2)])
def test_a_currency_has_its_decimals_and_an_unlisted_one_two(currency: str, places: int) -> None:
    assert exponent(currency) == places
    step = Decimal(1).scaleb(-places)
    assert fits(step, currency)
    assert not fits(step / 10, currency)


@pytest.mark.parametrize("amount", ["0.00001", "NaN", "Infinity", "10000000000000", "-1E+13"])
def test_what_64_bits_of_ten_thousandths_cannot_hold_is_refused(amount: str) -> None:
    with pytest.raises(BadRecord):
        to_scaled(Decimal(amount))


def test_an_amount_with_one_digit_too_many_far_behind_the_point_is_not_rounded_away() -> None:
    with pytest.raises(BadRecord, match="finer than a ten-thousandth"):
        to_scaled(Decimal("1234567890123.0000000000000000001"))


def test_the_largest_amounts_can_be_summed_in_64_bits() -> None:
    largest = to_scaled(Decimal(10) ** DIGITS - Decimal("0.0001"))
    assert 92 * largest < 2**63


def test_an_amount_finer_than_its_currency_keeps_its_digits() -> None:
    assert str(from_scaled(12_345, "EUR")) == "1.2345"
    assert str(from_scaled(12_300, "EUR")) == "1.23"
    assert str(from_scaled(10_000, "JPY")) == "1"


def test_iso_currencies_are_known_and_others_are_not() -> None:
    assert all(map(is_currency, ("EUR", "JPY", "KWD", "CLF", "XOF")))
    assert not any(map(is_currency, ("ZZZ", "XXX", "XAU", "eur")))


def test_two_currencies_are_never_added_or_compared() -> None:
    euro, yen = Money(Decimal(1), "EUR"), Money(Decimal(1), "JPY")
    for act in (lambda: euro + yen, lambda: euro - yen, lambda: euro < yen, lambda: euro <= yen):
        with pytest.raises(ValueError, match="never added"):
            act()


def test_money_is_never_a_float_and_has_a_currency() -> None:
    with pytest.raises(TypeError, match="Decimal, not float"):
        Money(1.5, "EUR")  # type: ignore[arg-type]
    for code in ("eur", "EURO", ""):
        with pytest.raises(ValueError, match="ISO currency"):
            Money(Decimal(1), code)


def test_money_reckons_and_speaks_in_its_currency() -> None:
    one = Money(Decimal("1234.5"), "EUR")
    assert str(one) == "1,234.50 EUR"
    assert one + one - one == one
    assert -one < one <= one
    assert (bool(one), bool(one - one)) == (True, False)
    assert Money.from_scaled(one.scaled(), "EUR") == one
    assert str(Money(Decimal("1234"), "JPY")) == "1,234 JPY"


@given(st.lists(st.tuples(CURRENCIES, st.integers(-(10**9), 10**9))))
def test_totals_keep_currencies_apart_and_lose_nothing(pairs: list[tuple[str, int]]) -> None:
    totals = Totals(Money(Decimal(amount), currency) for currency, amount in pairs)
    for currency in ("EUR", "USD", "JPY", "KWD", "CLF"):
        assert totals[currency].amount == sum(amount for code, amount in pairs if code == currency)
    assert [money.currency for money in totals] == sorted({currency for currency, _ in pairs})
    assert totals == Totals(Money(Decimal(amount), currency) for currency, amount in reversed(pairs))


def test_totals_say_each_sum_and_zero_when_there_is_none() -> None:
    assert str(Totals()) == "0"
    assert str(Totals([Money(Decimal(1), "USD"), Money(Decimal(2), "EUR")])) == "2.00 EUR + 1.00 USD"
    assert Totals() != 0
