"""No money of a customer is lost: part payments, residual items, archived invoices, clearings, bad lines."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from duehook.core.hookspecs import Page, Position
from duehook.plugins.sap_lines.families import Families, Kinds
from duehook.plugins.sap_lines.lines import key_of, signed

from .stubbed import DAY, LINE, Stub, cleared, of, pays

INVOICE = "1010|2026|100|001"
LONG_AGO = "/Date(1262304000000)/"  # 2010-01-01
KINDS = Kinds(frozenset({"DZ", "AB"}), frozenset({"AB"}))


@pytest.fixture
def stubs() -> Iterator[list[Stub]]:
    started: list[Stub] = []
    yield started
    for stub in started:
        stub.server.stop()


def stub(stubs: list[Stub], *rows: dict[str, Any]) -> Stub:
    stubs.append(Stub(*rows))
    return stubs[-1]


def stands_still(pages: list[Page]) -> list[Position]:
    """Return the places at which a page with rows leaves a reading where it was."""
    before = [None, *(page.position for page in pages)]
    return [page.position for page, at in zip(pages, before, strict=False) if page.rows and page.position == at]


def test_a_part_payment_is_taken_from_its_invoice(stubs: list[Stub]) -> None:
    site = stub(stubs, {}, pays("900", "40.000", **of("100")))
    assert site.open_amounts() == ({INVOICE: Decimal(60)}, Decimal(60))


def test_of_an_invoice_that_a_residual_item_cleared_the_rest_is_open(stubs: list[Stub]) -> None:
    rest = pays("900", "60.000", DebitCreditCode="S", **of("100"))
    site = stub(stubs, cleared("900"), rest)
    assert site.open_amounts() == ({INVOICE: Decimal(60)}, Decimal(60))
    (item,) = site.connector().rows("item")
    assert (item["amount"], item["open_amount"], item.get("cleared_on")) == (100, 60, None)


def test_of_a_residual_item_that_was_paid_in_part_again_the_rest_of_the_rest_is_open(stubs: list[Stub]) -> None:
    rest = pays("900", "60.000", DebitCreditCode="S", **of("100"))
    site = stub(stubs, cleared("900"), rest, pays("901", "15.000", **of("900")))
    assert site.open_amounts() == ({INVOICE: Decimal(45)}, Decimal(45))


class TestClearedLongAgo:
    """An invoice that was cleared before what is read at first, and of which a residual item is open."""

    def site(self, stubs: list[Stub]) -> Stub:
        rest = pays("900", "60.000", DebitCreditCode="S", **of("100"))
        site = stub(stubs, cleared("900", LONG_AGO) | {"PostingDate": LONG_AGO}, rest)
        site.give_where("ClearingDate ge", LINE | rest)
        return site

    def test_it_comes_on_a_page_that_goes_on(self, stubs: list[Stub]) -> None:
        pages = list(self.site(stubs).connector().pages("item"))
        assert [row["open_amount"] for page in pages for row in page.rows] == [60]
        assert stands_still(pages) == []

    def test_it_comes_too_when_the_reading_broke_off_before_it(self, stubs: list[Stub]) -> None:
        source = self.site(stubs).connector().source("item")
        first, *_ = source.read("item", None, bound := source.upper_bound())
        again = [row["open_amount"] for page in source.read("item", first.position, bound) for row in page.rows]
        assert (list(first.rows), again) == ([], [60])


@pytest.mark.parametrize(
    ("reference", "left"),
    [
        (of("77", year="2019"), {INVOICE: Decimal(100), "1010|2026|900|001": Decimal(-40)}),  # archived
        (of("100", line="000"), {INVOICE: Decimal(60)}),  # no line told: the first
        ({"InvoiceReference": "100", "InvoiceItemReference": "001"}, {INVOICE: Decimal(60)}),  # no year: its own
    ],
    ids=["archived", "no line", "no year"],
)
def test_money_that_refers_to_nothing_that_is_there_stays_in_the_balance(
    reference: dict[str, str], left: dict[str, Decimal], stubs: list[Stub]
) -> None:
    site = stub(stubs, {}, pays("900", "40.000", **reference))
    assert site.open_amounts() == (left, Decimal(60))


def test_money_whose_invoice_was_cleared_without_it_stays_in_the_balance(stubs: list[Stub]) -> None:
    site = stub(stubs, cleared("905"), pays("900", "40.000", **of("100")))
    assert site.open_amounts() == ({INVOICE: Decimal(-40)}, Decimal(-40))


def test_the_rest_of_an_invoice_that_was_archived_is_an_invoice(stubs: list[Stub]) -> None:
    site = stub(stubs, pays("900", "60.000", DebitCreditCode="S", **of("77", year="2019")))
    (item,) = site.connector().rows("item")
    assert (item["kind"], item["open_amount"]) == ("invoice", 60)


def test_money_in_another_currency_than_its_invoice_is_not_added_to_it(stubs: list[Stub]) -> None:
    site = stub(stubs, {}, pays("900", "40.000", TransactionCurrency="USD", **of("100")))
    assert site.open_amounts()[0] == {INVOICE: Decimal(100), "1010|2026|900|001": Decimal(-40)}


def test_money_that_refers_to_money_which_is_used_up_stays_in_the_balance(stubs: list[Stub]) -> None:
    site = stub(stubs, cleared("900"), pays("900", "100.000", **cleared("900")), pays("901", "40.000", **of("900")))
    assert site.open_amounts() == ({"1010|2026|901|001": Decimal(-40)}, Decimal(-40))


LINES = st.fixed_dictionaries(
    {
        "AccountingDocument": st.sampled_from(["100", "101", "900", "901", "902"]),
        "AccountingDocumentItem": st.sampled_from(["001", "002"]),
        "AccountingDocumentType": st.sampled_from(["DR", "DZ", "AB", "DG"]),
        "DebitCreditCode": st.sampled_from("SH"),
        "AmountInTransactionCurrency": st.integers(1, 300).map(Decimal),
        "AmountInCompanyCodeCurrency": st.integers(1, 300).map(Decimal),
        "IsCleared": st.booleans(),
        "ClearingAccountingDocument": st.sampled_from(["900", "901"]),
        "InvoiceReference": st.sampled_from(["", "V", "100", "101", "900", "901", "77"]),
        "InvoiceReferenceFiscalYear": st.sampled_from(["", "2026"]),
        "InvoiceItemReference": st.sampled_from(["", "000", "001", "002"]),
        "TransactionCurrency": st.sampled_from(["EUR", "EUR", "USD"]),
    }
)

SENT = st.builds(
    lambda line, reset: {**line, "ClearingIsReversed": reset, "ClearingDate": DAY}, LINES, st.booleans()
).map(lambda line: {name: str(value) if isinstance(value, Decimal) else value for name, value in line.items()})


@given(st.lists(LINES, max_size=12, unique_by=lambda row: (row["AccountingDocument"], row["AccountingDocumentItem"])))
def test_whatever_refers_to_whatever_all_that_is_open_is_open_of_some_item_once(given: list[dict[str, Any]]) -> None:
    lines = [LINE | row for row in given]
    families = Families.of(KINDS, lines)
    for currency in ("EUR", "USD"):
        own = [line for line in lines if line["TransactionCurrency"] == currency]
        items = [line for line in own if families.is_item(line)]
        told = sum((families.open_of(item)[0] for item in items), Decimal(0))
        assert told == sum(
            (signed(line, "AmountInTransactionCurrency") for line in own if not line["IsCleared"]), Decimal(0)
        )


class TestAllocations:
    """What a payment or a clearing took off an item: the original less all of it is what is open."""

    def settled(self, site: Stub) -> list[tuple[str, str, str | None, Decimal]]:
        connector = site.connector()
        rows = connector.rows("allocation")
        for item in connector.rows("item"):
            taken = sum((row["amount"] for row in rows if row["item"] == item["key"]), Decimal(0))
            assert item["amount"] - taken == item["open_amount"], item["key"]
        return sorted((row["item"], row["kind"], row.get("payment"), row["amount"]) for row in rows)

    def test_one_that_was_paid_in_full_bears_no_reference_and_is_settled_by_its_clearing(
        self, stubs: list[Stub]
    ) -> None:
        site = stub(stubs, cleared("900"), pays("900", "100.000", **cleared("900")))
        assert self.settled(site) == [(INVOICE, "cash", "1010|2026|900", Decimal(100))]
        assert [row["key"] for row in site.connector().rows("item")] == [INVOICE]
        assert [(row["key"], row["amount"]) for row in site.connector().rows("payment")] == [
            ("1010|2026|900", Decimal(100))
        ]

    def test_a_part_payment_and_the_clearing_of_the_rest_are_one_each(self, stubs: list[Stub]) -> None:
        part = pays("900", "40.000", **of("100"), **cleared("901"))
        site = stub(stubs, cleared("901"), part, pays("901", "60.000", **cleared("901")))
        assert self.settled(site) == [
            (INVOICE, "cash", "1010|2026|900", Decimal(40)),
            (INVOICE, "cash", "1010|2026|901", Decimal(60)),
        ]

    def test_a_residual_item_takes_the_rest_back(self, stubs: list[Stub]) -> None:
        rest = pays("900", "60.000", AccountingDocumentItem="002", DebitCreditCode="S", **of("100"))
        site = stub(stubs, cleared("900"), pays("900", "100.000", **cleared("900")), rest)
        assert self.settled(site) == [
            (INVOICE, "cash", "1010|2026|900", Decimal(-60)),
            (INVOICE, "cash", "1010|2026|900", Decimal(100)),
        ]
        assert [row["amount"] for row in site.connector().rows("payment")] == [40]

    def test_a_credit_memo_and_an_invoice_that_cleared_each_other_are_credits(self, stubs: list[Stub]) -> None:
        memo = pays("300", "100.000", AccountingDocumentType="DG", **cleared("950"))
        site = stub(stubs, cleared("950"), memo)
        assert self.settled(site) == [
            (INVOICE, "credit", None, Decimal(100)),
            ("1010|2026|300|001", "credit", None, Decimal(-100)),
        ]

    def test_of_what_was_cleared_with_a_discount_the_money_and_the_discount_are_one_each(
        self, stubs: list[Stub]
    ) -> None:
        taken = cleared("900") | {"CashDiscountAmount": "2.000", "CashDiscountAmtInCoCodeCrcy": "2.000"}
        site = stub(stubs, taken, pays("900", "100.000", **taken))
        assert self.settled(site) == [
            (INVOICE, "cash", "1010|2026|900", Decimal(98)),
            (INVOICE, "discount", "1010|2026|900", Decimal(2)),
        ]
        assert [row["amount"] for row in site.connector().rows("payment")] == [98]

    def test_a_discount_that_was_offered_and_not_taken_is_none(self, stubs: list[Stub]) -> None:
        offered = cleared("900") | {"CashDiscountAmount": "2.000", "CashDiscountAmtInCoCodeCrcy": "2.000"}
        site = stub(stubs, offered, pays("900", "100.000", **cleared("900")))
        assert self.settled(site) == [(INVOICE, "cash", "1010|2026|900", Decimal(100))]

    def test_a_clearing_that_was_reset_has_taken_nothing(self, stubs: list[Stub]) -> None:
        site = stub(stubs, {"ClearingIsReversed": True, "LastChangeDate": LINE["PostingDate"]})
        told = [(row["key"], row["amount"]) for row in site.connector().rows("allocation")]
        assert told == [(f"{INVOICE}|cleared", 0), (f"{INVOICE}|cleared|discount", 0)]

    @pytest.mark.parametrize("more", [(), (pays("902", "10.000", **of("100")),)], ids=["alone", "beside an open one"])
    def test_of_an_open_item_the_cleared_lines_that_refer_to_it_tell(
        self, more: tuple[dict[str, Any], ...], stubs: list[Stub]
    ) -> None:
        site = stub(stubs, {}, pays("900", "40.000", **of("100"), **cleared("901")), *more)
        taken = [
            (INVOICE, "cash", "1010|2026|900", Decimal(40)),
            (INVOICE, "credit", None, Decimal(-40)),
            *((INVOICE, "cash", "1010|2026|902", Decimal(10)) for _ in more),
        ]
        assert self.settled(site) == sorted(taken, key=lambda row: (*row[:2], row[2] or ""))
        assert stands_still(list(site.connector().pages("allocation"))) == []

    def test_what_only_others_tell_comes_when_the_reading_broke_off_behind_them(self, stubs: list[Stub]) -> None:
        site = stub(stubs, {}, pays("900", "40.000", **of("100"), **cleared("901")))
        source = site.connector().source("allocation")
        first, *_ = source.read("allocation", None, bound := source.upper_bound())
        again = [row["amount"] for page in source.read("allocation", first.position, bound) for row in page.rows]
        assert ([row["amount"] for row in first.rows], again) == ([40], [-40])

    def test_items_off_which_nothing_was_taken_are_not_even_read(self, stubs: list[Stub]) -> None:
        site = stub(stubs, {}, {"AccountingDocument": "101"})
        assert site.connector().rows("allocation") == []
        asked = [parse_qs(each.query)["$filter"][0] for each in site.asked if "Cube" in each.path]
        assert asked
        assert all("InvoiceReference ne ''" in where for where in asked)

    @given(lines=st.lists(SENT, max_size=8, unique_by=lambda row: key_of(LINE | row)))
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_leaving_out_what_tells_nothing_leaves_out_no_allocation(
        self, lines: list[dict[str, Any]], stubs: list[Stub]
    ) -> None:
        site = stubs[0] if stubs else stub(stubs)
        site.rows = sorted((LINE | line for line in lines), key=key_of)
        told = []
        for site.tells_apart in (True, False):
            pages = list(site.connector().pages("allocation"))
            rows = [sorted((name, str(value)) for name, value in row.items()) for page in pages for row in page.rows]
            told.append((sorted(rows), sorted(str(row.key) for page in pages for row in page.bad)))
        assert told[0] == told[1]

    def test_a_reference_without_a_year_in_a_reversal_is_of_its_own_year(self, stubs: list[Stub]) -> None:
        site = stub(stubs, pays("901", "5.000", IsReversal=True, ReverseDocument="900"))
        (row,) = site.connector().rows("payment")
        assert row["reversal_of"] == "1010|2026|900"


class TestBadLines:
    """A line that cannot be read is set aside alone."""

    @pytest.mark.parametrize("stream", ["payment", "allocation"])
    def test_it_does_not_end_a_stream_of_cash(self, stream: Any, stubs: list[Stub]) -> None:
        site = stub(stubs, {}, pays("900", "x", **of("100")))
        pages = list(site.connector().pages(stream))
        assert [row.company for page in pages for row in page.bad] == ["1010"]

    def test_of_a_part_payment_it_sets_its_item_aside(self, stubs: list[Stub]) -> None:
        site = stub(stubs, {}, {"AccountingDocument": "101"}, pays("900", "x", **of("100")))
        pages = list(site.connector().pages("item"))
        assert [row.key for page in pages for row in page.bad] == [INVOICE]
        assert [row["document_no"] for page in pages for row in page.rows] == ["101"]

    @pytest.mark.parametrize("side", ["", "X", None])
    def test_one_without_a_side_is_no_credit(self, side: str | None, stubs: list[Stub]) -> None:
        pages = list(stub(stubs, {"DebitCreditCode": side}).connector().pages("item"))
        assert ([row for page in pages for row in page.rows], [row.key for page in pages for row in page.bad]) == (
            [],
            [INVOICE],
        )

    def test_it_is_left_out_of_the_totals_alone(self, stubs: list[Stub]) -> None:
        source = (
            stub(stubs, {"AmountInTransactionCurrency": "x"}, {"AccountingDocument": "101"}).connector().source("item")
        )
        totals = [total for page in source.totals(source.upper_bound()) for total in page]
        assert [(total.document, total.open_amount) for total in totals] == [("1010|2026|101|001", Decimal(100))]

    def test_it_is_looked_up_as_bad_and_not_as_missing(self, stubs: list[Stub]) -> None:
        source = stub(stubs, {"DocumentDate": None}).connector().source("item")
        told = source.lookup("item", [("1010", INVOICE), ("1010", "1010|2026|999|001")])
        assert [(row.company, row.key) for row in told.bad] == [("1010", INVOICE)]
        assert (list(told.found), list(told.missing)) == ([], [("1010", "1010|2026|999|001")])


def test_a_user_who_is_shown_no_line_at_all_proves_nothing_gone(stubs: list[Stub]) -> None:
    pages = list(stub(stubs).connector().source("item").keys("item"))
    assert ([key for page in pages for key in page.keys], pages[-1].complete) == ([], False)
    pages = list(stub(stubs, cleared("900")).connector().source("item").keys("item"))
    assert ([key for page in pages for key in page.keys], pages[-1].complete) == ([], True)


def test_an_old_payment_of_which_one_line_is_open_has_its_whole_amount(stubs: list[Stub]) -> None:
    old = {"PostingDate": "/Date(1577836800000)/", "DocumentDate": "/Date(1577836800000)/"}
    site = stub(
        stubs,
        pays("900", "60.000", **old, **cleared("900")),
        pays("900", "40.000", AccountingDocumentItem="002", **old),
    )
    site.give_where("PostingDate ge", site.rows[1])
    assert [row["amount"] for row in site.connector().rows("payment")] == [100]
