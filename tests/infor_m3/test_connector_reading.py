"""Reading items and money: the same by EXPORTMI and by lists, changed when money came, gone only when M3 says so."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from duehook.core.errors import ConnectorRefused
from duehook.core.hookspecs import Page, Position
from duehook.core.records import Item, Payment, Stream
from duehook.plugins.infor_m3.sources import M3Invoices, M3Payments, M3Source

from .connector_ledger import StubLedger
from .connector_stub import NOW, Refused, Stub, settings_of, stubbed

EARLIER = str(int(NOW) - 40 * 24 * 3_600_000)


@pytest.fixture
def stub() -> Iterator[Stub]:
    with stubbed() as served:
        served.answers["CRS610MI/LstByNumber"] = lambda asked: [
            {"CUNO": number} for number in ("1001", "1002", "1003") if number >= asked.get("CUNO", "")
        ]
        yield served


@pytest.fixture
def ledger(stub: Stub) -> StubLedger:
    """Give invoices of which one is paid in part and one whole, a credit note, and money on account."""
    made = StubLedger(stub)
    made.add("90001", "100.00")
    made.add("90002", "50.00", RECO="9")
    made.add("90003", "-20.00", PYNO="1002", CUNO="1003", LMTS=EARLIER)
    made.add("90001", "-40.00", TRCD="20")
    made.add("90002", "-50.00", TRCD="20", RECO="9")
    made.add("70001", "-30.00", TRCD="20", CUNO="1002", PYNO="1002")
    return made


def pages(source: M3Source, stream: Stream, position: Position | None = None) -> list[Page]:
    return list(source.read(stream, position, source.upper_bound()))


def rows(source: M3Source, stream: Stream, position: Position | None = None) -> list[dict[str, Any]]:
    return [dict(row) for page in pages(source, stream, position) for row in page.rows]


WAYS = pytest.mark.parametrize("way", [{}, {"exportmi": False}, {"page_size": 1}, {"bulk": False}], ids=str)


@WAYS
def test_items_are_the_same_in_whichever_way_they_are_read(way: dict[str, Any], stub: Stub, ledger: StubLedger) -> None:
    found = rows(M3Invoices(settings_of(stub, **way)), "item")
    assert {(row["key"], row["kind"], row["amount"], row["open_amount"]) for row in found} == {
        ("1001|1001|90001|2026", "invoice", Decimal("100.00"), Decimal("60.00")),
        ("1001|1001|90002|2026", "invoice", Decimal("50.00"), Decimal("0.00")),
        ("1002|1003|90003|2026", "credit_note", Decimal("-20.00"), Decimal("-20.00")),
        ("1002|1002|70001|2026", "on_account", Decimal("-30.00"), Decimal("-30.00")),
    }
    assert {row["key"]: row["payer"] for row in found if row["payer"]} == {"1002|1003|90003|2026": "1002"}
    assert [Item.model_validate(row).company for row in found] == ["AAA"] * 4


@WAYS
def test_money_names_what_it_paid_and_stands_alone_where_it_paid_nothing(
    way: dict[str, Any], stub: Stub, ledger: StubLedger
) -> None:
    source = M3Payments(settings_of(stub, **way))
    found = rows(source, "payment")
    assert {(row["key"], row["amount"]) for row in found} == {
        ("2026|7|4", Decimal("40.00")), ("2026|7|5", Decimal("50.00")), ("2026|7|6", Decimal("30.00")),
    }  # fmt: skip
    assert [Payment.model_validate(row).currency for row in found] == ["EUR"] * 3
    assert {(row["payment"], row["item"], row["amount"]) for row in rows(source, "allocation")} == {
        ("2026|7|4", "1001|1001|90001|2026", Decimal("40.00")),
        ("2026|7|5", "1001|1001|90002|2026", Decimal("50.00")),
    }


def test_money_that_came_since_lets_its_invoice_be_read_again(stub: Stub, ledger: StubLedger) -> None:
    source = M3Invoices(settings_of(stub))
    done = pages(source, "item")[-1].position
    for row in ledger.records:
        row["LMTS"] = EARLIER
    assert rows(source, "item", done) == []
    ledger.add("90003", "20.00", PYNO="1002", CUNO="1003", TRCD="20", LMTS=NOW)
    assert [(row["key"], row["open_amount"]) for row in rows(source, "item", done)] == [
        ("1002|1003|90003|2026", Decimal("0.00"))
    ]


@WAYS
def test_what_is_open_is_listed_whole_and_the_totals_say_how_much(
    way: dict[str, Any], stub: Stub, ledger: StubLedger
) -> None:
    source = M3Invoices(settings_of(stub, **way))
    listed = list(source.keys("item"))
    assert listed[-1].complete
    assert {key for page in listed for _, key in page.keys} == {
        "1001|1001|90001|2026", "1002|1003|90003|2026", "1002|1002|70001|2026",
    }  # fmt: skip
    totals = [total for page in source.totals(source.upper_bound()) for total in page]
    assert sum(total.open_amount for total in totals) == Decimal("10.00")


def test_a_paid_item_is_found_paid_and_one_that_never_was_is_missing(stub: Stub, ledger: StubLedger) -> None:
    source = M3Invoices(settings_of(stub))
    asked = [("AAA", "1001|1001|90002|2026"), ("AAA", "1001|1001|99999|2026"), ("AAA", "1001|1001|90002|20x6"),
             ("AAA", "1001|1001|900020000000000000|2026"), ("", "1001|1001|90002|2026")]  # fmt: skip
    found = source.lookup("item", asked)
    assert [(row["key"], row["open_amount"]) for row in found.found] == [(asked[0][1], Decimal("0.00"))]
    assert list(found.missing) == asked[1:]


def test_a_right_that_is_missing_says_of_nothing_that_it_is_gone(stub: Stub, ledger: StubLedger) -> None:
    def refuse(asked: Any) -> Any:
        raise Refused("XAU0008", "Not authorized for company 100")

    stub.answers["ARS200MI/GetInvTotInfo"] = refuse
    with pytest.raises(ConnectorRefused, match="Not authorized") as told:
        M3Invoices(settings_of(stub)).lookup("item", [("AAA", "1001|1001|90002|2026")])
    assert "GetInvTotInfo" in (told.value.fix or "")


@pytest.mark.parametrize("way", [{}, {"exportmi": False}], ids=str)
def test_a_ledger_that_shows_nothing_at_all_is_not_taken_for_one_in_which_all_is_paid(
    way: dict[str, Any], stub: Stub
) -> None:
    StubLedger(stub)
    assert not list(M3Invoices(settings_of(stub, **way)).keys("item"))[-1].complete


def test_a_division_that_may_not_be_seen_any_more_stops_the_sweep(stub: Stub, ledger: StubLedger) -> None:
    def refuse(asked: Any) -> Any:
        if asked.get("FDIV") == "BBB":
            raise Refused("XAU0009", "Not authorized for division BBB")
        return ledger.listed(asked)

    stub.answers["ARS200MI/LstInvByDivi"] = refuse
    with pytest.raises(ConnectorRefused, match="division BBB"):
        list(M3Invoices(settings_of(stub, divisions="AAA,BBB")).keys("item"))


def test_a_long_list_of_a_division_is_asked_for_payer_by_payer(stub: Stub) -> None:
    ledger = StubLedger(stub)
    for number in range(160):
        ledger.add(f"9{number:04}", "1.00", PYNO=f"100{number % 3 + 1}")
    ledger.cap = 100
    source = M3Invoices(settings_of(stub, exportmi=False, divisions="AAA"))
    assert len({key for page in source.keys("item") for _, key in page.keys}) == 160


def test_an_item_that_cannot_be_read_is_set_aside_with_its_key_and_the_totals_go_on(
    stub: Stub, ledger: StubLedger
) -> None:
    ledger.records[0]["DUDT"] = "20261399"
    source = M3Invoices(settings_of(stub))
    bad = [each for page in pages(source, "item") for each in page.bad]
    assert [(each.key, each.company) for each in bad] == [("1001|1001|90001|2026", "AAA")]
    assert "DUDT" in bad[0].reason
    totals = [total for page in source.totals(source.upper_bound()) for total in page]
    assert sum(total.open_amount for total in totals) == Decimal("10.00")


def test_a_reading_that_broke_off_goes_on_behind_any_page(stub: Stub) -> None:
    ledger = StubLedger(stub)
    for number in range(130):
        ledger.add(f"9{number:04}", "1.00", PYNO=f"10{number % 7}")
    source = M3Invoices(settings_of(stub, page_size=17, rows_at_once=50))
    whole = pages(source, "item")
    keys = [[row["key"] for row in page.rows] for page in whole]
    assert len({key for page in keys for key in page}) == 130
    for place in (0, 3, len(whole) - 2):
        again = pages(source, "item", whole[place].position)
        assert [row["key"] for page in again for row in page.rows] == [
            key for page in keys[place + 1 :] for key in page
        ]
