"""Transactions as items: what is open is always owed to somebody, whatever F&O calls it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duehook.core.testing.contract.under_test import validated
from duehook.core.wire.odata.dialect import Unreadable
from duehook.plugins.d365.mapping.items import Document, ItemMapping, key_of, read_key
from duehook.plugins.d365.settings import CodeLists

DUE, LATER = date(2026, 4, 1), date(2026, 5, 1)
Row = dict[str, Any]


def transaction(amount: str, **more: Any) -> Row:
    """Return a transaction as it was decoded."""
    return {
        "dataAreaId": "usmf", "SysRecId": 68719600001, "AccountNum": "US-001", "OrderAccount": "US-001",
        "Invoice": "INV-1", "Voucher": "AR-1", "TransType": "Sales", "TransDate": date(2026, 3, 2), "DueDate": DUE,
        "DocumentDate": None, "DocumentNum": None, "CurrencyCode": "USD", "AmountCur": Decimal(amount),
        "AmountMST": Decimal(amount), "SettleAmountCur": Decimal(0), "SettleAmountMST": Decimal(0),
        "LastSettleDate": None, "LastSettleVoucher": None, "PaymTermId": "N30", "PaymMode": None,
        "PaymReference": None, "CancelledPayment": "No", "Prepayment": "No", "Txt": None,
        "CollectionLetterCode": "None", **more,
    }  # fmt: skip


def opened(amount: str, due: date | None = DUE, number: int = 1, **more: Any) -> Row:
    """Return an open row."""
    return {
        "dataAreaId": "usmf", "SysRecId": number, "RefRecId": 68719600001, "AmountCur": Decimal(amount),
        "AmountMST": Decimal(amount), "PossibleCashDisc": Decimal(0), "DueDate": due, "CashDiscDate": None,
        "CollectionLetter": "Yes", "CollectionLetterCode": "None", **more,
    }  # fmt: skip


def mapping(*, by_open_rows: bool = True, **codes: Any) -> ItemMapping:
    return ItemMapping(CodeLists(**codes), lambda area: "USD", by_open_rows=by_open_rows)


def items(document: Document, **more: Any) -> dict[str, Any]:
    """Return the items by key, as records."""
    rows, bad = mapping(**more).rows([document])
    assert bad == []
    return {each.key: each for each in validated("item", rows)}


class TestWhatIsOwed:
    @given(
        st.lists(st.tuples(st.integers(-9_999_99, 9_999_99), st.sampled_from([DUE, LATER, None])), max_size=6),
        st.sampled_from(["Sales", "Cust", "Payment", "WriteOff", "CashDisc", "Settlement", "ExchAdjustment", "Bank"]),
    )
    def test_the_sum_of_open_rows_is_the_sum_of_what_is_open_and_of_the_totals(
        self, parts: list[tuple[int, date | None]], kind: str
    ) -> None:
        rows = [opened(str(Decimal(minor) / 100), due, place) for place, (minor, due) in enumerate(parts)]
        whole = sum((row["AmountCur"] for row in rows), Decimal(0))
        document = Document(transaction(str(whole + 5), TransType=kind, SettleAmountCur=Decimal(5)), rows)
        made, bad = mapping().rows([document])
        totals = mapping().totals([document], lambda row: False)
        assert bad == []
        assert sum((row["open_amount"] for row in made), Decimal(0)) == whole
        assert sum((row["amount"] for row in made), Decimal(0)) in {whole + 5, 0 if not made else whole + 5}
        assert sum((each.open_amount for each in totals), Decimal(0)) == whole
        assert {each.document for each in totals} <= {row["key"] for row in made}

    def test_what_is_open_is_an_item_though_its_type_is_one_that_settlements_post(self) -> None:
        found = items(Document(transaction("12.00", TransType="WriteOff"), [opened("12.00")]))
        assert [(each.kind, each.open_amount) for each in found.values()] == [("invoice", Decimal(12))]

    @pytest.mark.parametrize("kind", ["WriteOff", "CashDisc", "Settlement", "ExchAdjustment"])
    def test_what_a_settlement_posted_beside_and_settled_at_once_is_no_item(self, kind: str) -> None:
        settled = transaction("-2.00", TransType=kind, SettleAmountCur=Decimal(-2), SettleAmountMST=Decimal(-2))
        assert items(Document(settled)) == {}

    def test_a_type_that_nobody_mapped_is_an_invoice_or_a_credit_by_its_sign(self) -> None:
        found = [*items(Document(transaction("5.00", TransType="Odd"), [opened("5.00")])).values(),
                 *items(Document(transaction("-5.00", TransType="Odd"), [opened("-5.00")])).values()]  # fmt: skip
        assert [each.kind for each in found] == ["invoice", "credit_note"]

    def test_a_settled_payment_was_an_item_only_if_it_stood_on_account(self) -> None:
        money = {"TransType": "Payment", "SettleAmountCur": Decimal(-9), "SettleAmountMST": Decimal(-9)}
        at_once = transaction("-9.00", **money, LastSettleDate=date(2026, 3, 2))
        stood = transaction("-9.00", **money, LastSettleDate=date(2026, 3, 9))
        bounced = stood | {"CancelledPayment": "Yes"}
        assert [len(items(Document(row))) for row in (at_once, stood, bounced)] == [0, 1, 0]

    def test_a_settled_payment_that_is_asked_for_is_told_as_nothing_open(self) -> None:
        money = transaction("-9.00", TransType="Payment", SettleAmountCur=Decimal(-9), SettleAmountMST=Decimal(-9))
        found = items(Document(money, asked=[DUE]))
        assert [(each.kind, each.open_amount) for each in found.values()] == [("on_account", 0)]


class TestInstalments:
    def test_each_due_date_is_an_item_and_what_was_settled_is_on_the_transactions_own(self) -> None:
        rows = [opened("10.00"), opened("60.00", LATER, 2)]
        found = items(Document(transaction("100.00", SettleAmountCur=Decimal(30)), rows))
        own, second = found[key_of(68719600001, DUE)], found[key_of(68719600001, LATER)]
        assert (own.amount, own.open_amount, own.due_on) == (Decimal(40), Decimal(10), DUE)
        assert (second.amount, second.open_amount, second.due_on) == (Decimal(60), Decimal(60), LATER)

    def test_open_rows_of_one_due_date_are_added_up_with_their_discounts(self) -> None:
        rows = [opened("10.00", PossibleCashDisc=Decimal("0.20"), CashDiscDate=date(2026, 3, 12)),
                opened("20.00", DUE, 2, PossibleCashDisc=Decimal("0.40"), CashDiscDate=date(2026, 3, 12))]  # fmt: skip
        (found,) = items(Document(transaction("30.00"), rows)).values()
        assert (found.open_amount, found.discount_amount, found.discount_on) == (
            Decimal(30), Decimal("0.60"), date(2026, 3, 12),
        )  # fmt: skip

    def test_an_instalment_that_is_gone_is_zero_of_zero_when_it_is_asked_for(self) -> None:
        settled = transaction("100.00", SettleAmountCur=Decimal(100), LastSettleDate=date(2026, 5, 2))
        gone = items(Document(settled, asked=[LATER]))[key_of(68719600001, LATER)]
        assert (gone.amount, gone.open_amount, gone.cleared_on) == (0, 0, date(2026, 5, 2))

    def test_no_due_date_is_written_as_f_and_o_writes_it(self) -> None:
        found = items(Document(transaction("5.00", DueDate=None), [opened("5.00", None)]))
        assert [(key, each.due_on) for key, each in found.items()] == [("68719600001|1900-01-01", None)]


class TestFields:
    def test_a_closing_date_proves_nothing_but_the_amounts_do(self) -> None:
        open_still = transaction("100.00", LastSettleDate=date(2026, 3, 20), SettleAmountCur=Decimal(40))
        (found,) = items(Document(open_still, [opened("60.00")])).values()
        assert (found.open_amount, found.cleared_on) == (Decimal(60), None)

    def test_the_ordering_account_owes_and_the_invoice_account_pays(self) -> None:
        (found,) = items(Document(transaction("5.00", AccountNum="US-900"), [opened("5.00")])).values()
        assert (found.customer, found.payer) == ("US-001", "US-900")

    def test_a_letter_is_a_level_and_no_letter_is_a_block(self) -> None:
        row = opened("5.00", CollectionLetterCode="Collection", CollectionLetter="No")
        (found,) = items(Document(transaction("5.00"), [row])).values()
        assert (found.dunning_level, found.dunning_block) == (5, "no collection letters")

    @pytest.mark.parametrize(("held", "told"), [("0", "100.00"), ("40", "40.00"), ("-40", "40.00")])
    def test_a_dispute_has_the_items_sign_and_is_all_that_is_open_where_it_says_no_amount(
        self, held: str, told: str
    ) -> None:
        dispute = {"Status": "Disputed", "AmountCur": Decimal(held), "ReasonCode": "PR"}
        document = Document(transaction("100.00"), [opened("100.00")], dispute)
        (found,) = items(document, dispute_by_reason={"PR": "price"}).values()
        assert (found.disputed_amount, found.dispute_reason) == (Decimal(told), "price")

    def test_a_dispute_that_is_resolved_is_none(self) -> None:
        dispute = {"Status": "Resolved", "AmountCur": Decimal(40), "ReasonCode": "PR"}
        (found,) = items(Document(transaction("100.00"), [opened("100.00")], dispute)).values()
        assert found.disputed_amount is None

    def test_without_open_rows_the_amounts_of_the_transaction_tell(self) -> None:
        row = transaction("100.00", SettleAmountCur=Decimal(30), SettleAmountMST=Decimal(30))
        (found,) = items(Document(row), by_open_rows=False).values()
        assert (found.amount, found.open_amount) == (Decimal(100), Decimal(70))

    @pytest.mark.parametrize("where", ["row", "open", "dispute"])
    def test_what_cannot_be_read_sets_its_transaction_aside_and_no_other(self, where: str) -> None:
        odd = Unreadable("AmountCur", "12,50")
        broken = Document(
            transaction("100.00") | ({"AmountCur": odd} if where == "row" else {}),
            [opened("100.00") | ({"AmountCur": odd} if where == "open" else {})],
            {"Status": "Disputed", "AmountCur": odd} if where == "dispute" else None,
        )
        whole = Document(transaction("5.00", SysRecId=7), [opened("5.00")])
        rows, bad = mapping().rows([broken, whole])
        assert [row["key"] for row in rows] == ["7|2026-04-01"]
        assert [(each.key, each.company) for each in bad] == [("68719600001|2026-04-01", "usmf")]
        assert "12,50" in bad[0].reason
        assert [each.document for each in mapping().totals([broken, whole], lambda row: False)][-1:] == ["7|2026-04-01"]


class TestKeys:
    @given(st.integers(0, 2**63 - 1), st.one_of(st.none(), st.dates(date(1970, 1, 1), date(2199, 12, 31))))
    def test_a_key_is_read_as_it_was_written(self, number: int, due: date | None) -> None:
        assert read_key(key_of(number, due)) == (number, due)

    @pytest.mark.parametrize("odd", ["", "1", "1|", "|2026-01-01", "x|2026-01-01", "1|2026-13-01", "1|20260101",
                                     "9223372036854775808|2026-01-01", "1|2026-01-01'", "-1|2026-01-01", "²|2026-01-01",
                                     "1|2026-W01-1"])  # fmt: skip
    def test_text_that_is_no_key_is_none(self, odd: str) -> None:
        assert read_key(odd) is None
