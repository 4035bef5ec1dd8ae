"""Unreadable rows: each is set aside by itself, in every stream, and no reading, total or look-up ends at it."""

from __future__ import annotations

from typing import Any

import pytest

from duehook.core.hookspecs import BadRow
from duehook.core.records import Stream
from duehook.core.testing.book import Item, Payment
from duehook.core.testing.contract.erp import FaultyErp, Row, SimulatedErp, WrittenErp
from duehook.core.testing.contract.following import swept
from duehook.core.testing.contract.marks import bronze, feature, gold, needs, silver
from duehook.core.testing.contract.scenes.acts import issue, pay
from duehook.core.testing.contract.under_test import Connector

from .test_balance import open_by_totals, open_in_the_erp

Name = tuple[str, str]


def read(connector: Connector, stream: Stream) -> tuple[dict[Name, Row], list[BadRow]]:
    """Read a stream whole; return its rows by name, and what was set aside."""
    pages = list(connector.pages(stream))
    assert pages[-1].position.get("done")
    rows = {(row.get("company") or "", row["key"]): dict(row) for page in pages for row in page.rows}
    return rows, [bad for page in pages for bad in page.bad]


@pytest.fixture
def two(erp: SimulatedErp) -> tuple[Item, Item]:
    """Give two invoices of which either may be spoilt."""
    with erp.act() as book:
        return issue(book, "100.00"), issue(book, "200.00")


@bronze
def test_an_item_that_cannot_be_read_is_set_aside_alone(
    flaw: str, erp: SimulatedErp, connector: Connector, two: tuple[Item, Item]
) -> None:
    before, none = read(connector, "item")
    erp.spoil(two[1].key, flaw)
    rows, bad = read(connector, "item")
    lost = _numbered(before, two[1])
    assert (none, [each.key for each in bad]) == ([], [lost[1]])
    assert [each for each in bad if not each.reason or not each.payload] == []
    assert rows == {name: row for name, row in before.items() if name != lost}


@silver
def test_an_item_that_cannot_be_read_is_neither_missing_nor_gone(
    flaw: str, erp: FaultyErp, connector: Connector, two: tuple[Item, Item]
) -> None:
    before, _ = read(connector, "item")
    good, lost = _numbered(before, two[0]), _numbered(before, two[1])
    erp.spoil(two[1].key, flaw)
    listed, complete = swept(connector, "item")
    assert not complete or lost in listed
    looked_up = connector.source("item").lookup("item", [lost, good])
    assert [each.key for each in looked_up.bad] == [lost[1]]
    assert [row["key"] for row in looked_up.found] == [good[1]]
    assert [*looked_up.deleted, *looked_up.purged, *looked_up.missing] == []


@gold
def test_an_item_that_cannot_be_read_does_not_end_the_totals_and_counts_where_its_amount_can(
    flaw: str, erp: WrittenErp, connector: Connector, two: tuple[Item, Item]
) -> None:
    before, _ = read(connector, "item")
    erp.spoil(two[1].key, flaw)
    told = open_by_totals(connector)
    if erp.flaws[flaw]:
        assert told == open_in_the_erp(erp)
    source = connector.source("item")
    named = {(total.company, total.document): total for page in source.totals(source.upper_bound()) for total in page}
    good = _numbered(before, two[0])
    assert named[good].open_amount == 100


@bronze
@feature
@pytest.mark.parametrize("stream", ["payment", "allocation"])
def test_a_payment_that_cannot_be_read_is_set_aside_alone(
    stream: Stream, flaw: str, erp: SimulatedErp, connector: Connector, *, two: tuple[Item, Item]
) -> None:
    needs(erp.lacks, stream)
    spoilt = _paid(erp, two)
    before, none = read(connector, stream)
    erp.spoil_payment(spoilt.key, flaw)
    rows, bad = read(connector, stream)
    lost = {name: row for name, row in before.items() if name not in rows}
    assert (none, len(bad), len(lost)) == ([], 1, 1)
    assert [row["amount"] for row in lost.values()] == [50]
    assert rows == {name: row for name, row in before.items() if name not in lost}


@bronze
@feature
def test_a_payment_that_cannot_be_read_spoils_no_item_but_the_one_it_was_for(
    flaw: str, erp: SimulatedErp, connector: Connector, two: tuple[Item, Item]
) -> None:
    needs(erp.lacks, "payment")
    spoilt = _paid(erp, two)
    before, _ = read(connector, "item")
    paid = _numbered(before, two[1])
    erp.spoil_payment(spoilt.key, flaw)
    rows, bad = read(connector, "item")
    if paid in rows:
        assert (rows, bad) == (before, [])
    else:
        assert [each.key for each in bad] == [paid[1]]
        assert rows == {name: row for name, row in before.items() if name != paid}


@gold
@feature
def test_a_payment_that_cannot_be_read_does_not_end_the_totals(
    flaw: str, erp: WrittenErp, connector: Connector, two: tuple[Item, Item]
) -> None:
    needs(erp.lacks, "payment")
    spoilt = _paid(erp, two)
    before, _ = read(connector, "item")
    erp.spoil_payment(spoilt.key, flaw)
    source = connector.source("item")
    named = {(total.company, total.document): total for page in source.totals(source.upper_bound()) for total in page}
    assert named[_numbered(before, two[0])].open_amount == 60


def _paid(erp: SimulatedErp, two: tuple[Item, Item]) -> Payment:
    """Let both invoices be paid in part; return the second payment."""
    with erp.act() as book:
        pay(book, two[0], "40.00")
        return pay(book, two[1], "50.00")


def _numbered(rows: dict[Name, Row], item: Item) -> Name:
    found: list[Any] = [name for name, row in rows.items() if row["document_no"].lstrip("0") == str(item.document_no)]
    assert len(found) == 1
    return found[0]  # type: ignore[no-any-return]
