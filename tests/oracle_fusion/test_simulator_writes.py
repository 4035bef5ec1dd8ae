"""What is written over REST: promises to pay, and disputes that wait for somebody's decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from duehook.core.testing.book import Item
from duehook.core.testing.contract.scenes.acts import issue, pay, renumber
from duehook.plugins.oracle_fusion.simulator import FusionSimulator
from duehook.plugins.oracle_fusion.simulator.site.codes import transaction_id

from .simulated import Caller


@pytest.fixture
def invoice(client: Caller) -> Item:
    """Give an invoice of 1,250 EUR."""
    with client.simulator.act() as book:
        return issue(book, "1250.00")


def promise(invoice: Item, **other: Any) -> dict[str, Any]:
    """Return a payload, as the dossier has it."""
    return {
        "BillToCustomerAccount": invoice.customer, "BusinessUnit": "Halden Europa",
        "TransactionNumber": str(invoice.document_no), "InstallmentNumber": 1, "Currency": "EUR",
        "PromiseAmount": 1250.00, "PromiseDate": "2026-04-15", "PaymentMethod": "Check", **other,
    }  # fmt: skip


def test_a_promise_is_made_and_found_by_its_transaction(client: Caller, invoice: Item) -> None:
    answer = client.post("collectionPromises", promise(invoice))
    made = answer.json()
    assert (answer.status_code, made["PromiseDetailId"], made["PromiseStatus"]) == (201, 300000987654321, "OPEN")
    q = f"TransactionNumber='{invoice.document_no}' and PromiseDate='2026-04-15'"
    found = client.rows("collectionPromises", q=q)
    assert [(row["PromiseDetailId"], row["PromiseAmount"], row["PaymentMethod"]) for row in found] == [
        (300000987654321, 1250, "Check")
    ]
    assert client.get("collectionPromises/300000987654321").json()["Currency"] == "EUR"


def test_the_same_promise_twice_is_there_twice(client: Caller, invoice: Item) -> None:
    for _ in range(2):
        client.post("collectionPromises", promise(invoice))
    seen = client.simulator.seen("set_promise", "00010", invoice.customer, invoice.key)
    assert list(seen.values()) == ["1250 on 2026-04-15"] * 2


@pytest.mark.parametrize(
    ("other", "path"),
    [
        ({"BillToCustomerAccount": "99999999"}, "TransactionNumber"),
        ({"BusinessUnit": "Halden Americas"}, "TransactionNumber"),
        ({"TransactionNumber": "1"}, "TransactionNumber"),
        ({"InstallmentNumber": 2}, "TransactionNumber"),
        ({"PromiseAmount": 1250.01}, "PromiseAmount"),
        ({"PromiseAmount": 0}, "PromiseAmount"),
        ({"PromiseAmount": "much"}, "PromiseAmount"),
        ({"PromiseDate": "2026-03-01"}, "PromiseDate"),
        ({"PromiseDate": "tomorrow"}, "PromiseDate"),
        ({"Note": "by phone"}, "Note"),
        ({"BillToCustomerAccount": "1" * 31}, "BillToCustomerAccount"),
        ({"collectionPromiseDFF": [{"duehookKey": "a"}]}, "duehookKey"),
    ],
)
def test_a_promise_that_cannot_be_is_refused(
    other: dict[str, Any], path: str, client: Caller, *, invoice: Item
) -> None:
    answer = client.post("collectionPromises", promise(invoice, **other))
    assert (answer.status_code, answer.json()["o:errorDetails"][0]["o:errorPath"]) == (400, path)
    assert client.rows("collectionPromises") == []


def test_a_site_may_have_an_attribute_of_its_own_in_the_flexfield(opened: Callable[..., Caller]) -> None:
    client = opened(promise_attribute=True)
    assert client.settings["promise_attribute"] == "duehookKey"
    with client.simulator.act() as book:
        invoice = issue(book, "1250.00")
    flex = [{"__FLEX_Context": "Global", "duehookKey": "k-1"}]
    client.post("collectionPromises", promise(invoice, collectionPromiseDFF=flex))
    q = "collectionPromiseDFF.duehookKey='k-1'"
    found = client.get("collectionPromises", version="2", expand="collectionPromiseDFF", q=q, onlyData="true")
    assert [row["collectionPromiseDFF"][0]["duehookKey"] for row in found.json()["items"]] == ["k-1"]
    path = "collectionPromises/300000987654321/child/collectionPromiseDFF"
    assert client.post(path, {"duehookKey": "k-2"}).status_code == 201
    assert client.rows("collectionPromises", q=q) == []


def test_a_number_that_two_open_transactions_bear_is_refused(client: Caller, invoice: Item) -> None:
    with client.simulator.act() as book:
        renumber(book, invoice)
    assert client.post("collectionPromises", promise(invoice)).status_code == 400
    with client.simulator.act() as book:
        pay(book, invoice, "1250.00")
    assert client.post("collectionPromises", promise(invoice)).status_code == 201


def dispute(invoice: Item, **other: Any) -> dict[str, Any]:
    """Return a payload."""
    return {
        "CustomerTransactionId": transaction_id(invoice), "BillToCustomerNumber": invoice.customer,
        "DisputeAmount": 40.5, "DisputeReason": "Pricing Dispute", "DisputeSection": "Total",
        "CustomerComments": "wrong price", "InternalComments": "k-1", **other,
    }  # fmt: skip


def disputed(caller: Caller, invoice: Item) -> list[tuple[float | None, str | None]]:
    """Return what of each instalment is in dispute, and since when."""
    path = f"receivablesInvoices/{transaction_id(invoice)}/child/receivablesInvoiceInstallments"
    return [(part["DisputeAmount"], part["DisputeDate"]) for part in caller.rows(path)]


def test_a_dispute_is_on_the_instalment_at_once_and_gone_when_it_is_decided(client: Caller, invoice: Item) -> None:
    answer = client.post("receivablesDisputes", dispute(invoice))
    made = answer.json()
    assert (answer.status_code, made["RequestNumber"], made["DisputeAmount"]) == (201, "70001", 40.5)
    assert disputed(client, invoice) == [(40.5, "2026-03-02")]
    row = client.get(f"receivablesInvoices/{transaction_id(invoice)}").json()
    assert row["LastUpdateDate"] == "2026-03-02T23:45:00+00:00"
    client.simulator.decide_dispute("70001", "Rejected")
    assert disputed(client, invoice) == [(None, None)]
    assert "Rejected" in str(client.simulator.seen("set_dispute", "00010", invoice.customer, invoice.key))


def test_a_second_dispute_while_one_is_pending_is_refused(client: Caller, invoice: Item) -> None:
    client.post("receivablesDisputes", dispute(invoice))
    again = client.post("receivablesDisputes", dispute(invoice))
    assert again.status_code == 400
    assert again.json()["o:errorDetails"][0]["detail"] == "A dispute request of the transaction is pending approval."
    client.simulator.decide_dispute("70001")
    assert client.post("receivablesDisputes", dispute(invoice)).json()["RequestNumber"] == "70002"


def test_a_dispute_is_for_the_instalments_in_their_order(client: Caller) -> None:
    with client.simulator.act() as book:
        first = issue(book, "40.00")
        issue(book, "60.00", number=first.document_no, instalment="002")
    client.post("receivablesDisputes", dispute(first, DisputeAmount=50))
    assert [amount for amount, _ in disputed(client, first)] == [40, 10]


def test_a_percentage_is_of_what_is_open(client: Caller, invoice: Item) -> None:
    asked = dispute(invoice, DisputePercentage="10", DisputeSection="Percent")
    del asked["DisputeAmount"]
    assert client.post("receivablesDisputes", asked).json()["DisputeAmount"] == 125


@pytest.mark.parametrize("path", ["", "/70001"])
def test_disputes_cannot_be_read(path: str, client: Caller, invoice: Item) -> None:
    client.post("receivablesDisputes", dispute(invoice))
    assert client.get(f"receivablesDisputes{path}").status_code == 405


@pytest.mark.parametrize(
    ("other", "path"),
    [
        ({"CustomerTransactionId": 1}, "CustomerTransactionId"),
        ({"BillToCustomerNumber": "99999999"}, "BillToCustomerNumber"),
        ({"DisputeAmount": 1250.01}, "DisputeAmount"),
        ({"DisputeReason": "price"}, "DisputeReason"),
        ({"DisputeSection": "Whole"}, "DisputeSection"),
        ({"InternalComments": "k" * 1001}, "InternalComments"),
    ],
)
def test_a_dispute_that_cannot_be_is_refused(
    other: dict[str, Any], path: str, client: Caller, *, invoice: Item
) -> None:
    answer = client.post("receivablesDisputes", dispute(invoice, **other))
    assert (answer.status_code, answer.json()["o:errorDetails"][0]["o:errorPath"]) == (400, path)
    assert disputed(client, invoice) == [(None, None)]


def test_what_the_books_people_dispute_is_on_the_instalment_too(client: Caller, invoice: Item) -> None:
    with client.simulator.act() as book:
        book.dispute(invoice.key, 10000, "PR")
    assert disputed(client, invoice) == [(100, "2026-03-02")]


def test_what_was_written_outlives_a_restart(opened: Callable[..., Caller]) -> None:
    client = opened(items=20)
    row = client.rows("receivablesInvoices", q="InvoiceBalanceAmount>100", orderBy="TransactionNumber:desc")[0]
    item = next(
        each for each in client.simulator.book.items.values() if transaction_id(each) == row["CustomerTransactionId"]
    )
    answer = client.post("collectionPromises", {
        "BillToCustomerAccount": row["BillToCustomerNumber"], "BusinessUnit": row["BusinessUnit"],
        "TransactionNumber": row["TransactionNumber"], "PromiseAmount": 5, "PromiseDate": "2026-04-15",
    })  # fmt: skip
    assert answer.status_code == 201, answer.text
    client.post("receivablesDisputes", dispute(item, DisputeAmount=7))
    again = FusionSimulator(client.simulator.options)
    other = Caller(again, again.start())
    assert [each["PromiseAmount"] for each in other.rows("collectionPromises")] == [5]
    assert disputed(other, item)[0][0] == 7
    again.stop()
