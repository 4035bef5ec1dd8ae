"""Writing back: previewed, done once, seen in the ERP, and refused where that is the answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from duehook.core.hookspecs import Command, CommandKind, Target
from duehook.core.testing.book import Customer, Item
from duehook.core.testing.contract.erp import WrittenErp
from duehook.core.testing.contract.marks import feature, gold, needs
from duehook.core.testing.contract.scenes.acts import issue
from duehook.core.testing.contract.scenes.commands import HOLDS, KINDS, Connect, command, ignored, truth
from duehook.core.testing.contract.under_test import Connector

pytestmark = gold


@pytest.fixture
def erp(full: WrittenErp) -> WrittenErp:
    """Give an ERP that takes every command that it can, in the place of the usual one."""
    return full


@feature
def test_what_is_previewed_is_said_in_words_and_not_done(
    wanted: Command, erp: WrittenErp, target: Target, invoice: Item
) -> None:
    before = truth(erp, invoice, wanted.kind)
    assert len(target.preview(wanted)) > 10
    assert truth(erp, invoice, wanted.kind) == before


@feature
def test_what_is_applied_is_seen_in_the_erp_and_found_by_verify(
    wanted: Command, erp: WrittenErp, target: Target, invoice: Item
) -> None:
    before = truth(erp, invoice, wanted.kind)
    assert target.apply(wanted).outcome == "done"
    assert truth(erp, invoice, wanted.kind) != before
    assert target.verify(wanted).outcome == "done"


@feature
def test_applied_twice_is_there_once(
    wanted: Command, erp: WrittenErp, target: Target, connect: Connect, *, invoice: Item
) -> None:
    target.apply(wanted)
    once = truth(erp, invoice, wanted.kind)
    again = connect(erp).target
    assert again is not None
    assert again.apply(wanted).outcome == "already"
    assert truth(erp, invoice, wanted.kind) == once


@feature
@pytest.mark.parametrize("kind", ["set_dunning_block", "set_dunning_level"])
def test_a_row_that_another_makes_between_our_look_and_our_write_is_looked_at_again(
    kind: CommandKind, erp: WrittenErp, connector: Connector, target: Target, *, connect: Connect
) -> None:
    needs({each: erp.lacks.get(each, "refused as unsupported") for each in {kind} - target.capabilities}, kind)
    other = connect(erp).target
    assert other is not None
    with erp.act() as book:
        invoices = [issue(book, "100.00", customer=each) for each in _five(erp)]
    for invoice in invoices:
        ours = replace(command(erp, connector, kind, invoice), key=f"ours-{invoice.key}")
        theirs = replace(ours, key=f"theirs-{invoice.key}")
        erp.meanwhile(lambda theirs=theirs: ignored(other.apply(theirs)), erp.writes(kind))  # type: ignore[misc]
        assert target.apply(ours).outcome in {"already", "done"}
        assert target.verify(ours).outcome == "done"


@feature
def test_a_customer_that_there_is_not_is_refused_and_not_taken_for_done(
    kind: CommandKind, erp: WrittenErp, connector: Connector, target: Target, *, invoice: Item
) -> None:
    silent = f"unknown customers of {kind}"
    if silent in erp.lacks:
        pytest.skip(f"lacks {silent}: {erp.lacks[silent]}")
    wrong = command(erp, connector, kind, invoice)
    unknown = Command(kind, wrong.key, wrong.company, "99999999", "no|such|item" if wrong.item else None, wrong.body)
    refused = target.apply(unknown)
    assert refused.outcome == "refused"
    assert refused.message


def test_what_the_connector_cannot_write_is_refused_as_unsupported(
    erp: WrittenErp, connector: Connector, target: Target, invoice: Item
) -> None:
    answers = {
        kind: target.apply(command(erp, connector, kind, invoice)) for kind in KINDS if kind not in target.capabilities
    }
    assert {kind: answer.outcome for kind, answer in answers.items() if answer.outcome != "refused"} == {}
    assert {kind: answer.message for kind, answer in answers.items() if "unsupported" not in answer.message} == {}


def test_it_writes_notes_and_sets_and_releases_holds_or_says_why_the_erp_cannot(
    erp: WrittenErp, connector: Connector
) -> None:
    assert connector.target is not None, "the connector offers no write_back_target"
    missing = {"add_note", *HOLDS} - set(connector.target.capabilities)
    assert [kind for kind in sorted(missing) if kind not in erp.lacks] == []


def _five(erp: WrittenErp) -> list[Customer]:
    """Return some customers: an ERP has rows of one that it does not have of another."""
    return [each for each in erp.book.customers.values() if each.state == "active" and each.payer is None][:5]
