"""Any ERP that may be written to: a note that says what it is, and a hold that is taken back."""

from __future__ import annotations

import pytest

from duehook.core.hookspecs import Command, CommandKind, Target
from duehook.core.testing.contract.marks import NOT_ASKED, feature, gold
from duehook.core.testing.contract.scenes.commands import HOLDS
from duehook.core.testing.contract.under_test import Connector

pytestmark = [gold, feature]
TEXT = "Test by Duehook's contract kit, run {mark}. Nobody has to do anything; this note may be deleted."


def target_for(connector: Connector, *kinds: CommandKind) -> Target:
    """Return what writes back, where it can carry out these commands."""
    target = connector.target
    if target is None or not target.capabilities >= {*kinds}:
        pytest.skip(f"lacks {kinds[0]}: refused as unsupported")
    return target


def test_a_note_is_written_once_found_and_not_written_again(
    writer: Connector, customer_to_write: tuple[str, str], run_mark: str
) -> None:
    company, customer = customer_to_write
    target = target_for(writer, "add_note")
    body = {"text": TEXT.format(mark=run_mark), "subject": "Duehook's contract kit"}
    wanted = Command("add_note", f"contract-kit-{run_mark}", company, customer, None, body)
    assert len(target.preview(wanted)) > 10
    assert target.apply(wanted).outcome == "done"
    assert target.verify(wanted).outcome == "done"
    assert target.apply(wanted).outcome == "already"


def test_a_hold_is_set_and_released_and_the_customer_is_as_before(
    writer: Connector, customer_to_write: tuple[str, str], hold_to_set: str, run_mark: str
) -> None:
    company, customer = customer_to_write
    target = target_for(writer, *HOLDS)
    before = target.current_hold(company, customer)
    if before is not None:
        pytest.skip(f"{NOT_ASKED}the customer {customer} has a hold already, {before}")
    set_it = Command(
        "set_credit_hold",
        f"contract-kit-set-{run_mark}",
        company,
        customer,
        None,
        {"value": hold_to_set, "expect": None},
    )
    release = Command(
        "release_credit_hold", f"contract-kit-release-{run_mark}", company, customer, None,
        {"value": hold_to_set, "restore": None},
    )  # fmt: skip
    try:
        assert target.apply(set_it).outcome == "done"
        assert target.current_hold(company, customer) == hold_to_set
    finally:
        released = target.apply(release)
    assert released.outcome == "done", f"{released.message}: take the hold {hold_to_set} off {customer} by hand"
    assert target.current_hold(company, customer) is None
