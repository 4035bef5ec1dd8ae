"""Reading: everything that the ERP holds, each row once, under a key that stays."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from duehook.core.hookspecs import Page
from duehook.core.records import RECORDS, Stream
from duehook.core.testing.contract.compare import differences, named
from duehook.core.testing.contract.erp import SimulatedErp
from duehook.core.testing.contract.marks import bronze
from duehook.core.testing.contract.scenes.acts import issue
from duehook.core.testing.contract.under_test import Connector, validated

pytestmark = bronze
every_stream = pytest.mark.parametrize("stream", RECORDS)
NO_YEAR = 1900  # ERPs write a date that is none as the first of their calendar
KEYED = [stream for stream in RECORDS if stream != "exchange_rate"]


@pytest.fixture
def offered(stream: Stream, played: SimulatedErp, reader: Connector) -> Stream:
    """Leave out a stream that the connector does not offer; it must not be one that the ERP gives."""
    if stream not in reader.streams():
        if stream in played.lacks:
            pytest.skip(f"lacks {stream}: {played.lacks[stream]}")
        pytest.fail(f"no source of the connector reads {stream}")
    return stream


@pytest.fixture(scope="module")
def held() -> dict[Stream, list[Page]]:
    """Give what was read of each stream."""
    return {}


@pytest.fixture
def pages(offered: Stream, reader: Connector, held: dict[Stream, list[Page]]) -> list[Page]:
    """Give the pages of a stream: what only looks at them need not read them again."""
    if offered not in held:
        held[offered] = list(reader.pages(offered))
    return held[offered]


def rows_of(pages: list[Page]) -> list[dict[str, Any]]:
    """Return the rows of pages."""
    return [dict(row) for page in pages for row in page.rows]


@pytest.mark.duehook_feature
@every_stream
def test_what_the_erp_holds_is_read_to_the_last_row_and_field(
    offered: Stream, played: SimulatedErp, pages: list[Page]
) -> None:
    assert differences(offered, played.given(offered), rows_of(pages)) == []


@pytest.mark.duehook_feature
@every_stream
def test_what_a_row_of_the_erp_does_not_have_is_not_made_up(
    offered: Stream, played: SimulatedErp, pages: list[Page]
) -> None:
    given = named(offered, played.given(offered))
    known = {field for row in given.values() for field, held in row.items() if held not in (None, "", ())}
    usual = {name: field.get_default(call_default_factory=True) for name, field in RECORDS[offered].model_fields.items()
             if not field.is_required()}  # fmt: skip
    made_up = [
        f"{name}: {field} is {held!r}"
        for name, row in named(offered, rows_of(pages)).items() if name in given
        for field, held in row.items()
        if field in known and given[name].get(field) in (None, "", ()) and held and held != usual.get(field)
    ]  # fmt: skip
    assert made_up[:5] == []


@pytest.mark.duehook_feature
@every_stream
def test_no_date_that_stands_for_none_is_read_as_a_day(offered: Stream, pages: list[Page]) -> None:
    ancient = [(row.get("key"), name, held) for row in rows_of(pages) for name, held in row.items()
               if isinstance(held, date) and held.year <= NO_YEAR]  # fmt: skip
    assert ancient[:5] == []


@pytest.mark.duehook_feature
@every_stream
def test_what_is_read_in_small_pages_is_the_same_each_row_once_and_each_page_goes_on(
    offered: Stream, played: SimulatedErp, connect: Callable[..., Connector]
) -> None:
    pages = list(connect(played, **_small_pages(connect, played)).pages(offered))
    rows, before = rows_of(pages), [None, *(page.position for page in pages)]
    assert [page.position for page, at in zip(pages, before, strict=False) if page.rows and page.position == at] == []
    assert differences(offered, played.given(offered), rows) == []
    names = [(row.get("company"), row.get("key", "")) for row in rows if offered in KEYED]
    assert len(set(names)) == len(names)


@pytest.mark.duehook_feature
@every_stream
def test_every_row_of_an_erp_in_order_is_a_record(offered: Stream, pages: list[Page]) -> None:
    assert [bad.reason for page in pages for bad in page.bad] == []
    assert len(validated(offered, rows_of(pages))) > 0


@pytest.mark.duehook_feature
@pytest.mark.parametrize("stream", KEYED)
def test_keys_are_unique_and_the_same_at_every_reading(offered: Stream, reader: Connector, pages: list[Page]) -> None:
    readings = (rows_of(pages), reader.rows(offered))
    first, again = ([(row.get("company"), row.get("key", "")) for row in rows] for rows in readings)
    assert len(set(first)) == len(first)
    assert first == again


@pytest.mark.duehook_feature
@every_stream
def test_only_the_last_page_is_done_and_positions_can_be_stored(offered: Stream, pages: list[Page]) -> None:
    assert [bool(page.position.get("done")) for page in pages] == [False] * (len(pages) - 1) + [True]
    assert [json.loads(json.dumps(page.position)) for page in pages] == [page.position for page in pages]


@pytest.mark.duehook_feature
@pytest.mark.parametrize("stream", ["customer", "contact", "item", "payment", "allocation"])
def test_a_reading_that_broke_off_goes_on_behind_any_page_in_another_process(
    offered: Stream, played: SimulatedErp, connect: Callable[..., Connector]
) -> None:
    stream, small = offered, _small_pages(connect, played)
    pages = list(connect(played, **small).pages(stream))
    assert len(pages) > 3, "the setting page_size must make small pages"
    for place in (0, len(pages) // 2, len(pages) - 2):
        position = json.loads(json.dumps(pages[place].position))
        rest = list(connect(played, **small).pages(stream, position))
        assert _keys(rest) == _keys(pages[place + 1 :])


def _small_pages(connect: Callable[..., Connector], erp: SimulatedErp) -> dict[str, Any]:
    model = connect(erp).plugins.connection_settings(connect(erp).type)
    assert "page_size" in model.model_fields, "the settings need a page_size"
    return {"page_size": 17}


def _keys(pages: list[Page]) -> list[Any]:
    return [row["key"] for page in pages for row in page.rows]


def test_a_row_that_cannot_be_read_is_set_aside_with_its_reason_and_the_others_are_read(
    erp: SimulatedErp, connector: Connector
) -> None:
    with erp.act() as book:
        good, bad = issue(book, "100.00"), issue(book, "200.00")
    erp.spoil(bad.key)
    pages = list(connector.pages("item"))
    told = [each for page in pages for each in page.bad]
    assert len(told) == 1
    assert told[0].reason
    assert told[0].payload
    numbers = {row["document_no"] for page in pages for row in page.rows}
    assert str(good.document_no) in numbers
    assert str(bad.document_no) not in numbers


@pytest.fixture
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Let this machine stand in another time zone."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"], indirect=True)
def test_no_date_moves_with_the_time_zone_of_this_machine(zone: str, played: SimulatedErp, reader: Connector) -> None:
    assert differences("item", played.given("item"), reader.rows("item")) == []
