"""The connector on the simulated M3 where an answer is cut off, and where a transaction is not in the release."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from duehook.core.errors import ConnectorError, ConnectorGarbled
from duehook.core.records import Stream
from duehook.plugins.infor_m3.settings import M3Settings
from duehook.plugins.infor_m3.simulator import M3Simulator
from duehook.plugins.infor_m3.sources import M3Contacts, M3Customers, M3Invoices, M3Payments, M3Source

SOURCES: dict[Stream, type[M3Source]] = {
    "customer": M3Customers, "payment_term": M3Customers, "contact": M3Contacts, "item": M3Invoices,
    "payment": M3Payments,
}  # fmt: skip


class Site:
    """A simulator that serves, and sources on it."""

    def __init__(self, folder: Path, **options: Any) -> None:
        known = {"folder": str(folder), "customers": 20, "items": 200, "start_on": date(2026, 3, 2)}
        self.simulator = M3Simulator({**known, **options})
        held = {**self.simulator.start(), **self.simulator.site_settings, "calls_per_second": 10_000}
        self.settings = M3Settings.model_validate(held)

    def rows(self, stream: Stream, source: M3Source | None = None) -> list[dict[str, Any]]:
        asked = source or SOURCES[stream](self.settings)
        return [dict(row) for page in asked.read(stream, None, asked.upper_bound()) for row in page.rows]


@pytest.fixture(params=[{}, {"version": "v1"}, {"mode": "ionapi"}, {"exportmi": False}], ids=str)
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path, **request.param)
    yield made
    made.simulator.stop()


@pytest.mark.parametrize("stream", SOURCES)
def test_answers_that_a_server_cut_off_are_kept_nowhere(stream: Stream, site: Site) -> None:
    assert site.rows(stream) != []
    source = SOURCES[stream](site.settings)
    bound = source.upper_bound()
    site.simulator.faults.set("shrink", path="execute", count=999)
    with pytest.raises(ConnectorGarbled) as told:
        list(source.read(stream, None, bound))
    assert told.value.fix


def test_what_the_release_does_not_have_is_named_by_check(tmp_path: Path) -> None:
    site = Site(tmp_path, without=("ARS200MI/LstInvByDivi", "CRS618MI"))
    kinds = (M3Customers, M3Contacts, M3Invoices)
    wrong = [each for kind in kinds for each in kind(site.settings).check() if not each.ok and each.severity == "error"]
    assert {each.subject for each in wrong} >= {"ARS200MI LstInvByDivi", "CRS618MI Lst"}
    assert [each for each in wrong if not each.advice] == []
    site.simulator.stop()


@pytest.mark.parametrize("more", [{}, {"version": "v1"}, {"mode": "ionapi"}], ids=str)
def test_what_items_and_contacts_can_do_without_is_told_and_the_rest_is_read(
    more: dict[str, Any], tmp_path: Path
) -> None:
    site = Site(tmp_path, without=("ARS200MI/GetCashDiscInfo", "CRS111MI"), **more)
    without: dict[Stream, str] = {"item": "GetCashDiscInfo", "contact": "CRS111MI List"}
    for stream, title in without.items():
        source = SOURCES[stream](site.settings)
        pages = list(source.read(stream, None, source.upper_bound()))
        wanted = {row["key"] for row in site.simulator.given(stream) if not row["key"].endswith("|MAIL|02")}
        assert {row["key"] for page in pages for row in page.rows} == wanted
        assert title in " ".join(note for page in pages for note in page.notes)
    kinds = (M3Contacts, M3Invoices)
    wrong = [each for kind in kinds for each in kind(site.settings).check() if not each.ok]
    assert {each.subject for each in wrong if each.severity == "error"} == set()
    assert {each.subject for each in wrong} >= {"ARS200MI GetCashDiscInfo", "CRS111MI List"}
    site.simulator.stop()


def test_an_answer_too_long_for_the_gateway_is_told_as_such(tmp_path: Path) -> None:
    site = Site(tmp_path, gateway_rows=50)
    with pytest.raises(ConnectorError, match="504"):
        site.rows("item")
    site.simulator.stop()


def test_rows_that_the_gateway_lets_through_are_asked_for_in_parts(tmp_path: Path) -> None:
    """A question may bring fewer rows at once than there are: the ledger is asked for payer by payer then."""
    site = Site(tmp_path, gateway_rows=101)
    settings = site.settings.model_copy(update={"rows_at_once": 60, "bulk_size": 50, "page_size": 50})
    read = {(row["company"], row["key"]) for row in site.rows("item", M3Invoices(settings))}
    assert read == {(row["company"], row["key"]) for row in site.simulator.given("item")}
    site.simulator.stop()
