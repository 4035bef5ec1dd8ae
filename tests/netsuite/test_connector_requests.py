"""What a reading costs: nothing new is asked for in at most two requests a table."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from duehook.core.records import Stream

from .connected import Connect, connect, stub
from .stubbed import Stub

STREAMS: tuple[Stream, ...] = ("company", "payment_term", "customer", "contact", "item", "payment", "allocation")
TABLE = re.compile(r"FROM (\w+)")
FIRST = re.compile(r"FIRST \d+")


@pytest.mark.parametrize("stream", STREAMS)
def test_where_nothing_is_new_a_table_is_asked_twice(stream: Stream, stub: Stub, connect: Connect) -> None:
    done = connect().pages(stream)[-1].position
    again = connect()
    stub.asked.clear()
    again.rows(stream, done)
    tables = Counter(TABLE.search(statement)[1] for statement in stub.asked)  # type: ignore[index]
    assert {table: times for table, times in tables.items() if times > 2} == {}


def test_a_list_that_fits_a_page_is_asked_for_and_counted(stub: Stub, connect: Connect) -> None:
    connect().rows("payment_term")
    assert [statement.partition(" FROM")[0] for statement in stub.asked if " FROM term " in statement] == [
        "SELECT m.id AS id, m.name AS name, m.daysuntilnetdue AS daysuntilnetdue, "
        "m.daysuntilexpiry AS daysuntilexpiry, m.discountpercent AS discountpercent",
        "SELECT COUNT(*) AS counted",
    ]


def test_a_page_that_was_cut_short_is_gone_on_with(stub: Stub, connect: Connect) -> None:
    for number in range(3, 9):
        stub.put("term", id=number, name=f"Net {number}", daysuntilnetdue=number)
    stub.special = lambda request, statement: (
        stub._queried(request, FIRST.sub("FIRST 2", statement)) if " FROM term " in statement else None
    )
    assert [row["key"] for row in connect().rows("payment_term")] == [*"2345678"]
