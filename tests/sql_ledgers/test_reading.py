"""Reading a ledger by its template: rows become records, pages follow by key, what cannot be read is set aside."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from .library import Library, keys


def test_a_customer_is_read_with_the_columns_that_the_settings_name(library: Library) -> None:
    row = next(row for row in library.read("customer") if row["key"] == "1001")
    assert row == {
        "key": "1001",
        "name": "Able & Sons",
        "parent": "1000",
        "terms": "N30",
        "currency": "GBP",
        "credit_limit": Decimal(5000),
        "limit_currency": "GBP",
        "hold": "Y",
        "country": "GB",
        "address": {"lines": ("1 High St", "Leeds"), "region": "YKS", "postal_code": "LS1 1AA", "country": "GB"},
    }


def test_inactive_customers_and_their_contacts_are_left_out(library: Library) -> None:
    assert [row["key"] for row in library.read("customer")] == ["1000", "1001"]
    assert [row["key"] for row in library.read("contact")] == ["1001|1"]


def test_companies_are_those_of_the_settings(library: Library) -> None:
    assert library.read("company") == [{"company": "10", "name": "Home Ltd", "currency": "GBP"}]


def test_a_document_is_read_in_its_currency_and_the_companys(library: Library) -> None:
    library.document(7, "100.00", rest="60.50", RCURR="USD", RCNVFC="0.7865432")
    (row,) = library.read("item")
    assert {name: row[name] for name in ("key", "kind", "currency", "amount", "open_amount")} == {
        "key": "10|2026|IN|1|7", "kind": "invoice", "currency": "USD", "amount": 100, "open_amount": Decimal("60.5"),
    }  # fmt: skip
    assert (row["company_currency"], row["company_amount"], row["company_open_amount"]) == (
        "GBP", Decimal("78.65"), Decimal("47.59"),
    )  # fmt: skip
    assert (row["document_on"], row["due_on"], row["reference"]) == (date(2026, 3, 1), date(2026, 3, 31), "PO-7")


def test_a_due_date_of_nines_is_none_and_a_draft_is_left_out(library: Library) -> None:
    library.document(1, "10.00", RDDTE=99999999)
    library.document(2, "10.00", RREF="UNISSUED")
    library.document(3, "10.00", RRID="RZ")
    (row,) = library.read("item")
    assert (row["document_no"], row.get("due_on")) == ("1", None)


def test_money_is_a_payment_and_what_is_left_of_it_an_item(library: Library) -> None:
    library.document(5, "-80.00", rest="-30.00", ARDTYP=0, ARDPFX="PM")
    library.document(5, "-50.00", rest="0", ARDTYP=0, ARDPFX="PM", RSEQ=1, RINVC=7, ARODYR=2026, ARODPX="IN", ARODTP=1)
    library.document(6, "-20.00", rest="0", ARDTYP=0, ARDPFX="PM")
    assert [(row["key"], row["kind"], row["open_amount"]) for row in library.read("item")] == [
        ("10|2026|PM|0|5", "on_account", -30)
    ]
    assert [(row["key"], row["amount"], row["unapplied_amount"]) for row in library.read("payment")] == [
        ("10|2026|PM|0|5", 80, 30), ("10|2026|PM|0|6", 20, 0),
    ]  # fmt: skip
    (made,) = library.read("allocation")
    assert (made["key"], made["item"], made["payment"], made["kind"], made["amount"]) == (
        "10|2026|PM|0|5|1", "10|2026|IN|1|7", "10|2026|PM|0|5", "cash", 50,
    )  # fmt: skip


def test_a_blank_part_of_a_key_stays_in_it(library: Library) -> None:
    library.document(8, "10.00", ARDPFX="  ")
    assert [row["key"] for row in library.read("item")] == ["10|2026||1|8"]
    found = library.source("item").lookup("item", [("10", "10|2026||1|8")])
    assert [row["key"] for row in found.found] == ["10|2026||1|8"]


def test_pages_follow_each_other_by_key_and_can_be_taken_up(library: Library) -> None:
    for number in range(1, 8):
        library.document(number, "10.00")
    pages = library.pages("item", page_size=3)
    assert [len(page.rows) for page in pages] == [3, 3, 1, 0]
    assert pages[-1].position["done"] is True
    again = library.pages("item", dict(pages[0].position), page_size=3)
    assert keys(again) == keys(pages[1:])


def test_an_unreadable_row_is_set_aside_alone(library: Library) -> None:
    library.document(1, "10.00")
    library.document(2, "10.00", RDATE=20261399)
    library.document(3, "10.00", ARDTYP=9)
    pages = library.pages("item")
    assert keys(pages) == ["10|2026|IN|1|1"]
    bad = [row for page in pages for row in page.bad]
    assert [(row.company, row.key) for row in bad] == [("10", "10|2026|IN|1|2"), ("10", "10|2026|IN|9|3")]
    assert "R.RDATE" in bad[0].reason
    assert "the code '9' is not in `codes`" in bad[1].reason


def test_a_code_list_of_the_settings_goes_over_the_usual_one(library: Library) -> None:
    library.document(3, "10.00", ARDTYP=9)
    (row,) = library.read("item", codes={"kind": {"9": "chargeback"}})
    assert row["kind"] == "chargeback"
