"""Sales invoices and credit memos of API v2.0: drafts among them, and a remainder that moves no stamp."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from duehook.core.testing.contract.scenes.acts import later, pay

from .simulated import START, Client, Opened, healthy, invoice


def test_a_posted_invoice_tells_its_customer_currency_and_remainder(small: Client) -> None:
    made = invoice(small, "119.00", tax_minor=1900, purchase_order="PO-7", reference="V77", sales_order=300_100)
    row = small.row(f"api/salesInvoices?$filter=number eq '{made.document_no}'")
    assert (row["status"], row["remainingAmount"], row["totalAmountIncludingTax"]) == ("Open", 119, 119)
    assert (row["totalTaxAmount"], row["totalAmountExcludingTax"], row["currencyCode"]) == (19, 100, "EUR")
    assert (row["customerNumber"], row["billToCustomerNumber"]) == (made.customer, made.customer)
    assert (row["invoiceDate"], row["postingDate"], row["dueDate"]) == ("2026-03-02", "2026-03-02", "2026-04-01")
    assert (row["customerPurchaseOrderReference"], row["externalDocumentNumber"]) == ("PO-7", "V77")
    assert row["orderNumber"] == "300100"
    owner = small.get(f"api/customers({row['customerId']})")
    assert owner["number"] == made.customer


def test_a_draft_is_in_the_same_set_with_a_number_of_its_own_and_keeps_its_id(small: Client) -> None:
    made = invoice(small, "80.00", item_class="unposted", posted=False, posted_on=None)
    draft = small.row("api/salesInvoices?$filter=status eq 'Draft'")
    assert (draft["number"], draft["remainingAmount"]) == (f"D{made.document_no}", 80)
    assert small.rows(f"web/CustomerLedgerEntries?$filter=Document_No eq '{made.document_no}'") == []
    small.simulator.advance_to(START + timedelta(days=1))
    with small.simulator.act() as book:
        later(book)
        book.post(made.key)
    row = small.get(f"api/salesInvoices({draft['id']})")
    assert (row["number"], row["status"], row["postingDate"]) == (str(made.document_no), "Open", "2026-03-03")
    assert row["lastModifiedDateTime"] > draft["lastModifiedDateTime"]
    assert small.entry(made)["Posting_Date"] == "2026-03-03"


def test_a_draft_that_is_deleted_is_gone(small: Client) -> None:
    made = invoice(small, "80.00", item_class="unposted", posted=False, posted_on=None)
    with small.simulator.act() as book:
        book.delete(made.key)
    assert small.rows("api/salesInvoices?$filter=status eq 'Draft'") == []


def test_a_payment_moves_the_remainder_and_no_stamp(small: Client) -> None:
    made = invoice(small, "100.00")
    path = f"api/salesInvoices?$filter=number eq '{made.document_no}'"
    before = small.row(path)
    small.simulator.advance_to(START + timedelta(days=3))
    with small.simulator.act() as book:
        pay(book, made, "40.25")
    row = small.row(path)
    assert (row["remainingAmount"], row["status"]) == (Decimal("59.75"), "Open")
    assert row["lastModifiedDateTime"] == before["lastModifiedDateTime"] == "2026-03-02T23:30:01Z"
    assert row["@odata.etag"] == before["@odata.etag"]
    with small.simulator.act() as book:
        pay(book, made, "59.75")
    row = small.row(path)
    assert (row["remainingAmount"], row["status"]) == (0, "Paid")
    assert row["lastModifiedDateTime"] == before["lastModifiedDateTime"]
    assert small.rows("api/salesInvoices?$filter=lastModifiedDateTime ge 2026-03-03T00:00:00Z") == []


def test_a_credit_memo_is_positive_and_does_not_tell_what_is_left_of_it(small: Client) -> None:
    bill = invoice(small, "100.00")
    memo = invoice(small, "-75.50", kind="credit_note", applies_to=bill.key)
    row = small.row("api/salesCreditMemos")
    assert (row["number"], row["totalAmountIncludingTax"]) == (str(memo.document_no), Decimal("75.50"))
    assert (row["status"], row["invoiceNumber"]) == ("Open", str(bill.document_no))
    assert "remainingAmount" not in row


def test_a_bill_to_customer_pays_for_another(small: Client) -> None:
    payer = next(key for key, each in small.simulator.book.customers.items() if each.key != healthy(small).key)
    made = invoice(small, "10.00", payer=payer)
    row = small.row(f"api/salesInvoices?$filter=number eq '{made.document_no}'")
    assert (row["customerNumber"], row["billToCustomerNumber"]) == (made.customer, payer)
    assert small.entry(made)["Customer_No"] == payer


def test_without_web_services_the_documents_are_all_that_is_given_and_open(opened: Opened) -> None:
    client = opened(ledger_entries=False)
    assert client.simulator.lacks["payment"].startswith("posted payments are not in API v2.0")
    assert client.refused("web/CustomerLedgerEntries", 404)["code"] == "BadRequest_ResourceNotFound"
    made = invoice(client, "100.00")
    invoice(client, "-30.00", kind="on_account")
    invoice(client, "-5.00", kind="credit_note")
    invoice(client, "80.00", item_class="unposted", posted=False, posted_on=None)
    assert client.simulator.open_balances() == {(client.id, made.customer, "EUR"): Decimal("95.00")}
    given = {row["key"]: row["open_amount"] for row in client.simulator.given("item")}
    assert given[f"I|{made.document_no}"] == 100
    assert sorted(given.values()) == [-5, 100]
    assert list(client.simulator.given("payment")) == []


def test_newer_versions_tell_the_dispute_and_the_promise_of_an_invoice(full: Client) -> None:
    made = invoice(full, "100.00")
    path = f"web/CustomerLedgerEntries({full.entry(made)['Entry_No']})"
    full.send("PATCH", path, {"Promised_Pay_Date": "2026-03-20", "Dispute_Status": "PRICE"}, If_Match="*")
    row = full.row(f"api/salesInvoices?$filter=number eq '{made.document_no}'")
    assert row["promisedPayDate"] == "2026-03-20"
    assert full.get(f"api/disputeStatus({row['disputeStatusId']})")["code"] == "PRICE"


def test_older_versions_do_not_tell_them(small: Client) -> None:
    made = invoice(small, "100.00")
    row = small.row(f"api/salesInvoices?$filter=number eq '{made.document_no}'")
    assert not {"promisedPayDate", "disputeStatusId"} & row.keys()
