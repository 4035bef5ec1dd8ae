"""Writes that break off, are answered by nonsense or refused: never said to be done, or undone, without a look."""

from __future__ import annotations

from typing import Any

import pytest

from duehook.core.errors import ConnectorDown
from duehook.core.hookspecs import Command, Target
from duehook.core.testing.book import Item
from duehook.core.testing.contract.erp import WrittenErp
from duehook.core.testing.contract.marks import feature, gold
from duehook.core.testing.contract.scenes.commands import MANY, Connect, truth, undone
from duehook.core.testing.faults import FaultKind

pytestmark = gold


@pytest.fixture
def erp(full: WrittenErp) -> WrittenErp:
    """Give an ERP that takes every command that it can, in the place of the usual one."""
    return full


@feature
def test_a_reply_that_was_lost_is_unknown_and_verify_finds_what_was_done(
    wanted: Command, erp: WrittenErp, target: Target, invoice: Item
) -> None:
    path, method = erp.writes(wanted.kind)
    erp.faults.set("lost_reply", path=path, method=method)
    assert target.apply(wanted).outcome == "unknown"
    once = truth(erp, invoice, wanted.kind)
    assert target.verify(wanted).outcome == "done"
    assert target.apply(wanted).outcome == "already"
    assert truth(erp, invoice, wanted.kind) == once


@feature
@pytest.mark.parametrize("fault", [{"kind": "reset"}, {"kind": "status", "status": 503}, {"kind": "html"}], ids=str)
def test_a_write_that_broke_off_is_never_called_done_and_can_be_done_later(
    fault: dict[str, Any], wanted: Command, erp: WrittenErp, target: Target, *, invoice: Item
) -> None:
    before = truth(erp, invoice, wanted.kind)
    path, method = erp.writes(wanted.kind)
    erp.faults.set(**fault, path=path, method=method)
    try:
        outcome = target.apply(wanted).outcome
    except ConnectorDown:
        outcome = "unknown"
    assert outcome in {"unknown", "refused"}
    assert truth(erp, invoice, wanted.kind) == before
    assert target.verify(wanted).outcome == undone(erp, wanted.kind)
    assert target.apply(wanted).outcome == "done"


@feature
@pytest.mark.parametrize("fault", ["charset", "garbage", "html"])
def test_a_write_that_is_answered_by_nonsense_is_never_said_to_be_undone(
    fault: FaultKind, wanted: Command, erp: WrittenErp, target: Target, *, invoice: Item
) -> None:
    before = truth(erp, invoice, wanted.kind)
    path, method = erp.writes(wanted.kind)
    erp.faults.set(fault, path=path, method=method)
    outcome = target.apply(wanted).outcome  # ConnectorDown would say that nothing was sent
    once = truth(erp, invoice, wanted.kind)
    assert outcome == "unknown" or (outcome == "done" and once != before)
    assert target.verify(wanted).outcome == ("done" if once != before else undone(erp, wanted.kind))
    assert target.apply(wanted).outcome == ("already" if once != before else "done")
    assert target.verify(wanted).outcome == "done"


@feature
@pytest.mark.parametrize("everywhere", [True, False], ids=["everywhere", "there"])
def test_what_was_done_is_not_called_undone_where_nothing_is_found_any_more(
    everywhere: bool, wanted: Command, erp: WrittenErp, target: Target, *, connect: Connect
) -> None:
    assert target.apply(wanted).outcome == "done"
    away = connect(erp).target
    assert away is not None
    erp.faults.set("status", "" if everywhere else erp.writes(wanted.kind).path, status=404, count=MANY)
    assert away.verify(wanted).outcome in {"unknown", "done"}


@feature
def test_an_erp_that_refuses_is_quoted(wanted: Command, erp: WrittenErp, target: Target, invoice: Item) -> None:
    before = truth(erp, invoice, wanted.kind)
    path, method = erp.writes(wanted.kind)
    erp.faults.set("status", status=400, path=path, method=method)
    refused = target.apply(wanted)
    assert refused.outcome == "refused"
    assert "400" in refused.message
    assert truth(erp, invoice, wanted.kind) == before
