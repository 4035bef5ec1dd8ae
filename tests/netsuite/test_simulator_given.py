"""What a connector shall read: valid records, whose money is the book's, and the same after a restart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from duehook.core.records import RECORDS, Stream
from duehook.core.testing.contract.erp import FaultyErp, SimulatedErp, WrittenErp
from duehook.core.testing.contract.scenes.acts import issue, later, pay
from duehook.core.testing.contract.scenes.money import balances_of
from duehook.plugins.netsuite.simulator import NetsuiteSimulator
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


DOSSIER = """
    SELECT t.id, t.type, tl.subsidiary, t.entity, c.symbol, NVL(tl.foreignamountunpaid, 0) AS unpaid,
        NVL(tl.foreignpaymentamountunused, 0) AS unused
    FROM transaction t JOIN transactionline tl ON tl.transaction = t.id AND tl.mainline = 'T'
    JOIN currency c ON c.id = t.currency
    WHERE t.type IN ('CustInvc', 'CustCred', 'CustPymt', 'CustDep') AND t.posting = 'T'
        AND (NVL(tl.foreignamountunpaid, 0) <> 0 OR NVL(tl.foreignpaymentamountunused, 0) <> 0) AND t.id > {}
    ORDER BY t.id FETCH FIRST 100 ROWS ONLY"""


def test_open_items_asked_for_in_windows_by_id_are_those_that_are_given(played: Caller) -> None:
    found: dict[str, Decimal] = {}
    last = "0"
    while rows := played.rows(DOSSIER.format(last)):
        found |= {row["id"]: Decimal(row["unpaid"]) - Decimal(row["unused"]) for row in rows}
        last = rows[-1]["id"]
    given = {row["key"]: row["open_amount"] for row in played.simulator.given("item")
             if row["open_amount"] and row["document_type"] != "Journal"}  # fmt: skip
    assert found == given


def test_what_is_no_receivable_is_not_given_and_a_refund_is_a_negative_payment(played: Caller) -> None:
    others = played.rows("SELECT id, type FROM transaction WHERE id < 1000 ORDER BY id")
    assert [row["type"] for row in others] == ["SalesOrd", "CashSale", "VendBill", "Journal", "CustRfnd"]
    keys = {row["id"] for row in others}
    assert [row["key"] for row in played.simulator.given("item") if row["key"] in keys] == []
    there = [(row["customer"], row["amount"]) for row in played.simulator.given("payment") if row["key"] in keys]
    assert there == [("1001", Decimal("-25.00"))]


def test_each_change_of_what_is_open_is_told_by_a_stamp_or_by_a_link_of_what_has_one(
    opened: Callable[..., Caller],
) -> None:
    erp = opened(customers=60, items=500).simulator
    known = {row["key"]: row["open_amount"] for row in erp.given("item")}
    for day in range(3, 31):
        since = erp.now - timedelta(days=2)  # a late commit is stamped as of the evening before
        erp.advance_to(date(2026, 3, day))
        items = {row["key"]: row for row in erp.given("item")}
        changed = {row["key"] for each in ("item", "payment") for row in erp.given(each) if row["changed_at"] >= since}
        linked = {row["item"] for row in erp.given("allocation") if row["key"].partition("|")[0] in changed}
        moved = {key for key, row in items.items() if known.get(key) != row["open_amount"]}
        assert moved - changed - linked == set()
        assert {*known} - {*items} <= changed  # money on account that is used up
        known = {key: row["open_amount"] for key, row in items.items()}


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


def test_the_simulator_can_do_all_that_the_kit_asks_of_one() -> None:
    asked = {name for each in (SimulatedErp, FaultyErp, WrittenErp) for name in (*vars(each), *each.__annotations__)}
    assert [name for name in sorted(asked) if name[0] != "_" and not hasattr(NetsuiteSimulator, name)] == []


@pytest.mark.parametrize("variant", NetsuiteSimulator.variants)
def test_each_variant_of_it_is_over_the_same_book(variant: str, opened: Callable[..., Caller]) -> None:
    plain, other = opened(items=200).simulator, opened(items=200, **NetsuiteSimulator.variants[variant]).simulator
    assert other.open_balances() == plain.open_balances()
    assert balances_of(list(other.given("item"))) == plain.open_balances()
