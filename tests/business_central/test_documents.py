"""Posted documents as items, where ledger entries are not published."""

from __future__ import annotations

from decimal import Decimal

from duehook.core.testing.contract.under_test import validated

from .literal import API, BOUND, CRONUS, Connect, Row, Wire

INVOICES, CREDITS = f"{API}/salesInvoices", f"{API}/salesCreditMemos"


def invoice(number: str, **more: object) -> Row:
    """Return an invoice as API v2.0 gives it."""
    return {
        "id": f"i-{number}", "number": number, "externalDocumentNumber": "", "customerPurchaseOrderReference": "PO 7",
        "customerNumber": "10000", "billToCustomerNumber": "10000", "currencyCode": "EUR", "paymentTermsId": "",
        "status": "Open", "totalAmountIncludingTax": 119, "totalTaxAmount": 19, "remainingAmount": 100,
        "invoiceDate": "2026-02-01", "postingDate": "2026-02-01", "dueDate": "2026-03-03",
        "lastModifiedDateTime": "2026-02-01T09:00:00Z", **more,
    }  # fmt: skip


def credit(number: str, **more: object) -> Row:
    """Return a credit memo, which says nothing of what remains."""
    found = invoice(number, creditMemoDate="2026-02-02", **more)
    del found["remainingAmount"], found["invoiceDate"], found["customerPurchaseOrderReference"]
    return found


def test_posted_documents_are_items_and_drafts_are_none(wire: Wire, connect: Connect) -> None:
    wire.rows[INVOICES] = [
        invoice("1"), invoice("2", status="Draft"), invoice("3", status="In_x0020_Review"),
        invoice("4", status="Paid", remainingAmount=0),
    ]  # fmt: skip
    wire.rows[CREDITS] = [credit("5"), credit("6", status="Paid")]
    found = {each.key: each for each in validated("item", connect().rows("item"))}
    assert {key: (each.kind, each.amount, each.open_amount) for key, each in found.items()} == {
        "I|1": ("invoice", Decimal(119), Decimal(100)),
        "I|4": ("invoice", Decimal(119), Decimal(0)),
        "C|5": ("credit_note", Decimal(-119), Decimal(-119)),
        "C|6": ("credit_note", Decimal(-119), Decimal(0)),
    }
    assert (found["I|1"].purchase_order, found["I|1"].company_open_amount) == ("PO 7", Decimal(100))


def test_whoever_is_billed_pays(wire: Wire, connect: Connect) -> None:
    wire.rows[INVOICES] = [invoice("1", billToCustomerNumber="20000", currencyCode="USD")]
    (found,) = validated("item", connect().rows("item"))
    assert (found.customer, found.payer, found.currency, found.company_amount) == ("10000", "20000", "USD", None)


def test_they_are_read_whole_each_time_for_a_payment_moves_no_stamp(wire: Wire, connect: Connect) -> None:
    wire.rows[INVOICES] = [invoice("1")]
    made = connect()
    position = made.pages("item")[-1].position
    wire.rows[INVOICES] = [invoice("1", remainingAmount=60)]
    assert [row["open_amount"] for row in made.rows("item", position)] == [60]
    assert not made.invoices.capabilities.incremental


def test_what_is_open_is_listed_added_up_and_found_by_its_number(wire: Wire, connect: Connect) -> None:
    wire.rows[INVOICES] = [invoice("1"), invoice("4", status="Paid", remainingAmount=0)]
    wire.rows[f"{INVOICES}?number eq '4'"] = [invoice("4", status="Paid", remainingAmount=0)]
    made = connect()
    listed = list(made.invoices.keys("item"))
    assert ([key for page in listed for key in page.keys], listed[-1].complete) == ([(CRONUS, "I|1")], True)
    told = [(total.document, total.open_amount) for page in made.invoices.totals(BOUND) for total in page]
    assert told == [("I|1", Decimal(100))]
    looked_up = made.invoices.lookup("item", [(CRONUS, "I|4"), (CRONUS, "I|"), (CRONUS, "7")])
    assert [(row["key"], row["open_amount"]) for row in looked_up.found] == [("I|4", 0)]
    assert list(looked_up.missing) == [(CRONUS, "I|"), (CRONUS, "7")]


def test_no_payments_are_offered(wire: Wire, connect: Connect) -> None:
    from duehook.core.hookspecs import ConnectionConfig
    from duehook.plugins.business_central import payment_source

    assert payment_source(ConnectionConfig("erp", "business_central", connect().settings, ".")) is None
