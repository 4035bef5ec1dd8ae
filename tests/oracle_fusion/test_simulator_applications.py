"""What receipts and credit memos were applied to, as the children of an account's activities show it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from duehook.core.testing.book import Item, Payment
from duehook.core.testing.contract.scenes.acts import issue, later, pay

from .simulated import Caller

CHILDREN = "standardReceiptApplications,creditMemoApplications"
Row = dict[str, Any]


def applied(client: Caller, item: Item | Payment) -> tuple[list[Row], list[Row]]:
    """Return what was applied of the receipts and of the credit memos of an item's account."""
    asked = {"q": f"AccountNumber='{item.customer}'", "expand": CHILDREN}
    row = client.rows("receivablesCustomerAccountActivities", **asked)[0]
    receipts, memos = (row[name]["items"] for name in CHILDREN.split(","))
    return receipts, memos


def test_a_receipt_shows_to_which_instalment_it_was_applied(client: Caller) -> None:
    with client.simulator.act() as book:
        invoice = issue(book, "100.00")
        paid = pay(book, invoice, "60.50")
    found, _ = applied(client, invoice)
    transaction = 320990260000000 + invoice.document_no
    assert found == [
        {
            "ApplicationId": int(f"52{paid.number:07d}00010"),
            "ApplicationDate": "2026-03-02",
            "ApplicationAmount": 60.5,
            "ApplicationStatus": "Applied",
            "AccountingDate": "2026-03-02",
            "ReferenceInstallmentId": transaction * 1000 + 1,
            "ReferenceTransactionId": transaction,
            "ReferenceTransactionNumber": str(invoice.document_no),
            "EnteredCurrency": "EUR",
            "IsLatestApplication": "Y",
            "CreationDate": "2026-03-02T23:30:02+00:00",
            "LastUpdateDate": "2026-03-02T23:30:02+00:00",
            "StandardReceiptId": int(f"42000000{paid.number:07d}"),
            "ReceiptNumber": str(paid.number),
            "ProcessStatus": None,
        }
    ]


def test_what_was_undone_stays_beside_its_opposite_and_neither_is_the_latest(client: Caller) -> None:
    with client.simulator.act() as book:
        invoice = issue(book, "100.00")
        paid = pay(book, invoice, "60.50")
        later(book)
        book.reverse(paid.key)
    found, _ = applied(client, invoice)
    assert [(row["ApplicationAmount"], row["IsLatestApplication"]) for row in found] == [(60.5, "N"), (-60.5, "N")]
    assert len({row["StandardReceiptId"] for row in found}) == 1
    assert [row["LastUpdateDate"] for row in found] == ["2026-03-02T23:30:03+00:00"] * 2


def test_a_credit_memo_shows_to_which_instalment_it_was_applied(client: Caller) -> None:
    with client.simulator.act() as book:
        invoice = issue(book, "100.00")
        credit = issue(book, "-75.50", kind="credit_note", customer=book.customers[invoice.customer])
        book.net(credit.key, invoice.key, 5000)
    none, found = applied(client, invoice)
    assert none == []
    names = ("ApplicationAmount", "CreditMemoNumber", "ReferenceTransactionNumber")
    assert [[row[name] for name in names] for row in found] == [[50, str(credit.document_no), str(invoice.document_no)]]
    memo = client.rows("receivablesCreditMemos")[0]
    assert found[0]["CreditMemoId"] == memo["CustomerTransactionId"]


def test_money_on_account_is_applied_of_the_receipt_that_brought_it(client: Caller) -> None:
    with client.simulator.act() as book:
        invoice = issue(book, "100.00")
        money = issue(book, "-50.00", kind="on_account", customer=book.customers[invoice.customer])
        book.net(money.key, invoice.key, 3000)
    found, _ = applied(client, invoice)
    assert [(row["ApplicationAmount"], row["ReceiptNumber"]) for row in found] == [(30, str(money.document_no))]


def test_a_spoilt_receipt_was_applied_on_no_day(client: Caller) -> None:
    with client.simulator.act() as book:
        invoice = issue(book, "100.00")
        paid = pay(book, invoice, "60.50")
    client.simulator.spoil_payment(paid.key)
    assert [row["ApplicationDate"] for row in applied(client, invoice)[0]] == ["0018-03-02"]


def test_an_older_release_has_no_such_children(opened: Callable[..., Caller]) -> None:
    client = opened(applications=False)
    assert (client.settings["receipt_applications"], client.settings["credit_memo_applications"]) == ("", "")
    answer = client.get("receivablesCustomerAccountActivities", expand="standardReceiptApplications")
    assert answer.status_code == 400
    assert "standardReceiptApplications" in answer.text
    assert "allocation" in client.simulator.lacks
    assert list(client.simulator.given("allocation")) == []


def test_what_was_carried_day_by_day_is_what_a_restart_makes_of_the_book(
    opened: Callable[..., Caller], tmp_path: Any
) -> None:
    usual = {"folder": str(tmp_path / "one"), "customers": 60, "items": 500}
    first = opened(**usual).simulator
    for day in range(3, 30):
        first.advance_to(date(2026, 3, day))
    again = opened(**usual).simulator
    ours, theirs = (
        {row["ApplicationId"]: row for row in each.pod.ledger.applications.every()} for each in (first, again)
    )
    assert ours == theirs
    assert len(ours) > 50
