"""What a connector shall read: valid records, whose money is the book's, and the same after a restart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from duehook.core.records import RECORDS, Stream
from duehook.core.testing.contract.scenes.acts import issue, later, pay
from duehook.core.testing.contract.scenes.money import balances_of
from duehook.plugins.netsuite.simulator.tables.codes import SUBSIDIARIES

from .simulated import Caller, number, paid

STAMPS = ("createddate", "lastmodifieddate")


@pytest.mark.parametrize("stream", [each for each in RECORDS if each != "exchange_rate"])
def test_what_is_given_are_records_with_keys_of_their_own(stream: Stream, played: Caller) -> None:
    rows = list(played.simulator.given(stream))
    records: TypeAdapter[Any] = TypeAdapter(list[RECORDS[stream]])  # type: ignore[valid-type]
    assert len(records.validate_python(rows)) > 0
    keys = [(row.get("company"), row.get("key")) for row in rows]
    assert len(set(keys)) == len(keys)


def test_there_are_no_exchange_rates_and_it_is_said_why(played: Caller) -> None:
    assert list(played.simulator.given("exchange_rate")) == []
    assert "exchange_rate" in played.simulator.lacks


def test_the_lines_add_up_to_what_the_book_says_is_open_of_what_is_posted(played: Caller) -> None:
    theirs: dict[tuple[str, str, str], Decimal] = {}
    for item in played.simulator.book.items.values():
        if item.posted and item.open_minor:
            name = (str(SUBSIDIARIES[item.company]), item.customer, item.currency)
            theirs[name] = theirs.get(name, Decimal(0)) + item.open_amount
    assert played.simulator.open_balances() == {name: left for name, left in theirs.items() if left}
    assert balances_of(list(played.simulator.given("item"))) == played.simulator.open_balances()


def test_allocations_are_what_was_paid_of_each_item(played: Caller) -> None:
    allocated: dict[str, Decimal] = {}
    for row in played.simulator.given("allocation"):
        allocated[row["item"]] = allocated.get(row["item"], Decimal(0)) + row["amount"]
    items = {row["key"]: row for row in played.simulator.given("item")}
    assert allocated != {}
    assert all(items[key]["amount"] - items[key]["open_amount"] == amount for key, amount in allocated.items())


def test_a_payment_that_bounced_is_given_with_its_reversal(client: Caller) -> None:
    with client.simulator.act() as book:
        payment = pay(book, issue(book, "100.00"), "100.00")
        later(book)
        book.reverse(payment.key)
    key, day = str(paid(payment)), date(2026, 3, 2)
    there = [
        (row["key"], row["amount"], row.get("reversal_of"), row.get("reversed_on"), row["received_on"])
        for row in client.simulator.given("payment")
        if row["key"].startswith(key)
    ]
    assert there == [
        (key, Decimal("100.00"), None, day, day),
        (f"{key}|void", Decimal("-100.00"), key, None, day),
    ]
    assert [row for row in client.simulator.given("allocation") if row.get("payment") == key] == []


def test_what_is_spoilt_has_a_date_of_the_first_century(client: Caller) -> None:
    with client.simulator.act() as book:
        item = issue(book, "100.00")
        payment = pay(book, item, "40.00")
    client.simulator.spoil(item.key)
    client.simulator.spoil_payment(payment.key)
    query = f"SELECT TO_CHAR(trandate, 'YYYY-MM-DD') AS day FROM transaction WHERE id IN ({number(client, item)}, {paid(payment)})"  # noqa: E501
    days = client.rows(query)
    assert days == [{"day": "0018-03-02"}, {"day": "0018-03-02"}]
    assert client.rows(f"SELECT duedate FROM transaction WHERE id = {number(client, item)}") == [
        {"duedate": "4/1/2026"}
    ]


@pytest.mark.parametrize("options", [{}, {"instalments": True}], ids=str)
def test_what_was_carried_day_by_day_is_what_a_restart_makes_of_the_book(
    options: dict[str, Any], opened: Callable[..., Caller], tmp_path: Path
) -> None:
    usual = {"folder": str(tmp_path / "one"), "customers": 60, "items": 500, **options}
    first = opened(**usual).simulator
    for day in range(3, 30):
        first.advance_to(date(2026, 3, day))
    again = opened(**usual).simulator
    for table, columns in first.account.database.schema.tables.items():
        listed = ", ".join(f"`{name}`" for name in columns if name not in STAMPS)
        rows = [
            sorted(map(str, each.account.rows(f"SELECT {listed} FROM `{table}`"))) for each in (first, again)
            if table != "deletedrecord"
        ]  # fmt: skip
        assert rows[:1] == rows[1:], table
