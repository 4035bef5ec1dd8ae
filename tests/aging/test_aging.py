"""Aging by the pure rules: buckets as of a day, credits in three ways, and how a debtor pays."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duehook.core.collect.aging import OpenItem, add_up, age, bucket_of, days_late
from duehook.core.collect.habits import (
    Applied,
    Received,
    last_payment,
    weighted_days_late,
    weighted_days_to_pay,
)
from duehook.core.policy.model import AgingScheme

AS_OF = date(2026, 3, 31)
STANDARD = AgingScheme("standard", "by month", (0, 30, 60, 90))
BY_DATE = AgingScheme("by_date", "by month", (0, 30, 60, 90), credits="by_own_date")
OFFSET = AgingScheme("offset", "by month", (0, 30, 60, 90), credits="offset_oldest")
BY_DOCUMENT = AgingScheme("document", "by month", (0, 30, 60, 90), basis="document")

OLD = OpenItem("old", 1_000, date(2026, 1, 10), date(2025, 12, 10))
NEW = OpenItem("new", 500, date(2026, 3, 21), date(2026, 2, 21))
CASH = OpenItem("cash", -1_200, date(2026, 3, 30), date(2026, 3, 30))


@pytest.mark.parametrize(
    ("due_on", "late", "bucket"),
    [
        (date(2026, 4, 15), -15, 0),
        (date(2026, 3, 31), 0, 0),
        (date(2026, 3, 30), 1, 1),
        (date(2026, 3, 1), 30, 1),
        (date(2026, 2, 28), 31, 2),
        (date(2025, 12, 31), 90, 3),
        (date(2025, 12, 30), 91, 4),
    ],
)
def test_due_today_is_current_and_a_bucket_ends_on_its_last_day(due_on: date, late: int, bucket: int) -> None:
    assert days_late(due_on, AS_OF) == late
    assert bucket_of(due_on, STANDARD, AS_OF) == bucket


def test_credits_stand_in_a_column_of_their_own() -> None:
    aged = age([OLD, NEW, CASH], STANDARD, AS_OF)
    assert (aged.buckets, aged.unapplied, aged.balance) == ((0, 500, 0, 1_000, 0), -1_200, 300)
    assert aged.oldest_due_on == date(2026, 1, 10)


def test_credits_can_stand_by_their_own_date() -> None:
    aged = age([OLD, NEW, CASH], BY_DATE, AS_OF)
    assert (aged.buckets, aged.unapplied) == ((0, -700, 0, 1_000, 0), 0)


def test_credits_can_pay_the_oldest_first() -> None:
    aged = age([OLD, NEW, CASH], OFFSET, AS_OF)
    assert (aged.buckets, aged.unapplied) == ((0, 300, 0, 0, 0), 0)
    surplus = age([NEW, CASH], OFFSET, AS_OF)
    assert (surplus.buckets, surplus.unapplied) == ((0, 0, 0, 0, 0), -700)


@pytest.mark.parametrize(
    ("scheme", "buckets", "unapplied"),
    [(STANDARD, (0, 0, 0, 1_000, 0), -100), (BY_DATE, (0, -100, 0, 1_000, 0), 0), (OFFSET, (0, 0, 0, 900, 0), 0)],
)
def test_a_credit_nets_the_invoice_it_belongs_to_first(
    scheme: AgingScheme, buckets: tuple[int, ...], unapplied: int
) -> None:
    note = OpenItem("note", -600, date(2026, 1, 1), date(2026, 1, 1), applies_to="new")
    aged = age([OLD, NEW, note], scheme, AS_OF)
    assert (aged.buckets, aged.unapplied, aged.balance) == (buckets, unapplied, 900)


def test_a_credit_whose_invoice_is_not_open_is_a_free_one() -> None:
    note = OpenItem("note", -600, date(2026, 1, 1), date(2026, 1, 1), applies_to="paid")
    assert age([NEW, note], STANDARD, AS_OF).unapplied == -600
    assert age([NEW, note], BY_DATE, AS_OF).buckets == (0, 500, 0, -600, 0)


def test_a_scheme_can_count_from_the_document_date() -> None:
    assert age([OLD, NEW], BY_DOCUMENT, AS_OF).buckets == (0, 0, 500, 0, 1_000)


def test_debtors_add_up_to_their_company() -> None:
    total = add_up([age([OLD], STANDARD, AS_OF), age([NEW, CASH], STANDARD, AS_OF)], STANDARD)
    assert total == age([OLD, NEW, CASH], STANDARD, AS_OF)
    assert add_up([], STANDARD).oldest_due_on is None


DAYS = st.dates(date(2025, 9, 1), date(2026, 6, 30))
ITEMS = st.lists(
    st.builds(
        OpenItem,
        st.sampled_from([f"i{n}" for n in range(8)]),
        st.integers(-5_000, 5_000).filter(bool),
        DAYS,
        DAYS,
        st.none() | st.sampled_from([f"i{n}" for n in range(8)]),
    ),
    unique_by=lambda item: item.key,
)
SCHEMES = st.builds(
    AgingScheme,
    st.just("drawn"),
    st.just("drawn"),
    st.sets(st.integers(1, 200), max_size=8).map(lambda days: (0, *sorted(days))),
    st.sampled_from(["own_column", "by_own_date", "offset_oldest"]),
    st.sampled_from(["due", "document"]),
)


@given(ITEMS, SCHEMES, DAYS)
def test_buckets_and_unapplied_are_the_balance_always(items: list[OpenItem], scheme: AgingScheme, as_of: date) -> None:
    aged = age(items, scheme, as_of)
    assert sum(aged.buckets) + aged.unapplied == aged.balance == sum(item.open_amount for item in items)
    assert aged.unapplied <= 0
    assert len(aged.buckets) == len(scheme.labels)
    if scheme.credits != "by_own_date":
        assert min(aged.buckets) >= 0


@given(ITEMS, DAYS)
def test_offset_credits_leave_something_unapplied_only_when_no_invoice_is_left(
    items: list[OpenItem], as_of: date
) -> None:
    aged = age(items, OFFSET, as_of)
    assert aged.unapplied == 0 or not any(aged.buckets)


def test_days_to_pay_are_weighted_by_what_was_applied() -> None:
    invoiced, due = date(2026, 1, 1), date(2026, 1, 31)
    parts = [
        Applied(30_000, date(2026, 1, 11), invoiced, due),
        Applied(10_000, date(2026, 2, 20), invoiced, due),
    ]
    assert weighted_days_to_pay(parts) == Decimal("20.00")
    assert weighted_days_late(parts) == Decimal("-10.00")


def test_a_reversed_application_takes_its_part_back_out() -> None:
    invoiced, due = date(2026, 1, 1), date(2026, 1, 31)
    parts = [
        Applied(30_000, date(2026, 1, 11), invoiced, due),
        Applied(20_000, date(2026, 2, 1), invoiced, due),
        Applied(-30_000, date(2026, 1, 11), invoiced, due),
    ]
    assert weighted_days_late(parts) == Decimal("1.00")


def test_days_to_pay_are_not_available_without_payments() -> None:
    assert weighted_days_to_pay([]) is None
    assert weighted_days_late([Applied(-5, AS_OF, AS_OF, AS_OF), Applied(5, AS_OF, AS_OF, AS_OF)]) is None


def test_a_third_of_a_day_is_rounded_half_up() -> None:
    day = date(2026, 1, 1)
    parts = [Applied(1, date(2026, 1, 2), day, day), Applied(5, day, day, day)]
    assert weighted_days_late(parts) == Decimal("0.17")


def test_the_last_payment_is_the_newest_that_has_not_come_back() -> None:
    first = Received(100, date(2026, 1, 5))
    returned = Received(900, date(2026, 3, 1), reversed_on=date(2026, 3, 8))
    reversal = Received(-900, date(2026, 3, 8))
    later = Received(50, date(2026, 4, 2))
    payments = [first, returned, reversal, later]
    assert last_payment(payments, AS_OF) == first
    assert last_payment(payments, date(2026, 3, 5)) == returned
    assert last_payment([], AS_OF) is None
