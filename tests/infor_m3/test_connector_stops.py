"""M3's own stops: blocks where the site's lists say so, nothing where they do not, and named by check and discover."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from duehook.plugins.infor_m3.sources import M3Customers, M3Invoices, M3Source

from .connector_ledger import StubLedger
from .connector_stub import Stub, settings_of, stubbed

LISTS = {
    "codes.block_by_reminder_code": {"0": "no reminders", "1": ""},
    "codes.block_by_customer_collection": {"3": "collected"},
    "codes.block_by_collection_status": {"2": "at the collector"},
    "codes.block_by_collection": {"1": "goes to the collector"},
}
CUSTOMERS = {"1001": ("0", "0"), "1002": ("1", "3"), "1003": ("1", "0"), "1004": ("", "4")}
INVOICES = {  # CLST, CLCD, RMBL
    "90001": ("2", "1", "1"), "90002": ("0", "1", "0"), "90003": ("0", "0", "1"), "90004": ("", "", "0"),
    "90005": ("5", "0", "0"),
}  # fmt: skip


@pytest.fixture
def stub() -> Iterator[Stub]:
    with stubbed() as served:
        ledger = StubLedger(served)
        for number in INVOICES:
            ledger.add(number, "10.00")

        def told(asked: Any) -> Any:
            names = dict(zip(("CLST", "CLCD", "RMBL"), INVOICES[asked["CINO"]], strict=True))
            return [{**row, **names} for row in ledger.total(asked)]

        def financial(asked: Any) -> Any:
            names = dict(zip(("BLPR", "CLCD"), CUSTOMERS[asked["CUNO"]], strict=True))
            return [{"CUNO": asked["CUNO"], "BLCD": "0", **names}]

        served.answers |= {
            "ARS200MI/GetInvTotInfo": told,
            "CRS610MI/GetFinancial": financial,
            "CRS610MI/LstByNumber": lambda asked: [
                {"CUNO": number, "CUNM": "C"} for number in CUSTOMERS if number >= asked.get("CUNO", "")
            ],
            "GENERAL/GetUserInfo": lambda asked: [{"ZZUSID": "DUEHOOK"}],
            "CRS075MI/List": lambda asked: [{"TEPY": "N30", "LNCD": "", "TX15": "", "TEPD": "30", "TEFM": "0"}],
            "CRS075MI/Get": lambda asked: [],
            "CRS055MI/SelExchangeRate": lambda asked: [],
        }
        yield served


def blocks(source: M3Source, stream: Any, name: str) -> dict[str, str | None]:
    pages = source.read(stream, None, source.upper_bound())
    return {row[name]: row["dunning_block"] for page in pages for row in page.rows}


def test_a_customers_stops_are_blocks_where_the_lists_say_so(stub: Stub) -> None:
    assert blocks(M3Customers(settings_of(stub, **LISTS)), "customer", "key") == {
        "1001": "no reminders", "1002": "collected", "1003": None, "1004": "no reminders",
    }  # fmt: skip


def test_an_invoice_that_a_collector_has_is_blocked_before_its_reminder_stop(stub: Stub) -> None:
    assert blocks(M3Invoices(settings_of(stub, **LISTS)), "item", "document_no") == {
        "90001": "at the collector", "90002": "goes to the collector", "90003": "1", "90004": None, "90005": None,
    }  # fmt: skip


def test_without_lists_nothing_is_guessed(stub: Stub) -> None:
    assert set(blocks(M3Customers(settings_of(stub)), "customer", "key").values()) == {None}
    assert blocks(M3Invoices(settings_of(stub)), "item", "document_no") == {
        "90001": "1", "90002": None, "90003": "1", "90004": None, "90005": None,
    }  # fmt: skip


def test_check_names_the_codes_that_no_list_has(stub: Stub) -> None:
    settings = settings_of(stub, **LISTS)
    told = [*M3Customers(settings).check(), *M3Invoices(settings).check()]
    assert [(each.subject, each.message, each.severity) for each in told if "codes." in each.message] == [
        (
            "collection of customers",
            "CLCD holds 4, of which `codes.block_by_customer_collection` says nothing: stops nothing", "warning",
        ),
        (
            "debt collection status",
            "CLST holds 5, of which `codes.block_by_collection_status` says nothing: stops nothing", "warning",
        ),
    ]  # fmt: skip
    bare = settings_of(stub)
    told = [*M3Customers(bare).check(), *M3Invoices(bare).check()]
    advice = [each.advice or "" for each in told if "codes." in each.message]
    assert [each.partition("`: a word")[0] for each in advice] == [
        'write `codes: {block_by_reminder_code: {"1": …}}', 'write `codes: {block_by_customer_collection: {"3": …}}',
        'write `codes: {block_by_collection_status: {"2": …}}', 'write `codes: {block_by_collection: {"1": …}}',
    ]  # fmt: skip


def test_codes_are_discovered_zero_too_with_what_the_site_says_of_them(stub: Stub) -> None:
    settings = settings_of(stub, **LISTS)
    found = [*M3Customers(settings).discover(), *M3Invoices(settings).discover()]
    assert [(each.name, each.text, each.suggests) for each in found if each.kind == "payment reminder code"] == [
        ("0", "2 of 4 looked at = no reminders", None),
        ("1", "2 of 4 looked at = nothing special", None),
    ]
    assert [(each.name, each.suggests) for each in found if each.kind == "debt collection status"] == [
        ("0", 'codes: {block_by_collection_status: {"0": …}}'),
        ("2", None),
        ("5", 'codes: {block_by_collection_status: {"5": …}}'),
    ]
