"""What a connector shall read of the simulated site: records that hold together, and add up to the ledger."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from duehook.core.records import RECORDS, Stream
from duehook.core.testing.book_simulator import balances
from duehook.core.testing.contract.scenes.acts import later, pay
from duehook.core.testing.contract.scenes.money import SCENES
from duehook.plugins.business_central.simulator import BusinessCentralSimulator
from duehook.plugins.business_central.simulator.options import VARIANTS

from .simulated import START, Client, Opened, invoice

Row = dict[str, Any]


def given(client: Client, stream: Stream) -> dict[str, Row]:
    """Return the rows of the client's company by key."""
    return {row["key"]: row for row in client.simulator.given(stream) if row["company"] == client.id}


def item(client: Client, number: object) -> Row:
    """Return an item by its document number."""
    (found,) = [row for row in given(client, "item").values() if row["document_no"] == str(number)]
    return found


@pytest.mark.parametrize("variant", [{}, *VARIANTS.values()], ids=str)
def test_every_row_is_a_record_and_the_items_add_up_to_the_ledger(variant: dict[str, Any], tmp_path: Path) -> None:
    simulator = BusinessCentralSimulator(
        {"folder": tmp_path, "customers": 60, "items": 500, "start_on": START, **variant}
    )
    simulator.start()
    try:
        simulator.advance_to(START + timedelta(days=30))
        for stream, record in RECORDS.items():
            rows = [record(**row) for row in simulator.given(stream)]
            assert bool(rows) == (stream not in simulator.lacks), stream
            keys = [(getattr(row, "company", None), getattr(row, "key", row)) for row in rows]
            assert len(set(map(str, keys))) == len(rows)
        open_now = balances(
            ((row["company"], row["customer"], row["currency"]), row["open_amount"]) for row in simulator.given("item")
        )
        assert open_now == simulator.open_balances() != {}
    finally:
        simulator.stop()


def test_what_was_settled_of_an_item_is_what_its_allocations_say(played: Client) -> None:
    settled: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in played.simulator.given("allocation"):
        settled[row["company"], row["item"]] += row["amount"]
    items = [row for row in played.simulator.given("item") if row["kind"] != "on_account"]
    wrong = [row for row in items if row["amount"] - settled[row["company"], row["key"]] != row["open_amount"]]
    assert wrong == []
    assert {"cash", "credit", "discount"} <= {row["kind"] for row in played.simulator.given("allocation")}


@pytest.mark.parametrize("scene", sorted(SCENES.keys() - {"archived"}))  # nothing ever is
def test_no_money_is_lost_in_any_scene(scene: str, small: Client) -> None:
    site: Any = small.simulator
    for _ in SCENES[scene](site):
        rows = list(small.simulator.given("item"))
        sums = balances(((row["company"], row["customer"], row["currency"]), row["open_amount"]) for row in rows)
        assert sums == small.simulator.open_balances()


def test_an_item_is_its_entry_in_canonical_words(full: Client) -> None:
    made = invoice(full, "100.00", purchase_order="PO-7", reference="V77", text="pallets")
    with full.simulator.act() as book:
        later(book)
        book.dispute(made.key, 4000, "QL")
        book.block(made.key, "N")
    row = item(full, made.document_no)
    assert {name: row[name] for name in ("kind", "currency", "amount", "open_amount", "company_currency")} == {
        "kind": "invoice", "currency": "EUR", "amount": 100, "open_amount": 100, "company_currency": "EUR",
    }  # fmt: skip
    assert (row["document_on"], row["due_on"], row["terms"]) == (date(2026, 3, 2), date(2026, 4, 1), "N30")
    assert (row["purchase_order"], row["reference"], row["text"]) == ("PO-7", "V77", "pallets")
    assert (row["dunning_block"], row["dispute_reason"], row["disputed_amount"]) == ("N", "QL", 100)
    assert row["key"] == str(full.entry(made)["Entry_No"])
    assert row["document_type"] == "Invoice"


def test_money_is_an_item_while_it_stands_on_account_and_after_it_has_stood_there(small: Client) -> None:
    made, money = invoice(small, "100.00"), invoice(small, "-50.00", kind="on_account")
    with small.simulator.act() as book:
        paid = pay(book, made, "20.00")
    assert item(small, money.document_no)["kind"] == "on_account"
    assert f"P{paid.key}" not in {row["document_no"] for row in given(small, "item").values()}
    small.simulator.advance_to(START + timedelta(days=1))
    with small.simulator.act() as book:
        later(book)
        book.net(money.key, made.key, 5000)
    row = item(small, money.document_no)
    assert (row["open_amount"], row["cleared_on"]) == (0, date(2026, 3, 3))


def test_a_payment_and_its_reversal_name_each_other(small: Client) -> None:
    made = invoice(small, "100.00")
    with small.simulator.act() as book:
        paid = pay(book, made, "100.00", reference="EREF 1")
    small.simulator.advance_to(START + timedelta(days=1))
    with small.simulator.act() as book:
        later(book)
        book.reverse(paid.key)
    first, back = sorted(
        (row for row in given(small, "payment").values() if row["customer"] == made.customer and row["amount"] ** 2 > 0
         and row.get("reversed_on", row.get("reversal_of"))), key=lambda row: -row["amount"],
    )  # fmt: skip
    assert (first["amount"], first["reference"], first["reversed_on"]) == (100, "EREF 1", date(2026, 3, 3))
    assert (back["amount"], back["reversal_of"]) == (-100, first["key"])
    found = [row for row in given(small, "allocation").values() if row["item"] == item(small, made.document_no)["key"]]
    assert sorted(row["amount"] for row in found) == [-100, 100]
    assert {row["payment"] for row in found} == {first["key"]}


def test_a_customers_own_address_is_a_contact_and_its_card_is_none(played: Client) -> None:
    contacts = given(played, "contact")
    customers = given(played, "customer")
    assert {key for key in contacts if key.endswith("|email")} >= {f"{next(iter(customers))}|email"}
    assert not [key for key in contacts if key.startswith("CT") and key.endswith("00")]
    assert {row["customer"] for row in contacts.values()} <= customers.keys()


def test_what_the_site_publishes_is_told_by_its_settings(opened: Opened) -> None:
    client = opened(comments=True)
    names = ("ledger_entries", "detailed_entries", "comments", "promise", "dispute", "on_hold")
    assert {name: client.settings[name] for name in names if name in client.settings} == {
        "ledger_entries": "CustomerLedgerEntries", "detailed_entries": "DetailedCustLedgEntries",
        "comments": "CommentSheet", "on_hold": "DUE",
    }  # fmt: skip
    assert client.simulator.site_settings["company_currencies"][client.id] == "EUR"
    assert "add_note" not in client.simulator.lacks
