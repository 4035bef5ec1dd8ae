"""Writing back: once, looked at before and after, and never over what a user of the ERP set."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final, get_args

import pytest

from duehook.core.errors import ConnectorDown, ConnectorError
from duehook.core.hookspecs import Applied, Command, CommandKind, Target
from duehook.core.testing.book import Customer, Item
from duehook.core.testing.contract.erp import WrittenErp
from duehook.core.testing.contract.marks import feature, gold, needs
from duehook.core.testing.contract.scenes import company_of, issue
from duehook.core.testing.contract.under_test import Connector
from duehook.core.testing.faults import FaultKind

pytestmark = gold
KINDS: Final[tuple[CommandKind, ...]] = get_args(CommandKind)
HOLDS: Final = {"set_credit_hold", "release_credit_hold"}
MANY: Final = 99
# More lines than a page shows, each kind of line end, and signs that count for one where nobody thinks of it.
LONG: Final = "\r\n".join(f"their line {number} " for number in range(205)) + "\r\n\x0c\x85\u2028\n\n  the end"
Connect = Callable[..., Connector]


@pytest.fixture
def invoice(erp: WrittenErp) -> Item:
    """Give an invoice that commands may be about."""
    with erp.act() as book:
        return issue(book, "100.00")


@pytest.fixture
def target(connector: Connector) -> Target:
    """Give what writes back."""
    if connector.target is None:
        pytest.skip("the connector offers no write_back_target")
    return connector.target


def command(erp: WrittenErp, connector: Connector, kind: CommandKind, item: Item, **other: Any) -> Command:
    """Return a command of this kind about the item or its customer."""
    rows = connector.rows("item") if kind in {"set_promise", "set_dispute"} else []
    key = next((row["key"] for row in rows if row["document_no"].endswith(str(item.document_no))), None)
    bodies: dict[CommandKind, dict[str, Any]] = {
        "add_note": {"text": "Called; promised to pay on Friday.", "subject": "Call"},
        "set_credit_hold": {"value": erp.hold_values[0], "expect": None},
        "release_credit_hold": {"value": erp.hold_values[0], "restore": None},
        "set_dunning_block": {"value": "A", "until": None, "reason": "agreed with sales"},
        "set_dunning_level": {"level": 2},
        "set_promise": {"amount": "100.00", "on": (erp.book.day + timedelta(days=7)).isoformat(), "text": "by phone"},
        "set_dispute": {"amount": "40.00", "reason": "price", "text": "wrong price"},
    }
    body = {**bodies.get(kind, {}), **other}
    return Command(kind, f"key-of-{kind}", company_of(erp, item), item.customer, key, body)


def truth(erp: WrittenErp, item: Item, kind: CommandKind) -> Any:
    """Return what a user of the ERP sees of it."""
    if kind == "add_note":
        return tuple(erp.notes(item.customer))
    if kind in HOLDS:
        return erp.hold(item.company, item.customer)
    return dict(erp.seen(kind, item.company, item.customer, item.key))


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest, still: WrittenErp, connect: Connect) -> CommandKind:
    """Give each kind of command that the connector can carry out."""
    target = connect(still).target
    if target is None:
        pytest.skip("the connector offers no write_back_target")
    if request.param not in target.capabilities:
        pytest.skip(f"lacks {request.param}: {still.lacks.get(request.param, 'refused as unsupported')}")
    found: CommandKind = request.param
    return found


@pytest.fixture
def wanted(kind: CommandKind, erp: WrittenErp, connector: Connector, invoice: Item) -> Command:
    """Give the command; a hold that is to be released is there."""
    if kind == "release_credit_hold":
        erp.user_sets_hold(invoice.company, invoice.customer, erp.hold_values[0])
    return command(erp, connector, kind, invoice)


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
    assert target.verify(wanted).outcome == "refused"
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
    assert target.verify(wanted).outcome == ("done" if once != before else "refused")
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
@pytest.mark.parametrize("everywhere", [True, False], ids=["everywhere", "there"])
def test_nothing_is_written_where_nothing_is_found_any_more(
    everywhere: bool, wanted: Command, erp: WrittenErp, invoice: Item, *, connect: Connect
) -> None:
    needs(erp.lacks, "faults of reading")
    before = truth(erp, invoice, wanted.kind)
    away = connect(erp).target
    assert away is not None
    path = "" if everywhere else erp.writes(wanted.kind).path
    erp.faults.set("status", path, status=404, method="GET", count=MANY)
    try:
        outcome = away.apply(wanted).outcome
    except ConnectorError:
        outcome = "refused"
    assert outcome in {"refused", "unknown"}
    assert truth(erp, invoice, wanted.kind) == before


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
        ours = command(erp, connector, kind, invoice)
        theirs = replace(ours, key="another's")
        erp.meanwhile(lambda theirs=theirs: _ignored(other.apply(theirs)), erp.writes(kind))  # type: ignore[misc]
        assert target.apply(ours).outcome in {"already", "done"}
        assert target.verify(ours).outcome == "done"


@feature
def test_an_erp_that_refuses_is_quoted(wanted: Command, erp: WrittenErp, target: Target, invoice: Item) -> None:
    before = truth(erp, invoice, wanted.kind)
    path, method = erp.writes(wanted.kind)
    erp.faults.set("status", status=400, path=path, method=method)
    refused = target.apply(wanted)
    assert refused.outcome == "refused"
    assert "400" in refused.message
    assert truth(erp, invoice, wanted.kind) == before


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


class TestNotes:
    """Notes: what others wrote stays, before and while we write, and any text comes over."""

    @pytest.fixture(autouse=True)
    def _can_note(self, erp: WrittenErp, target: Target) -> None:
        if "add_note" not in target.capabilities:
            pytest.skip(f"lacks add_note: {erp.lacks.get('add_note', 'refused as unsupported')}")

    @feature
    def test_a_second_note_stands_beside_the_first(self, erp: WrittenErp, target: Target, invoice: Item) -> None:
        for number in (1, 2):
            assert target.apply(note(erp, invoice, f"Call number {number}")).outcome == "done"
        assert _said(erp, invoice, "Call number 1", "Call number 2") == [1, 1]

    @feature
    def test_a_note_that_another_writes_between_our_look_and_our_write_stays(
        self, erp: WrittenErp, target: Target, connect: Connect, *, invoice: Item
    ) -> None:
        assert target.apply(note(erp, invoice, "Before")).outcome == "done"
        other = connect(erp).target
        assert other is not None
        erp.meanwhile(lambda: _ignored(other.apply(note(erp, invoice, "Theirs"))), erp.writes("add_note"))
        assert target.apply(note(erp, invoice, "Ours")).outcome == "done"
        assert _said(erp, invoice, "Before", "Theirs", "Ours") == [1, 1, 1]

    @feature
    def test_the_first_note_of_another_between_our_look_and_our_write_stays(
        self, erp: WrittenErp, target: Target, connect: Connect, *, invoice: Item
    ) -> None:
        other = connect(erp).target
        assert other is not None
        erp.meanwhile(lambda: _ignored(other.apply(note(erp, invoice, "Theirs"))), erp.writes("add_note"))
        assert target.apply(note(erp, invoice, "Ours")).outcome == "done"
        assert _said(erp, invoice, "Theirs", "Ours") == [1, 1]

    @feature
    def test_what_others_wrote_stays_to_the_last_sign_however_long_it_is(
        self, erp: WrittenErp, target: Target, invoice: Item
    ) -> None:
        erp.user_writes_note(invoice.customer, LONG)
        for number in (1, 2):
            assert target.apply(note(erp, invoice, f"Ours {number}")).outcome == "done"
        assert [LONG in text for text in erp.texts(invoice.customer)].count(True) == 1
        assert _said(erp, invoice, "Ours 1", "Ours 2") == [1, 1]

    @feature
    @pytest.mark.parametrize("text", ["O'Neil said: 'no'", "50 % <b>off</b> & more; a=b", 'Says "Łódź"\nand "Köln"'])
    def test_any_text_comes_over(self, text: str, erp: WrittenErp, target: Target, *, invoice: Item) -> None:
        wanted = note(erp, invoice, text)
        assert target.apply(wanted).outcome == "done"
        seen = " ".join(" ".join(erp.notes(invoice.customer)).split())
        assert " ".join(text.split()) in seen
        assert target.verify(wanted).outcome == "done"
        assert target.apply(wanted).outcome == "already"


def _five(erp: WrittenErp) -> list[Customer]:
    """Return some customers: an ERP has rows of one that it does not have of another."""
    return [each for each in erp.book.customers.values() if each.state == "active" and each.payer is None][:5]


def note(erp: WrittenErp, item: Item, text: str) -> Command:
    """Return a note of its own key."""
    return Command(
        "add_note", f"key-of-{text}", company_of(erp, item), item.customer, None, {"text": text, "subject": ""}
    )


def _said(erp: WrittenErp, item: Item, *texts: str) -> list[int]:
    everything = "\n".join(erp.notes(item.customer))
    return [everything.count(text) for text in texts]


def _ignored(applied: Applied) -> None:
    """Take an outcome where a function must give nothing back."""


class TestHolds:
    """Holds: only one's own is released, another's stands, and a user may act between our look and our write."""

    @pytest.fixture(autouse=True)
    def _can_hold(self, erp: WrittenErp, target: Target) -> None:
        if not set(target.capabilities) >= HOLDS:
            pytest.skip(f"lacks set_credit_hold: {erp.lacks.get('set_credit_hold', 'refused as unsupported')}")

    @feature
    def test_the_hold_that_governs_is_told(self, erp: WrittenErp, target: Target, invoice: Item) -> None:
        assert target.current_hold(company_of(erp, invoice), invoice.customer) is None
        erp.user_sets_hold(invoice.company, invoice.customer, erp.hold_values[1])
        assert target.current_hold(company_of(erp, invoice), invoice.customer) == erp.hold_values[1]

    @feature
    @pytest.mark.parametrize("everywhere", [True, False], ids=["everywhere", "there"])
    def test_a_hold_is_not_said_to_be_none_where_nothing_is_found_any_more(
        self, everywhere: bool, erp: WrittenErp, connect: Connect, *, invoice: Item
    ) -> None:
        erp.user_sets_hold(invoice.company, invoice.customer, erp.hold_values[1])
        company, away = company_of(erp, invoice), connect(erp).target
        assert away is not None
        path = "" if everywhere else erp.writes("set_credit_hold").path
        erp.faults.set("status", path, status=404, count=MANY)
        with suppress(ConnectorError):
            assert away.current_hold(company, invoice.customer) == erp.hold_values[1]

    @feature
    def test_a_hold_that_a_user_set_is_not_overwritten(
        self, erp: WrittenErp, connector: Connector, target: Target, invoice: Item
    ) -> None:
        erp.user_sets_hold(invoice.company, invoice.customer, erp.hold_values[1])
        refused = target.apply(command(erp, connector, "set_credit_hold", invoice))
        assert (refused.outcome, refused.previous) == ("refused", erp.hold_values[1])
        assert erp.hold(invoice.company, invoice.customer) == erp.hold_values[1]

    @feature
    def test_a_hold_that_is_not_ours_is_not_released(
        self, erp: WrittenErp, connector: Connector, target: Target, invoice: Item
    ) -> None:
        erp.user_sets_hold(invoice.company, invoice.customer, erp.hold_values[1])
        assert target.apply(command(erp, connector, "release_credit_hold", invoice)).outcome == "refused"
        assert erp.hold(invoice.company, invoice.customer) == erp.hold_values[1]

    @feature
    @pytest.mark.parametrize("act", ["set_credit_hold", "release_credit_hold"])
    def test_a_user_who_changes_the_hold_between_our_look_and_our_write_wins(
        self, act: CommandKind, erp: WrittenErp, connector: Connector, target: Target, *, invoice: Item
    ) -> None:
        ours, theirs = erp.hold_values
        if act == "release_credit_hold":
            erp.user_sets_hold(invoice.company, invoice.customer, ours)
        erp.meanwhile(lambda: erp.user_sets_hold(invoice.company, invoice.customer, theirs), erp.writes(act))
        ended: Applied = target.apply(command(erp, connector, act, invoice))
        assert erp.hold(invoice.company, invoice.customer) == theirs
        assert ended.outcome in {"refused", "unknown"}
