"""What goes wrong around one letter stays with it: cancelled in between, not to be made, its ERP not to be reached."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from duehook.core.books import Books
from duehook.core.books.store.delivery import outbox, sending
from duehook.core.errors import Busy, ConnectorDown, ConnectorRefused
from duehook.core.hookspecs import Applied
from duehook.core.runs.deliver import send
from duehook.core.runs.deliver.gate import judge
from duehook.core.runs.deliver.letter import make
from duehook.core.runs.deliver.queue import cancel_notice
from duehook.core.runs.site import Site
from tests.rigs.delivery_site import NOW, Rig, due, level, policy, rigged
from tests.rigs.small_erp import SmallTarget


@pytest.fixture
def rig(books: Books, database_url: str, tmp_path: Path) -> Iterator[Rig]:
    with rigged(tmp_path, database_url) as made:
        made.erp.customer("A")
        made.erp.invoice("1", "A", "100.00", due(10))
        yield made


def test_what_a_cancelled_letter_led_to_is_withdrawn_while_it_waits(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.policy = policy(levels=(level(1, 7, "final", hold_min_days=7),))

    def down(*_: object) -> Applied:
        raise ConnectorDown("the ERP is down")

    with monkeypatch.context() as patch:
        patch.setattr(SmallTarget, "apply", down)
        rig.run()
    with rig.site.books.write() as tx:
        cancel_notice(tx, rig.context, rig.only().id, why="sent in error: they had paid")
    rig.clock.later(hours=1)
    rig.deliver()
    assert (rig.erp.hold_writes, rig.erp.notes, rig.hold().state) == ([], [], "dropped")


def test_a_letter_that_is_cancelled_between_gate_and_post_stays_here(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.load()
    rig.approve()

    def judged_then_cancelled(*given: Any) -> Any:
        verdicts = judge(*given)
        with rig.site.books.write() as tx:
            sending.move(tx, rig.only().id, {"state": "cancelled"}, of=["approved"])
        return verdicts

    monkeypatch.setattr(send, "judge", judged_then_cancelled)
    rig.deliver()
    assert (rig.catcher.mails, rig.levels()) == ([], {})


def test_a_letter_that_a_worker_has_just_claimed_cannot_be_cancelled(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.load()
    rig.approve()
    with rig.site.books.read() as tx:
        seen = outbox.of_subject(tx, "notice", rig.only().id)
    with rig.site.books.write() as tx:
        assert outbox.claim(tx, outbox.Worker("another"), NOW, kinds={"notice"}, most=1)
    monkeypatch.setattr(outbox, "of_subject", lambda *_: seen)
    with pytest.raises(Busy, match="is being delivered at this moment"), rig.site.books.write() as tx:
        cancel_notice(tx, rig.context, rig.only().id, why="they called, it is paid")
    assert rig.only().state == "approved"


def test_a_letter_that_cannot_be_made_keeps_no_other_back(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.erp.customer("0")
    rig.erp.invoice("0", "0", "100.00", due(10))

    def stumbling(round_: Any, going: Any) -> Any:
        if going.notice.debtor == "0":
            raise ValueError("odd")
        return make(round_, going)

    monkeypatch.setattr(send, "make", stumbling)
    assert (rig.run().sent, [row.state for row in rig.notices()]) == (1, ["failed", "sent"])
    assert "it could not be made: ValueError: odd" in rig.tasks()["notice_failed"]


def test_letters_wait_for_an_erp_that_cannot_be_opened(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ConnectorRefused("'http://jde:99999' is no URL: Port out of range 0-65535.")

    monkeypatch.setattr(Site, "target", broken)
    report = rig.run()
    assert (report.held, report.in_doubt, rig.catcher.mails) == (1, 0, [])
    assert "Port out of range" in rig.tasks()["notice_held"]
