"""Changes: what is read since the last time, put on what was known, is what a full reading gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from duehook.core.records import Stream
from duehook.core.testing.book.postings import instant
from duehook.core.testing.contract.compare import differences
from duehook.core.testing.contract.erp import FaultyErp
from duehook.core.testing.contract.fixtures import MOVED, PLAYED, START
from duehook.core.testing.contract.following import Followed, is_open
from duehook.core.testing.contract.marks import feature, needs, silver
from duehook.core.testing.contract.running import Simulators
from duehook.core.testing.contract.scenes.acts import customer_of, issue, later, newcomer, pay
from duehook.core.testing.contract.under_test import Connector

pytestmark = silver
STAMPED: list[Stream] = ["customer", "contact", "item", "payment"]
SUNDAY = START + timedelta(days=6 - START.weekday())


@feature
@pytest.mark.parametrize("stream", STAMPED)
def test_a_week_read_in_steps_ends_where_one_full_reading_does(
    stream: Stream, simulators: Simulators, connect: Callable[..., Connector]
) -> None:
    erp = simulators.start(**PLAYED)
    needs(erp.lacks, f"changes of {stream}")
    followed = Followed(stream)
    followed.read(connect(erp))
    for day in range(1, 8):
        erp.advance_to(START + timedelta(days=day))
        followed.read(connect(erp))
    followed.sweep(connect(erp))
    given = [row for row in erp.given(stream) if is_open(row)]
    known = {(row.get("company"), row["key"]) for row in given}
    kept = [row for row in followed.open_rows if stream != "payment" or (row.get("company"), row["key"]) in known]
    assert differences(stream, given, kept) == []  # a payment that the ERP has purged stays known


def test_rows_that_were_changed_in_the_same_second_are_all_read(
    erp: FaultyErp, connect: Callable[..., Connector]
) -> None:
    followed = Followed("item")
    followed.read(connect(erp, page_size=2))
    with erp.act() as book:
        made = [issue(book, "10.00") for _ in range(5)]
        for item in made:
            item.changed_at = made[0].changed_at
    assert {row["document_no"].lstrip("0") for row in followed.read(connect(erp, page_size=2))} >= {
        str(item.document_no) for item in made
    }


def test_a_row_that_was_committed_late_is_read_though_its_stamp_lies_before_the_last_reading(
    erp: FaultyErp, connect: Callable[..., Connector]
) -> None:
    erp.advance_to(START + timedelta(days=1))
    followed = Followed("item")
    followed.read(connect(erp))
    with erp.act() as book:
        book.at = instant(book.day) - timedelta(hours=3)
        late = issue(book, "10.00")
        late.changed_at = instant(book.day) - timedelta(hours=3)
        late.posted_on = late.document_on = book.day - timedelta(days=1)  # some ERPs stamp nothing but days
    assert str(late.document_no) in {row["document_no"].lstrip("0") for row in followed.read(connect(erp))}


@feature
@pytest.mark.parametrize("stream", ["item", "payment"])
def test_what_is_posted_back_into_last_month_is_read_by_the_next_reading(
    stream: Stream, erp: FaultyErp, connect: Callable[..., Connector]
) -> None:
    needs(erp.lacks, stream)
    erp.advance_to(START + timedelta(days=40))
    followed = Followed(stream)
    followed.read(connect(erp))
    erp.advance_to(START + timedelta(days=42))
    followed.read(connect(erp))
    with erp.act() as book:
        back = book.day - timedelta(days=35)
        invoice = issue(book, "100.00", posted_on=back, document_on=back)
        pay(book, invoice, "40.00").received_on = back
    read = [row for row in followed.read(connect(erp)) if row["customer"] == invoice.customer]
    assert (back, 100 if stream == "item" else 40) in {(row["posted_on"], row["amount"]) for row in read}


def test_what_changes_while_pages_are_read_is_read_now_or_by_the_next_reading(
    erp: FaultyErp, connect: Callable[..., Connector]
) -> None:
    with erp.act() as book:
        made = [issue(book, f"{10 + number}.00") for number in range(9)]
    followed = Followed("item")
    for count, page in enumerate(connect(erp, page_size=3).pages("item")):
        followed.rows |= {(row["company"], row["key"]): dict(row) for row in page.rows}
        followed.position = page.position
        if count == 0:
            with erp.act() as book:
                pay(book, made[0], "10.00")
                pay(book, made[8], "5.00")
                issue(book, "99.00")
    followed.read(connect(erp))
    followed.sweep(connect(erp))
    assert differences("item", [row for row in erp.given("item") if is_open(row)], followed.open_rows) == []


@feature
@pytest.mark.parametrize("stream", ["customer", "contact"])
def test_a_customer_or_contact_that_changed_is_read_by_the_next_reading(
    stream: Stream, erp: FaultyErp, connect: Callable[..., Connector]
) -> None:
    needs(erp.lacks, f"changes of {stream}")
    with erp.act() as book:
        customer = customer_of(book)
        issue(book, "100.00", customer=customer)  # some ERPs know customers by their documents alone
    followed = Followed(stream)
    followed.read(connect(erp))
    erp.advance_to(START + timedelta(days=2))
    followed.read(connect(erp))
    with erp.act() as book:
        later(book)
        contact = next(each for each in book.contacts.values() if each.customer == customer.key and each.email)
        book.set_state(customer.key, "legal")
        book.set_mail(contact.key, "another@c.example")
    changed = followed.read(connect(erp))
    field, value = ("state", "legal") if stream == "customer" else ("email", "another@c.example")
    assert value in {row.get(field) for row in changed}


@feature
def test_a_customer_that_was_made_after_the_first_reading_is_read_by_the_next(
    erp: FaultyErp, connect: Callable[..., Connector]
) -> None:
    for each in ("changes of customer", "new customers"):
        needs(erp.lacks, each)
    followed = Followed("customer")
    followed.read(connect(erp))
    erp.advance_to(START + timedelta(days=2))
    followed.read(connect(erp))
    with erp.act() as book:
        made = newcomer(book)
        issue(book, "100.00", customer=made)
    assert {row["name"] for row in followed.read(connect(erp)) if row["key"] == made.key} == {made.name}
    assert differences("customer", erp.given("customer"), followed.rows.values()) == []


@feature
def test_allocations_read_in_steps_end_where_one_full_reading_does(
    simulators: Simulators, connect: Callable[..., Connector]
) -> None:
    erp = simulators.start(**PLAYED)
    for each in ("allocation", "changes of allocation"):
        needs(erp.lacks, each)
    followed = Followed("allocation")
    followed.read(connect(erp))
    for day in range(1, 8):
        erp.advance_to(START + timedelta(days=day))
        followed.read(connect(erp))
    given = list(erp.given("allocation"))
    known = {(row["company"], row.get("payment")) for row in given}
    kept = [row for row in followed.rows.values() if (row["company"], row.get("payment")) in known]
    assert given != []
    assert differences("allocation", given, kept) == []  # what the ERP has purged with its payment stays known


def test_a_reading_that_is_taken_up_days_later_misses_nothing_of_those_days(
    erp: FaultyErp, connect: Callable[..., Connector]
) -> None:
    with erp.act() as book:
        made = [issue(book, f"{100 + number}.00") for number in range(9)]
    followed, small = Followed("item"), {"page_size": 3}
    pages = connect(erp, **small).pages("item")
    for _ in range(3):  # then it broke off
        page = next(pages)
        followed.rows |= {(row["company"], row["key"]): dict(row) for row in page.rows}
        followed.position = page.position
    assert not page.position.get("done"), "the setting page_size must make small pages"
    erp.advance_to(START + timedelta(days=1))
    with erp.act() as book:
        for item in made:
            pay(book, item, "40.00")
    erp.advance_to(START + timedelta(days=6))
    followed.read(connect(erp, **small))
    followed.read(connect(erp, **small))
    open_now = {name: row["open_amount"] for name, row in followed.rows.items() if is_open(row)}
    given = {(row["company"], row["key"]): row["open_amount"] for row in erp.given("item") if is_open(row)}
    assert {name: amount for name, amount in given.items() if open_now.get(name) != amount} == {}


@feature
def test_nothing_new_costs_at_most_two_requests_an_entity(full: FaultyErp, connect: Callable[..., Connector]) -> None:
    needs(full.lacks, "a request log")
    full.advance_to(SUNDAY)  # nothing has happened within the lookback
    read, stamped = connect(full).streams(), [each for each in STAMPED if f"a stamp of {each}" not in full.lacks]
    followed = [Followed(stream) for stream in stamped if stream in read]
    for each in followed:
        each.read(connect(full))
    connector = connect(full)
    too_many: dict[str, int] = {}
    for each in followed:
        before = len(full.log)
        each.read(connector)
        asked = Counter(f"{each.stream}: {entry.about}" for entry in full.log[before:])
        too_many |= {path: count for path, count in asked.items() if count > 2}
    assert too_many == {}


@feature
def test_a_payment_that_bounces_opens_its_invoice_again_under_the_same_key(
    erp: FaultyErp, connect: Callable[..., Connector]
) -> None:
    needs(erp.lacks, "reversals")
    with erp.act() as book:
        invoice = issue(book, "100.00")
    followed = Followed("item")
    name = _only(followed.read(connect(erp)), invoice.document_no)
    with erp.act() as book:
        payment = pay(book, invoice, "100.00")
    followed.read(connect(erp))
    followed.sweep(connect(erp))
    assert name not in {(row["company"], row["key"]) for row in followed.open_rows}
    with erp.act() as book:
        later(book)
        book.reverse(payment.key)
    followed.read(connect(erp))
    reopened = [row for row in followed.open_rows if (row["company"], row["key"]) == name]
    assert [row["open_amount"] for row in reopened] == [100]
    assert reopened[0].get("cleared_on") is None


@feature
def test_a_level_that_the_erps_own_dunning_raised_without_a_stamp_is_found_before_a_letter_goes(
    erp: FaultyErp, connect: Callable[..., Connector]
) -> None:
    needs(erp.lacks, "own dunning")
    with erp.act() as book:
        invoice = issue(book, "100.00")
    followed = Followed("item")
    name = _only(followed.read(connect(erp)), invoice.document_no)
    assert [row.get("dunning_level") or 0 for told, row in followed.rows.items() if told == name] == [0]
    erp.own_dunning(invoice.key, 2)
    found = connect(erp).source("item").lookup("item", [name]).found
    assert [row.get("dunning_level") for row in found if row["key"] == name[1]] == [2]


def test_two_weeks_of_history_are_there_at_the_first_reading(
    simulators: Simulators, connect: Callable[..., Connector]
) -> None:
    erp = simulators.start(**PLAYED)
    erp.advance_to(START + MOVED)
    closed = [item for item in erp.book.items.values() if item.cleared_on and item.cleared_on > START]
    read = {row["document_no"].lstrip("0") for row in connect(erp).rows("item")}
    assert closed != []
    assert [item.document_no for item in closed if str(item.document_no) not in read] == []


def _only(rows: list[dict[str, object]], number: int) -> tuple[str, str]:
    found = [
        (str(row["company"]), str(row["key"])) for row in rows if str(row["document_no"]).lstrip("0") == str(number)
    ]
    assert len(found) == 1
    return found[0]
