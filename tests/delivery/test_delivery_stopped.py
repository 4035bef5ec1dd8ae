"""A delivery that is stopped in the middle sends no further letter and gives back what it had claimed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from duehook.core.books import Books
from duehook.core.books.store.delivery import outbox
from duehook.core.deliver.mail import MailChannel
from duehook.core.runs.loop.acts import pause, resume
from duehook.core.runs.loop.serve import looking
from tests.rigs.delivery_site import Rig, due, rigged


@pytest.fixture
def rig(books: Books, database_url: str, tmp_path: Path) -> Iterator[Rig]:
    with rigged(tmp_path, database_url) as made:
        for key in "ABCDE":
            made.erp.customer(key)
            made.erp.invoice(f"{key}1", key, "100.00", due(10))
        made.load()
        made.approve()
        yield made


def at_first_letter(rig: Rig, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Do something while the first letter is handed over."""
    send = MailChannel.send

    def sent(self: MailChannel, message: object) -> object:
        if not rig.catcher.mails:
            act()
        return send(self, message)  # type: ignore[arg-type]

    monkeypatch.setattr(MailChannel, "send", sent)


def claimed(rig: Rig) -> int:
    with rig.site.books.read() as tx:
        return sum(row.claimed_by is not None for row in outbox.listed(tx, kinds={"notice"}))


@pytest.mark.parametrize("job", ["deliver", "all"])
def test_a_pause_lets_no_further_letter_go(rig: Rig, monkeypatch: pytest.MonkeyPatch, job: str) -> None:
    at_first_letter(rig, monkeypatch, lambda: pause(rig.site, rig.context, job, why="wrong bank account"))
    look = looking(rig.site, rig.clock, threading.Event())
    look()
    assert len(rig.catcher.mails) == 1
    assert claimed(rig) == 0
    resume(rig.site, rig.context, job)
    rig.clock.later(minutes=5)
    look()
    assert len(rig.catcher.mails) == 5


def test_the_end_of_the_process_lets_no_further_letter_go(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    at_first_letter(rig, monkeypatch, over.set)
    looking(rig.site, rig.clock, over)()
    assert len(rig.catcher.mails) == 1
    assert claimed(rig) == 0
    looking(rig.site, rig.clock, threading.Event())()
    rig.clock.later(minutes=5)
    looking(rig.site, rig.clock, threading.Event())()
    assert len(rig.catcher.mails) == 5


def test_a_delivery_by_hand_goes_on_in_a_pause_that_was_there_before(rig: Rig) -> None:
    pause(rig.site, rig.context, "all", why="year-end")
    assert rig.deliver().sent == 5


def test_a_pause_that_comes_later_stops_a_delivery_by_hand_too(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    at_first_letter(rig, monkeypatch, lambda: pause(rig.site, rig.context, "all", why="wrong bank account"))
    report = rig.deliver()
    assert (report.sent, report.complete) == (1, False)
    assert "stopped: delivery is paused" in str(report)
    assert {state for kind, state in rig.effects({"add_note"})} <= {"new"}
