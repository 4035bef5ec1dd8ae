"""Payments, their reversals, and what they were applied to."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from .connected import Connect, connect, stub
from .stubbed import Stub


class TestPayments:
    def test_money_in_is_positive_and_a_refund_negative_whatever_sign_the_line_has(
        self, stub: Stub, connect: Connect
    ) -> None:
        stub.document(1)
        stub.document(3, "CustPymt", "60", "20")
        stub.document(4, "CustDep", "-30", "-30")
        stub.document(5, "CustRfnd", "15", "0")
        rows = connect().rows("payment")
        assert [(row["key"], row["amount"], row["unapplied_amount"], row["company_amount"]) for row in rows] == [
            ("3", 60, 20, 60), ("4", 30, 30, 30), ("5", -15, 0, -15),
        ]  # fmt: skip
        assert (rows[0]["received_on"], rows[0]["reference"]) == (date(2026, 2, 1), "N3")

    def test_a_payment_that_was_voided_is_taken_back_by_a_negative_one(self, stub: Stub, connect: Connect) -> None:
        stub.document(3, "CustPymt", "60", "0", status="CustPymt:V", lastmodifieddate="2026-02-20 23:30:00")
        rows = connect().rows("payment")
        assert [(row["key"], row["amount"], row.get("reversal_of"), row["received_on"]) for row in rows] == [
            ("3", 60, None, date(2026, 2, 1)), ("3|void", -60, "3", date(2026, 2, 20)),
        ]  # fmt: skip
        assert rows[0]["reversed_on"] == date(2026, 2, 20)

    def test_a_payment_whose_void_left_no_amount_is_one_of_nothing(self, stub: Stub, connect: Connect) -> None:
        stub.document(3, "CustPymt", "0", "0", voided="T")
        assert [(row["key"], row["amount"]) for row in connect().rows("payment")] == [("3", 0)]

    def test_changed_payments_are_read_by_their_stamp(self, stub: Stub, connect: Connect) -> None:
        stub.document(3, "CustPymt", "60", "20")
        made = connect()
        done = made.pages("payment")[-1].position
        stub.asked.clear()
        assert made.rows("payment", done) == []
        assert len(stub.asked) == 3  # the clock, what changed, and that it is all
        stub.document(5, "CustPymt", "7", "0", trandate="2020-01-01", lastmodifieddate="2199-01-01 00:00:00")
        assert [row["key"] for row in made.rows("payment", done)] == ["5"]

    def test_a_payment_and_its_reversal_are_looked_up(self, stub: Stub, connect: Connect) -> None:
        stub.document(3, "CustPymt", "60", "0", voided="T")
        stub.document(4, "CustRfnd", "60", "0")
        stub.document(5, "CustDep", "60", "0")
        found = connect().payments.lookup("payment", [("3", "3|void"), ("3", "9")])
        assert [row["key"] for row in found.found] == ["3", "3|void"]
        assert list(found.missing) == [("3", "9")]


class TestAllocations:
    def test_a_link_takes_off_the_earlier_document_what_the_later_one_paid(self, stub: Stub, connect: Connect) -> None:
        stub.document(1)
        stub.document(2, "CustCred", "-25", "0", trandate="2026-02-10")
        stub.document(3, "CustPymt", "60", "0", trandate="2026-02-11")
        stub.apply(2, 1, "25")
        stub.apply(3, 1, "-60")
        rows = connect(page_size=1).rows("allocation")
        named = ("key", "item", "payment", "kind", "amount", "company")
        assert [tuple(row[name] for name in named) for row in rows] == [
            ("2|1|1|0", "1", None, "credit", Decimal(25), "3"), ("3|1|1|0", "1", "3", "cash", Decimal(60), "3"),
        ]  # fmt: skip
        assert [row["allocated_on"] for row in rows] == [date(2026, 2, 10), date(2026, 2, 11)]

    def test_other_links_and_the_vendors_side_are_none(self, stub: Stub, connect: Connect) -> None:
        stub.document(1)
        stub.document(3, "CustPymt", "60", "0")
        stub.document(8, "VendBill")
        stub.document(9, "VendPymt")
        stub.apply(9, 8, "60")
        stub.put("NextTransactionLineLink", nextdoc=3, nextline=1, previousdoc=1, previousline=0, linktype="OrdBill",
                 foreignamount="1")  # fmt: skip
        assert connect().rows("allocation") == []

    def test_links_of_changed_payments_are_read_again(self, stub: Stub, connect: Connect) -> None:
        stub.document(1)
        stub.document(3, "CustPymt", "60", "0")
        stub.apply(3, 1, "60")
        made = connect()
        done = made.pages("allocation")[-1].position
        assert made.rows("allocation", done) == []
        stub.change("UPDATE \"transaction\" SET lastmodifieddate = '2199-01-01 00:00:00' WHERE id = 3")
        assert [row["key"] for row in made.rows("allocation", done)] == ["3|1|1|0"]

    def test_a_link_of_a_payment_that_cannot_be_read_is_set_aside_alone(self, stub: Stub, connect: Connect) -> None:
        stub.document(1)
        stub.document(2, "CustPymt", "60", "0", trandate="soon")
        stub.document(3, "CustPymt", "40", "0")
        stub.apply(2, 1, "60")
        stub.apply(3, 1, "40")
        pages = connect().pages("allocation")
        assert [row["key"] for each in pages for row in each.rows] == ["3|1|1|0"]
        assert [bad.key for each in pages for bad in each.bad] == ["2|1|1|0"]
