"""The AIS data service gives the records that the database gives: the same site, read both ways."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from duehook.core.hookspecs import Position
from duehook.core.records import Stream
from duehook.plugins.jde.settings import JdeSettings
from duehook.plugins.jde.simulator.given import SITE_SETTINGS
from duehook.plugins.jde.sources import JdeContacts, JdeCustomers, JdeInvoices, JdePayments, JdeSource

from .simulated import START, Site, small

__all__ = ["small"]
SOURCES: Mapping[Stream, type[JdeSource]] = {
    "company": JdeCustomers, "payment_term": JdeCustomers, "exchange_rate": JdeCustomers, "customer": JdeCustomers,
    "contact": JdeContacts, "item": JdeInvoices, "payment": JdePayments, "allocation": JdePayments,
}  # fmt: skip
STREAMS = tuple(SOURCES)


@pytest.fixture
def played(small: Site) -> Site:
    """Give a small site after ten days of business, with rows that lie far back."""
    small.simulator.advance_to(START + timedelta(days=10))
    return small


class Ways:
    """One stream of a site, read over ODBC and by AIS in small pages."""

    def __init__(self, site: Site, stream: Stream, **more: Any) -> None:
        """Take the settings that differ from those of the simulator."""
        self.stream: Stream = stream
        told = {**site.settings, **SITE_SETTINGS, **more}
        ais = {"read_by": "ais", "ais.data_service.page_size": 7, "ais.data_service.list_size": 5}
        self.sources = [
            SOURCES[stream](JdeSettings.model_validate({**told, **way}), "erp") for way in ({"page_size": 9}, ais)
        ]

    def close(self) -> None:
        """Hang up both."""
        for source in self.sources:
            source.close()

    def rows(self, since: Position | None = None) -> list[dict[Any, dict[str, Any]]]:
        """Return the rows of each way by their keys, and demand that none comes twice."""
        found = []
        for source in self.sources:
            pages = list(source.read(self.stream, since, source.upper_bound()))
            rows = [row for page in pages for row in page.rows]
            by_key = {(row.get("company"), row.get("key"), str(row.get("valid_on")), str(row)): row for row in rows}
            assert len(by_key) == len(rows)
            assert not [bad for page in pages for bad in page.bad]
            found.append(by_key)
        return found


@pytest.fixture
def ways(played: Site) -> Iterator[Any]:
    """Give what opens a stream both ways and closes it at the end."""
    opened: list[Ways] = []

    def open_both(stream: Stream, **more: Any) -> Ways:
        opened.append(Ways(played, stream, **more))
        return opened[-1]

    yield open_both
    for each in opened:
        each.close()


@pytest.mark.parametrize("stream", STREAMS)
def test_a_first_reading_gives_the_same_records(stream: Stream, ways: Any) -> None:
    odbc, ais = ways(stream).rows()
    assert odbc
    assert odbc == ais


@pytest.mark.parametrize("stream", STREAMS)
def test_a_first_reading_of_a_short_history_gives_the_same_records(stream: Stream, ways: Any) -> None:
    odbc, ais = ways(stream, history_months=1).rows()
    assert odbc == ais


@pytest.mark.parametrize("stream", STREAMS)
def test_what_changed_since_is_the_same(stream: Stream, played: Site, ways: Any) -> None:
    both = ways(stream, lookback_days=0)
    bound = both.sources[0].upper_bound()
    since = {"version": 1, "start": dict(bound.mark), "done": True}
    played.simulator.advance_to(START + timedelta(days=13))
    odbc, ais = both.rows(since)
    assert odbc == ais
    assert len(odbc) < len(both.rows()[0]) or stream in {"company", "payment_term"}


@pytest.mark.parametrize("stream", [stream for stream in STREAMS if stream != "exchange_rate"])
def test_the_key_sweep_lists_the_same_keys(stream: Stream, ways: Any) -> None:
    odbc, ais = (list(source.keys(stream)) for source in ways(stream).sources)
    assert {key for page in odbc for key in page.keys} == {key for page in ais for key in page.keys}
    assert ais[-1].complete


@pytest.mark.parametrize("stream", ["customer", "contact", "item", "payment", "allocation"])
def test_a_lookup_answers_the_same(stream: Stream, ways: Any) -> None:
    both = ways(stream)
    asked = [(row.get("company") or "", row["key"]) for row in both.rows()[0].values()][::3]
    asked += [("00001", "00001|RI|99999999|001"), ("00001", "99999999"), ("00001", "nonsense")]
    odbc, ais = (source.lookup(stream, asked) for source in both.sources)

    def told(lookup: Any) -> Any:
        rows = sorted(lookup.found, key=str)
        return rows, sorted(lookup.deleted), sorted(lookup.purged), sorted(lookup.missing), lookup.bad

    assert told(odbc) == told(ais)
    assert odbc.found


def test_totals_are_the_same(ways: Any) -> None:
    odbc, ais = (
        {(total.company, total.document): total for page in source.totals(source.upper_bound()) for total in page}
        for source in ways("item").sources
    )
    assert odbc
    assert odbc == ais


FIELDS = """\
version: 1
fields:
  customer: {group: ABAC02}
  item: {due_on: [RPURDT, RPDDJ]}
extra:
  item: {ours: RPURRF, number: {from: RPURAB, as: whole}}
"""


def test_a_site_s_own_fields_are_the_same(ways: Any, played: Site, tmp_path: Path) -> None:
    played.simulator.store.query("UPDATE F03B11 SET RPURDT = 126070, RPURRF = 'REF-7', RPURAB = 77 WHERE RPDOC < 9999")
    played.simulator.store.query("UPDATE F0101 SET ABAC02 = 'VIP'")
    file = tmp_path / "jde-fields.yaml"
    file.write_text(FIELDS, encoding="utf-8")
    for stream in ("item", "customer"):
        odbc, ais = ways(stream, mapping=str(file)).rows()
        assert odbc == ais
    assert {customer["group"] for customer in ais.values()} == {"VIP"}


def test_a_reading_broken_off_by_one_way_is_begun_again_by_the_other(ways: Any) -> None:
    both = ways("item")
    odbc, ais = both.sources
    whole = both.rows()[0]
    for first, second in ((odbc, ais), (ais, odbc)):
        bound = first.upper_bound()
        page = next(iter(first.read("item", None, bound)))
        rest = list(second.read("item", page.position, bound))
        assert sum(len(each.rows) for each in rest) == len(whole)
        with closing(first):
            assert rest[-1].position.get("by", "odbc") == second._site.reader.by


def test_an_address_that_begins_on_no_day_stops_no_customer(played: Site, ways: Any) -> None:
    store = played.simulator.store
    ((customer,),) = store.query("SELECT MIN(AIAN8) FROM F03012")
    store.query("DELETE FROM F0116 WHERE ALAN8 = ?", customer)
    store.add("F0116", AN8=customer, EFTB=125_999, ADD1="1 High Street")
    odbc, ais = ({row["key"] for row in found.values()} for found in ways("customer").rows())
    assert str(customer) in odbc
    assert odbc == ais


def test_a_rate_of_no_day_is_parked_and_stops_no_other(played: Site, ways: Any) -> None:
    store = played.simulator.store
    (first,) = store.query("SELECT CXCRCD, CXCRDC, CXEFT FROM F0015 ORDER BY CXCRCD, CXCRDC, CXEFT LIMIT 1")
    store.query("UPDATE F0015 SET CXEFT = 125999 WHERE CXCRCD = ? AND CXCRDC = ? AND CXEFT = ?", *first)
    read = []
    for source in ways("exchange_rate").sources:
        pages = list(source.read("exchange_rate", None, source.upper_bound()))
        read.append(
            (len([row for page in pages for row in page.rows]), len([bad for page in pages for bad in page.bad]))
        )
    assert read[0] == read[1]
    assert read[0][1] == 1
