"""Cash discounts: asked for in bulk where an item has a term of one, and done without where M3 refuses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from duehook.core.hookspecs import Page
from duehook.core.records import Item
from duehook.plugins.infor_m3.sources import M3Invoices

from .connector_ledger import StubLedger
from .connector_stub import Asked, Refused, Rows, Stub, settings_of, stubbed

ASKED = "ARS200MI/GetCashDiscInfo"
KEY = ("AAA", "1001|1001|90001|2026")


@pytest.fixture
def stub() -> Iterator[Stub]:
    with stubbed() as served:
        ledger = StubLedger(served)
        ledger.add("90001", "100.00", TECD="D10", CDT1="20260311", CDA1="2.00", CDP1="2.00")
        ledger.add("90002", "100.00", TECD="D10", CDT1="20260311", CDA1="", CDP1="3.00")
        ledger.add("90003", "100.00", TECD="D10", CDT1="20260311", CDA1="0.00", CDP1="0")
        ledger.add("90004", "100.00", TECD="", CDT1="20260311", CDA1="2.00", CDP1="2.00")
        yield served


def read(stub: Stub, **more: Any) -> list[Page]:
    source = M3Invoices(settings_of(stub, **more))
    return list(source.read("item", None, source.upper_bound()))


def discounts(pages: list[Page]) -> dict[str, tuple[date | None, Decimal | None]]:
    found = [Item.model_validate(row) for page in pages for row in page.rows]
    return {each.document_no: (each.discount_on, each.discount_amount) for each in found}


NONE = {"90001": (None, None), "90002": (None, None), "90003": (None, None), "90004": (None, None)}


@pytest.mark.parametrize("way", [{}, {"exportmi": False}, {"bulk": False}], ids=str)
def test_items_with_a_term_of_one_have_the_first_discount(way: dict[str, Any], stub: Stub) -> None:
    assert discounts(read(stub, **way)) == {
        **NONE,
        "90001": (date(2026, 3, 11), Decimal("2.00")),
        "90002": (date(2026, 3, 11), None),
    }
    assert stub.count(ASKED) == 3
    assert next(asked for name, asked in stub.asked if name == ASKED).items() >= {
        "CONO": "100", "DIVI": "AAA", "YEA4": "2026", "JRNO": "7", "JSNO": "1",
    }.items()  # fmt: skip


def test_an_item_that_is_looked_up_has_it_too(stub: Stub) -> None:
    found = M3Invoices(settings_of(stub)).lookup("item", [KEY]).found
    assert [(row["discount_on"], row["discount_amount"]) for row in found] == [(date(2026, 3, 11), Decimal("2.00"))]


def test_the_site_may_do_without(stub: Stub) -> None:
    assert discounts(read(stub, cash_discounts=False)) == NONE
    assert stub.count(ASKED) == 0


def test_a_right_that_is_missing_leaves_items_without_and_is_told_once(stub: Stub) -> None:
    def unauthorized(asked: Asked) -> Rows:
        raise Refused("XAU0008", "Not authorized for company 100")

    stub.answers[ASKED] = unauthorized
    pages = read(stub, page_size=1, bulk=False)
    assert discounts(pages) == NONE
    assert [note for page in pages for note in page.notes] == [
        "cash discounts are left out: ARS200MI GetCashDiscInfo: Not authorized for company 100 (XAU0008)"
    ]
    assert stub.count(ASKED) == 1
    wrong = [each for each in M3Invoices(settings_of(stub)).check() if not each.ok]
    assert [(each.subject, each.severity) for each in wrong] == [("ARS200MI GetCashDiscInfo", "warning")]
    assert "cash_discounts: false" in (wrong[0].advice or "")


def test_what_m3_refuses_of_one_invoice_leaves_the_others_theirs(stub: Stub) -> None:
    known = stub.answers[ASKED]

    def odd(asked: Asked) -> Rows:
        if asked["JSNO"] == "2":
            raise Refused("AR20099", "Record is in use", "JSNO")
        return known(asked)

    stub.answers[ASKED] = odd
    found = discounts(read(stub))
    assert (found["90001"], found["90002"]) == ((date(2026, 3, 11), Decimal("2.00")), (None, None))


def test_a_discount_that_cannot_be_read_sets_the_item_aside(stub: Stub) -> None:
    known = stub.answers[ASKED]
    stub.answers[ASKED] = lambda asked: [{**row, "CDT1": "20261399"} for row in known(asked)]
    bad = [each for page in read(stub) for each in page.bad]
    assert [each.key for each in bad][:1] == [KEY[1]]
    assert "CDT1" in bad[0].reason
