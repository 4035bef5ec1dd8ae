"""Faults: what passes is waited for, what does not is named with what to do, and nothing is lost."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from duehook.core.errors import ConnectorDown, ConnectorError, ConnectorRefused
from duehook.core.hookspecs import Command
from duehook.core.records import RECORDS, Stream
from duehook.core.testing.book import Item
from duehook.core.testing.contract.compare import differences
from duehook.core.testing.contract.erp import FaultyErp, WrittenErp
from duehook.core.testing.contract.fixtures import SMALL
from duehook.core.testing.contract.following import Followed, Gathered
from duehook.core.testing.contract.marks import feature, gold, needs, silver
from duehook.core.testing.contract.running import Simulators
from duehook.core.testing.contract.scenes.acts import issue, pay
from duehook.core.testing.contract.scenes.breaking import LASTING, PASSING, READING, SWITCHES, breaking, told_well
from duehook.core.testing.contract.scenes.commands import MANY, truth, undone
from duehook.core.testing.contract.under_test import Connector

from .test_balance import open_by_totals, open_in_the_erp

pytestmark = feature
Connect = Callable[..., Connector]
PATIENCE = 0.2  # seconds that an answer may take, as the setting read_seconds


def _said(fault: dict[str, Any]) -> str:
    return "-".join(str(part) for part in fault.values())


@pytest.fixture
def erp(full: FaultyErp) -> FaultyErp:
    """Give an ERP whose wire can be broken and that takes every command that it can, in the place of the usual one."""
    return full


@pytest.fixture
def nine(erp: FaultyErp) -> FaultyErp:
    """Give an ERP with some pages of items to read."""
    needs(erp.lacks, "faults of reading")
    with erp.act() as book:
        for number in range(9):
            issue(book, f"{10 + number}.00")
    return erp


@silver
@pytest.mark.parametrize("fault", PASSING, ids=_said)
@pytest.mark.parametrize("after", [0, 1])
def test_what_passes_is_waited_for_and_nothing_is_missed(
    fault: dict[str, Any], after: int, nine: FaultyErp, connect: Callable[..., Connector]
) -> None:
    connector = connect(nine, page_size=3)
    breaking(nine, **fault, after=after)
    assert differences("item", nine.given("item"), connector.rows("item")) == []


@silver
def test_as_long_is_waited_as_the_erp_asks(
    nine: FaultyErp, connect: Callable[..., Connector], waited: list[float]
) -> None:
    connector = connect(nine, page_size=3)
    breaking(nine, "status", status=429, retry_after=7, after=1)
    begun = time.monotonic()
    connector.rows("item")
    assert sum(waited) + time.monotonic() - begun >= 7


@silver
@pytest.mark.parametrize(("fault", "raises", "named"), LASTING, ids=[_said(each[0]) for each in LASTING])
@pytest.mark.parametrize("after", [0, 1])
def test_what_lasts_is_told_with_its_cause_and_its_fix_and_reading_goes_on_later(
    fault: dict[str, Any], raises: type[ConnectorError], named: str, after: int, *,
    nine: FaultyErp, connect: Callable[..., Connector],
) -> None:  # fmt: skip
    followed = Followed("item")
    breaking(nine, **fault, after=after, count=99)
    with pytest.raises(raises) as raised:
        followed.read(connect(nine, page_size=3))
    assert named in raised.value.message
    assert raised.value.fix, f"what should a person do about: {raised.value.message}"
    nine.faults.clear()
    followed.read(connect(nine, page_size=3))
    assert differences("item", nine.given("item"), followed.rows.values()) == []


@silver
def test_an_erp_that_answers_too_late_is_told_so(nine: FaultyErp, connect: Callable[..., Connector]) -> None:
    breaking(nine, "slow", seconds=2.0, count=99)
    with pytest.raises(ConnectorDown) as raised:
        connect(nine, read_seconds=0.2).rows("item")
    assert raised.value.fix


@silver
def test_a_sign_in_that_runs_out_while_reading_is_renewed(nine: FaultyErp, connect: Callable[..., Connector]) -> None:
    needs(nine.lacks, "sign-in that runs out")
    connector = connect(nine, page_size=3)
    breaking(nine, "status", status=401, after=1)
    assert differences("item", nine.given("item"), connector.rows("item")) == []


@silver
def test_a_sign_in_that_is_refused_is_not_tried_again_and_again(
    nine: FaultyErp, connect: Callable[..., Connector]
) -> None:
    connector, before = connect(nine, page_size=3), len(nine.log)
    breaking(nine, "status", status=401, count=99)
    with pytest.raises(ConnectorRefused) as raised:
        connector.rows("item")
    assert raised.value.fix
    assert len([entry for entry in nine.log[before:] if entry.fault]) <= 2


@pytest.fixture(scope="module")
def busy(simulators: Simulators) -> FaultyErp:
    """Give an ERP with invoices of which some are paid, in part or whole; only to be read."""
    erp: Any = simulators.full(**SMALL)
    with erp.act() as book:
        made = [issue(book, f"{10 + number}.00") for number in range(9)]
        for number, item in enumerate(made[:6]):
            pay(book, item, "5.00" if number % 2 else f"{10 + number}.00")
    return erp  # type: ignore[no-any-return]


@pytest.fixture
def quiet(busy: FaultyErp) -> Iterator[FaultyErp]:
    """Give it without faults, and leave it so."""
    needs(busy.lacks, "faults of reading")
    busy.faults.clear()
    yield busy
    busy.faults.clear()


@silver
@pytest.mark.parametrize("stream", RECORDS)
@pytest.mark.parametrize("switch", READING, ids=_said)
def test_whatever_breaks_while_a_stream_is_read_nothing_of_it_is_lost(
    switch: dict[str, Any], stream: Stream, quiet: FaultyErp, connect: Connect
) -> None:
    needs(quiet.lacks, stream)
    if stream not in connect(quiet).streams():
        pytest.skip(f"lacks {stream}: the connector does not read it")
    for after in (0, 1):
        gathered = Gathered(stream)
        breaking(quiet, **switch, after=after, count=99)
        with told_well(ConnectorError):
            gathered.read(connect(quiet, page_size=3, read_seconds=PATIENCE))
        quiet.faults.clear()
        gathered.read(connect(quiet, page_size=3))
        assert (after, differences(stream, quiet.given(stream), gathered.rows)) == (after, [])


@silver
@pytest.mark.parametrize("switch", READING, ids=_said)
def test_whatever_breaks_while_items_are_looked_up_none_is_said_to_be_gone(
    switch: dict[str, Any], quiet: FaultyErp, connect: Connect
) -> None:
    names = [(row["company"], row["key"]) for row in quiet.given("item")]
    for after in (0, 1):
        breaking(quiet, **switch, after=after, count=99)
        with told_well(ConnectorError):
            found = connect(quiet, read_seconds=PATIENCE).source("item").lookup("item", names)
            assert [*found.missing, *found.deleted, *found.purged, *found.bad] == []
            assert {row["key"]: row["open_amount"] for row in found.found} == {
                row["key"]: row["open_amount"] for row in quiet.given("item")
            }
        quiet.faults.clear()


@gold
@pytest.mark.parametrize("switch", READING, ids=_said)
def test_whatever_breaks_while_totals_are_read_they_are_whole_or_none(
    switch: dict[str, Any], quiet: WrittenErp, connect: Connect
) -> None:
    for after in (0, 1):
        breaking(quiet, **switch, after=after, count=99)
        with told_well(ConnectorError):
            told = open_by_totals(connect(quiet, page_size=3, read_seconds=PATIENCE))
            assert told == open_in_the_erp(quiet)
        quiet.faults.clear()


@gold
@pytest.mark.parametrize("switch", SWITCHES, ids=_said)
def test_whatever_breaks_at_a_write_it_is_told_truly_and_done_once(
    switch: dict[str, Any], wanted: Command, invoice: Item, erp: WrittenErp, *, connect: Connect
) -> None:
    before, target = truth(erp, invoice, wanted.kind), connect(erp, read_seconds=PATIENCE).target
    assert target is not None
    path, method = erp.writes(wanted.kind)
    erp.faults.set(**switch, path=path, method=method)
    outcome = "down"  # which says that nothing was sent
    with told_well(ConnectorDown):
        told = target.apply(wanted)
        outcome = told.outcome
        assert told.message or outcome == "done"
    erp.faults.clear()
    time.sleep(switch.get("seconds", 0))  # what was too slow for us is done all the same
    is_there = truth(erp, invoice, wanted.kind) != before
    assert is_there or outcome in {"down", "refused", "unknown"}
    assert not is_there or outcome in {"done", "unknown"}
    again = connect(erp).target
    assert again is not None
    assert again.verify(wanted).outcome == ("done" if is_there else undone(erp, wanted.kind))
    assert again.apply(wanted).outcome == ("already" if is_there else "done")
    once = truth(erp, invoice, wanted.kind)
    assert again.apply(wanted).outcome == "already"
    assert truth(erp, invoice, wanted.kind) == once


@gold
@pytest.mark.parametrize("switch", READING, ids=_said)
def test_whatever_breaks_at_the_look_before_a_write_nothing_is_written_unseen(
    switch: dict[str, Any], wanted: Command, invoice: Item, erp: WrittenErp, *, connect: Connect
) -> None:
    needs(erp.lacks, "faults of reading")
    before, target = truth(erp, invoice, wanted.kind), connect(erp, read_seconds=PATIENCE).target
    assert target is not None
    breaking(erp, **switch, count=99)
    outcome = "down"
    with told_well(ConnectorDown):
        outcome = target.apply(wanted).outcome
    erp.faults.clear()
    is_there = truth(erp, invoice, wanted.kind) != before
    assert outcome in ({"done", "unknown"} if is_there else {"down", "refused", "unknown"})
    again = connect(erp).target
    assert again is not None
    assert again.apply(wanted).outcome == ("already" if is_there else "done")


@gold
@pytest.mark.parametrize("everywhere", [True, False], ids=["everywhere", "there"])
def test_nothing_is_written_where_nothing_is_found_any_more(
    everywhere: bool, wanted: Command, erp: WrittenErp, invoice: Item, *, connect: Connect
) -> None:
    needs(erp.lacks, "faults of reading")
    before, target = truth(erp, invoice, wanted.kind), connect(erp).target
    assert target is not None
    if everywhere:
        breaking(erp, "status", status=404, count=MANY)
    else:
        erp.faults.set("status", erp.writes(wanted.kind).path, method=erp.reads.method, status=404, count=MANY)
    outcome = "refused"
    with told_well(ConnectorError):
        outcome = target.apply(wanted).outcome
    assert outcome in {"refused", "unknown"}
    assert truth(erp, invoice, wanted.kind) == before
