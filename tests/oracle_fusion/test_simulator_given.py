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
from duehook.core.testing.contract.scenes.money import SCENES, balances_of
from duehook.plugins.oracle_fusion.simulator import FusionSimulator
from duehook.plugins.oracle_fusion.simulator.site.codes import UNITS

from .simulated import Caller

LACKING = ("payment_term", "exchange_rate")


@pytest.mark.parametrize("stream", [each for each in RECORDS if each not in LACKING])
def test_what_is_given_are_records_with_keys_of_their_own(stream: Stream, played: Caller) -> None:
    rows = list(played.simulator.given(stream))
    records: TypeAdapter[Any] = TypeAdapter(list[RECORDS[stream]])  # type: ignore[valid-type]
    assert len(records.validate_python(rows)) > 0
    keys = [(row.get("company"), row.get("key")) for row in rows]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("stream", LACKING)
def test_what_there_is_not_is_not_given_and_it_is_said_why(stream: Stream, played: Caller) -> None:
    assert list(played.simulator.given(stream)) == []
    assert stream in played.simulator.lacks


def test_the_lines_add_up_to_what_the_book_says_is_open_of_what_is_posted(played: Caller) -> None:
    theirs: dict[tuple[str, str, str], Decimal] = {}
    for item in played.simulator.book.items.values():
        if item.posted and item.open_minor:
            name = (UNITS[item.company], item.customer, item.currency)
            theirs[name] = theirs.get(name, Decimal(0)) + item.open_amount
    assert played.simulator.open_balances() == {name: left for name, left in theirs.items() if left}
    assert balances_of(list(played.simulator.given("item"))) == played.simulator.open_balances()


def test_what_is_open_in_the_units_own_currency_is_the_books_but_for_what_is_settled(played: Caller) -> None:
    book = played.simulator.book
    theirs = sum(
        item.company_open_minor for item in book.items.values()
        if item.posted and item.open_minor and item.kind != "on_account" and item.company == "00010"
    )  # fmt: skip
    ours = sum(
        row["company_open_amount"] for row in played.simulator.given("item")
        if row["company"] == "Halden Europa" and row["kind"] != "on_account"
    )  # fmt: skip
    assert ours == Decimal(theirs) / 100


@pytest.mark.parametrize("scene", [name for name in SCENES if name != "archived"])
def test_no_scene_loses_money(scene: str, client: Caller) -> None:
    erp: Any = client.simulator
    for _ in SCENES[scene](erp):
        book = {(UNITS[item.company], item.customer, item.currency): Decimal(0) for item in erp.book.items.values()}
        for item in erp.book.items.values():
            book[UNITS[item.company], item.customer, item.currency] += item.open_amount
        assert erp.open_balances() == {name: left for name, left in book.items() if left}


def test_a_payment_that_bounced_is_given_with_its_reversal(client: Caller) -> None:
    with client.simulator.act() as book:
        payment = pay(book, issue(book, "100.00"), "100.00")
        later(book)
        book.reverse(payment.key)
    key, day = str(420000000000000 + payment.number), date(2026, 3, 2)
    there = [
        (row["key"], row["amount"], row.get("reversal_of"), row.get("reversed_on"), row["received_on"])
        for row in client.simulator.given("payment")
        if row["key"].startswith(key)
    ]
    assert there == [
        (key, Decimal("100.00"), None, day, day),
        (f"{key}|rev", Decimal("-100.00"), key, None, day),
    ]


def test_what_is_spoilt_has_a_date_of_the_first_century(client: Caller) -> None:
    with client.simulator.act() as book:
        item = issue(book, "100.00")
        payment = pay(book, item, "40.00")
    client.simulator.spoil(item.key)
    client.simulator.spoil_payment(payment.key)
    assert client.rows("receivablesInvoices")[0]["TransactionDate"] == "0018-03-02"
    assert client.rows("standardReceipts", q=f"ReceiptNumber='{payment.number}'")[0]["ReceiptDate"] == "0018-03-02"
    with client.simulator.act() as book:
        pay(book, item, "10.00")
    assert client.rows("receivablesInvoices")[0]["TransactionDate"] == "0018-03-02"


@pytest.mark.parametrize(
    ("resource", "child", "balance"),
    [
        ("receivablesInvoices", "receivablesInvoiceInstallments", "InvoiceBalanceAmount"),
        ("receivablesCreditMemos", "receivablesCreditMemoInstallments", "TransactionBalanceDue"),
    ],
)
def test_open_items_asked_for_in_windows_by_id_are_those_that_are_given(
    resource: str, child: str, balance: str, played: Caller
) -> None:
    found: dict[str, Decimal] = {}
    last = 0
    while rows := played.rows(
        resource, q=f"{balance}!=0;CustomerTransactionId>{last}", orderBy="CustomerTransactionId:asc", expand=child,
        limit="50",
    ):  # fmt: skip
        parts = [part for row in rows for part in row[child]["items"] if part["InstallmentBalanceDue"]]
        found |= {str(part["InstallmentId"]): Decimal(str(part["InstallmentBalanceDue"])) for part in parts}
        last = rows[-1]["CustomerTransactionId"]
    kinds = {"invoice", "fee", "chargeback"} if resource == "receivablesInvoices" else {"credit_note"}
    given = {row["key"]: row["open_amount"] for row in played.simulator.given("item") if row["kind"] in kinds}
    assert found == {key: left for key, left in given.items() if left}


def test_what_is_open_on_account_is_what_is_unapplied_of_receipts_with_a_customer(played: Caller) -> None:
    q = "UnappliedAmount!=0 and CustomerAccountNumber is not null"
    rows = played.rows("standardReceipts", q=q, orderBy="StandardReceiptId", limit="500")
    found = {f"R|{row['StandardReceiptId']}": -Decimal(str(row["UnappliedAmount"])) for row in rows}
    given = {row["key"]: row["open_amount"] for row in played.simulator.given("item") if row["kind"] == "on_account"}
    assert found == given
    assert found != {}


def test_each_change_of_what_is_open_moves_a_stamp(opened: Callable[..., Caller]) -> None:
    erp = opened(customers=60, items=500).simulator
    known = {row["key"]: row["open_amount"] for row in erp.given("item")}
    for day in range(3, 31):
        since = (erp.now - timedelta(days=2)).isoformat()  # a late commit is stamped as of the evening before
        erp.advance_to(date(2026, 3, day))
        ledger = erp.pod.ledger
        tables = (ledger.invoices, ledger.memos, ledger.receipts)
        fresh = {str(key) for table in tables for key, row in table.rows.items() if row["LastUpdateDate"] >= since}
        items = {row["key"]: row["open_amount"] for row in erp.given("item")}
        moved = {key for key in {*known, *items} if known.get(key) != items.get(key)}
        assert {key for key in moved if key.removeprefix("R|") not in fresh and key[:-3] not in fresh} == set()
        known = items


@pytest.mark.parametrize("options", [{}, {"read_by": "bicc"}], ids=str)
def test_what_was_carried_day_by_day_is_what_a_restart_makes_of_the_book(
    options: dict[str, Any], opened: Callable[..., Caller], tmp_path: Path
) -> None:
    usual = {"folder": str(tmp_path / "one"), "customers": 60, "items": 500, **options}
    first = opened(**usual).simulator
    for day in range(3, 30):
        first.advance_to(date(2026, 3, day))
    again = opened(**usual).simulator
    for name in ("invoices", "memos", "receipts"):
        ours, theirs = getattr(first.pod.ledger, name).rows, getattr(again.pod.ledger, name).rows
        assert ours == theirs
    assert first.pod.accounts.parties.rows == again.pod.accounts.parties.rows


def test_the_simulator_can_do_all_that_the_kit_asks_of_one() -> None:
    asked = {name for each in (SimulatedErp, FaultyErp, WrittenErp) for name in (*vars(each), *each.__annotations__)}
    assert [name for name in sorted(asked) if name[0] != "_" and not hasattr(FusionSimulator, name)] == []


@pytest.mark.parametrize("variant", FusionSimulator.variants)
def test_each_variant_of_it_is_over_the_same_book(variant: str, opened: Callable[..., Caller]) -> None:
    plain, other = opened(items=200).simulator, opened(items=200, **FusionSimulator.variants[variant]).simulator
    assert other.open_balances() == plain.open_balances()
    assert balances_of(list(other.given("item"))) == plain.open_balances()
