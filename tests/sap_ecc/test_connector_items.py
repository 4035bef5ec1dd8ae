"""Lines of BSID and BSAD become items: amounts by side and currency, due days, parts that were paid, what is there."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from duehook.core.errors import ConnectorGarbled

from .answering import LINE, Ecc

PAYS = {"BLART": "DZ", "SHKZG": "H", "BELNR": "0000000200"}


def only(ecc: Ecc, **other: Any) -> dict[str, Any]:
    """Return the only item that is read."""
    rows = ecc.connector(**other).rows("item")
    assert len(rows) == 1
    return rows[0]


class TestItems:
    def test_an_invoice_is_read_with_its_key_its_customer_and_its_days(self) -> None:
        row = only(Ecc(BSID=[LINE]))
        assert row["key"] == "1000|2026|0000000100|001"
        assert (row["customer"], row["document_no"], row["kind"]) == ("17", "100", "invoice")
        assert (row["amount"], row["open_amount"], row["currency"]) == (Decimal("100.00"), Decimal("100.00"), "EUR")
        assert (row["document_on"], row["due_on"]) == (date(2026, 3, 2), date(2026, 4, 1))

    def test_an_amount_of_a_currency_without_decimals_is_moved_as_tcurx_says(self) -> None:
        row = only(Ecc(BSID=[LINE | {"WAERS": "JPY", "WRBTR": "10.00"}]))
        assert (row["amount"], row["company_amount"]) == (Decimal(1000), Decimal("100.00"))

    def test_an_amount_of_three_decimals_is_moved_the_other_way(self) -> None:
        ecc = Ecc(BSID=[LINE | {"WAERS": "KWD", "WRBTR": "12.34"}], TCURX=[{"CURRKEY": "KWD", "CURRDEC": "3"}])
        assert only(ecc)["amount"] == Decimal("1.234")

    @pytest.mark.parametrize("text", ["100.00", "100.00-", "      100.00"])
    def test_the_side_alone_says_the_sign(self, text: str) -> None:
        assert only(Ecc(BSID=[LINE | {"SHKZG": "H", "BLART": "DG", "WRBTR": text}]))["amount"] == Decimal("-100.00")

    @pytest.mark.parametrize(
        ("days", "due"),
        [
            ({"ZBD1T": "14", "ZBD2T": "0", "ZBD3T": "0"}, date(2026, 3, 16)),
            ({"ZBD1T": "14", "ZBD2T": "30", "ZBD3T": "0"}, date(2026, 4, 1)),
            ({"ZBD1T": "14", "ZBD2T": "30", "ZBD3T": "60"}, date(2026, 5, 1)),
            ({"ZFBDT": "00000000", "ZBD1T": "0", "BLDAT": "20260227"}, date(2026, 2, 27)),
            ({"SHKZG": "H", "BLART": "DG", "ZBD1T": "14"}, date(2026, 3, 2)),
        ],
    )
    def test_a_line_is_due_by_the_last_of_its_terms(self, days: dict[str, str], due: date) -> None:
        assert only(Ecc(BSID=[LINE | days]))["due_on"] == due

    def test_a_credit_that_refers_to_an_invoice_is_due_with_it(self) -> None:
        credit = {"BELNR": "0000000300", "BLART": "DG", "SHKZG": "H", "WRBTR": "5.00", "DMBTR": "5.00"}
        of = {"REBZG": "0000000100", "REBZJ": "2026", "REBZZ": "001"}
        rows = {row["document_no"]: row for row in Ecc(BSID=[LINE, LINE | credit | of]).connector().rows("item")}
        assert (rows["300"]["due_on"], rows["300"]["open_amount"]) == (date(2026, 4, 1), Decimal("-5.00"))

    def test_what_was_paid_in_part_is_open_with_the_rest(self) -> None:
        part = PAYS | {"WRBTR": "40.00", "DMBTR": "40.00", "REBZG": "0000000100", "REBZJ": "2026", "REBZZ": "001"}
        row = only(Ecc(BSID=[LINE, LINE | part]))
        assert (row["amount"], row["open_amount"]) == (Decimal("100.00"), Decimal("60.00"))

    def test_what_was_cleared_is_read_with_the_day_on_which_it_was(self) -> None:
        gone = LINE | {"AUGDT": "20260310", "AUGBL": "0000000200"}
        row = only(Ecc(BSAD=[gone]), history_months=600)
        assert (row["open_amount"], row["cleared_on"]) == (Decimal(0), date(2026, 3, 10))

    def test_a_line_that_is_no_number_waits_with_its_reason(self) -> None:
        pages = list(Ecc(BSID=[LINE | {"WRBTR": "1.234,56"}]).connector().pages("item"))
        assert [bad.reason for page in pages for bad in page.bad] == ["WRBTR holds '1.234,56', which cannot be read."]

    def test_columns_that_a_system_lacks_are_left_out_and_the_rest_is_read(self) -> None:
        ecc = Ecc(BSID=[LINE])
        ecc.lacks = {"AUGGJ", "WSKTO", "SKNTO", "RSTGR", "ZLSCH"}
        assert only(ecc)["amount"] == Decimal("100.00")


class TestReading:
    def test_lines_are_asked_for_by_ranges_of_their_keys(self) -> None:
        ecc = Ecc(BSID=[LINE | {"BELNR": f"{number:010}"} for number in (3, 1, 2)])
        rows = ecc.connector(page_size=2).rows("item")
        assert [row["document_no"] for row in rows] == ["1", "2", "3"]
        within = "BUKRS = '1000' AND ( BUKRS = '1000' AND GJAHR = '2026' AND BELNR"
        assert ecc.asked("BSID") == [
            "BUKRS = '1000'",
            "BUKRS = '1000' AND REBZG <> ''",
            f"{within} >= '0000000001' AND BELNR <= '0000000002' )",
            f"{within} >= '0000000003' AND BELNR <= '0000000003' )",
        ]

    def test_no_line_of_a_condition_is_longer_than_72_characters(self) -> None:
        ecc = Ecc(BSID=[LINE | {"BELNR": f"{number:010}"} for number in range(40)])
        ecc.connector(page_size=5).rows("item")
        lines = [each["TEXT"] for _, parameters in ecc.called for each in parameters.get("OPTIONS", ())]
        assert max(map(len, lines)) <= 72

    def test_a_line_that_was_cleared_while_pages_were_read_is_read_as_cleared(self) -> None:
        ecc = Ecc(BSID=[LINE, LINE | {"BELNR": "0000000101"}])
        pages = ecc.connector(page_size=1).pages("item")
        next(pages)
        moved = ecc.tables["BSID"].pop()
        ecc.tables["BSAD"] = [moved | {"AUGDT": "20260303", "AUGBL": "0000000200"}]
        assert [row["open_amount"] for page in pages for row in page.rows] == [Decimal(0)]

    def test_a_line_that_is_listed_and_not_given_is_not_passed_over(self) -> None:
        ecc = Ecc(BSID=[LINE, LINE | {"BELNR": "0000000101"}])
        pages = ecc.connector(page_size=1).pages("item")
        next(pages)
        ecc.tables["BSID"].pop()
        with pytest.raises(ConnectorGarbled, match="1000|2026|0000000101|001"):
            list(pages)

    def test_what_is_open_is_read_anew_each_time_for_no_stamp_tells_of_a_change(self) -> None:
        ecc = Ecc(BSID=[LINE])
        connector = ecc.connector()
        done = list(connector.pages("item"))[-1].position
        ecc.tables["BSID"] = [LINE | {"MANST": "2", "MADAT": "20260301"}]
        rows = [dict(row) for page in connector.pages("item", done) for row in page.rows]
        assert [(row["dunning_level"], row["last_dunned_on"]) for row in rows] == [(2, date(2026, 3, 1))]

    def test_a_listing_that_shows_no_line_at_all_is_not_called_whole(self) -> None:
        pages = list(Ecc().connector().source("item").keys("item"))
        assert [page.complete for page in pages][-1] is False

    def test_a_key_that_is_not_there_is_missing_and_one_with_a_quote_is_asked_for_as_it_is(self) -> None:
        ecc = Ecc(BSID=[LINE])
        names = [("1000", "1000|2026|0000000100|001"), ("1000", "1000|2026|O'Neil|001")]
        found = ecc.connector().source("item").lookup("item", names[:1])
        assert [row["key"] for row in found.found] == ["1000|2026|0000000100|001"]
        assert ecc.connector().source("item").lookup("item", [("1000", "nonsense")]).missing == [("1000", "nonsense")]

    def test_a_system_that_gives_nothing_any_more_is_not_believed_that_an_item_is_missing(self) -> None:
        ecc = Ecc(BSID=[LINE])
        connector = ecc.connector()
        assert connector.rows("item")[0]["key"] == "1000|2026|0000000100|001"
        ecc.tables = {}
        with pytest.raises(ConnectorGarbled, match="T001"):
            connector.source("item").lookup("item", [("1000", "1000|2026|0000000100|001")])

    def test_a_document_on_the_border_of_two_pages_leaves_the_listing_whole(self) -> None:
        ecc = Ecc(BSID=[LINE | {"BUZEI": f"{number:03}"} for number in (1, 2, 3)])
        pages = list(ecc.connector(page_size=2).source("item").keys("item"))
        assert [page.complete for page in pages][-1] is True
