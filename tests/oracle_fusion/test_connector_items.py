"""Items: the instalments of invoices and credit memos, and what is left of receipts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from duehook.core.errors import ConnectorGarbled, ConnectorRefused
from duehook.core.testing.simulator import json_reply

from .connected import Connect, connect, stub
from .stubbed import Stub

KEY = "300000000000005001"


def item(connected: Any, key: str = KEY) -> dict[str, Any]:
    return next(row for row in connected.rows("item") if row["key"] == key)


class TestInvoices:
    def test_an_instalment_is_an_item_under_its_id_which_stays_text(self, connect: Connect) -> None:
        assert item(connect()) == {
            "company": "Vision", "key": "300000000000005001", "customer": "1006", "kind": "invoice",
            "item_class": "normal", "currency": "USD", "amount": Decimal(2000), "open_amount": Decimal("1250.5"),
            "company_currency": "USD", "company_amount": Decimal(2000), "company_open_amount": Decimal("1250.5"),
            "document_no": "1", "document_type": "Invoice", "document_on": date(2026, 3, 1),
            "posted_on": date(2026, 3, 1), "due_on": date(2026, 3, 31), "cleared_on": None, "instalment": "1",
            "terms": "30 Net", "purchase_order": "PO-1", "disputed_amount": None,
            "changed_at": datetime(2026, 3, 1, 10, tzinfo=UTC),
        }  # fmt: skip

    def test_each_instalment_has_its_own_due_date_and_balance(self, stub: Stub, connect: Connect) -> None:
        row = stub.invoice(300000000000000002)
        row["receivablesInvoiceInstallments"].append({
            "InstallmentId": 300000000000009999, "InstallmentSequenceNumber": 2, "InstallmentDueDate": "2026-04-30",
            "OriginalAmount": 60, "InstallmentBalanceDue": 0, "InstallmentClosedDate": "2026-03-02",
        })  # fmt: skip
        second = item(connect(), "300000000000009999")
        assert (second["due_on"], second["open_amount"], second["cleared_on"], second["instalment"]) == (
            date(2026, 4, 30), 0, date(2026, 3, 2), "2",
        )  # fmt: skip

    def test_the_original_in_the_company_s_currency_is_by_the_document_s_rate(
        self, stub: Stub, connect: Connect
    ) -> None:
        part = {"OriginalAmount": 500, "InstallmentBalanceDue": 100, "AccountedBalanceDue": 91.23}
        stub.invoice(300000000000000002, InvoiceCurrencyCode="EUR", ConversionRate=1.08765, part=part)
        row = item(connect(), "300000000000005002")
        assert (row["currency"], row["company_currency"]) == ("EUR", "USD")
        assert (row["company_amount"], row["company_open_amount"]) == (Decimal("543.83"), Decimal("91.23"))

    def test_what_is_disputed_is_told_with_the_item_s_sign(self, stub: Stub, connect: Connect) -> None:
        stub.invoice(300000000000000002, part={"DisputeAmount": 40})
        assert item(connect(), "300000000000005002")["disputed_amount"] == 40

    def test_a_transaction_type_may_be_a_fee(self, stub: Stub, connect: Connect) -> None:
        stub.invoice(300000000000000002, TransactionType="Late Charge")
        connected = connect(codes={"kind_by_type": {"Late Charge": "fee"}})
        assert item(connected, "300000000000005002")["kind"] == "fee"

    def test_children_may_come_as_a_collection(self, stub: Stub, connect: Connect) -> None:
        row = stub.rows["receivablesInvoices"][0]
        parts = row["receivablesInvoiceInstallments"]
        row["receivablesInvoiceInstallments"] = {"items": parts, "count": 1, "hasMore": False}
        assert item(connect())["open_amount"] == Decimal("1250.5")

    def test_a_collection_that_was_cut_is_asked_for_by_itself(self, stub: Stub, connect: Connect) -> None:
        row = stub.rows["receivablesInvoices"][0]
        parts = row["receivablesInvoiceInstallments"]
        row["receivablesInvoiceInstallments"] = {"items": [], "count": 0, "hasMore": True}
        asked: list[str] = []

        def child(request: Any) -> Any:
            if "/child/" not in request.path:
                return None
            asked.append(request.path.partition("11.13.18.05/")[2])
            return json_reply({"items": parts, "count": 1, "hasMore": False, "totalResults": 1})

        stub.special = child
        assert item(connect())["open_amount"] == Decimal("1250.5")
        assert asked == ["receivablesInvoices/300000000000000001/child/receivablesInvoiceInstallments"]

    def test_a_business_unit_that_is_not_named_is_left_out_and_told(self, stub: Stub, connect: Connect) -> None:
        stub.invoice(300000000000000002, BusinessUnit="Other")
        page = connect().pages("item")[0]
        assert [row["key"] for row in page.rows] == [KEY]
        assert page.notes == ["left out of receivablesInvoices, for `business_units` does not name them: Other"]

    @pytest.mark.parametrize(("field", "held", "told"), [
        ("TransactionDate", "31.02.2026", "TransactionDate holds '31.02.2026', which is no day."),
        ("TransactionNumber", None, "TransactionNumber is empty."),
    ])  # fmt: skip
    def test_a_document_that_cannot_be_read_is_set_aside_under_the_key_of_its_instalment(
        self, field: str, held: Any, told: str, *, stub: Stub, connect: Connect
    ) -> None:
        stub.invoice(300000000000000002, **{field: held})
        pages = connect().pages("item")
        bad = [each for page in pages for each in page.bad]
        assert [(each.key, each.company, each.reason) for each in bad] == [("300000000000005002", "Vision", told)]
        assert [row["key"] for page in pages for row in page.rows] == [KEY]

    def test_a_balance_without_instalments_is_set_aside(self, stub: Stub, connect: Connect) -> None:
        stub.invoice(300000000000000002)["receivablesInvoiceInstallments"] = []
        bad = [each for page in connect().pages("item") for each in page.bad]
        assert [each.reason for each in bad] == ["InvoiceBalanceAmount is 1250.5, and no instalments came with it."]


class TestOtherDocuments:
    def test_a_credit_memo_is_below_zero(self, stub: Stub, connect: Connect) -> None:
        stub.credit_memo(300000000000000007)
        row = item(connect(), "300000000000005007")
        assert (row["kind"], row["amount"], row["open_amount"]) == ("credit_note", Decimal("-75.5"), Decimal("-75.5"))

    def test_a_pod_may_write_credit_memos_without_their_sign(self, stub: Stub, connect: Connect) -> None:
        part = {"OriginalAmount": 75.5, "InstallmentBalanceDue": 75.5, "AccountedBalanceDue": 75.5}
        stub.credit_memo(300000000000000007, part=part)
        row = item(connect(credit_memo_sign="positive"), "300000000000005007")
        assert (row["amount"], row["open_amount"]) == (Decimal("-75.5"), Decimal("-75.5"))

    def test_what_is_left_of_a_receipt_is_on_account(self, stub: Stub, connect: Connect) -> None:
        stub.receipt(300000000000000100, 500, 120.25)
        stub.receipt(300000000000000101, 500, 0)
        found = [row for row in connect().rows("item") if row["kind"] == "on_account"]
        assert [(row["key"], row["amount"], row["open_amount"], row["due_on"]) for row in found] == [
            ("R|300000000000000100", -500, Decimal("-120.25"), date(2026, 3, 2)),
        ]

    def test_what_is_left_of_foreign_money_is_by_its_rate(self, stub: Stub, connect: Connect) -> None:
        stub.receipt(300000000000000100, 500, 100, Currency="EUR", ConversionRate=1.1)
        row = item(connect(), "R|300000000000000100")
        assert (row["company_amount"], row["company_open_amount"]) == (Decimal("-550"), Decimal("-110"))

    def test_money_of_nobody_is_left_out(self, stub: Stub, connect: Connect) -> None:
        stub.receipt(300000000000000100, 500, 500, State="Unidentified", CustomerAccountNumber=None)
        assert [row["kind"] for row in connect().rows("item")] == ["invoice"]


class TestWhatIsAsked:
    def test_pages_follow_each_other_by_id_and_are_never_counted_by_an_offset(
        self, stub: Stub, connect: Connect
    ) -> None:
        for number in range(2, 6):
            stub.invoice(300000000000000000 + number)
        connected = connect(page_size=2)
        assert len(connected.rows("item")) == 5
        assert [each for each in stub.asked if "InvoiceBalance" not in each][:3] == [
            "LastUpdateDate>='2024-03-01T23:45:00Z'",
            "CustomerTransactionId>300000000000000002;LastUpdateDate>='2024-03-01T23:45:00Z'",
            "CustomerTransactionId>300000000000000004;LastUpdateDate>='2024-03-01T23:45:00Z'",
        ]
        queries = [each.query for each in stub.requests]
        assert all("offset=0" in each and "totalResults=true" in each for each in queries)
        assert not any("fields=" in each and "expand=" in each for each in queries)

    def test_the_framework_version_is_pinned(self, stub: Stub, connect: Connect) -> None:
        connect().rows("item")
        assert {each.headers["REST-Framework-Version"] for each in stub.requests} == {"4"}

    def test_what_is_open_and_older_than_the_history_is_read_too(self, stub: Stub, connect: Connect) -> None:
        stub.invoice(300000000000000002, LastUpdateDate="2019-01-01T00:00:00Z")
        assert item(connect(), "300000000000005002")["open_amount"] == Decimal("1250.5")

    def test_the_next_reading_asks_for_what_changed_since_a_day_before_the_last(
        self, stub: Stub, connect: Connect
    ) -> None:
        position = connect().pages("item")[-1].position
        stub.requests.clear()
        connect().rows("item", position)
        assert stub.asked == ["LastUpdateDate>='2026-03-01T23:45:00Z'"] * 3

    @pytest.mark.parametrize(("change", "told"), [
        ({"count": 3}, "receivablesInvoices tells of 3 rows and gave 1."),
        ({"totalResults": 4}, "receivablesInvoices tells of 4 rows, gave 1, and says no more are left."),
        ({"totalResults": None}, "receivablesInvoices does not say how many rows there are (totalResults)."),
        ({"items": {}}, "receivablesInvoices answered without `items`; nothing of it was kept."),
    ])  # fmt: skip
    def test_a_page_that_does_not_agree_with_itself_is_kept_nowhere(
        self, change: dict[str, Any], told: str, stub: Stub, connect: Connect
    ) -> None:
        right = {"items": stub.rows["receivablesInvoices"], "count": 1, "hasMore": False, "totalResults": 1}
        connected = connect()
        bound = connected.invoices.upper_bound()
        stub.special = lambda request: json_reply({**right, **change})
        with pytest.raises(ConnectorGarbled) as raised:
            list(connected.invoices.read("item", None, bound))
        assert raised.value.message == told

    def test_a_page_that_comes_twice_is_seen(self, stub: Stub, connect: Connect) -> None:
        stub.invoice(300000000000000002)
        connected = connect(page_size=1)
        bound = connected.invoices.upper_bound()
        same = {"items": stub.rows["receivablesInvoices"][:1], "count": 1, "hasMore": True, "totalResults": 2}
        stub.special = lambda request: json_reply(same)
        with pytest.raises(ConnectorGarbled) as raised:
            list(connected.invoices.read("item", None, bound))
        assert "gave an id 300000000000000001 behind 300000000000000001" in raised.value.message


class TestKeysAndLookUps:
    def test_a_sweep_lists_what_is_open(self, stub: Stub, connect: Connect) -> None:
        stub.credit_memo(300000000000000007)
        stub.receipt(300000000000000100, 500, 120)
        part = {"InstallmentBalanceDue": 0}
        stub.invoice(300000000000000002, part=part)
        pages = list(connect().invoices.keys("item"))
        assert [key for page in pages for key in page.keys] == [
            ("Vision", KEY), ("Vision", "300000000000005007"), ("Vision", "R|300000000000000100"),
        ]  # fmt: skip
        assert pages[-1].complete

    def test_a_pod_that_shows_nothing_any_more_proves_nothing(self, stub: Stub, connect: Connect) -> None:
        stub.rows["receivablesInvoices"].clear()
        assert not list(connect().invoices.keys("item"))[-1].complete
        with pytest.raises(ConnectorRefused) as raised:
            list(connect(known_invoice="1").invoices.keys("item"))
        assert raised.value.message == (
            "Nothing of receivablesInvoices is shown, nor invoice 1; nothing was taken as settled or gone."
        )

    def test_an_item_of_a_business_unit_that_shows_nothing_any_more_is_not_told_as_gone(self, connect: Connect) -> None:
        units = [{"name": "Vision", "currency": "USD"}, {"name": "Gone", "currency": "EUR"}]
        with pytest.raises(ConnectorRefused) as raised:
            connect(business_units=units).invoices.lookup("item", [("Gone", "300000000000009999")])
        assert "Nothing of business unit Gone is shown any more" in raised.value.message

    def test_a_credit_memo_is_not_told_as_gone_where_the_one_that_is_surely_there_is_not_shown(
        self, connect: Connect
    ) -> None:
        with pytest.raises(ConnectorRefused) as raised:
            connect(known_credit_memo="CM7").invoices.lookup("item", [("Vision", "300000000000005007")])
        assert "Nothing of receivablesCreditMemos, nor CM7 of it, is shown any more" in raised.value.message

    def test_items_are_looked_up_by_the_ids_of_their_instalments(self, stub: Stub, connect: Connect) -> None:
        stub.credit_memo(300000000000000007)
        stub.receipt(300000000000000100, 500, 0)
        names = [("Vision", KEY), ("Vision", "300000000000005007"), ("Vision", "R|300000000000000100"),
                 ("Vision", "77")]  # fmt: skip
        found = connect().invoices.lookup("item", names)
        assert {row["key"]: row["open_amount"] for row in found.found} == {
            KEY: Decimal("1250.5"), "300000000000005007": Decimal("-75.5"), "R|300000000000000100": 0,
        }  # fmt: skip
        assert found.missing == [("Vision", "77")]
        assert (
            "receivablesInvoiceInstallments.InstallmentId in (77,300000000000005001,300000000000005007)" in stub.asked
        )

    def test_where_a_child_cannot_be_asked_for_items_are_looked_for_in_the_listings(
        self, stub: Stub, connect: Connect
    ) -> None:
        stub.refused.add("receivablesInvoiceInstallments.InstallmentId")
        stub.invoice(300000000000000002, part={"InstallmentBalanceDue": 0}, LastUpdateDate="2025-01-01T00:00:00Z")
        names = [("Vision", KEY), ("Vision", "300000000000005002")]
        found = connect().invoices.lookup("item", names)
        assert [(row["key"], row["open_amount"]) for row in found.found] == [
            (KEY, Decimal("1250.5")), ("300000000000005002", 0),
        ]  # fmt: skip

    def test_totals_are_what_is_open_by_item(self, stub: Stub, connect: Connect) -> None:
        stub.credit_memo(300000000000000007, TransactionDate="no day")
        stub.receipt(300000000000000100, 500, 120)
        source = connect().invoices
        totals = [each for page in source.totals(source.upper_bound()) for each in page]
        assert [(each.document, each.open_amount, each.company_open_amount) for each in totals] == [
            (KEY, Decimal("1250.5"), Decimal("1250.5")),
            ("300000000000005007", Decimal("-75.5"), Decimal("-75.5")),
            ("R|300000000000000100", -120, -120),
        ]

    def test_what_changed_behind_the_bound_says_so(self, stub: Stub, connect: Connect) -> None:
        stub.invoice(300000000000000002, LastUpdateDate="2026-03-02T23:50:00Z")
        source = connect().invoices
        totals = [each for page in source.totals(source.upper_bound()) for each in page]
        assert [each.changed_past_bound for each in totals] == [False, True]
