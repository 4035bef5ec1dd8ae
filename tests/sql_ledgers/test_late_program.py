"""A site's program that runs at night, or never: no write waits for it, and nobody is asked before its time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import duehook.plugins.infor_lx as infor_lx
from duehook.core.books import Books
from duehook.core.books.store.delivery import outbox
from duehook.core.books.store.delivery.outbox import Effect
from duehook.core.errors import ConnectorRefused
from duehook.core.hookspecs import Target
from duehook.core.runs.site import Site as OurSite
from duehook.plugins.infor_lx.simulator import InforLxSimulator
from duehook.plugins.sql_ledgers.writing.staging import Staging
from tests.rigs.delivery_site import Rig, rigged

from .library import Library, connected
from .simulator_site import Site, running
from .test_writing import note

NIGHTLY = 6 * 3600.0  # seconds
Route = Callable[[Callable[[], Target]], None]


class Late:
    """A site that delivers into a library whose program runs when a test lets it."""

    def __init__(self, rig: Rig, library: Library) -> None:
        self.rig, self.library = rig, library

    def note(self, customer: str, number: str = "N-1") -> None:
        put(self.rig, customer, number)

    def says(self, status: str, message: str = " ") -> None:
        """Let the program say so of every row that it has not ended."""
        self.library.run(f"UPDATE CMOUT SET STATUS = '{status}', MSG = '{message}' WHERE STATUS IN ('N', 'P')")

    def rows(self) -> list[tuple[Any, ...]]:
        return self.library.rows("SELECT STATUS, TRIM(MSG) FROM CMOUT ORDER BY rowid")


def put(rig: Rig, customer: str, number: str) -> None:
    text = {"text": f"about {number}", "subject": ""}
    effect = Effect("add_note", "small", "01", customer, "note", {"notice": number}, text)
    with rig.site.books.write() as tx:
        outbox.put(tx, effect, at=rig.clock.at, correlation_id="c-1")


@pytest.fixture
def rig(books: Books, database_url: str, tmp_path: Path) -> Iterator[Rig]:
    (tmp_path / "rig").mkdir()
    with rigged(tmp_path / "rig", database_url) as made:
        yield made


@pytest.fixture
def writes_to(monkeypatch: pytest.MonkeyPatch) -> Route:
    """Let the site's commands go to a target that is made anew for each run."""
    return lambda made: monkeypatch.setattr(OurSite, "target", lambda self, name: made())


@pytest.fixture
def late(rig: Rig, library: Library, writes_to: Route) -> Late:
    writes_to(library.target)
    return Late(rig, library)


@pytest.fixture
def nightly(tmp_path: Path) -> Iterator[Site]:
    """Give a simulated site whose program takes rows six hours after they came, or when it is told to."""
    with running(InforLxSimulator, tmp_path / "nightly", staging_seconds=NIGHTLY) as site:
        yield site


def test_a_program_that_runs_six_hours_later_does_each_effect_once(
    rig: Rig, nightly: Site, writes_to: Route, tmp_path: Path
) -> None:
    held = connected({**nightly.settings, "staging.look_seconds": "0"}, tmp_path)
    writes_to(lambda: infor_lx.write_back_target(held))
    for customer in ("1003", "1004", "1005"):
        put(rig, customer, "N-1")
    first = rig.deliver()
    assert (first.unanswered, first.complete) == (3, True)
    for _ in range(6):
        rig.clock.later(hours=1)
        assert (rig.deliver().unanswered, rig.tasks()) == (3, {})
    assert nightly.simulator.program.catch_up(everything=True) == 3
    rig.clock.later(hours=1)
    assert rig.deliver().notes == 3
    rig.clock.later(days=3)
    rig.deliver()
    assert rig.effects() == [("add_note", "sent")] * 3
    for customer in ("1003", "1004", "1005"):
        (text,) = nightly.simulator.notes(customer)
        assert text.startswith("about N-1 #DH-")


def test_a_write_looks_for_two_seconds_and_no_longer(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    now, slept = [0.0], list[float]()

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "sleep", sleep)
    target = library.target(staging={})
    told = target.apply(note())
    assert (told.outcome, told.wait) == ("unknown", timedelta(hours=24))
    assert 1.0 < sum(slept) <= 2.0


def test_a_program_that_never_runs_is_a_persons_task_after_the_patience(late: Late) -> None:
    late.note("1001")
    late.rig.deliver()
    for _ in range(4):
        late.rig.clock.later(hours=5, minutes=55)
        assert (late.rig.deliver().complete, late.rig.tasks()) == (True, {})
    late.rig.clock.later(hours=1)
    assert late.rig.deliver().in_doubt == 1
    ((key,),) = late.library.rows("SELECT EVENTID FROM CMOUT")
    assert (
        f"main.CMOUT has EVENTID {key} at STATUS N: the site's program has not taken it "
        "(`staging.patience_hours`: 24). Let it run; before you settle it as not sent, delete what is still N. "
        "Fix: look in the ERP, then: duehook outbox settle"
    ) in late.rig.tasks()["write_back_in_doubt"]
    assert late.rows() == [("N", "")]


def test_a_program_that_began_and_never_ended_is_a_persons_task_of_another_fix(late: Late) -> None:
    late.note("1001")
    late.rig.deliver()
    late.says("P")
    for _ in range(5):
        late.rig.clock.later(hours=6)
        late.rig.deliver()
    told = late.rig.tasks()["write_back_in_doubt"]
    assert (
        "at STATUS P: the site's program has not said how it ended. Look whether the ERP has it, and set STATUS D"
        in told
    )


def test_what_it_refuses_at_night_is_asked_for_once_more_and_then_told(late: Late) -> None:
    late.note("1001")
    for night in range(2):
        assert (late.rig.deliver().unanswered, late.rig.tasks()) == (1, {})
        assert late.rows() == [("E", "locked")] * night + [("N", "")]
        late.says("E", "locked")
        late.rig.clock.later(hours=12)
    assert late.rig.deliver().refused == 1
    assert late.rig.effects() == [("add_note", "failed")]
    assert "refused the site's program refused: locked" in late.rig.tasks()["write_back_refused"]
    assert late.rows() == [("E", "locked")] * 2


def test_a_database_that_is_away_while_it_waits_puts_nothing_in_doubt(late: Late) -> None:
    late.note("1001")
    for _ in range(6):
        late.rig.deliver()
        late.rig.clock.later(hours=1)
    late.library.run("ALTER TABLE CMOUT RENAME TO AWAY")
    assert (late.rig.deliver().unanswered, late.rig.tasks()) == (1, {})
    late.library.run("ALTER TABLE AWAY RENAME TO CMOUT")
    late.says("D")
    late.rig.clock.later(hours=1)
    assert (late.rig.deliver().notes, late.rig.effects()) == (1, [("add_note", "sent")])


def test_what_was_queued_is_never_said_to_be_refused_because_nobody_could_look(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, gone = library.target(), ConnectorRefused("CMOUT: no right to SELECT.", fix="grant it.")

    def settled(self: Staging, *given: Any) -> None:
        raise gone

    with monkeypatch.context() as patched:
        patched.setattr(Staging, "settled", settled)
        told = target.apply(note())
    assert (told.outcome, told.wait) == ("unknown", timedelta(hours=24))
    assert library.rows("SELECT STATUS FROM CMOUT") == [("N",)]
    assert target.verify(note()).outcome == "unknown"
