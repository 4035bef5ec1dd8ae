"""Customers, contacts and rates again: what changed, people once a day, and rates whichever way M3 takes their day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from duehook.core.hookspecs import Page, Position
from duehook.core.records import Stream
from duehook.plugins.infor_m3.sources import M3Contacts, M3Customers, M3Source

from .connector_stub import Asked, Rows, Stub, settings_of, stubbed

LISTED = "CRS610MI/LstByNumber"
HOUR = 3_600_000
MONDAY = 1772409600000  # 2026-03-02T00:00:00Z


class Parties:
    """Two customers with an address each, of whom the second changed late on Monday, and a person."""

    def __init__(self, stub: Stub) -> None:
        self.stub, self.now = stub, MONDAY + 20 * HOUR
        self.stamps = {"1001": MONDAY - 900 * HOUR, "1002": MONDAY + 19 * HOUR}
        stub.answers |= {
            "GENERAL/GetServerTime": lambda asked: [{"DATE": "20260302", "TIME": "000000", "LMTS": str(self.now)}],
            LISTED: self.customers,
            "CRS111MI/List": lambda asked: [],
            "CRS618MI/Lst": lambda asked: [person for person in PEOPLE if person["CNPE"] >= asked.get("CNPE", "")],
        }

    def customers(self, asked: Asked) -> Rows:
        first, since = asked.get("CUNO", ""), int(asked.get("LMTS", "0"))
        changed = [number for number, stamp in self.stamps.items() if stamp >= since and number >= first]
        return [{"CUNO": number, "CUNM": f"C {number}", "MAIL": f"{number}@c.example"} for number in changed]

    def asked(self) -> dict[str, int]:
        names = [name for name, _ in self.stub.asked if name != "GENERAL/GetServerTime"]
        self.stub.asked.clear()
        return {name: names.count(name) for name in names}


PEOPLE = [{"CNPE": "P1", "TX50": "Ann", "ERTP": "1", "EMRE": "1001", "EMAL": "ann@c.example", "RFTP": "", "STAT": "20"}]


@pytest.fixture
def parties() -> Iterator[Parties]:
    with stubbed() as stub:
        yield Parties(stub)


def read(source: M3Source, stream: Stream, position: Position | None = None) -> list[Page]:
    return list(source.read(stream, position, source.upper_bound()))


def keys(pages: list[Page]) -> list[str]:
    return [str(row["key"]) for page in pages for row in page.rows]


def test_people_are_read_once_a_day_and_own_addresses_when_they_change(parties: Parties) -> None:
    source = M3Contacts(settings_of(parties.stub, lookback_hours=2))
    first = read(source, "contact")
    assert (keys(first), first[-1].whole) == (["1001|MAIL", "1002|MAIL", "P1"], True)
    assert parties.asked() == {
        LISTED: 3,
        "CRS618MI/Lst": 3,
        "CRS111MI/List": 1,
    }  # so few rows are seen to be all by a third question
    again = read(source, "contact", first[-1].position)
    assert (keys(again), again[-1].whole) == (["1002|MAIL"], False)
    assert parties.asked() == {LISTED: 3}


def test_what_changed_nowhere_costs_one_request(parties: Parties) -> None:
    source = M3Contacts(settings_of(parties.stub, lookback_hours=0.5))
    first = read(source, "contact")
    parties.asked()
    assert keys(read(source, "contact", first[-1].position)) == []
    assert parties.asked() == {LISTED: 1}


@pytest.mark.parametrize(("days", "whole"), [(1, True), (2, False), (0, True)])
def test_the_site_says_how_often_people_are_read(days: int, whole: bool, parties: Parties) -> None:
    source = M3Contacts(settings_of(parties.stub, full_contacts_days=days))
    first = read(source, "contact")
    parties.now += 10 * HOUR  # Tuesday
    assert read(source, "contact", first[-1].position)[-1].whole is whole


def test_a_reading_that_was_taken_up_lets_the_next_one_be_whole(parties: Parties) -> None:
    source = M3Contacts(settings_of(parties.stub))
    first = read(source, "contact")
    rest = read(source, "contact", first[0].position)
    assert (keys(rest), rest[-1].whole) == (["P1"], False)
    assert read(source, "contact", rest[-1].position)[-1].whole is True


def rate(day: str, value: str) -> dict[str, str]:
    return {"DIVI": "", "CUCD": "USD", "CRTP": "1", "CUTD": day, "ARAT": value, "LOCD": "EUR", "DMCU": "1", "RAFA": "0"}


KNOWN = [rate("20251201", "0.9"), rate("20260105", "0.8"), rate("20260302", "0.7")]


def from_day(asked: Asked) -> Rows:
    return [row for row in KNOWN if row["CUTD"] >= asked["CUTD"]]


def for_day(asked: Asked) -> Rows:
    return [row for row in KNOWN if row["CUTD"] <= asked["CUTD"]][-1:]


@pytest.mark.parametrize(
    ("answers", "days", "requests"),
    [
        (from_day, {date(2025, 12, 1), date(2026, 1, 5), date(2026, 3, 2)}, 2),
        (for_day, {date(2026, 3, 2)}, 5),  # twice for none of the history; one row of today is asked for alone as well
    ],
)
def test_rates_of_today_are_asked_for_where_those_of_the_history_bring_none(
    answers: Any, days: set[date], requests: int, parties: Parties
) -> None:
    parties.stub.answers["CRS055MI/SelExchangeRate"] = answers
    pages = read(M3Customers(settings_of(parties.stub)), "exchange_rate")
    assert {row["valid_on"] for page in pages for row in page.rows} == days
    assert parties.stub.count("CRS055MI/SelExchangeRate") == requests
