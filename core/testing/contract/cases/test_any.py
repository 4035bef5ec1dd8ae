"""Any ERP: what holds of a live one too, whose rows nobody knows beforehand. Best asked at a quiet hour."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from duehook.core.hookspecs import Page
from duehook.core.records import RECORDS, Stream
from duehook.core.testing.contract.following import Followed, is_open, swept
from duehook.core.testing.contract.marks import bronze, feature, gold, silver
from duehook.core.testing.contract.under_test import Connector, validated

pytestmark = feature
SAMPLE = 20
NOBODY = "no|such|key"
Sums = dict[tuple[str, str], Decimal]
every_stream = pytest.mark.parametrize("stream", RECORDS)


def read(reader: Connector, stream: Stream) -> list[Page]:
    """Return all pages of a stream; leave the test out where the connector does not give it."""
    if stream not in reader.streams():
        pytest.skip(f"lacks {stream}: the connector does not read it")
    return list(reader.pages(stream))


@bronze
@every_stream
def test_each_row_is_a_record_of_its_own_or_set_aside_with_a_reason(stream: Stream, reader: Connector) -> None:
    pages = read(reader, stream)
    rows = [dict(row) for page in pages for row in page.rows]
    assert len(validated(stream, rows)) == len(rows)
    keys = [(row.get("company"), row["key"]) for row in rows if "key" in row]
    assert len(set(keys)) == len(keys)
    assert [bad for page in pages for bad in page.bad if not bad.reason or not bad.payload] == []


@bronze
@every_stream
def test_a_reading_goes_on_from_its_end_and_ends_again(stream: Stream, reader: Connector) -> None:
    pages = read(reader, stream)
    assert [bool(page.position.get("done")) for page in pages] == [False] * (len(pages) - 1) + [True]
    again = list(reader.pages(stream, json.loads(json.dumps(pages[-1].position))))
    assert again[-1].position.get("done")


@bronze
def test_the_erps_clock_is_told_as_an_instant_that_can_be_stored(reader: Connector) -> None:
    bound = reader.source("item").upper_bound()
    assert bound.at.utcoffset() is not None
    assert json.loads(json.dumps(bound.mark)) == bound.mark


@silver
def test_the_keys_of_what_is_open_are_those_of_the_items_that_were_read(reader: Connector) -> None:
    followed = Followed("item")
    followed.read(reader)
    followed.sweep(reader)
    listed, complete = swept(reader, "item")
    if not complete:
        pytest.skip("lacks a whole listing: the connector never calls one whole")
    assert {name for name, row in followed.rows.items() if is_open(row)} == listed


@silver
def test_what_was_read_is_found_again_by_its_key_and_nothing_else_is(reader: Connector) -> None:
    rows = [dict(row) for page in read(reader, "item") for row in page.rows][:SAMPLE]
    keys = [(row["company"], row["key"]) for row in rows]
    found = reader.source("item").lookup("item", [*keys, (keys[0][0], NOBODY)])
    there = {(row["company"], row["key"]): dict(row) for row in found.found}
    assert {key: there.get(key) for key in keys} == dict(zip(keys, rows, strict=True))
    gone = {*found.missing, *found.deleted, *found.purged}
    assert (keys[0][0], NOBODY) in gone
    assert not gone & {*keys}


@gold
def test_the_totals_add_up_to_the_items_in_each_company_and_currency(reader: Connector) -> None:
    source = reader.source("item")
    totals = [total for page in source.totals(source.upper_bound()) for total in page]
    moving = {(total.company, total.document) for total in totals if total.changed_past_bound}
    told, held = Sums(), Sums()
    for total in totals:
        if (total.company, total.document) not in moving:
            pair = (total.company, total.currency)
            told[pair] = told.get(pair, Decimal(0)) + total.open_amount
    for row in reader.rows("item"):
        if (row["company"], row["key"]) not in moving:
            pair = (row["company"], row["currency"])
            held[pair] = held.get(pair, Decimal(0)) + row["open_amount"]
    assert {pair: amount for pair, amount in told.items() if amount} == {
        p: amount for p, amount in held.items() if amount
    }
