"""Ledger entries as items: the whole ledger first, then what detailed entries and stamps say has moved."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from duehook.core.testing.contract.under_test import validated

from .literal import BOUND, CRONUS, Connect, Wire
from .rows import BOTH, DETAILED, ENTRIES, closed, detailed, entry

OPEN = f"{ENTRIES}?Open eq true"


def items(connect: Connect, position: Any = None, **more: Any) -> dict[str, Any]:
    """Return the items by key, as records."""
    return {each.key: each for each in validated("item", connect(**BOTH, **more).rows("item", position))}


def test_an_entry_without_a_currency_is_in_the_companys(wire: Wire, connect: Connect) -> None:
    wire.rows[OPEN] = [entry(7, 100.10), entry(8, 50, Currency_Code="USD")]
    found = items(connect)
    assert (found["7"].currency, found["7"].open_amount, found["7"].company_currency) == (
        "EUR",
        Decimal("100.1"),
        "EUR",
    )
    assert (found["8"].currency, found["8"].company_currency) == ("USD", "EUR")


def test_an_entry_comes_over_with_what_stands_on_it(wire: Wire, connect: Connect) -> None:
    more = {"Document_Date": "2026-01-31", "Remaining_Pmt_Disc_Possible": 2, "Pmt_Discount_Date": "2026-02-10",
            "On_Hold": "DUE", "Dispute_Status": "PRICE", "Your_Reference": "Ann"}  # fmt: skip
    wire.rows[OPEN] = [entry(7, 100, 60, **more)]
    found = items(connect)["7"]
    assert (found.company, found.customer, found.document_no, found.reference) == (CRONUS, "10000", "PS-7", "PO 7")
    assert (found.document_on, found.posted_on, found.due_on) == (
        date(2026, 1, 31), date(2026, 2, 1), date(2026, 3, 3))  # fmt: skip
    assert (found.discount_on, found.discount_amount, found.dunning_block) == (date(2026, 2, 10), Decimal(2), "DUE")
    assert (found.disputed_amount, found.dispute_reason, found.purchase_order) == (Decimal(60), "PRICE", "Ann")


@pytest.mark.parametrize(
    ("written", "amount", "kind"),
    [
        ("Invoice", 10, "invoice"), ("Credit_x0020_Memo", -10, "credit_note"), ("Payment", -10, "on_account"),
        ("Refund", 10, "on_account"), ("Finance_x0020_Charge_x0020_Memo", 10, "fee"), ("Reminder", 10, "fee"),
        ("_x0020_", 10, "invoice"), ("_x0020_", -10, "on_account"), (" ", 10, "invoice"),
    ],
)  # fmt: skip
def test_the_kind_is_the_document_types(written: str, amount: int, kind: str, *, wire: Wire, connect: Connect) -> None:
    wire.rows[OPEN] = [entry(7, amount, Document_Type=written)]
    assert items(connect)["7"].kind == kind


def test_an_unknown_document_type_is_set_aside_with_what_to_do(wire: Wire, connect: Connect) -> None:
    wire.rows[OPEN] = [entry(7, 10, Document_Type="Prepayment")]
    (bad,) = [each for page in connect(**BOTH).pages("item") for each in page.bad]
    assert (bad.key, bad.company) == ("7", CRONUS)
    assert bad.reason == "the document type 'Prepayment' is not in codes.kind_by_type."


def test_money_that_is_applied_is_no_item_but_is_found_by_its_key(wire: Wire, connect: Connect) -> None:
    closed(wire, entry(7, 100, 0), entry(8, -100, 0, Document_Type="Payment"))
    wire.rows[f"{ENTRIES}?Entry_No eq 8"] = [entry(8, -100, 0, Document_Type="Payment")]
    made = connect(**BOTH)
    assert [row["key"] for row in made.rows("item")] == ["7"]
    looked_up = made.invoices.lookup("item", [(CRONUS, "8"), (CRONUS, "08"), (CRONUS, "I|8")])
    assert [(row["key"], row["open_amount"]) for row in looked_up.found] == [("8", 0)]
    assert list(looked_up.missing) == [(CRONUS, "08"), (CRONUS, "I|8")]


def test_money_that_stood_on_account_before_it_was_applied_stays_told(wire: Wire, connect: Connect) -> None:
    paid = {"Document_Type": "Payment", "Closed_at_Date": "2026-02-03"}
    at_once = {**paid, "Closed_at_Date": "2026-02-01"}
    closed(wire, entry(8, -100, 0, **paid), entry(9, -100, 0, **paid, Reversed=True), entry(10, -100, 0, **at_once))
    found = items(connect)
    assert {key: (each.kind, each.open_amount) for key, each in found.items()} == {"8": ("on_account", Decimal(0))}


def test_what_a_payment_moved_is_told_by_detailed_entries_though_no_stamp_moved(wire: Wire, connect: Connect) -> None:
    wire.rows[ENTRIES] = wire.rows[OPEN] = [entry(7, 100)]
    wire.rows[DETAILED] = [detailed(70, 7, 100, "Initial_x0020_Entry")]
    made = connect(**BOTH)
    position = made.pages("item")[-1].position
    wire.rows[f"{DETAILED}?Entry_No gt 70"] = [detailed(72, 7, -40), detailed(73, 8, 40)]
    wire.rows[f"{ENTRIES}?(Entry_No eq 7 or Entry_No eq 8)"] = [
        entry(7, 100, 60), entry(8, -40, 0, Document_Type="Payment")]  # fmt: skip
    assert [(row["key"], row["open_amount"]) for row in made.rows("item", position)] == [("7", 60)]


def test_many_that_moved_are_read_as_a_span_where_that_is_less(wire: Wire, connect: Connect) -> None:
    wire.rows[ENTRIES] = [entry(7, 100)]
    wire.rows[DETAILED] = [detailed(70, 7, 100, "Initial_x0020_Entry")]
    made = connect(**BOTH)
    position = made.pages("item")[-1].position
    wire.rows[f"{DETAILED}?Entry_No gt 70"] = [detailed(100 + number, number, -1) for number in range(100, 200, 2)]
    span = [entry(number, 100, 99) for number in range(100, 199)]
    wire.rows[f"{ENTRIES}?(Entry_No ge 100 and Entry_No le 198)"] = span
    assert [row["key"] for row in made.rows("item", position)] == [str(number) for number in range(100, 200, 2)]


def test_what_a_user_changed_is_told_by_its_stamp(wire: Wire, connect: Connect) -> None:
    wire.rows[ENTRIES] = [entry(7, 100)]
    made = connect(**BOTH)
    position = made.pages("item")[-1].position
    wire.rows[f"{ENTRIES}?SystemModifiedAt ge 2026-03-01T18:00:00Z"] = [entry(7, 100, On_Hold="ABC")]
    assert [row["dunning_block"] for row in made.rows("item", position)] == ["ABC"]


@pytest.mark.parametrize("settings", [{"ledger_entries": "CustomerLedgerEntries"}, BOTH])
def test_without_a_stamp_all_open_entries_are_read_each_time(
    settings: dict[str, str], wire: Wire, connect: Connect
) -> None:
    plain = entry(7, 100)
    del plain["SystemModifiedAt"]
    wire.rows[ENTRIES] = wire.rows[OPEN] = [plain]
    made = connect(**settings)
    position = made.pages("item")[-1].position
    assert [row["key"] for row in made.rows("item", position)] == ["7"]


def test_no_question_joins_two_columns_by_or(wire: Wire, connect: Connect) -> None:
    wire.rows[OPEN] = [entry(7, 100), entry(8, 100)]
    made = connect(**BOTH, page_size=1)
    made.invoices.lookup("item", [(CRONUS, "7"), (CRONUS, "8")])
    for stream in ("item", "payment", "allocation"):
        made.pages(stream)
    joined = [part for each in wire.asked for part in re.findall(r"[^()]* or [^()]*", each)]
    assert [part for part in joined if len({*_columns(part)}) != 1] == []
    assert any("Document_Type eq" in part for part in joined)


def test_the_keys_are_those_of_what_is_open(wire: Wire, connect: Connect) -> None:
    wire.rows[OPEN] = [entry(7, 100), entry(8, -5, Document_Type="Payment")]
    pages = list(connect(**BOTH).invoices.keys("item"))
    assert [key for page in pages for key in page.keys] == [(CRONUS, "7"), (CRONUS, "8")]
    assert pages[-1].complete


def test_the_totals_are_what_is_open_and_one_that_cannot_be_read_otherwise_counts(wire: Wire, connect: Connect) -> None:
    wire.rows[OPEN] = [entry(7, 100, Due_Date="soon"), entry(8, 5, Remaining_Amount="much")]
    told = [total for page in connect(**BOTH).invoices.totals(BOUND) for total in page]
    assert [(each.document, each.open_amount, each.company_open_amount) for each in told] == [
        ("7", Decimal(100), Decimal(100))
    ]


def test_a_company_that_is_seen_no_more_is_no_proof_that_its_items_are_gone(wire: Wire, connect: Connect) -> None:
    from duehook.core.errors import ConnectorRefused

    with pytest.raises(ConnectorRefused, match="Nothing of company gone can be seen any more"):
        connect(**BOTH).invoices.lookup("item", [("gone", "7")])


def _columns(joined: str) -> list[str]:
    return [part.rpartition("$filter=")[2].strip().split(" ")[0] for part in joined.split(" or ")]
