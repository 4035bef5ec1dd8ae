"""What the resources hold of what happened: invoices with their instalments, credit memos, receipts, accounts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from duehook.core.testing.contract.scenes.acts import customer_of, issue, later, pay, renumber
from duehook.plugins.oracle_fusion.simulator.site.codes import account_id

from .simulated import CRM, Caller


def test_an_invoice_has_its_header(client: Caller) -> None:
    with client.simulator.act() as book:
        customer = customer_of(book)
        invoice = issue(book, "2000.00", customer=customer, purchase_order="PO-1", text="pallets")
        pay(book, invoice, "750.00")
    assert client.rows("receivablesInvoices") == [
        {
            "CustomerTransactionId": 320990260000000 + invoice.document_no,
            "TransactionNumber": str(invoice.document_no),
            "TransactionDate": "2026-03-02",
            "AccountingDate": "2026-03-02",
            "BusinessUnit": "Halden Europa",
            "TransactionSource": "Series 2026",
            "TransactionType": "Invoice",
            "ConversionRateType": None,
            "ConversionRate": None,
            "EnteredAmount": 2000,
            "BillToCustomerName": customer.name,
            "BillToCustomerNumber": customer.key,
            "BillToSite": f"{customer.key}-1",
            "CreationDate": "2026-03-02T06:00:00+00:00",
            "LastUpdateDate": "2026-03-02T23:30:02+00:00",
            "DueDate": "2026-04-01",
            "InvoiceCurrencyCode": "EUR",
            "InvoiceBalanceAmount": 1250,
            "InvoiceStatus": "Complete",
            "PaymentTerms": "Net 30 days",
            "PurchaseOrder": "PO-1",
            "Comments": "pallets",
        }
    ]


def test_an_invoice_has_its_instalment(client: Caller) -> None:
    with client.simulator.act() as book:
        invoice = issue(book, "2000.00")
        pay(book, invoice, "750.00")
    asked = {"expand": "receivablesInvoiceInstallments", "onlyData": "true"}
    row = client.get("receivablesInvoices", version="2", **asked).json()["items"][0]
    assert row["receivablesInvoiceInstallments"] == [
        {
            "InstallmentId": (320990260000000 + invoice.document_no) * 1000 + 1,
            "InstallmentSequenceNumber": 1,
            "InstallmentDueDate": "2026-04-01",
            "OriginalAmount": 2000,
            "PaymentDaysLate": -30,
            "InstallmentBalanceDue": 1250,
            "AccountedBalanceDue": 1250,
            "AmountPaid": 750,
            "InstallmentAmountCredited": 0,
            "InstallmentAmountAdjusted": 0,
            "PendingAdjustmentAmount": None,
            "InstallmentStatus": "Open",
            "InstallmentClosedDate": None,
            "InstallmentGLClosedDate": None,
            "DisputeAmount": None,
            "DisputeDate": None,
            "CreationDate": "2026-03-02T06:00:00+00:00",
            "LastUpdateDate": "2026-03-02T23:30:02+00:00",
        }
    ]


def parts_of(caller: Caller, resource: str = "receivablesInvoices") -> list[dict[str, Any]]:
    """Return the instalments of all transactions, in the order of their ids."""
    child = {"receivablesInvoices": "receivablesInvoiceInstallments"}.get(resource, "receivablesCreditMemoInstallments")
    rows = caller.rows(resource, expand=child, limit="500")
    return sorted((part for row in rows for part in row[child]["items"]), key=lambda part: part["InstallmentId"])


def test_two_instalments_stand_in_one_transaction(client: Caller) -> None:
    with client.simulator.act() as book:
        customer = customer_of(book)
        first = issue(book, "40.00", customer=customer)
        issue(book, "60.00", customer=customer, number=first.document_no, instalment="002")
    rows = client.rows("receivablesInvoices")
    assert [(row["EnteredAmount"], row["InvoiceBalanceAmount"]) for row in rows] == [(100, 100)]
    told = [(part["InstallmentSequenceNumber"], part["OriginalAmount"]) for part in parts_of(client)]
    assert told == [(1, 40), (2, 60)]


def test_the_same_number_of_the_next_year_is_another_transaction(client: Caller) -> None:
    with client.simulator.act() as book:
        renumber(book, issue(book, "20.00"))
    rows = client.rows("receivablesInvoices")
    assert len({row["CustomerTransactionId"] for row in rows}) == 2
    assert len({row["TransactionNumber"] for row in rows}) == 1
    assert {row["TransactionSource"] for row in rows} == {"Series 2026", "Series 2027"}


def test_a_foreign_invoice_has_a_rate_and_what_is_open_in_the_units_own_currency(client: Caller) -> None:
    with client.simulator.act() as book:
        invoice = issue(book, "500.00", "USD", company="00010")
    row = client.rows("receivablesInvoices")[0]
    assert row["ConversionRate"] == invoice.rate_scaled / 10_000_000
    assert parts_of(client)[0]["AccountedBalanceDue"] == invoice.company_open_minor / 100


def test_an_incomplete_invoice_has_no_instalments_and_is_gone_when_it_is_deleted(client: Caller) -> None:
    with client.simulator.act() as book:
        draft = issue(book, "80.00", item_class="unposted", posted=False, posted_on=None)
    row = client.rows("receivablesInvoices")[0]
    assert (row["InvoiceStatus"], row["InvoiceBalanceAmount"], row["EnteredAmount"]) == ("Incomplete", None, 80)
    assert parts_of(client) == []
    assert "invoice" not in {row["kind"] for row in client.simulator.given("item")}
    with client.simulator.act() as book:
        book.delete(draft.key)
    assert client.rows("receivablesInvoices") == []


def test_an_instalment_that_was_written_off_has_no_balance_and_is_open_yet(client: Caller) -> None:
    from duehook.core.testing.book.postings import Application

    with client.simulator.act() as book:
        paid, short = issue(book, "100.00"), issue(book, "100.00")
        pay(book, paid, "100.00")
        later(book)
        line = Application(short.key, 9900, (("write_off", 100),))
        book.receive([line], company=short.company, customer=short.customer, currency="EUR")
    names = ("InstallmentBalanceDue", "InstallmentStatus", "InstallmentClosedDate", "InstallmentAmountAdjusted")
    assert [tuple(part[name] for name in names) for part in parts_of(client)] == [
        (0, "Closed", "2026-03-02", 0),
        (0, "Open", None, 1),
    ]


def test_a_credit_memo_is_a_resource_of_its_own_and_negative(client: Caller) -> None:
    with client.simulator.act() as book:
        invoice = issue(book, "100.00")
        credit = issue(book, "-75.50", kind="credit_note")
        book.net(credit.key, invoice.key, 5000)
    assert len(client.rows("receivablesInvoices")) == 1
    row = client.rows("receivablesCreditMemos")[0]
    names = ("CreditMemoCurrency", "EnteredAmount", "TransactionBalanceDue", "CreditMemoStatus", "TransactionType")
    assert [row[name] for name in names] == ["EUR", -75.5, -25.5, "Complete", "Credit Memo"]
    part = parts_of(client, "receivablesCreditMemos")[0]
    assert (part["OriginalAmount"], part["InstallmentBalanceDue"], part["InstallmentAmountCredited"]) == (
        -75.5, -25.5, -50,
    )  # fmt: skip
    assert parts_of(client)[0]["InstallmentAmountCredited"] == 50


def test_a_site_may_have_no_instalments_of_its_credit_memos(opened: Callable[..., Caller]) -> None:
    client = opened(credit_memo_installments=False)
    assert client.settings["credit_memo_installments"] == ""
    with client.simulator.act() as book:
        credit = issue(book, "-75.50", kind="credit_note")
    assert client.get("receivablesCreditMemos", expand="receivablesCreditMemoInstallments").status_code == 400
    row = client.rows("receivablesCreditMemos")[0]
    path = f"receivablesCustomerAccountActivities/{account_id(credit.customer)}/child/transactionPaymentSchedules"
    found = client.rows(path, q="TransactionClass='CM'")
    assert [(part["TransactionId"], part["TotalBalanceAmount"]) for part in found] == [
        (row["CustomerTransactionId"], -75.5)
    ]


def test_a_receipt_says_what_of_it_is_applied(client: Caller) -> None:
    with client.simulator.act() as book:
        invoice = issue(book, "100.00")
        paid = pay(book, invoice, "100.00", method="transfer")
    row = client.rows("standardReceipts", q="State='Applied'")[0]
    assert {name: row[name] for name in (
        "StandardReceiptId", "ReceiptNumber", "ReceiptDate", "AccountingDate", "BusinessUnit", "Amount", "Currency",
        "UnappliedAmount", "AccountedAmount", "CustomerAccountNumber", "ReceiptMethod", "ReversalDate",
    )} == {
        "StandardReceiptId": 420000000000000 + paid.number, "ReceiptNumber": str(paid.number),
        "ReceiptDate": "2026-03-02", "AccountingDate": "2026-03-02", "BusinessUnit": "Halden Europa", "Amount": 100,
        "Currency": "EUR", "UnappliedAmount": 0, "AccountedAmount": 100, "CustomerAccountNumber": invoice.customer,
        "ReceiptMethod": "transfer", "ReversalDate": None,
    }  # fmt: skip


def test_a_receipt_tells_what_its_payer_said_that_it_is_for(client: Caller) -> None:
    with client.simulator.act() as book:
        invoice = issue(book, "100.00")
        paid = pay(book, invoice, "60.50")
    key = 420000000000000 + paid.number
    assert client.rows(f"standardReceipts/{key}/child/remittanceReferences") == [
        {
            "RemittanceReferenceId": key * 1000 + 1,
            "ReceiptMatchBy": "Transaction Number",
            "ReferenceNumber": str(invoice.document_no),
            "ReferenceAmount": 60.5,
        }
    ]
    nobodys = client.rows("standardReceipts", q="State='Unidentified'", expand="remittanceReferences")
    assert [row["remittanceReferences"]["items"] for row in nobodys] == [[], []]


def test_a_receipt_that_was_reversed_stays_in_that_state_and_its_invoice_is_open_again(client: Caller) -> None:
    with client.simulator.act() as book:
        paid = pay(book, issue(book, "100.00"), "100.00")
        later(book)
        book.reverse(paid.key)
    told = [(row["Amount"], row["State"], row["ReversalDate"]) for row in client.rows("standardReceipts")]
    assert told[0] == (100, "Reversed", "2026-03-02")
    assert [(part["InstallmentBalanceDue"], part["AmountPaid"]) for part in parts_of(client)] == [(100, 0)]


def test_money_on_account_is_what_is_unapplied_of_a_receipt(client: Caller) -> None:
    with client.simulator.act() as book:
        invoice = issue(book, "100.00")
        money = issue(book, "-50.00", kind="on_account", customer=book.customers[invoice.customer])
    row = client.rows("standardReceipts", q="UnappliedAmount != 0 and CustomerAccountNumber is not null")[0]
    assert (row["ReceiptNumber"], row["Amount"], row["UnappliedAmount"], row["State"]) == (
        str(money.document_no), 50, 50, "Unapplied",
    )  # fmt: skip
    with client.simulator.act() as book:
        book.net(money.key, invoice.key, 3000)
    again = client.get(f"standardReceipts/{row['StandardReceiptId']}").json()
    assert (again["Amount"], again["UnappliedAmount"]) == (50, 20)


def test_receipts_of_nobody_have_no_customer(client: Caller) -> None:
    rows = client.rows("standardReceipts", q="State='Unidentified'")
    assert [(row["ReceiptNumber"], row["CustomerAccountNumber"]) for row in rows] == [
        ("LOCKBOX-1", None),
        ("LOCKBOX-2", None),
    ]
    keys = {str(row["StandardReceiptId"]) for row in rows}
    assert keys & {row["key"] for row in client.simulator.given("payment")} == set()


def test_an_account_shows_schedules_of_every_class(client: Caller) -> None:
    with client.simulator.act() as book:
        customer = customer_of(book)
        for amount, kind in (("10.00", "invoice"), ("2.00", "fee"), ("-3.00", "credit_note"), ("-4.00", "on_account")):
            issue(book, amount, kind=kind, customer=customer)  # type: ignore[arg-type]
    account = client.rows("receivablesCustomerAccountActivities", q=f"AccountNumber='{customer.key}'")[0]
    assert (account["AccountId"], account["CustomerName"]) == (account_id(customer.key), customer.name)
    found = client.rows(
        f"receivablesCustomerAccountActivities/{account['AccountId']}/child/transactionPaymentSchedules"
    )
    assert {part["TransactionClass"]: (part["TotalOriginalAmount"], part["TotalBalanceAmount"]) for part in found} == {
        "INV": (10, 10), "DM": (2, 2), "CM": (-3, -3), "PMT": (-4, -4),
    }  # fmt: skip


def test_an_expanded_account_shows_25_schedules_and_says_that_there_are_more(client: Caller) -> None:
    with client.simulator.act() as book:
        customer = customer_of(book)
        for _ in range(30):
            issue(book, "10.00", customer=customer)
    asked = {"q": f"AccountNumber='{customer.key}'", "expand": "transactionPaymentSchedules"}
    child = client.rows("receivablesCustomerAccountActivities", **asked)[0]["transactionPaymentSchedules"]
    assert (len(child["items"]), child["hasMore"]) == (25, True)
    old = client.get("receivablesCustomerAccountActivities", version="2", **asked).json()["items"][0]
    assert len(old["transactionPaymentSchedules"]) >= 30


def test_an_organization_is_found_by_its_party_number(client: Caller) -> None:
    book = client.simulator.book
    customer = book.customers["1001"]
    main = next(each for each in book.contacts.values() if each.customer == "1001" and each.line == 0)
    answer = client.send("GET", f"{CRM}hubOrganizations?q=PartyNumber='CDRM_501001'&expand=Address&onlyData=true")
    row = answer.json()["items"][0]
    assert (row["PartyId"], row["OrganizationName"], row["EmailAddress"], row["RawPhoneNumber"]) == (
        100100000001001, customer.name, main.email, main.phone,
    )  # fmt: skip
    address = row["Address"]["items"][0]
    assert (address["AddressLine1"], address["City"], address["PostalCode"], address["Country"]) == (
        customer.street, customer.city, customer.postal_code, customer.country,
    )  # fmt: skip
    with client.simulator.act() as book:
        book.set_mail(main.key, "another@c.example")
    again = client.send("GET", f"{CRM}hubOrganizations/CDRM_501001").json()
    assert (again["EmailAddress"], again["LastUpdateDate"]) == ("another@c.example", "2026-03-02T23:30:00+00:00")


def test_ids_have_more_digits_than_a_float_can_tell_apart(client: Caller) -> None:
    with client.simulator.act() as book:
        issue(book, "100.00")
    part = parts_of(client)[0]["InstallmentId"]
    assert part > 2**53
    assert client.rows("receivablesInvoices", q=f"receivablesInvoiceInstallments.InstallmentId={part + 1}") == []
