"""The `q` of a request: what version 1 of the framework takes, and the row-match expressions from version 2 on."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from duehook.core.testing.contract.scenes.acts import customer_of, issue, pay
from duehook.plugins.oracle_fusion.simulator import FusionSimulator

from .simulated import START, Caller


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """Give a client of a pod with three invoices: of 10.50 EUR with an order number, 20 EUR, half paid, and 30 JPY."""
    simulator = FusionSimulator(
        {"folder": str(tmp_path_factory.mktemp("asked")), "customers": 20, "items": 0, "start_on": START}
    )
    caller = Caller(simulator, simulator.start())
    with simulator.act() as book:
        issue(book, "10.50", purchase_order="O'Neil 1")
        half = issue(book, "20.00")
        pay(book, half, "10.00")
        issue(book, "30", "JPY", company="00020", customer=customer_of(book, "JPY"), due_on=None)
    yield caller
    simulator.stop()


@pytest.mark.parametrize(
    ("q", "amounts"),
    [
        ("EnteredAmount=20", [20]),
        ("EnteredAmount = '20'", [20]),
        ("EnteredAmount!=20", [10.5, 30]),
        ("EnteredAmount<>20", [10.5, 30]),
        ("EnteredAmount>10.5", [20, 30]),
        ("EnteredAmount>=10.5 and EnteredAmount<30", [10.5, 20]),
        ("EnteredAmount between 10 and 20", [10.5, 20]),
        ("EnteredAmount in (10.50, 30)", [10.5, 30]),
        ("EnteredAmount not in (10.50, 30)", [20]),
        ("InvoiceCurrencyCode='EUR';EnteredAmount<15", [10.5]),
        ("InvoiceCurrencyCode='JPY' or EnteredAmount<15", [10.5, 30]),
        ("(InvoiceCurrencyCode='JPY' or EnteredAmount<15) and EnteredAmount>20", [30]),
        ("InvoiceCurrencyCode=\"JPY\"", [30]),
        ("PurchaseOrder='O''Neil 1'", [10.5]),
        ("PurchaseOrder like 'O%1'", [10.5]),
        ("PurchaseOrder is null", [20, 30]),
        ("PurchaseOrder IS NOT NULL", [10.5]),
        ("PurchaseOrder!='x'", [10.5]),
        ("DueDate is null", [30]),
        ("TransactionDate='2026-03-02'", [10.5, 20, 30]),
        ("TransactionDate>'2026-03-02'", []),
        ("LastUpdateDate>'2026-03-01T00:00:00Z'", [10.5, 20, 30]),
        ("LastUpdateDate>='2026-03-02T07:00:00+01:00'", [10.5, 20, 30]),
        ("LastUpdateDate<'2026-03-02 06:00:00'", []),
        ("InvoiceBalanceAmount=10", [20]),
        ("receivablesInvoiceInstallments.InstallmentBalanceDue=10", [20]),
        ("", [10.5, 20, 30]),
    ],
)  # fmt: skip
def test_rows_are_found_by_a_row_match_expression(q: str, amounts: list[float], asked: Caller) -> None:
    rows = asked.rows("receivablesInvoices", q=q, orderBy="EnteredAmount")
    assert [row["EnteredAmount"] for row in rows] == amounts


def test_an_instalment_is_found_with_its_invoice_by_its_id(asked: Caller) -> None:
    row = asked.rows("receivablesInvoices", q="EnteredAmount=30")[0]
    part = row["CustomerTransactionId"] * 1000 + 1
    found = asked.rows("receivablesInvoices", q=f"receivablesInvoiceInstallments.InstallmentId in ({part},1)")
    assert found == [row]


@pytest.mark.parametrize(
    "q",
    ["Nothing=1", "EnteredAmount", "EnteredAmount=", "EnteredAmount==1", "EnteredAmount=abc", "EnteredAmount='abc'",
     "InvoiceCurrencyCode=EUR", "(EnteredAmount=1", "EnteredAmount=1)", "EnteredAmount in 1", "TransactionDate='soon'",
     "EnteredAmount=1 && EnteredAmount=2", "PurchaseOrder='open"],
)  # fmt: skip
def test_what_is_no_expression_is_refused(q: str, asked: Caller) -> None:
    assert asked.get("receivablesInvoices", q=q).status_code == 400


@pytest.mark.parametrize(
    ("q", "status"),
    [
        ("EnteredAmount=20", 200),
        ("InvoiceCurrencyCode=EUR", 200),
        ("EnteredAmount>10;InvoiceCurrencyCode='EUR'", 200),
        ("EnteredAmount in (10,20)", 400),
        ("EnteredAmount=10 or EnteredAmount=20", 400),
        ("PurchaseOrder is null", 400),
    ],
)
def test_version_1_takes_comparisons_alone(q: str, status: int, asked: Caller) -> None:
    assert asked.get("receivablesInvoices", version="1", q=q).status_code == status


@pytest.mark.parametrize(
    ("resource", "q"),
    [
        ("receivablesInvoices", "InvoiceBalanceAmount!=0"),
        ("receivablesInvoices", "receivablesInvoiceInstallments.InstallmentId=1"),
        ("receivablesCreditMemos", "TransactionBalanceDue!=0"),
        ("standardReceipts", "UnappliedAmount!=0"),
    ],
)
def test_in_some_releases_a_balance_or_a_child_cannot_be_asked_for_and_describe_says_so(
    resource: str, q: str, opened: Callable[..., Caller]
) -> None:
    client = opened(queryable="few")
    assert client.get(resource, q=q).status_code == 400
    assert client.get(resource, q="LastUpdateDate>'2026-03-01T00:00:00Z'").status_code == 200
    told = client.get(f"{resource}/describe").json()["Resources"][resource]["attributes"]
    named = {each["name"]: each["queryable"] for each in told}
    assert named.get(q.partition("!")[0], False) is False
    assert named["LastUpdateDate"] is True


def test_the_children_of_a_row_are_found_by_their_own_attributes(asked: Caller) -> None:
    key = asked.rows("receivablesInvoices", q="EnteredAmount=20")[0]["CustomerTransactionId"]
    path = f"receivablesInvoices/{key}/child/receivablesInvoiceInstallments"
    assert len(asked.rows(path, q="InstallmentStatus='Open'")) == 1
    assert asked.rows(path, q="InstallmentStatus='Closed'") == []
