"""Payments and allocations: entries of money, and what detailed entries took off the others."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from duehook.core.testing.contract.under_test import validated

from .literal import Connect, Row, Wire
from .rows import BOTH, DETAILED, ENTRIES, IS_MONEY, added, closed, detailed, entry

PAYMENT = {"Document_Type": "Payment", "Payment_Method_Code": "BANK"}


def test_a_payment_is_turned_and_a_refund_is_negative(wire: Wire, connect: Connect) -> None:
    wire.rows[f"{ENTRIES}?(Open eq true and {IS_MONEY})"] = [entry(8, -40, -15, **PAYMENT)]
    closed(wire, entry(9, 25, 0, Document_Type="Refund"))
    found = validated("payment", connect(**BOTH).rows("payment"))
    assert [(each.key, each.amount, each.unapplied_amount, each.method) for each in found] == [
        ("8", Decimal(40), Decimal(15), "BANK"),
        ("9", Decimal(-25), Decimal(0), None),
    ]


def test_a_payment_that_bounced_is_taken_back_by_the_entry_that_reversed_it(wire: Wire, connect: Connect) -> None:
    closed(
        wire,
        entry(8, -40, 0, **PAYMENT, Reversed=True, Reversed_by_Entry_No=9),
        entry(9, 40, 0, **PAYMENT, Reversed=True, Posting_Date="2026-02-25"),
    )
    first, second = validated("payment", connect(**BOTH).rows("payment"))
    assert (first.amount, first.reversal_of, first.reversed_on) == (Decimal(40), None, date(2026, 2, 25))
    assert (second.amount, second.reversal_of) == (Decimal(-40), "8")


def test_a_reversal_that_comes_without_its_payment_asks_for_it(wire: Wire, connect: Connect) -> None:
    closed(wire, entry(9, 40, 0, **PAYMENT, Reversed=True))
    old = entry(8, -40, 0, **PAYMENT, Reversed=True, Reversed_by_Entry_No=9)
    wire.rows[f"{ENTRIES}?Reversed_by_Entry_No eq 9"] = [old]
    (found,) = connect(**BOTH).rows("payment")
    assert found["reversal_of"] == "8"


def test_an_application_is_told_once_for_the_item_with_the_money_that_paid_it(wire: Wire, connect: Connect) -> None:
    applied: Row = {"Applied_Cust_Ledger_Entry_No": 8}
    added(
        wire,
        detailed(70, 7, 100, "Initial_x0020_Entry"),
        detailed(72, 7, -40, **applied),
        detailed(73, 8, 40, **applied),
        detailed(74, 7, -2, "Payment_x0020_Discount"),
        detailed(75, 7, -1, "Payment_x0020_Tolerance"),
        detailed(76, 7, 0, "Realized_x0020_Gain"),
    )
    wire.rows[f"{ENTRIES}?(Entry_No eq 7 or Entry_No eq 8)"] = [entry(7, 100, 57), entry(8, -40, 0, **PAYMENT)]
    found = validated("allocation", connect(**BOTH).rows("allocation"))
    assert [(each.key, each.item, each.payment, each.kind, each.amount) for each in found] == [
        ("72", "7", "8", "cash", Decimal(40)),
        ("74", "7", None, "discount", Decimal(2)),
        ("75", "7", None, "write_off", Decimal(1)),
    ]


def test_a_credit_memo_that_was_applied_is_a_credit_on_both(wire: Wire, connect: Connect) -> None:
    applied: Row = {"Applied_Cust_Ledger_Entry_No": 8}
    added(wire, detailed(72, 7, -40, **applied), detailed(73, 8, 40, **applied))
    wire.rows[f"{ENTRIES}?(Entry_No eq 7 or Entry_No eq 8)"] = [
        entry(7, 100, 60), entry(8, -40, 0, Document_Type="Credit_x0020_Memo")]  # fmt: skip
    found = connect(**BOTH).rows("allocation")
    assert [(row["item"], row["payment"], row["kind"], row["amount"]) for row in found] == [
        ("7", None, "credit", 40), ("8", None, "credit", -40)]  # fmt: skip


def test_what_is_taken_off_money_on_account_is_told_so_that_it_adds_up(wire: Wire, connect: Connect) -> None:
    applied: Row = {"Applied_Cust_Ledger_Entry_No": 8}
    added(wire, detailed(72, 7, -40, **applied), detailed(73, 8, 40, **applied))
    wire.rows[f"{ENTRIES}?(Entry_No eq 7 or Entry_No eq 8)"] = [entry(7, 100, 60), entry(8, -50, -10, **PAYMENT)]
    found = connect(**BOTH).rows("allocation")
    assert [(row["item"], row["payment"], row["kind"], row["amount"]) for row in found] == [
        ("7", "8", "cash", 40), ("8", None, "credit", -40)]  # fmt: skip


def test_the_next_reading_asks_for_what_was_added(wire: Wire, connect: Connect) -> None:
    added(wire, detailed(72, 7, -40))
    made = connect(**BOTH)
    position = made.pages("allocation")[-1].position
    wire.rows[f"{DETAILED}?Entry_No gt 72"] = [detailed(80, 7, 40, Unapplied=True)]
    assert [(row["key"], row["amount"]) for row in made.rows("allocation", position)] == [("80", -40)]


def test_a_kind_of_entry_that_nobody_listed_is_set_aside(wire: Wire, connect: Connect) -> None:
    added(wire, detailed(72, 7, -40, "Barter"))
    (bad,) = [each for page in connect(**BOTH).pages("allocation") for each in page.bad]
    assert bad.reason == "the entry type 'Barter' is not in codes.allocation_by_type."
