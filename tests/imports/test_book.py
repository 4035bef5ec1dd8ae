"""The seeded book: the same every time, always in balance, and full of what books are full of."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from duehook.core.records import RECORDS, Item
from duehook.core.testing.book import Book, Knobs, rows
from duehook.core.testing.book.postings import Application, converted

MONDAY = date(2026, 3, 2)


@pytest.fixture(scope="module")
def played() -> Book:
    """Give a book of 400 customers after six weeks."""
    book = Book.make(7, 400, 4000, MONDAY)
    book.advance_to(MONDAY + timedelta(days=42))
    return book


def everything(book: Book) -> list[object]:
    return [list(book.as_rows(stream)) for stream in RECORDS]


def assert_in_balance(book: Book) -> None:
    for item in book.items.values():
        parts = book.allocations_of.get(item.key, [])
        assert item.open_minor == item.amount_minor - sum(part.amount_minor for part in parts)
        assert item.company_open_minor == item.company_amount_minor - sum(part.company_minor for part in parts)
        assert abs(item.open_minor) <= abs(item.amount_minor)


def test_jumping_over_days_gives_the_same_book_as_stepping() -> None:
    stepped, jumped = (Book.make(3, 60, 500, MONDAY) for _ in range(2))
    for days in range(1, 22):
        stepped.advance_to(MONDAY + timedelta(days=days))
    jumped.advance_to(MONDAY + timedelta(days=21))
    assert everything(stepped) == everything(jumped)
    assert stepped.changes == jumped.changes
    assert everything(stepped) != everything(Book.make(4, 60, 500, MONDAY))


def test_a_book_never_goes_back() -> None:
    with pytest.raises(ValueError, match="cannot go back"):
        Book.make(1, 20, 50, MONDAY).advance_to(MONDAY - timedelta(days=1))


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), customers=st.integers(1, 60), items=st.integers(1, 300), days=st.integers(0, 40))
def test_what_is_open_is_the_original_less_its_allocations(seed: int, customers: int, items: int, days: int) -> None:
    book = Book.make(seed, customers, items, MONDAY)
    book.advance_to(MONDAY + timedelta(days=days))
    assert_in_balance(book)
    assert book.open_count == sum(1 for item in book.items.values() if item.open_minor)


def test_every_row_is_a_record(played: Book) -> None:
    for stream, record in RECORDS.items():
        found = list(played.as_rows(stream))
        assert found, stream
        TypeAdapter(list[record]).validate_python(found)  # type: ignore[valid-type]


def test_the_open_count_stays_about_what_was_asked(played: Book) -> None:
    assert 3900 <= played.open_count <= 4150


def test_the_book_has_every_kind_class_state_and_currency(played: Book) -> None:
    items = [*played.items.values(), *Book.make(7, 400, 4000, MONDAY).items.values()]
    assert {item.kind for item in items} == {"invoice", "credit_note", "on_account", "fee", "chargeback"}
    assert {item.item_class for item in items} == {
        "normal", "direct_debit", "draft", "retainage", "down_payment", "unposted", "intercompany", "chargeback",
    }  # fmt: skip
    assert {item.currency for item in items} == {"USD", "EUR", "GBP", "JPY", "KWD"}
    assert {company.currency for company in played.companies.values()} == {"USD", "EUR", "JPY", "KWD"}
    assert {customer.state for customer in played.customers.values()} == {
        "active", "legal", "insolvent", "deceased", "intercompany", "one_time", "do_not_contact",
    }  # fmt: skip
    assert {made.kind for made in played.allocations.values()} == {
        "cash", "credit", "discount", "write_off", "deduction", "chargeback",
    }  # fmt: skip
    limits = {account.credit_limit for customer in played.customers.values() for account in customer.accounts.values()}
    assert None in limits
    assert 0 in limits


def test_the_book_has_the_oddities_of_real_books(played: Book) -> None:
    items, customers = played.items.values(), played.customers
    one, other = (customers[str(1010)], customers[str(1011)])
    assert (one.parent, other.parent) == (other.key, one.key)
    assert any(customer.payer for customer in customers.values())
    assert not any(contact.email for contact in played.contacts.values() if contact.customer == "1009")
    assert any(item.renumbered for item in items)
    assert any(item.customer not in customers for item in items)
    assert any(item.due_on is None for item in items)
    assert any(item.series != item.company for item in items)
    assert any(item.address for item in items)
    assert any(item.applies_to for item in items if item.kind == "credit_note")
    assert any(not item.applies_to for item in items if item.kind == "credit_note")
    assert any(item.open_minor == 0 != item.company_open_minor for item in items)
    assert any(payment.reversal_of for payment in played.payments.values())
    assert len({item.due_on for item in items if item.document_no == 100_001 or item.instalment == "003"}) > 1


def test_a_number_is_given_out_again_in_the_next_fiscal_year(played: Book) -> None:
    twin = next(item for item in played.items.values() if item.renumbered)
    same = [
        item.fiscal_year
        for item in [*played.items.values(), *played.purged_items.values()]
        if (item.document_no, item.document_type, item.instalment)
        == (twin.document_no, twin.document_type, twin.instalment)
    ]
    assert sorted(same) == [2025, 2026]


def test_days_bring_every_sort_of_change(played: Book) -> None:
    seen = Counter((change.act, change.stream) for change in played.changes)
    for act, stream in (
        ("added", "item"), ("changed", "item"), ("deleted", "item"), ("purged", "item"), ("purged", "payment"),
        ("added", "payment"), ("changed", "payment"), ("added", "allocation"), ("purged", "allocation"),
        ("changed", "customer"), ("changed", "contact"), ("added", "exchange_rate"),
    ):  # fmt: skip
        assert seen[act, stream], (act, stream)  # type: ignore[index]
    assert any(change.field == "hold" for change in played.changes)


def test_weekends_are_quiet() -> None:
    book = Book.make(2, 50, 400, MONDAY)
    book.advance_to(date(2026, 3, 6))
    assert book.events
    book.advance_to(date(2026, 3, 8))
    assert not book.events
    assert book.events_on(date(2026, 3, 6))


def test_changes_are_stamped_and_some_are_committed_late() -> None:
    book = Book.make(2, 50, 400, MONDAY, knobs=Knobs(late_commit_share=0.3))
    book.advance_to(date(2026, 3, 3))
    stamped = Counter(change.at.date() for change in book.events)
    assert set(stamped) == {date(2026, 3, 2), date(2026, 3, 3)}
    punctual = Book.make(2, 50, 400, MONDAY, knobs=Knobs(late_commit_share=0))
    punctual.advance_to(date(2026, 3, 3))
    assert {change.at.date() for change in punctual.events} == {date(2026, 3, 3)}


def test_rows_since_an_instant_are_the_changed_ones() -> None:
    book = Book.make(2, 50, 400, MONDAY, knobs=Knobs(late_commit_share=0))
    since = book.at
    assert not list(book.as_rows("item", since=since.replace(hour=23, minute=59)))
    changed = {change.key for change in book.advance_to(date(2026, 3, 4)) if change.stream == "item"}
    assert {row["key"] for row in book.as_rows("item", since=since)} >= changed & set(book.items)


def test_a_returned_payment_reopens_what_it_paid(played: Book) -> None:
    back = next(payment for payment in played.payments.values() if payment.reversal_of)
    assert back.reversal_of
    paid = played.payments[back.reversal_of]
    assert back.amount_minor == -paid.amount_minor
    assert paid.reversed_on == back.received_on
    assert sum(played.allocations[key].amount_minor for key in [*paid.allocations, *back.allocations]) == 0


def test_only_unposted_documents_are_deleted_and_only_closed_ones_purged(played: Book) -> None:
    posted = next(item for item in played.items.values() if item.posted and item.open_minor)
    with pytest.raises(ValueError, match="cannot be deleted"):
        played.delete(posted.key)
    with pytest.raises(ValueError, match="cannot be purged"):
        played.purge(posted.key)
    assert all(not item.is_open for item in played.purged_items.values())


def test_what_no_ledger_takes_is_refused(played: Book) -> None:
    bill = next(item for item in played.items.values() if item.posted and item.kind == "invoice" and item.open_minor)
    with pytest.raises(ValueError, match="is in the book already"):
        played.issue(bill)
    too_much = [Application(bill.key, bill.open_minor + 1)]
    with pytest.raises(ValueError, match=f"{bill.open_minor + 1} is more than what is open of {bill.key}"):
        deepcopy(played).receive(too_much, company=bill.company, customer=bill.customer, currency=bill.currency)
    back = next(payment for payment in played.payments.values() if payment.reversal_of)
    with pytest.raises(ValueError, match=f"payment {back.key} cannot be reversed"):
        played.reverse(back.key)


def test_a_book_goes_on_whose_closed_items_are_purged_at_once() -> None:
    book = Book.make(1, 60, 500, MONDAY, knobs=Knobs(purge_after=0))
    book.advance_to(MONDAY + timedelta(days=60))
    assert book.purged_items.keys() & {change.key for change in book.changes if change.act == "purged"}
    assert_in_balance(book)


def test_a_payment_that_was_planned_to_bounce_and_never_came_bounces_not() -> None:
    book = Book.make(1, 20, 50, MONDAY)
    bill = next(item for item in book.items.values() if item.due_on is None or item.due_on > MONDAY)
    assert bill.key not in book.allocations_of
    book.plan.payments.clear()
    book.plan.act(MONDAY + timedelta(days=1), "bounce", bill.key)
    book.advance_to(MONDAY + timedelta(days=1))
    assert bill.open_minor == bill.amount_minor


def test_a_payment_that_left_cash_on_account_does_not_bounce() -> None:
    book = Book.make(1, 20, 50, MONDAY)
    bill = next(item for item in book.items.values() if item.kind == "invoice" and item.posted and item.open_minor)
    line = Application(bill.key, bill.open_minor)
    paid = book.receive([line], company=bill.company, customer=bill.customer, currency=bill.currency, on_account=100)
    book.plan.act(MONDAY + timedelta(days=1), "bounce", bill.key)
    book.advance_to(MONDAY + timedelta(days=1))
    assert (paid.reversed_on, bill.open_minor) == (None, 0)


def test_a_number_is_given_out_again_once_and_only_for_a_customer_who_is_there() -> None:
    instalments = Book.make(1, 10, 5, date(2026, 1, 5), knobs=Knobs(instalment_share=1.0, history_share=0.0))
    assert [item.instalment for item in instalments.items.values() if item.renumbered] == ["001"]
    missing = Book.make(123, 10, 20, date(2026, 1, 5))
    assert {item.customer for item in missing.items.values()} - missing.customers.keys() == {"99000007"}
    assert {item.customer for item in missing.items.values() if item.renumbered} == {"1004", "1008"}


def test_open_totals_are_the_sums_of_what_is_open(played: Book) -> None:
    totals = played.open_totals()
    assert len({company for company, _ in totals}) == 4
    assert totals["00020", "JPY"] == totals["00020", "JPY"].to_integral_value()
    assert totals["00001", "USD"] == played.open_total("00001", "USD")
    assert totals["00001", "USD"] == sum(
        (item.open_amount for item in played.items.values() if (item.company, item.currency) == ("00001", "USD")),
        Decimal(0),
    )


@pytest.mark.parametrize(
    ("minor", "source", "target", "rate", "there"),
    [
        (10_000, "EUR", "USD", 10_900_000, 10_900),
        (10_000, "JPY", "USD", 67_000, 6_700),
        (1, "KWD", "JPY", 4_865_671_642, 0),
        (1_005, "KWD", "USD", 32_600_000, 328),
        (-5, "USD", "EUR", 9_000_000, -5),
        (5, "USD", "EUR", 9_000_000, 5),
    ],
)
def test_amounts_are_converted_half_away_from_zero(minor: int, source: str, target: str, rate: int, there: int) -> None:
    assert converted(minor, source, target, rate) == there


def test_lean_rows_are_records_and_the_same_every_time() -> None:
    wanted = {"customers": 300, "items": 500, "start_on": MONDAY}
    found = list(rows("item", **wanted))  # type: ignore[arg-type]
    TypeAdapter(list[Item]).validate_python(found)
    assert found[400:] == list(rows("item", first=400, **wanted))  # type: ignore[arg-type]
    assert {row["currency"] for row in found} == {"USD", "EUR", "JPY", "KWD"}
    customers = {row["key"] for row in rows("customer", **wanted)}  # type: ignore[arg-type]
    assert {row["customer"] for row in found} <= customers
    assert len(list(rows("company", **wanted))) == 4  # type: ignore[arg-type]
    assert len(list(islice(rows("item", customers=10, items=10**9, start_on=MONDAY), 5))) == 5


def test_lean_rows_name_the_streams_they_have() -> None:
    with pytest.raises(ValueError, match="no payment"):
        rows("payment", customers=1, items=1, start_on=MONDAY)
