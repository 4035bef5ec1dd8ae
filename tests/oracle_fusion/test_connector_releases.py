"""What differs from release to release, and what a wire that loses rows looks like."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pytest

from duehook.core.errors import ConnectorGarbled, ConnectorRefused
from duehook.core.hookspecs import Command
from duehook.core.testing.simulator import Reply, json_reply

from .connected import Connect, connect, stub
from .stubbed import FAULT, Stub

MEMO = "300000000000005007"
SCHEDULE = {
    "InstallmentId": 300000000000005007, "InstallmentNumber": 1, "TotalOriginalAmount": -75.5,
    "TotalBalanceAmount": -75.5, "PaymentScheduleDueDate": "2026-03-01", "TransactionId": 300000000000000007,
    "TransactionClass": "CM",
}  # fmt: skip


class TestCreditMemosWithoutInstalments:
    @pytest.fixture(autouse=True)
    def _has_activities(self, stub: Stub) -> None:
        stub.credit_memo(300000000000000007)
        del stub.rows["receivablesCreditMemos"][0]["receivablesCreditMemoInstallments"]
        other = SCHEDULE | {"InstallmentId": 5, "TransactionId": 6}
        stub.rows["receivablesCustomerAccountActivities"].append(
            {"AccountId": 4001, "AccountNumber": "1006", "transactionPaymentSchedules": [other, SCHEDULE]}
        )

    def test_they_are_read_of_what_stands_on_the_account(self, connect: Connect) -> None:
        rows = {row["key"]: row for row in connect(credit_memo_installments="").rows("item")}
        assert (rows[MEMO]["kind"], rows[MEMO]["open_amount"], rows[MEMO]["company_open_amount"]) == (
            "credit_note", Decimal("-75.5"), Decimal("-75.5"),
        )  # fmt: skip

    def test_they_are_looked_for_by_listing(self, connect: Connect) -> None:
        found = connect(credit_memo_installments="").invoices.lookup("item", [("Vision", MEMO)])
        assert [row["key"] for row in found.found] == [MEMO]

    def test_schedules_that_were_cut_are_asked_for_by_themselves(self, stub: Stub, connect: Connect) -> None:
        stub.rows["receivablesCustomerAccountActivities"][0]["transactionPaymentSchedules"] = {
            "items": [], "count": 0, "hasMore": True,
        }  # fmt: skip
        asked: list[dict[str, str]] = []

        def child(request: Any) -> Reply | None:
            if not request.path.endswith("/4001/child/transactionPaymentSchedules"):
                return None
            asked.append(dict(parse_qsl(request.query)))
            page = [SCHEDULE] if len(asked) == 2 else [SCHEDULE | {"InstallmentId": 5, "TransactionId": 6}]
            return json_reply({"items": page, "count": 1, "hasMore": len(asked) == 1, "totalResults": 2})

        stub.special = child
        assert MEMO in {row["key"] for row in connect(credit_memo_installments="").rows("item")}
        assert [(each["offset"], each["orderBy"]) for each in asked] == [
            ("0", "InstallmentId:asc"), ("1", "InstallmentId:asc"),
        ]  # fmt: skip

    def test_an_account_that_is_not_shown_leaves_its_memo_aside(self, stub: Stub, connect: Connect) -> None:
        stub.rows["receivablesCustomerAccountActivities"].clear()
        bad = [each for page in connect(credit_memo_installments="").pages("item") for each in page.bad]
        assert [each.reason for each in bad] == ["TransactionBalanceDue is -75.5, and no instalments came with it."]
        pages = list(connect(credit_memo_installments="").invoices.keys("item"))
        assert not pages[-1].complete


class TestBalancesThatCannotBeAsked:
    def test_what_is_open_is_sifted_out_of_all_that_is_there(self, stub: Stub, connect: Connect) -> None:
        stub.refused = {"InvoiceBalanceAmount", "TransactionBalanceDue", "UnappliedAmount"}
        stub.invoice(300000000000000002, part={"InstallmentBalanceDue": 0})
        stub.receipt(300000000000000100, 500, 120)
        connected = connect(page_size=1)
        pages = list(connected.invoices.keys("item"))
        assert [key for page in pages for key in page.keys] == [
            ("Vision", "300000000000005001"), ("Vision", "R|300000000000000100"),
        ]  # fmt: skip
        assert [row["key"] for row in connect().rows("customer")] == ["1006"]

    def test_another_condition_that_is_refused_is_told(self, stub: Stub, connect: Connect) -> None:
        stub.refused = {"LastUpdateDate"}
        with pytest.raises(ConnectorRefused) as raised:
            connect().rows("item")
        assert "answered 400: URL request parameter q cannot be used" in raised.value.message
        assert raised.value.fix is not None
        assert "duehook check" in raised.value.fix


class TestLookUps:
    def test_receipts_are_asked_between_the_first_and_the_last_where_a_list_is_refused(
        self, stub: Stub, connect: Connect
    ) -> None:
        for number in (100, 101, 102):
            stub.receipt(number)

        def no_lists(request: Any) -> Reply | None:
            return json_reply({"title": "Bad Request"}, 400) if "+in+" in request.query else None

        stub.special = no_lists
        found = connect().payments.lookup("payment", [("Vision", "100"), ("Vision", "102"), ("Vision", "103")])
        assert [row["key"] for row in found.found] == ["100", "102"]
        assert "StandardReceiptId>=100;StandardReceiptId<=103" in stub.asked

    def test_a_condition_that_is_passed_over_is_not_trusted(self, stub: Stub, connect: Connect) -> None:
        stub.invoice(300000000000000002)

        def passes_over(request: Any) -> Reply | None:
            if "InstallmentId+in" not in request.query:
                return None
            options = dict(parse_qsl(request.query))
            options["q"] = ";".join(each for each in options["q"].split(";") if " in " not in each)
            return stub.asked_for(request.path.rpartition("/")[2], options)

        stub.special = passes_over
        names = [("Vision", "300000000000005002"), ("Vision", "77")]
        found = connect().invoices.lookup("item", names)
        assert ([row["key"] for row in found.found], found.missing) == (["300000000000005002"], [("Vision", "77")])


def losing(stub: Stub, losses: int = 99, *, of: str = "receivablesInvoices") -> None:
    """Let answers lose half of their rows and look whole."""
    left = [losses]

    def half(request: Any) -> Reply | None:
        if not request.path.endswith(of) or request.method != "GET" or left[0] <= 0:
            return None
        left[0] -= 1
        whole = json.loads(stub.asked_for(of, dict(parse_qsl(request.query))).body)
        kept = whole["items"][: len(whole["items"]) // 2]
        return json_reply(whole | {"items": kept, "count": len(kept), "hasMore": False, "totalResults": len(kept)})

    stub.special = half


class TestLostRows:
    @pytest.fixture(autouse=True)
    def _has_three(self, stub: Stub) -> None:
        stub.invoice(300000000000000002)
        stub.invoice(300000000000000003)

    def test_a_page_that_lost_rows_and_looks_like_the_last_is_asked_on(self, stub: Stub, connect: Connect) -> None:
        connected = connect()
        bound = connected.invoices.upper_bound()
        losing(stub, 1)
        rows = [row for page in connected.invoices.read("item", None, bound) for row in page.rows]
        assert len(rows) == 3

    def test_a_wire_that_loses_rows_all_the_time_ends_the_reading(self, stub: Stub, connect: Connect) -> None:
        connected = connect(known_invoice="1")
        bound = connected.invoices.upper_bound()
        losing(stub)
        with pytest.raises((ConnectorGarbled, ConnectorRefused)):
            list(connected.invoices.read("item", None, bound))

    def test_the_only_row_is_not_lost_without_a_word(self, stub: Stub, connect: Connect) -> None:
        del stub.rows["receivablesInvoices"][1:]
        connected = connect()
        bound = connected.invoices.upper_bound()
        losing(stub, 1)
        rows = [row for page in connected.invoices.read("item", None, bound) for row in page.rows]
        assert len(rows) == 1

    def test_where_nothing_comes_again_and_again_of_what_is_there_the_reading_ends(
        self, stub: Stub, connect: Connect
    ) -> None:
        connected = connect()
        bound = connected.invoices.upper_bound()
        nothing = {"items": [], "count": 0, "hasMore": False, "totalResults": 0}
        stub.special = lambda request: json_reply(nothing) if "LastUpdateDate%3E" in request.query else None
        with pytest.raises(ConnectorGarbled) as raised:
            list(connected.invoices.read("item", None, bound))
        assert raised.value.message.startswith("receivablesInvoices gave no rows although some are left")


class TestProfiles:
    def hold(self, connect: Connect) -> Any:
        body = {"value": "Y", "expect": None}
        return connect().target.apply(Command("set_credit_hold", "key", "Vision", "1006", None, body))

    @pytest.mark.parametrize(("words", "fix"), [
        ("WSM-07501 FailedAuthentication", "let the Fusion admin give the user the right to Customer Profile"),
        ("JBO-27014: Attribute PartyId is required", "let the Fusion admin look why"),
    ])  # fmt: skip
    def test_a_fault_is_quoted_with_what_to_do(self, words: str, fix: str, *, stub: Stub, connect: Connect) -> None:
        stub.special = lambda request: Reply(FAULT.format(words).encode(), 500, "text/xml") if request.body else None
        with pytest.raises(ConnectorRefused) as raised:
            connect().rows("customer")
        assert words in raised.value.message
        assert raised.value.fix is not None
        assert raised.value.fix.startswith(fix)

    def test_a_fault_of_a_change_is_a_refusal(self, stub: Stub, connect: Connect) -> None:
        fault = Reply(FAULT.format("the hold is not yours").encode(), 500, "text/xml")
        stub.special = lambda request: fault if b"update" in request.body else None
        refused = self.hold(connect)
        assert refused.outcome == "refused"
        assert "the hold is not yours" in refused.message

    def test_an_answer_without_a_profile_is_no_profile(self, stub: Stub, connect: Connect) -> None:
        body = stub.handle  # the right answer, emptied
        stub.special = lambda request: None

        def emptied(request: Any) -> Reply | None:
            if b"getActive" not in request.body:
                return None
            stub.special = lambda request: None
            right = body(request).body
            stub.special = emptied
            start, end = right.index(b"<s:Value>"), right.index(b"</s:Value>") + len(b"</s:Value>")
            return Reply(right[:start] + right[end:], 200, "text/xml")

        stub.special = emptied
        with pytest.raises(ConnectorGarbled) as raised:
            connect().rows("customer")
        assert raised.value.message == "ReceivablesCustomerProfileService answered without a profile."


def test_a_position_of_another_version_is_refused(connect: Connect) -> None:
    with pytest.raises(ConnectorGarbled) as raised:
        connect().pages("item", {"version": 9})
    assert raised.value.fix == "run `duehook import --full`."


def test_after_another_set_of_business_units_all_is_read_anew(connect: Connect) -> None:
    position = connect().pages("item")[-1].position
    assert connect().rows("item", position) == []
    more = [{"name": "Vision", "currency": "USD"}, {"name": "Other", "currency": "EUR"}]
    assert len(connect(business_units=more).rows("item", position)) == 1
