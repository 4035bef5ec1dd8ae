"""What is no longer there: settled, deleted and purged rows are noticed, and nothing else is taken for one."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from duehook.core.errors import ConnectorError
from duehook.core.records import Stream
from duehook.core.testing.contract.erp import FaultyErp
from duehook.core.testing.contract.following import Followed, is_open, swept
from duehook.core.testing.contract.marks import feature, needs, silver
from duehook.core.testing.contract.scenes.acts import issue, pay
from duehook.core.testing.contract.scenes.breaking import breaking
from duehook.core.testing.contract.under_test import Connector
from duehook.core.testing.faults import FaultKind

pytestmark = silver
BROKEN: list[FaultKind] = ["half_page", "repeat", "shrink", "html", "garbage", "charset", "reset"]


def test_a_settled_item_leaves_the_sweep_and_is_found_settled_by_its_key(erp: FaultyErp, connector: Connector) -> None:
    with erp.act() as book:
        paid, other = issue(book, "100.00"), issue(book, "50.00")
    followed = Followed("item")
    followed.read(connector)
    name = _named(followed, paid.document_no)
    assert name in swept(connector, "item")[0]
    with erp.act() as book:
        pay(book, paid, "100.00")
    keys, complete = swept(connector, "item")
    assert complete
    assert name not in keys
    assert _named(followed, other.document_no) in keys
    found = connector.source("item").lookup("item", [name])
    assert [(row["key"], row["open_amount"]) for row in found.found if row["key"] == name[1]] == [(name[1], 0)]


def test_a_part_paid_item_is_looked_up_with_what_is_left_of_it(erp: FaultyErp, connector: Connector) -> None:
    with erp.act() as book:
        invoice = issue(book, "100.00")
    followed = Followed("item")
    followed.read(connector)
    name = _named(followed, invoice.document_no)
    with erp.act() as book:
        pay(book, invoice, "40.25")
    found = connector.source("item").lookup("item", [name]).found
    assert [row["open_amount"] for row in found if row["key"] == name[1]] == [Decimal("59.75")]


@feature
@pytest.mark.parametrize("stream", ["customer", "contact", "item"])
def test_a_whole_sweep_lists_each_row_under_the_key_that_it_is_read_by(
    stream: Stream, played: FaultyErp, connect: Callable[..., Connector]
) -> None:
    needs(played.lacks, stream)
    keys, complete = swept(connect(played, page_size=17), stream)
    if stream != "item" and not complete:
        pytest.skip(f"lacks a sweep of {stream}: the connector says that its list is not whole")
    assert complete
    given = {(row.get("company") or "", row["key"]) for row in played.given(stream) if is_open(row)}
    assert sorted(given - keys)[:5] == []
    assert sorted(keys - given)[:5] == []


@pytest.mark.parametrize("odd", ["{key}'", "O'Neil|1", "50% of|&?#+/1", "Łódź 東京|1", "", "{key} or 1 eq 1"])
def test_a_key_that_never_was_one_is_looked_up_and_not_found(odd: str, erp: FaultyErp, connector: Connector) -> None:
    with erp.act() as book:
        issue(book, "100.00")
    company, key = next((row["company"], row["key"]) for row in connector.rows("item"))
    name = (company, odd.format(key=key))
    looked_up = connector.source("item").lookup("item", [name, (company, key)])
    assert [(row["company"], row["key"]) for row in looked_up.found] == [(company, key)]
    assert [*looked_up.deleted, *looked_up.purged, *looked_up.missing] == [name]


@feature
def test_a_deleted_item_is_found_no_more(erp: FaultyErp, connector: Connector) -> None:
    needs(erp.lacks, "deletes")
    with erp.act() as book:
        wrong = issue(book, "100.00", item_class="unposted", posted=False, posted_on=None)
    followed = Followed("item")
    followed.read(connector)
    name = _named(followed, wrong.document_no)
    with erp.act() as book:
        book.delete(wrong.key)
    keys, complete = swept(connector, "item")
    assert complete
    assert name not in keys
    looked_up = connector.source("item").lookup("item", [name])
    assert [*looked_up.deleted, *looked_up.missing] == [name]
    assert list(looked_up.found) == []


@feature
def test_a_purged_item_is_not_taken_for_a_paid_one(erp: FaultyErp, connector: Connector) -> None:
    needs(erp.lacks, "purges")
    with erp.act() as book:
        old = issue(book, "100.00")
    followed = Followed("item")
    followed.read(connector)
    name = _named(followed, old.document_no)
    with erp.act() as book:
        pay(book, old, "100.00")
    with erp.act() as book:
        book.purge(old.key)
    looked_up = connector.source("item").lookup("item", [name])
    assert [*looked_up.purged, *looked_up.deleted, *looked_up.missing] == [name]


def test_what_is_looked_up_is_found_in_exactly_one_way(erp: FaultyErp, connector: Connector) -> None:
    with erp.act() as book:
        issue(book, "100.00")
    followed = Followed("item")
    followed.read(connector)
    there = list(followed.rows)
    never = [(there[0][0], f"{there[0][1][:-1]}{'1' if there[0][1][-1] != '1' else '2'}")]
    asked = [*there, *(name for name in never if name not in there)]
    looked_up = connector.source("item").lookup("item", asked)
    told = [(row["company"], row["key"]) for row in looked_up.found if (row["company"], row["key"]) in asked]
    told += [*looked_up.deleted, *looked_up.purged, *looked_up.missing]
    assert sorted(told) == sorted(asked)


@feature
@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("after", [0, 1])
def test_a_listing_that_breaks_repeats_or_shrinks_is_never_called_whole(
    kind: FaultKind, after: int, full: FaultyErp, connect: Callable[..., Connector]
) -> None:
    needs(full.lacks, "faults of reading")
    with full.act() as book:
        for number in range(9):
            issue(book, f"{10 + number}.00")
    there = {(row["company"], row["key"]) for row in full.given("item") if is_open(row)}
    breaking(full, kind, after=after, count=9)
    try:
        keys, complete = swept(connect(full, page_size=3), "item")
    except ConnectorError:
        return
    assert not complete or keys == there


@feature
@pytest.mark.parametrize("kind", BROKEN)
def test_a_reading_that_breaks_repeats_or_shrinks_makes_no_item_look_paid(
    kind: FaultKind, full: FaultyErp, connect: Callable[..., Connector]
) -> None:
    needs(full.lacks, "faults of reading")
    with full.act() as book:
        for number in range(9):
            issue(book, f"{10 + number}.00")
    followed = Followed("item")
    followed.read(connect(full, page_size=3))
    whole = {name for name, row in followed.rows.items() if is_open(row)}
    again, pages = Followed("item"), connect(full, page_size=3).pages("item")
    again.take(next(pages))
    breaking(full, kind, count=9)
    try:
        for page in pages:
            again.take(page)
    except ConnectorError:
        full.faults.clear()
        again.read(connect(full, page_size=3))  # goes on behind the last page that came whole
    assert {name for name, row in again.rows.items() if is_open(row)} == whole


def _named(followed: Followed, number: int) -> tuple[str, str]:
    found = [name for name, row in followed.rows.items() if row["document_no"].lstrip("0") == str(number)]
    assert len(found) == 1
    return found[0]
