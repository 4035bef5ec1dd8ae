"""Customers and contacts that fill more than a page: whole once a day, between that what is stopped."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from duehook.core.hookspecs import Page, Position
from duehook.core.records import Stream
from duehook.core.testing.contract.compare import differences
from duehook.core.testing.contract.scenes.acts import newcomer

from .connected import Connect, Connected
from .simulated import START, Client, healthy

SMALL_PAGES = {"page_size": 12}  # of more customers, of whom fewer are stopped


def at_the_end(pages: list[Page]) -> Position:
    """Return where the next reading begins."""
    assert pages[-1].position["done"]
    return pages[-1].position


def keys(pages: list[Page]) -> list[tuple[str, str]]:
    return [(row["company"], row["key"]) for page in pages for row in page.rows]


def asked(client: Client, begun: int) -> dict[str, int]:
    """Return how often each set was asked for since then, without the look at the clock."""
    found = Counter(each.path.removeprefix("/data/") for each in client.simulator.log[begun:] if each.method == "GET")
    return {name: times for name, times in found.items() if name != "LegalEntities"}


@pytest.fixture
def large(small: Client, connect: Connect) -> Connected:
    """Give a connection for which the customers fill some pages."""
    return connect(small, **SMALL_PAGES)


def test_what_fits_a_page_is_read_whole_at_every_reading_in_one_request(small: Client, connect: Connect) -> None:
    made = connect(small)
    first = made.pages("customer")
    begun = len(small.simulator.log)
    again = made.pages("customer", at_the_end(first))
    assert keys(again) == keys(first)
    assert again[-1].whole
    assert asked(small, begun) == {"CustomersV3": 1}


def test_people_ask_for_no_customer_that_the_same_reading_has_seen(small: Client, connect: Connect) -> None:
    made = connect(small)
    first = made.pages("contact")
    begun = len(small.simulator.log)
    made.pages("contact", at_the_end(first))
    assert asked(small, begun) == {"CustomersV3": 1, "ContactPersons": 1, "CustomerElectronicAddresses": 1}
    assert differences("contact", small.simulator.given("contact"), [row for page in first for row in page.rows]) == []


@pytest.mark.parametrize(
    ("stream", "requests"),
    [
        ("customer", {"CustomersV3": 2}),
        ("contact", {"CustomersV3": 1, "ContactPersons": 1, "CustomerElectronicAddresses": 1}),
    ],
)
def test_a_second_reading_on_the_same_day_costs_at_most_two_requests_a_set_and_says_so(
    stream: Stream, requests: dict[str, int], small: Client, large: Connected
) -> None:
    first = large.pages(stream)
    begun = len(small.simulator.log)
    again = large.pages(stream, at_the_end(first))
    assert asked(small, begun) == requests
    assert [note for page in again for note in page.notes] == [
        f"{stream}s were last read whole on 2026-03-02, see `full_customers_days`"
    ]
    assert not again[-1].whole


def test_a_hold_that_a_user_set_is_seen_at_once(small: Client, large: Connected) -> None:
    area, account = healthy(small)
    first = large.pages("customer")
    small.simulator.user_sets_hold("demf", account, "Invoice")
    again = large.pages("customer", at_the_end(first))
    assert {(row["company"], row["key"]): row["hold"] for page in again for row in page.rows}[
        area, account
    ] == "Invoice"
    assert len(keys(again)) < len(keys(first))


def test_a_customer_that_stops_all_contact_is_seen_at_once(small: Client, large: Connected) -> None:
    area, account = healthy(small)
    first = large.pages("customer")
    small.simulator.site.masters.say((area, account), {"CredManAccountStatusId": "LEGAL"})
    again = large.pages("customer", at_the_end(first))
    assert {(row["company"], row["key"]): row["state"] for page in again for row in page.rows}[area, account] == "legal"


def test_anything_else_of_a_customer_is_seen_on_the_next_day(small: Client, large: Connected) -> None:
    area, account = healthy(small)
    first = large.pages("customer")
    small.simulator.site.masters.say((area, account), {"CredManNotes": "x", "CreditLimit": "77"})
    again = large.pages("customer", at_the_end(first))
    assert (area, account) not in keys(again)
    small.simulator.advance_to(START + timedelta(days=1))
    next_day = large.pages("customer", at_the_end(again))
    assert differences("customer", small.simulator.given("customer"), [r for page in next_day for r in page.rows]) == []
    assert next_day[-1].whole


@pytest.mark.parametrize("stream", ["customer", "contact"])
def test_a_customer_that_was_made_is_seen_at_once(stream: Stream, small: Client, large: Connected) -> None:
    first = large.pages(stream)
    with small.simulator.act() as book:
        newcomer(book)
    again = large.pages(stream, at_the_end(first))
    rows: list[dict[str, Any]] = [dict(row) for page in again for row in page.rows]
    assert differences(stream, small.simulator.given(stream), rows) == []


def test_everything_is_read_each_time_where_the_settings_say_so(small: Client, connect: Connect) -> None:
    made = connect(small, full_customers_days=0, **SMALL_PAGES)
    first = made.pages("customer")
    assert keys(made.pages("customer", at_the_end(first))) == keys(first)


def test_other_companies_are_read_whole(small: Client, connect: Connect) -> None:
    first = connect(small, companies=["demf"], **SMALL_PAGES).pages("customer")
    again = connect(small, companies=["usmf"], **SMALL_PAGES).pages("customer", at_the_end(first))
    assert again[-1].whole
    assert {company for company, _ in keys(again)} == {"usmf"}


def test_a_reading_that_was_taken_up_is_followed_by_a_whole_one(small: Client, large: Connected) -> None:
    first = large.pages("customer")
    rest = large.pages("customer", first[0].position)
    assert keys(first[:1]) + keys(rest) == keys(first)
    assert keys(large.pages("customer", at_the_end(rest))) == keys(first)


def test_a_reading_of_what_is_stopped_goes_on_behind_the_page_that_it_broke_off_at(
    small: Client, connect: Connect
) -> None:
    made = connect(small, page_size=1)
    accounts = [row["key"] for row in made.rows("customer") if row["company"] == "demf"][:3]
    first = made.pages("customer")
    for account in accounts:
        small.simulator.user_sets_hold("demf", account, "Invoice")
    again = made.pages("customer", at_the_end(first))
    assert {("demf", account) for account in accounts} <= set(keys(again))
    assert keys(made.pages("customer", again[1].position)) == keys(again[2:])


@pytest.mark.parametrize(
    "text",
    [
        "fields:\n  customer:\n    state: {from: CredManNotes, codes: {L: legal}, default: active}\n",
        "codes:\n  state_by_credit_status:\n    codes: {LEGAL: legal}\n    default: insolvent\n",
    ],
)
def test_states_that_no_condition_can_ask_for_are_read_whole(
    text: str, small: Client, connect: Connect, tmp_path: Path
) -> None:
    file = tmp_path / "fields.yaml"
    file.write_text(text, encoding="utf-8")
    made = connect(small, mapping=str(file), **SMALL_PAGES)
    first = made.pages("customer")
    assert made.pages("customer", at_the_end(first))[-1].whole
