"""Write-back: a command reaches the ERP once, and what nobody knows is asked for, not repeated."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from duehook.core.books import Books
from duehook.core.books.store.delivery import outbox
from duehook.core.books.store.delivery.outbox import Effect, Worker
from duehook.core.books.tables.ops import outbox as outbox_table
from duehook.core.errors import ConnectorRefused
from duehook.core.hookspecs import Applied
from duehook.core.runs.deliver.outside import Outside
from duehook.core.runs.deliver.run import look
from duehook.core.runs.deliver.settle import settle
from duehook.core.runs.loop.acts import pause
from duehook.core.runs.site import Site
from tests.rigs.delivery_site import Rig, rigged
from tests.rigs.small_erp import SmallTarget

EVENT = {"number": "N-1", "currency": "EUR", "level": 1, "total": "100.00", "sent_on": "2026-03-02"}


@pytest.fixture
def rig(books: Books, database_url: str, tmp_path: Path) -> Iterator[Rig]:
    with rigged(tmp_path, database_url) as made:
        made.erp.customer("A")
        yield made


def note(rig: Rig, number: str = "N-1") -> None:
    effect = Effect("add_note", "small", "01", "A", "note", {"notice": number}, {"text": f"about {number}"})
    with rig.site.books.write() as tx:
        outbox.put(tx, effect, at=rig.clock.at, correlation_id="c-1")


def answers(monkeypatch: pytest.MonkeyPatch, method: str, *given: Any) -> list[str]:
    """Let the target answer so, one after the other; return the keys it was asked with."""
    left, asked = list(given), list[str]()

    def answer(_target: SmallTarget, command: Any) -> Applied:
        asked.append(command.key)
        said = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(said, BaseException):
            raise said
        assert isinstance(said, Applied)
        return said

    monkeypatch.setattr(SmallTarget, method, answer)
    return asked


def until_in_doubt(rig: Rig) -> None:
    """Let a note's reply be lost and nobody be able to tell."""
    note(rig)
    rig.erp.lost_replies, rig.erp.blind = 1, True
    for _ in range(6):
        rig.deliver()
        rig.clock.later(hours=13)


def test_a_note_is_written_once(rig: Rig) -> None:
    note(rig)
    assert rig.deliver().notes == 1
    rig.deliver()
    assert [text for _, _, text in rig.erp.notes] == ["about N-1"]


def test_notes_of_a_customer_keep_their_order(rig: Rig) -> None:
    for number in ("N-1", "N-2", "N-3"):
        note(rig, number)
    rig.deliver()
    assert [text for _, _, text in rig.erp.notes] == ["about N-1", "about N-2", "about N-3"]


def test_an_erp_that_is_down_gets_it_later(rig: Rig) -> None:
    note(rig)
    rig.erp.down = True
    first = rig.deliver()
    assert (first.retried, first.complete) == (1, False)
    rig.erp.down = False
    second = rig.deliver()
    assert str(second) == "1 waits, next try 09:01 (the ERP does not answer)"
    assert not second.complete
    rig.clock.later(minutes=10)
    assert rig.deliver().notes == 1


def test_a_lost_reply_is_asked_about_and_not_written_again(rig: Rig) -> None:
    note(rig)
    rig.erp.lost_replies = 1
    assert rig.deliver().retried == 1
    assert rig.effects() == [("add_note", "sending")]
    rig.clock.later(minutes=2)
    assert rig.deliver().notes == 1
    assert len(rig.erp.notes) == 1


def test_what_is_certainly_not_there_is_written_in_the_same_round(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    note(rig)
    with monkeypatch.context() as patched:
        answers(patched, "apply", Applied("unknown", "time-out"))
        rig.deliver()
    assert rig.erp.notes == []
    rig.clock.later(minutes=2)
    assert rig.deliver().notes == 1


def test_an_erp_that_answers_later_is_asked_until_then_and_bothers_nobody(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    note(rig)
    later = Applied("unknown", "not answered yet", wait=timedelta(hours=30))
    answers(monkeypatch, "apply", later)
    answers(monkeypatch, "verify", later)
    first = rig.deliver()
    assert (first.unanswered, first.complete, rig.effects()) == (1, True, [("add_note", "sending")])
    assert str(rig.deliver()) == "1 waits, next try 09:15 (waits for an answer: not answered yet)"
    for _ in range(5):
        rig.clock.later(hours=5)
        assert rig.deliver().complete
    assert rig.tasks() == {}
    rig.clock.later(hours=6)
    assert (rig.deliver().in_doubt, rig.effects()) == (1, [("add_note", "in_doubt")])


def test_what_nobody_can_tell_ends_in_doubt_with_a_task_and_stops_its_lane(rig: Rig) -> None:
    until_in_doubt(rig)
    assert rig.effects() == [("add_note", "in_doubt")]
    assert "outbox settle" in rig.tasks()["write_back_in_doubt"]
    note(rig, "N-2")
    rig.deliver()
    assert len(rig.erp.notes) == 1


@pytest.mark.parametrize(("sent", "state"), [(True, "sent"), (False, "failed")])
def test_a_person_settles_it_and_the_lane_goes_on(rig: Rig, sent: bool, state: str) -> None:
    until_in_doubt(rig)
    note(rig, "N-2")
    with rig.site.books.read() as tx:
        (doubt,) = outbox.listed(tx, states={"in_doubt"})
    settle(rig.site, rig.context, doubt.key, sent=sent, why="looked in the ERP")
    assert rig.effects()[0] == ("add_note", state)
    assert "write_back_in_doubt" not in rig.tasks()
    rig.deliver()
    assert len(rig.erp.notes) == 2


def test_what_is_for_an_erp_that_cannot_be_opened_waits_and_stops_nothing(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    note(rig)

    def broken(*_: object) -> None:
        raise ConnectorRefused("'http://jde:99999' is no URL.")

    with monkeypatch.context() as patch:
        patch.setattr(Site, "target", broken)
        report = rig.deliver()
    assert (report.retried, report.reasons) == (1, ["add_note for A (small): 'http://jde:99999' is no URL."])
    rig.clock.later(minutes=2)
    assert rig.deliver().notes == 1


def test_a_refusal_is_final_and_makes_a_task(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answers(monkeypatch, "apply", Applied("refused", "customer is locked"))
    note(rig)
    assert rig.deliver().refused == 1
    rig.clock.later(days=1)
    rig.deliver()
    assert len(asked) == 1
    assert "customer is locked" in rig.tasks()["write_back_refused"]


def test_a_target_that_breaks_is_asked_not_repeated(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answers(monkeypatch, "apply", ZeroDivisionError("bug"))
    verified = answers(monkeypatch, "verify", RuntimeError("bug too"), Applied("done"))
    note(rig)
    rig.deliver()
    for _ in range(3):
        rig.clock.later(hours=1)
        rig.deliver()
    assert (len(asked), len(verified)) == (1, 2)
    assert rig.effects() == [("add_note", "sent")]


def test_a_worker_that_died_while_writing_is_asked_about(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    note(rig)
    with monkeypatch.context() as patched, pytest.raises(SystemExit):
        answers(patched, "apply", SystemExit())
        rig.deliver()
    rig.clock.at += timedelta(minutes=11)
    assert rig.deliver().notes == 1
    assert len(rig.erp.notes) == 1


def test_a_command_that_was_stopped_after_it_was_claimed_is_not_written(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    note(rig)
    given = Outside.target

    def meanwhile(outside: Outside, connection: str) -> Any:
        with rig.site.books.write() as tx:
            tx.execute(outbox_table.update().values(state="cancelled"))
        return given(outside, connection)

    monkeypatch.setattr(Outside, "target", meanwhile)
    assert rig.deliver().notes == 0
    assert (rig.erp.notes, rig.effects()) == ([], [("add_note", "cancelled")])


def test_a_connection_without_a_target_refuses_with_a_task(rig: Rig) -> None:
    connection = rig.site.settings.connections["small"]
    rig.set(connections={"small": connection.model_copy(update={"serves": ("invoices",)})})
    note(rig)
    assert rig.deliver().refused == 1
    assert "takes no add_note" in rig.tasks()["write_back_refused"]


def test_a_command_that_was_settled_by_hand_meanwhile_stays_as_it_was_settled(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(_target: SmallTarget, _command: Any) -> Applied:
        with rig.site.books.write() as tx:
            tx.execute(outbox_table.update().values(state="failed", claimed_by=None))
        return Applied("done")

    monkeypatch.setattr(SmallTarget, "apply", answer)
    note(rig)
    assert rig.deliver().notes == 0
    assert rig.effects() == [("add_note", "failed")]


def test_no_further_command_is_written_once_delivery_is_paused(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    apply = SmallTarget.apply

    def pausing(target: SmallTarget, command: Any) -> Applied:
        pause(rig.site, rig.context, "deliver", why="year-end")
        return apply(target, command)

    monkeypatch.setattr(SmallTarget, "apply", pausing)
    rig.erp.customer("B")
    note(rig)
    other = Effect("add_note", "small", "01", "B", "note", {"notice": "N-2"}, {"text": "about N-2"})
    with rig.site.books.write() as tx:
        outbox.put(tx, other, at=rig.clock.at, correlation_id="c-1")
    rig.deliver()
    assert len(rig.erp.notes) == 1
    assert sorted(rig.effects()) == [("add_note", "new"), ("add_note", "sent")]
    with rig.site.books.read() as tx:
        assert {entry.claimed_by for entry in outbox.listed(tx)} == {None}


@pytest.mark.parametrize("stalled", [False, True])
def test_an_event_is_told_by_who_holds_it(rig: Rig, monkeypatch: pytest.MonkeyPatch, stalled: bool) -> None:
    told = Effect("notice_issued", "", "01", "A", "notice", {"notice": "N-1"}, EVENT)
    with rig.site.books.write() as tx:
        outbox.put(tx, told, at=rig.clock.at, correlation_id="c-1")
    if stalled:  # who told it was killed before it could say so
        with rig.site.books.write() as tx:
            (entry,) = outbox.claim(tx, Worker("killed"), rig.clock.at, kinds={"notice_issued"}, most=1)
            assert outbox.begin_sending(tx, entry, Worker("killed"), now=rig.clock.at)
        rig.clock.later(minutes=11)
    else:  # another took it over before this one could begin
        monkeypatch.setattr(outbox, "begin_sending", lambda *_, **__: False)
    assert rig.deliver().events == stalled
    assert len(rig.plugin.told) == stalled


def test_an_event_that_a_plugin_never_takes_is_given_up_after_two_days(rig: Rig) -> None:
    rig.plugin.deaf = 100
    told = Effect("notice_issued", "", "01", "A", "notice", {"notice": "N-1"}, EVENT)
    with rig.site.books.write() as tx:
        outbox.put(tx, told, at=rig.clock.at, correlation_id="c-1")
    assert rig.deliver().retried == 1
    for _ in range(6):
        assert rig.effects() == [("notice_issued", "new")]
        rig.clock.later(hours=13)
        report = rig.deliver()
    assert (report.failed, rig.effects()) == (1, [("notice_issued", "failed")])
    with rig.site.books.read() as tx:
        (entry,) = outbox.listed(tx)
    assert entry.outcome is not None
    assert "plugin small failed in notice_issued: RuntimeError: not now" in entry.outcome


def test_a_preview_says_what_would_be_written_and_writes_nothing(rig: Rig) -> None:
    note(rig)
    (said,) = look(rig.site, rig.context)
    assert said["what"] == "would write back"
    assert "about N-1" in said["why"]
    assert rig.erp.notes == []
    assert rig.effects() == [("add_note", "new")]


@pytest.mark.parametrize("mode", ["shadow", "pilot"])
def test_what_was_queued_in_live_waits_where_nothing_real_may_leave(rig: Rig, mode: str) -> None:
    note(rig)
    rig.set(mode=mode)
    assert rig.deliver().held == 1
    rig.clock.later(days=2)
    rig.deliver()
    assert rig.erp.notes == []
    with rig.site.books.read() as tx:
        (row,) = outbox.listed(tx)
    assert (row.state, row.attempts, row.outcome) == ("new", 0, f"waits: mode is {mode}, nothing is written")
    rig.set(mode="live")
    rig.clock.later(hours=1)
    assert rig.deliver().notes == 1


def test_a_lost_reply_is_asked_about_in_shadow_too_and_what_is_not_there_waits(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    note(rig)
    with monkeypatch.context() as patched:
        answers(patched, "apply", Applied("unknown", "time-out"))
        rig.deliver()
    rig.set(mode="shadow")
    rig.clock.later(minutes=2)
    rig.deliver()
    assert (rig.erp.notes, rig.effects()) == ([], [("add_note", "new")])


def test_a_preview_in_shadow_says_that_it_waits(rig: Rig) -> None:
    note(rig)
    rig.set(mode="shadow")
    (said,) = look(rig.site, rig.context)
    assert said["why"] == "add_note for A (small) waits: mode is shadow, nothing is written"
