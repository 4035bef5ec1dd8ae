"""JDE's rows become the canonical records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duehook.core.hookspecs import Row, Total
from duehook.core.records import RECORDS, Stream
from duehook.plugins.jde import tables
from duehook.plugins.jde.mapping.balances import Balances, open_keys
from duehook.plugins.jde.mapping.cash import AllocationMapping, PaymentMapping
from duehook.plugins.jde.mapping.items import ItemMapping
from duehook.plugins.jde.mapping.parties import companies, exchange_rates, payment_terms
from duehook.plugins.jde.mapping.site import Site
from duehook.plugins.jde.settings import JdeSettings

from .ledger import INVOICE, STAMP, raw

DECIMALS = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3, "CLF": 4}


def site(**settings: Any) -> Site:
    given_settings = {"dsn": "JDE", "dialect": "oracle", "data_schema": "PRODDTA", "timezone": "UTC", **settings}
    return Site.of(JdeSettings.model_validate(given_settings), DECIMALS, {"00001": "EUR"})


def item(settings: dict[str, Any] | None = None, **values: Any) -> Row:
    (row,), bad = ItemMapping(site(**settings or {})).rows([raw(tables.ITEM, **{**INVOICE, **values})])
    assert not bad
    return valid("item", row)


def valid(stream: Stream, row: Row) -> Row:
    """Return the row as the core reads it."""
    return dict(RECORDS[stream].model_validate(row))


def reason(**values: Any) -> str:
    rows, (bad,) = ItemMapping(site()).rows([raw(tables.ITEM, **{**INVOICE, **values})])
    assert not rows
    assert bad.payload["RPDOC"] == values.get("DOC", 1001)
    return bad.reason


def test_a_part_paid_invoice_keeps_gross_and_open_apart() -> None:
    row = item()
    assert row["key"] == "00001|RI|1001|001"
    assert (row["amount"], row["open_amount"]) == (Decimal("1234.50"), Decimal("234.50"))
    assert (row["document_on"], row["due_on"]) == (date(2026, 2, 1), date(2026, 3, 3))
    assert (row["customer"], row["payer"], row["company"]) == ("4242", None, "00001")
    assert (row["kind"], row["item_class"], row["currency"]) == ("invoice", "normal", "EUR")
    assert (row["tax_amount"], row["discount_amount"]) == (Decimal("197.10"), Decimal("24.69"))
    assert (row["purchase_order"], row["business_unit"], row["terms"]) == ("PO-77", "100", "30")
    assert row["changed_at"] == datetime(2026, 3, 31, 9, 30, 5, tzinfo=UTC)
    assert row["cleared_on"] is None


@pytest.mark.parametrize(
    ("currency", "gross", "left"),
    [("JPY", Decimal(500000), Decimal(120000)), ("KWD", Decimal("500.000"), Decimal("120.000")),
     ("CLF", Decimal("50.0000"), Decimal("12.0000")), ("USD", Decimal("5000.00"), Decimal("1200.00"))],
)  # fmt: skip
def test_a_foreign_invoice_is_in_its_own_currency_beside_the_companys(
    currency: str, gross: Decimal, left: Decimal
) -> None:
    row = item(CRRM="F", CRCD=currency, ACR=500_000, FAP=120_000, CTAM=10_000, CDS=2_000)
    assert (row["currency"], row["amount"], row["open_amount"]) == (currency, gross, left)
    assert (row["company_currency"], row["company_amount"], row["company_open_amount"]) == (
        "EUR", Decimal("1234.50"), Decimal("234.50"),
    )  # fmt: skip


def test_a_rounding_residue_is_open_in_the_companys_currency_only() -> None:
    row = item(CRRM="F", CRCD="USD", ACR=500_000, FAP=0, AAP=3, JCL=126080)
    assert (row["open_amount"], row["company_open_amount"], row["cleared_on"]) == (Decimal(0), Decimal("0.03"), None)


def test_the_companys_currency_stands_in_where_the_row_names_none() -> None:
    row = item(BCRC="", CRCD="", CRRM="")
    assert (row["currency"], row["amount"]) == ("EUR", Decimal("1234.50"))


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"DCT": "RI"}, "invoice"),
        ({"DCT": "RM", "AG": -5, "AAP": -5}, "credit_note"),
        ({"DCT": "RM", "AG": 5, "AAP": 5}, "invoice"),
        ({"DCT": "RU", "AG": -5, "AAP": -5}, "on_account"),
        ({"DCT": "RF"}, "fee"),
        ({"DCT": "RB"}, "chargeback"),
        ({"DCT": "R5"}, "chargeback"),
        ({"DCT": "ZZ"}, "invoice"),
        ({"DCT": "ZZ", "AG": -5, "AAP": -5}, "credit_note"),
    ],
)
def test_the_document_type_says_the_kind_and_else_the_sign(values: dict[str, Any], kind: str) -> None:
    assert item(**values)["kind"] == kind


@pytest.mark.parametrize(
    ("values", "item_class"),
    [
        ({"PST": "A"}, "normal"),
        ({"PST": "R"}, "retainage"),
        ({"PST": "D"}, "draft"),
        ({"PST": "X"}, "draft"),
        ({"PST": "7"}, "normal"),
        ({"DCT": "R1"}, "draft"),
        ({"DCT": "RB"}, "chargeback"),
        ({"POST": ""}, "unposted"),
        ({"POST": "", "PST": "R"}, "unposted"),
        ({"RYIN": "B"}, "direct_debit"),
    ],
)
def test_pay_status_posted_flag_instrument_and_type_say_the_class(values: dict[str, Any], item_class: str) -> None:
    assert item({"codes": {"class_by_instrument": "B=direct_debit"}}, **values)["item_class"] == item_class


def test_the_company_is_that_of_posting_and_numbering_is_in_the_key() -> None:
    row = item(KCO="00077", CO="00001")
    assert (row["company"], row["key"]) == ("00001", "00077|RI|1001|001")


def test_a_credit_names_the_invoice_it_belongs_to() -> None:
    original: dict[str, Any] = {"ODOC": 1001, "ODCT": "RI", "OKCO": "00001", "OSFX": "002"}
    assert item(DCT="RM", AG=-5, AAP=-5, **original)["applies_to"] == "00001|RI|1001|002"
    assert item(DCT="RM", AG=-5, AAP=-5, ODOC=1001, ODCT="RI")["applies_to"] == "00001|RI|1001|001"
    assert item(DCT="RM", AG=-5, AAP=-5)["applies_to"] is None
    assert item(DCT="RI", **original)["applies_to"] is None


def test_a_closed_item_says_when() -> None:
    assert item(AAP=0, PST="P", JCL=126080)["cleared_on"] == date(2026, 3, 21)
    assert item(AAP=0, PST="P")["cleared_on"] == date(2026, 3, 31)


def test_what_jde_says_of_disputes_blocks_and_reminders_is_kept() -> None:
    disputed = item(CORC="PD")
    assert (disputed["disputed_amount"], disputed["dispute_reason"]) == (Decimal("234.50"), "price")
    taxes = item(PST="T")
    assert (taxes["disputed_amount"], taxes["dispute_reason"]) == (Decimal("197.10"), "disputed taxes")
    assert item(PST="H")["dunning_block"] == "pay status H: held"
    assert item(DNLT="N")["dunning_block"] == "no notices (RPDNLT N)"
    assert item({"notice_flag_blocks": False}, DNLT="N")["dunning_block"] is None
    reminded = item(RMDS=2, RDDJ=126060)
    assert (reminded["dunning_level"], reminded["last_dunned_on"]) == (2, date(2026, 3, 1))
    other = item({"reminder_count": "NBRR", "reminder_date": "RDSJ"}, NBRR=1, RDSJ=126060)
    assert (other["dunning_level"], other["last_dunned_on"]) == (1, date(2026, 3, 1))
    assert item({"reminder_count": "none", "reminder_date": "none"}, RMDS=2, RDDJ=126060)["dunning_level"] is None


def test_a_payer_other_than_the_customer_is_named() -> None:
    assert item(PYR=5000)["payer"] == "5000"


def test_amounts_follow_the_sites_own_scale_where_told() -> None:
    assert item({"amounts": "hundredths"}, CRRM="F", CRCD="KWD", ACR=500_000)["amount"] == Decimal("5000.00")
    assert item({"amounts": "plain"}, AG=Decimal("12.50"))["amount"] == Decimal("12.50")
    assert item({"currency_decimals": "USD=0"}, CRRM="F", CRCD="USD", ACR=7)["amount"] == 7


def test_a_bad_row_says_why_and_what_it_was() -> None:
    assert "F0013" in reason(CRRM="F", CRCD="XYZ")
    assert "no exact amount" in reason(AG=12.5)
    assert "CYYDDD" in reason(DDJ=126367)
    assert "no date" in reason(DIVJ=1, DGJ=0)
    assert "no whole number" in reason(AN8="4x2")
    assert "ccsid" in reason(DCT=b"RI")


def test_a_null_outside_the_key_is_a_blank() -> None:
    row = item(PTC=None, PST=None, RMK=None, CRRM=None)
    assert (row["terms"], row["text"], row["currency"], row["open_amount"]) == (None, None, "EUR", Decimal("234.50"))


def test_a_null_in_the_key_makes_the_row_bad_by_name() -> None:
    for alias in ("KCO", "SFX"):
        assert f"F03B11: RP{alias} is NULL" in reason(**{alias: None})


def test_a_short_row_is_bad_not_fatal() -> None:
    rows, (bad,) = ItemMapping(site()).rows([("00001", "RI")])
    assert not rows
    assert "unpack" in bad.reason


@given(
    st.integers(-(10**12), 10**12),
    st.integers(-(10**12), 10**12),
    st.sampled_from(sorted(DECIMALS)),
    st.sampled_from([int, str, Decimal, float]),
)
def test_every_amount_a_ledger_can_hold_is_a_valid_record(gross: int, left: int, currency: str, form: type) -> None:
    row = item(CRRM="F", CRCD=currency, ACR=form(gross), FAP=form(left))
    places = DECIMALS[currency]
    assert (row["amount"] * 10**places, row["open_amount"] * 10**places) == (gross, left)


def narrow(table: tables.Table, whole_row: Sequence[Any]) -> tuple[Any, ...]:
    """Return the columns of a narrower table out of a whole raw row of F03B11."""
    return tuple(whole_row[tables.ITEM.columns.index(column)] for column in table.columns)


def balances(*rows: dict[str, Any], settings: dict[str, Any] | None = None) -> list[Total]:
    raws = [narrow(tables.ITEM_BALANCE, raw(tables.ITEM, **{**INVOICE, **row})) for row in rows]
    return Balances(site(**settings or {})).totals(raws, (126090, 93005))


def test_totals_are_by_item_in_both_currencies_and_say_what_changed_since() -> None:
    known, foreign = balances(
        {}, {"DOC": 2, "CRRM": "F", "CRCD": "JPY", "ACR": 9, "FAP": 9, "UPMT": 93006}, {"DOC": 3, "BCRC": "XYZ"}
    )
    assert (known.open_amount, known.changed_past_bound) == (Decimal("234.50"), False)
    assert (foreign.open_amount, foreign.company_open_amount) == (Decimal(9), Decimal("234.50"))
    assert (foreign.currency, foreign.changed_past_bound) == ("JPY", True)


@given(
    st.fixed_dictionaries(
        {
            "KCO": st.sampled_from(["00001", "1"]),
            "DCT": st.sampled_from(["RI", "RM", "RB", "R1", "RU", "R"]),
            "SFX": st.sampled_from(["001", ""]),
            "PST": st.sampled_from(["A", "R", "D", "H", "T", ""]),
            "POST": st.sampled_from(["D", "P", ""]),
            "RYIN": st.sampled_from(["", "B", "T"]),
            "AAP": st.sampled_from([0, 3, -5, 10**14]),
            "FAP": st.sampled_from([0, 7, -2]),
            "CRRM": st.sampled_from(["D", "F", ""]),
            "BCRC": st.sampled_from(["EUR", "KWD", ""]),
            "CRCD": st.sampled_from(["USD", "JPY", ""]),
        }
    ),
    st.sampled_from([int, str, Decimal, float]),
)
def test_a_total_says_what_the_whole_row_says(values: dict[str, Any], form: type) -> None:
    codes = {"codes": {"class_by_instrument": "B=direct_debit"}}
    held = {name: form(cell) if isinstance(cell, int) else cell for name, cell in {**INVOICE, **values}.items()}
    row = item(codes, **held)
    (total,) = balances(held, settings=codes)
    for name in ("company", "item_class", "currency", "open_amount", "company_currency", "company_open_amount"):
        assert getattr(total, name) == row[name], name
    assert (total.document, total.changed_past_bound) == (row["key"], False)


@pytest.mark.parametrize(
    "unreadable", [{"CO": b"00001"}, {"DCT": b"RI"}, {"DOC": "x"}, {"AAP": 1.5}, {"BCRC": "XYZ"}, {"CO": None}]
)
def test_a_total_that_cannot_be_read_is_left_out(unreadable: dict[str, Any]) -> None:
    assert [total.document for total in balances(unreadable, {"DOC": 2})] == ["00001|RI|2|001"]


def test_keys_are_listed_whatever_else_the_row_holds() -> None:
    rows: list[dict[str, Any]] = [{}, {"DOC": Decimal("2.0"), "SFX": ""}, {"KCO": None}, {"DOC": 3, "CO": ""}]
    raws = [narrow(tables.ITEM_KEY, raw(tables.ITEM, **{**INVOICE, **row})) for row in rows]
    listed = [("00001", "00001|RI|1001|001"), ("00001", "00001|RI|2|")]
    assert open_keys(raws, ["1", "2"]) == ([*listed, ("1", "00001|RI|3|001"), ("2", "00001|RI|3|001")], True)


@pytest.mark.parametrize("fault", [{"DOC": 1.5}, {"CO": b"00001"}])
def test_a_listing_of_keys_that_are_no_texts_is_not_whole(fault: dict[str, Any]) -> None:
    assert open_keys([narrow(tables.ITEM_KEY, raw(tables.ITEM, **{**INVOICE, **fault}))], ["00001"]) == ([], False)


RECEIPT: dict[str, Any] = {
    "PYID": 77, "CKNU": "CHK 1", "AN8": 4242, "CO": "00001", "DMTJ": 126080, "DGJ": 126081, "CKAM": 100_000,
    "AAP": -10_000, "BCRC": "EUR", "CRCD": "EUR", **STAMP,
}  # fmt: skip


def payments(**values: Any) -> list[Row]:
    rows, bad = PaymentMapping(site()).rows([raw(tables.PAYMENT, **{**RECEIPT, **values})])
    assert not bad
    return [valid("payment", row) for row in rows]


def test_a_receipt_is_money_in() -> None:
    (payment,) = payments()
    assert (payment["key"], payment["amount"], payment["unapplied_amount"]) == ("77", Decimal(1000), Decimal(100))
    assert (payment["received_on"], payment["posted_on"]) == (date(2026, 3, 21), date(2026, 3, 22))
    assert (payment["reference"], payment["reversed_on"]) == ("CHK 1", None)


def test_a_foreign_receipt_is_in_its_own_currency() -> None:
    (payment,) = payments(CRCD="KWD", FCAM=100_000, FAP=0)
    assert (payment["currency"], payment["amount"], payment["company_amount"]) == ("KWD", Decimal(100), Decimal(1000))


def test_a_void_receipt_is_taken_back_by_a_negative_one() -> None:
    payment, reversal = payments(VDGJ=126088)
    assert payment["reversed_on"] == date(2026, 3, 29)
    assert (reversal["key"], reversal["amount"], reversal["reversal_of"]) == ("77|void", Decimal(-1000), "77")
    assert (reversal["received_on"], reversal["company_amount"]) == (date(2026, 3, 29), Decimal(-1000))


def test_a_receipt_that_breaks_half_way_gives_nothing() -> None:
    rows, (bad,) = PaymentMapping(site()).rows([raw(tables.PAYMENT, **{**RECEIPT, "VDGJ": 126999})])
    assert not rows
    assert bad.key == "77"


LINE: dict[str, Any] = {
    "PYID": 77, "RC5": 2, "KCO": "00001", "DCT": "RI", "DOC": 1001, "SFX": "001", "CO": "00001", "DMTJ": 126080,
    "DGJ": 126081, "BCRC": "EUR", "CRCD": "EUR", "CRRM": "D", "PAAP": -100_000, **STAMP,
}  # fmt: skip


def allocations(*, sign: Any = "negative", **values: Any) -> list[Row]:
    rows, bad = AllocationMapping(site(), sign).rows([raw(tables.ALLOCATION, **{**LINE, **values})])
    assert not bad
    return [valid("allocation", row) for row in rows]


def test_why_an_application_was_made_is_its_reason_code() -> None:
    assert [row["reason"] for row in allocations(RSCO="PD")] == ["PD"]
    assert [row["reason"] for row in allocations()] == [None]


def test_an_application_reduces_its_item_whichever_way_it_is_stored() -> None:
    (stored_negative,) = allocations()
    (stored_positive,) = allocations(sign="positive", PAAP=100_000)
    assert stored_negative == stored_positive
    assert (stored_negative["key"], stored_negative["kind"], stored_negative["amount"]) == ("77|2|cash", "cash", 1000)
    assert (stored_negative["item"], stored_negative["payment"]) == ("00001|RI|1001|001", "77")


def test_each_kind_of_money_in_a_line_is_an_allocation() -> None:
    rows = allocations(ADSA=-1, AAAJ=-2, ECBA=-3, DDA=-4, AGL=-5)
    assert {row["kind"]: row["amount"] for row in rows} == {
        "cash": Decimal(1000), "discount": Decimal("0.01"), "write_off": Decimal("0.02"),
        "chargeback": Decimal("0.03"), "deduction": Decimal("0.04"), "fx": Decimal("0.05"),
    }  # fmt: skip


def test_a_foreign_line_counts_in_the_items_currency_and_a_rate_gain_in_the_companys_only() -> None:
    cash, gain = allocations(CRRM="F", CRCD="KWD", PFAP=-100_000, AGL=-5)
    assert (cash["amount"], cash["company_amount"], cash["currency"]) == (Decimal(100), Decimal(1000), "KWD")
    assert (gain["kind"], gain["amount"], gain["company_amount"]) == ("fx", Decimal(0), Decimal("0.05"))


def test_an_application_without_any_date_waits_with_the_reason() -> None:
    assert allocations(DMTJ=0)[0]["allocated_on"] == date(2026, 3, 22)  # the G/L date stands in
    rows, (bad,) = AllocationMapping(site(), "negative").rows([raw(tables.ALLOCATION, **{**LINE, "DMTJ": 0, "DGJ": 0})])
    assert (rows, bad.key) == ([], "77|2|cash")
    assert "RZDMTJ and RZDGJ are empty: the application has no date." in bad.reason


def test_a_line_that_reduces_nothing_is_left_out() -> None:
    assert allocations(DOC=0) == []
    assert allocations(PAAP=0) == []
    assert allocations(DCT="RU", PAAP=-100_000) == []  # the receipt creates its own unapplied cash
    assert [row["amount"] for row in allocations(DCT="RU", PAAP=60_000)] == [Decimal(-600)]


def test_what_a_receipt_of_nothing_applies_is_a_credit_under_the_same_key() -> None:
    mapping = AllocationMapping(site(), "negative", lambda receipts: {77} & set(receipts))
    lines = [raw(tables.ALLOCATION, **{**LINE, **more}) for more in ({"ADSA": -300}, {"PYID": 78}, {"PYID": "x"})]
    rows, bad = mapping.rows(lines)
    assert [(row["key"], row["kind"]) for row in rows] == [
        ("77|2|cash", "credit"), ("77|2|discount", "discount"), ("78|2|cash", "cash"),
    ]  # fmt: skip
    assert len(bad) == 1


def test_companies_leave_out_the_defaults() -> None:
    rows, bad = companies([("00000", "Defaults", "EUR"), ("00001", "Nordwerk     ", "EUR")], site())
    assert (rows, bad) == ([{"company": "00001", "name": "Nordwerk", "currency": "EUR"}], [])


def test_terms_have_net_days_and_a_discount_in_percent() -> None:
    rows, bad = payment_terms(
        [raw(tables.PAYMENT_TERM, PTC="30", PTD="30 net, 2% 10", NDTP=30, DCP=20, DCD=10), raw(tables.PAYMENT_TERM)],
        site(),
    )
    assert not bad
    assert [valid("payment_term", row) for row in rows] == [
        {"key": "30", "text": "30 net, 2% 10", "net_days": 30, "discount_days": 10, "discount_percent": Decimal("2.0")}
    ]


@pytest.mark.parametrize(
    ("settings", "stored", "rate"),
    [({}, Decimal("1.0845"), "1.0845"), ({"rate_decimals": 7}, 10_845_000, "1.0845"),
     ({"rate_method": "divide"}, Decimal(4), "0.25"), ({}, "1.0845000", "1.0845")],
)  # fmt: skip
def test_rates_are_scaled_and_turned_as_the_site_keeps_them(settings: dict[str, Any], stored: Any, rate: str) -> None:
    line = {"CRCD": "EUR", "CRDC": "USD", "EFT": 126001, "CRR": stored, **STAMP}
    rows, bad = exchange_rates(
        [raw(tables.EXCHANGE_RATE, **line), raw(tables.EXCHANGE_RATE, **{**line, "AN8": 4242})], site(**settings)
    )
    assert not bad
    (record,) = [valid("exchange_rate", row) for row in rows]
    assert (record["rate"], record["valid_on"], record["rate_type"]) == (Decimal(rate), date(2026, 1, 1), "average")
