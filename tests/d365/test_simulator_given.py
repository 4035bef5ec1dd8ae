"""What a connector shall read of the simulated F&O: records that hold, under the keys of the dossier."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from duehook.core.records import RECORDS, Stream
from duehook.core.testing.contract.scenes.acts import customer_of, later, pay
from duehook.core.testing.contract.under_test import validated

from .simulated import START, Client, Opened, invoice, opened, played, posted_and_open, small

DUE = date(2026, 4, 1)


def items_of(client: Client, document_no: int) -> list[dict[str, Any]]:
    rows = [row for row in client.simulator.given("item") if row["document_no"] == str(document_no)]
    return sorted(rows, key=lambda row: row["key"])


@pytest.mark.parametrize("stream", [stream for stream in RECORDS if stream != "allocation"])
def test_every_row_is_a_record_and_its_key_is_its_own(stream: Stream, played: Client) -> None:
    rows = list(played.simulator.given(stream))
    assert validated(stream, rows)
    keys = [(row.get("company"), row.get("key"), row.get("from_currency"), row.get("to_currency"), row.get("valid_on"))
            for row in rows]  # fmt: skip
    assert len(set(keys)) == len(keys)


def test_where_settlements_are_published_open_is_the_original_less_its_allocations(opened: Opened) -> None:
    client = opened(settlements=True, customers=40, items=200)
    client.simulator.advance_to(START + timedelta(days=10))
    assert "allocation" not in client.simulator.lacks
    rows = list(client.simulator.given("allocation"))
    assert validated("allocation", rows)
    sums: dict[str, Decimal] = {}
    for row in rows:
        sums[row["item"]] = sums.get(row["item"], Decimal(0)) + row["amount"]
    items = list(client.simulator.given("item"))
    wrong = [row for row in items if row["amount"] - sums.get(row["key"], Decimal(0)) != row["open_amount"]]
    assert wrong == []
    assert {row["kind"] for row in rows} >= {"cash", "discount"}


def test_what_is_given_open_is_what_the_book_has_posted_and_open(played: Client) -> None:
    sums: dict[tuple[str, str], Decimal] = {}
    for row in played.simulator.given("item"):
        pair = row["company"], row["currency"]
        sums[pair] = sums.get(pair, Decimal(0)) + row["open_amount"]
    assert {pair: total for pair, total in sums.items() if total} == posted_and_open(played)


def test_an_items_key_is_its_transaction_and_its_due_date(small: Client) -> None:
    made = invoice(small, "100.00")
    number = small.simulator.site.ledger.number_of(made.key)
    (row,) = items_of(small, made.document_no)
    assert (row["key"], row["company"], row["customer"]) == (f"{number}|{DUE}", "demf", made.customer)
    assert (row["kind"], row["item_class"], row["currency"]) == ("invoice", "normal", "EUR")
    assert (row["amount"], row["open_amount"], row["due_on"]) == (Decimal(100), Decimal(100), DUE)
    assert (row["document_on"], row["posted_on"]) == (START, START)


def test_the_key_stays_when_a_payment_bounces(small: Client) -> None:
    made = invoice(small, "100.00")
    (before,) = items_of(small, made.document_no)
    with small.simulator.act() as book:
        paid = pay(book, made, "100.00")
    (settled,) = items_of(small, made.document_no)
    assert (settled["open_amount"], settled["cleared_on"]) == (Decimal(0), START)
    with small.simulator.act() as book:
        later(book)
        book.reverse(paid.key)
    (after,) = items_of(small, made.document_no)
    assert after == before
    money = [row for row in small.simulator.given("payment") if row["customer"] == made.customer]
    first, back = sorted(money, key=lambda row: -row["amount"])
    assert (first["amount"], first["reversed_on"]) == (Decimal(100), START)
    assert (back["amount"], back["reversal_of"]) == (Decimal(-100), first["key"])


def test_what_was_settled_of_instalments_is_on_the_first_due_date(small: Client) -> None:
    with small.simulator.act() as book:
        customer = customer_of(book)
    first = invoice(small, "40.00", customer=customer)
    second = invoice(
        small, "60.00", customer=customer, number=first.document_no, instalment="002", due_on=DUE + timedelta(days=30)
    )
    with small.simulator.act() as book:
        pay(book, first, "40.00")
        pay(book, second, "10.00")
    rows = items_of(small, first.document_no)
    assert [(row["due_on"], row["amount"], row["open_amount"]) for row in rows] == [
        (date(2026, 4, 1), Decimal(50), Decimal(0)),
        (date(2026, 5, 1), Decimal(50), Decimal(50)),
    ]
    assert rows[0]["cleared_on"] == START


def test_an_item_without_a_due_date_keeps_f_and_os_word_for_none_in_its_key(small: Client) -> None:
    made = invoice(small, "100.00", due_on=None)
    (row,) = items_of(small, made.document_no)
    assert row["key"].endswith("|1900-01-01")
    assert "due_on" not in row


def test_a_dispute_a_block_and_a_level_are_on_the_open_item(small: Client) -> None:
    made = invoice(small, "100.00")
    with small.simulator.act() as book:
        book.dispute(made.key, 4000, "PR")
        book.block(made.key, "N")
    small.simulator.own_dunning(made.key, 2)
    (row,) = items_of(small, made.document_no)
    assert (row["disputed_amount"], row["dispute_reason"], row["dunning_level"]) == (Decimal(40), "PR", 2)
    assert row["dunning_block"] == "no collection letters"


def test_prepaid_money_is_on_account_and_a_down_payment(small: Client) -> None:
    from duehook.core.testing.book.documents import on_account_item

    with small.simulator.act() as book:
        customer = customer_of(book)
        for _ in range(4):
            later(book)
            paid = book.receive([], company=customer.company, customer=customer.key, currency="EUR", on_account=5000)
            on_account_item(book, paid)
    rows = [row for row in small.simulator.given("item") if row["kind"] == "on_account" and row["open_amount"] == -50]
    assert sorted(row["item_class"] for row in rows if row["customer"] == customer.key) == [
        "down_payment", "down_payment", "normal", "normal",
    ]  # fmt: skip
    money = [row for row in small.simulator.given("payment") if row["customer"] == customer.key]
    assert [row["unapplied_amount"] for row in money] == [Decimal(50)] * 4


def test_without_open_rows_a_transaction_is_one_item(opened: Opened) -> None:
    client = opened(open_transactions=False)
    with client.simulator.act() as book:
        customer = customer_of(book)
    first = invoice(client, "40.00", customer=customer)
    invoice(client, "60.00", customer=customer, number=first.document_no, instalment="002", due_on=date(2026, 5, 1))
    assert [(row["amount"], row["open_amount"]) for row in items_of(client, first.document_no)] == [
        (Decimal(100), Decimal(100))
    ]


def test_a_spoiled_item_has_no_dates(small: Client) -> None:
    made = invoice(small)
    small.simulator.spoil(made.key)
    number = small.simulator.site.ledger.number_of(made.key)
    (row,) = small.rows(f"CustTransactions?$filter=SysRecId eq {number}")
    assert row["TransDate"] == row["DocumentDate"] == "1900-01-01T12:00:00Z"


def test_what_f_and_o_does_not_have_is_named_with_its_reason(small: Client) -> None:
    assert set(small.simulator.lacks) == {"unposted", "deletes", "allocation"}
