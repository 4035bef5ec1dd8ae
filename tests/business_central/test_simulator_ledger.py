"""The simulated customer ledger: entries and detailed entries, posted, applied, undone, and never deleted."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

from duehook.core.testing.book.documents import on_account_item
from duehook.core.testing.book.postings import Application
from duehook.core.testing.contract.scenes.acts import issue, later, pay, renumber

from .simulated import START, Client, Opened, healthy, invoice

DETAILS = "web/DetailedCustLedgEntries"
ENTRIES = "web/CustomerLedgerEntries"


def details(client: Client, number: int) -> list[tuple[Any, ...]]:
    """Return the detailed entries of an entry: type, the entry that applies, amount, and whether it was undone."""
    rows = client.rows(f"{DETAILS}?$filter=Cust_Ledger_Entry_No eq {number}&$orderby=Entry_No")
    return [(row["Entry_Type"], row["Applied_Cust_Ledger_Entry_No"], row["Amount"], row["Unapplied"]) for row in rows]


def test_an_invoice_is_an_entry_with_amounts_in_its_own_and_the_local_currency(small: Client) -> None:
    made = invoice(small, "500.00", "USD", purchase_order="PO-7", reference="V77", text="pallets")
    row = small.entry(made)
    assert (row["Document_Type"], row["Currency_Code"], row["Customer_No"]) == ("Invoice", "USD", made.customer)
    assert (row["Original_Amount"], row["Remaining_Amount"], row["Open"]) == (500, 500, True)
    assert row["Amount_LCY"] == row["Remaining_Amt_LCY"] == Decimal(made.company_amount_minor) / 100
    assert (row["Posting_Date"], row["Due_Date"]) == ("2026-03-02", "2026-04-01")
    assert (row["External_Document_No"], row["Your_Reference"], row["Description"]) == ("V77", "PO-7", "pallets")
    assert (row["On_Hold"], row["Closed_at_Date"], row["Reversed"]) == ("", "0001-01-01", False)


def test_an_entry_in_the_local_currency_has_no_currency_code(small: Client) -> None:
    row = small.entry(invoice(small, "10.01", "EUR"))
    assert (row["Currency_Code"], row["Amount"], row["Amount_LCY"]) == ("", Decimal("10.01"), Decimal("10.01"))


def test_amounts_are_numbers_with_the_decimals_of_their_currency(small: Client) -> None:
    small.company = "Halden Gulf WLL"
    made = invoice(small, "1.234", "KWD")
    raw = small.send("GET", f"{ENTRIES}?$filter=Document_No eq '{made.document_no}'").text
    assert '"Original_Amount":1.234' in raw


def test_a_credit_memo_money_and_fees_are_entries_of_their_types(small: Client) -> None:
    credit = small.entry(invoice(small, "-75.50", kind="credit_note"))
    money = small.entry(invoice(small, "-50.00", kind="on_account"))
    fees = [small.entry(invoice(small, "5.00", kind="fee"))["Document_Type"] for _ in range(2)]
    assert (credit["Document_Type"], credit["Amount"]) == ("Credit_x0020_Memo", Decimal("-75.50"))
    assert (money["Document_Type"], money["Remaining_Amount"]) == ("Payment", -50)
    assert sorted(fees) == ["Finance_x0020_Charge_x0020_Memo", "Reminder"]


def test_a_chargeback_has_a_blank_type_which_is_told_by_its_number(small: Client) -> None:
    row = small.entry(invoice(small, "20.00", kind="chargeback", item_class="chargeback"))
    assert (row["Document_Type"], row["Amount"]) == ("_x0020_", 20)


def test_what_has_no_due_date_has_the_first_day_of_all(small: Client) -> None:
    assert small.entry(invoice(small, due_on=None))["Due_Date"] == "0001-01-01"


def test_a_payment_is_applied_by_a_row_on_each_of_the_two_entries(small: Client) -> None:
    made = invoice(small, "100.00")
    with small.simulator.act() as book:
        paid = pay(book, made, "40.25", reference="EREF 1")
    bill = small.entry(made)
    money = small.row(f"{ENTRIES}?$filter=Document_No eq 'P{paid.key}'")
    assert (bill["Remaining_Amount"], bill["Original_Amount"], bill["Open"]) == (Decimal("59.75"), 100, True)
    assert (money["Document_Type"], money["Amount"], money["Remaining_Amount"]) == ("Payment", Decimal("-40.25"), 0)
    assert (money["External_Document_No"], money["Closed_at_Date"]) == ("EREF 1", "2026-03-02")
    number = money["Entry_No"]
    assert details(small, bill["Entry_No"]) == [
        ("Initial_x0020_Entry", 0, 100, False), ("Application", number, Decimal("-40.25"), False),
    ]  # fmt: skip
    assert details(small, number) == [
        ("Initial_x0020_Entry", 0, Decimal("-40.25"), False), ("Application", number, Decimal("40.25"), False),
    ]  # fmt: skip


def test_a_discount_is_a_row_of_its_own_that_names_no_payment(small: Client) -> None:
    made = invoice(small, "100.00")
    with small.simulator.act() as book:
        later(book)
        line = Application(made.key, 9800, (("discount", 200),))
        book.receive([line], company=made.company, customer=made.customer, currency="EUR")
    row = small.entry(made)
    assert (row["Remaining_Amount"], row["Open"], row["Closed_at_Date"]) == (0, False, "2026-03-02")
    assert ("Payment_x0020_Discount", 0, -2, False) in details(small, row["Entry_No"])


def test_a_deduction_is_posted_as_a_credit_memo_that_is_applied_at_once(small: Client) -> None:
    made = invoice(small, "100.00")
    with small.simulator.act() as book:
        later(book)
        line = Application(made.key, 9000, (("deduction", 1000),), "DE")
        paid = book.receive([line], company=made.company, customer=made.customer, currency="EUR")
    memo = small.row(f"{ENTRIES}?$filter=Document_No eq 'DC{paid.key}-2'")
    assert (memo["Document_Type"], memo["Amount"], memo["Remaining_Amount"]) == ("Credit_x0020_Memo", -10, 0)
    assert ("Application", memo["Entry_No"], -10, False) in details(small, small.entry(made)["Entry_No"])


def test_money_on_account_that_is_used_later_applies_to_the_invoice(small: Client) -> None:
    made, money = invoice(small, "100.00"), invoice(small, "-50.00", kind="on_account")
    small.simulator.advance_to(START + timedelta(days=1))
    with small.simulator.act() as book:
        later(book)
        book.net(money.key, made.key, 3000)
    bill, paid = small.entry(made), small.entry(money)
    assert (bill["Remaining_Amount"], paid["Remaining_Amount"], paid["Open"]) == (70, -20, True)
    assert details(small, bill["Entry_No"])[1:] == [("Application", paid["Entry_No"], -30, False)]
    assert details(small, paid["Entry_No"])[1:] == [("Application", paid["Entry_No"], 30, False)]


def test_a_payment_that_bounces_is_reversed_by_an_entry_and_what_it_paid_is_undone(small: Client) -> None:
    made = invoice(small, "100.00")
    with small.simulator.act() as book:
        paid = pay(book, made, "100.00")
    number = small.entry(made)["Entry_No"]
    assert small.entry(made)["Open"] is False
    with small.simulator.act() as book:
        later(book)
        book.reverse(paid.key)
    bill = small.entry(made)
    first, back = (small.row(f"{ENTRIES}?$filter=Document_No eq 'P{key}'") for key in (paid.key, f"{paid.key}-R"))
    assert (bill["Entry_No"], bill["Remaining_Amount"], bill["Open"]) == (number, 100, True)
    assert bill["Closed_at_Date"] == "0001-01-01"
    assert (first["Reversed"], first["Reversed_by_Entry_No"]) == (True, back["Entry_No"])
    assert (back["Reversed"], back["Reversed_Entry_No"], back["Amount"]) == (True, first["Entry_No"], 100)
    assert (first["Remaining_Amount"], back["Remaining_Amount"]) == (0, 0)
    assert details(small, number)[1:] == [
        ("Application", first["Entry_No"], -100, True), ("Application", first["Entry_No"], 100, True),
    ]  # fmt: skip


def test_the_same_number_again_gets_a_zero_in_front_for_none_is_given_twice(small: Client) -> None:
    made = invoice(small, "20.00")
    with small.simulator.act() as book:
        renumber(book, made)
    numbers = [row["Document_No"] for row in small.rows(f"{ENTRIES}?$filter=Amount eq 20&$orderby=Entry_No")]
    assert numbers == [str(made.document_no), f"0{made.document_no}"]


def test_an_instalment_is_an_invoice_of_its_own(small: Client) -> None:
    first = invoice(small, "40.00")
    with small.simulator.act() as book:
        customer = book.customers[first.customer]
        issue(book, "60.00", customer=customer, company="00010", number=first.document_no, instalment="002")
    assert small.row(f"{ENTRIES}?$filter=Amount eq 60")["Document_No"] == f"{first.document_no}-2"


def test_a_stamp_moves_when_an_entry_is_applied_and_when_a_user_blocks_it(small: Client) -> None:
    made = invoice(small, "100.00")
    stamps = [small.entry(made)["SystemModifiedAt"]]
    small.simulator.advance_to(START + timedelta(days=1))
    with small.simulator.act() as book:
        pay(book, made, "40.00")
    stamps.append(small.entry(made)["SystemModifiedAt"])
    small.simulator.advance_to(START + timedelta(days=2))
    with small.simulator.act() as book:
        later(book)
        book.block(made.key, "N")
    row = small.entry(made)
    assert row["On_Hold"] == "N"
    assert sorted({*stamps, row["SystemModifiedAt"]}) == [*stamps, row["SystemModifiedAt"]]


def test_a_site_of_an_older_version_has_no_stamp_on_its_entries(opened: Opened) -> None:
    client = opened(modified_at=False)
    row = client.entry(invoice(client))
    assert "SystemModifiedAt" not in row
    assert client.refused(f"{ENTRIES}?$filter=SystemModifiedAt gt 2026-03-01T00:00:00Z")["code"] == "BadRequest"


def test_disputes_and_promises_stand_on_the_entry_where_the_version_has_them(full: Client) -> None:
    made = invoice(full, "100.00")
    with full.simulator.act() as book:
        later(book)
        book.dispute(made.key, 4000, "QL")
    row = full.entry(made)
    assert (row["Dispute_Status"], row["Promised_Pay_Date"]) == ("QL", "0001-01-01")


def test_what_is_purged_in_the_book_stays_in_the_ledger(small: Client) -> None:
    made = invoice(small, "100.00")
    with small.simulator.act() as book:
        pay(book, made, "100.00")
    with small.simulator.act() as book:
        book.purge(made.key)
    row = small.entry(made)
    assert (row["Remaining_Amount"], len(details(small, row["Entry_No"]))) == (0, 2)


def test_money_whose_invoices_were_purged_in_the_book_is_used_all_the_same(small: Client) -> None:
    first, second = invoice(small, "100.00"), invoice(small, "80.00")
    with small.simulator.act() as book:
        later(book)
        line = Application(first.key, 10000)
        paid = book.receive([line], company="00010", customer=first.customer, currency="EUR", on_account=3000)
        money = on_account_item(book, paid)
    with small.simulator.act() as book:
        book.purge(first.key)
    with small.simulator.act() as book:
        later(book)
        book.net(money.key, second.key, 3000)
    row = small.entry(money)
    assert (row["Original_Amount"], row["Remaining_Amount"], row["Open"]) == (-130, 0, False)
    assert sum(amount for _, _, amount, _ in details(small, row["Entry_No"])) == 0
    assert small.entry(second)["Remaining_Amount"] == 50


def test_the_details_of_each_entry_add_up_to_what_is_open_of_it(played: Client) -> None:
    for company in [row["name"] for row in played.rows("/api/v2.0/companies")]:
        played.company = company
        open_by_entry: dict[int, Decimal] = defaultdict(Decimal)
        local: dict[int, Decimal] = defaultdict(Decimal)
        for row in played.rows(DETAILS):
            open_by_entry[row["Cust_Ledger_Entry_No"]] += row["Amount"]
            local[row["Cust_Ledger_Entry_No"]] += row["Amount_LCY"]
        entries = played.rows(ENTRIES)
        assert [row["Entry_No"] for row in entries if open_by_entry[row["Entry_No"]] != row["Remaining_Amount"]] == []
        assert [row["Entry_No"] for row in entries if row["Open"] and
                local[row["Entry_No"]] != row["Remaining_Amt_LCY"]] == []  # fmt: skip
    played.company = "Halden Europa GmbH"


def test_a_date_that_is_none_spoils_an_entry_and_what_a_payment_paid(small: Client) -> None:
    made, other = invoice(small, "100.00"), invoice(small, "200.00")
    with small.simulator.act() as book:
        paid = pay(book, other, "50.00")
    small.simulator.spoil(made.key)
    small.simulator.spoil_payment(paid.key)
    assert (small.entry(made)["Posting_Date"], small.entry(made)["Remaining_Amount"]) == ("0001-01-01", 100)
    assert (small.entry(other)["Posting_Date"], small.entry(other)["Remaining_Amount"]) == ("2026-03-02", 150)
    money = small.row(f"{ENTRIES}?$filter=Document_No eq 'P{paid.key}'")
    assert (money["Posting_Date"], money["Closed_at_Date"]) == ("0001-01-01", "0001-01-01")
    rows = small.rows(f"{DETAILS}?$filter=Posting_Date eq 0001-01-01 and Entry_Type eq 'Application'")
    assert sorted(row["Amount"] for row in rows) == [-50, 50]


def test_open_balances_are_added_up_from_the_entries(small: Client) -> None:
    made = invoice(small, "100.00")
    invoice(small, "-30.00", kind="credit_note")
    invoice(small, "500.00", "USD", customer=healthy(small))
    found = {name: left for name, left in small.simulator.open_balances().items() if name[1] == made.customer}
    assert found == {
        (small.id, made.customer, "EUR"): Decimal("70.00"), (small.id, made.customer, "USD"): Decimal("500.00"),
    }  # fmt: skip


def test_a_restarted_site_numbers_its_entries_as_before(opened: Opened) -> None:
    client = opened(items=200, customers=40)
    client.simulator.advance_to(START + timedelta(days=20))
    before = {row["Entry_No"]: (row["Document_No"], row["Remaining_Amount"]) for row in client.rows(ENTRIES)}
    pairs = {row["Entry_No"]: (row["Cust_Ledger_Entry_No"], row["Amount"]) for row in client.rows(DETAILS)}
    client.simulator.stop()
    again = opened(items=200, customers=40)
    assert again.simulator.book.day == START + timedelta(days=20)
    assert {row["Entry_No"]: (row["Document_No"], row["Remaining_Amount"]) for row in again.rows(ENTRIES)} == before
    assert {row["Entry_No"]: (row["Cust_Ledger_Entry_No"], row["Amount"]) for row in again.rows(DETAILS)} == pairs


def test_an_entry_may_be_on_a_customer_that_there_is_not(small: Client) -> None:
    made = invoice(small, "10.00", customer=healthy(small))
    with small.simulator.act() as book:
        later(book)
        stranger = issue(book, "12.00", company="00010")
        stranger.customer = "99000001"
    assert small.entry(made)["Customer_No"] != "99000001"
    assert small.row(f"{ENTRIES}?$filter=Customer_No eq '99000001'")["Amount"] == 12
    assert small.rows("api/customers?$filter=number eq '99000001'") == []
