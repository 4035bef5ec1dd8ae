"""The process that serves: it ends between two jobs, outlives a failed look, and keeps its leases."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import structlog

from duehook.core.books import Books
from duehook.core.books.store import jobs
from duehook.core.books.store.jobs import JobKey
from duehook.core.runs.loop import heartbeat
from duehook.core.runs.loop.heartbeat import kept
from duehook.core.runs.loop.serve import looking, serve
from duehook.core.runs.loop.tick import Ran
from tests.rigs.loop_site import MONDAY, LoopSite, loop_site

KEY = JobKey("nightly import", "01", "2026-03-02T05:30")
SOON = timedelta(milliseconds=20)
PATIENCE = 60.0


@pytest.fixture
def at_night(books: Books, database_url: str, tmp_path: Path) -> Iterator[LoopSite]:
    with loop_site(tmp_path, database_url) as site:
        yield site


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def leased_until(site: LoopSite) -> datetime:
    (row,) = site.rows(KEY.job)
    found: datetime = row.leased_until
    return found


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_the_job_at_hand_end_and_begins_no_other(at_night: LoopSite, number: signal.Signals) -> None:
    before = signal.getsignal(number)
    at_night.erps["north"].first = lambda: os.kill(os.getpid(), number)
    told: list[Ran] = []
    serve(at_night.site, at_night.clock, told=told.append)
    assert [(ran.key, ran.state) for ran in told] == [(KEY, "done")]
    assert at_night.rows("nightly tie_out") == []
    assert signal.getsignal(number) == before


def test_a_look_that_fails_is_logged_and_the_next_one_runs_what_is_due(at_night: LoopSite) -> None:
    faults = [ConnectionError("the database is away")]
    told: list[Ran] = []

    def clock() -> datetime:
        if faults:
            raise faults.pop()
        return at_night.clock()

    def tell(ran: Ran) -> None:
        told.append(ran)
        if ran.key.job == "deliver":
            os.kill(os.getpid(), signal.SIGTERM)

    with structlog.testing.capture_logs() as lines:
        serve(at_night.site, clock, pace=SOON, told=tell)
    assert "a look at the schedule failed, the next one tries again" in [line["event"] for line in lines]
    assert len(told) == 9
    assert {ran.state for ran in told} == {"done"}


def test_nobody_has_to_be_told(at_night: LoopSite) -> None:
    over = threading.Event()
    looking(at_night.site, at_night.clock, over)()
    assert at_night.slots("nightly dun", "02") == {KEY.slot: "done"}


def test_a_look_during_a_look_does_nothing_nor_does_one_when_all_is_over(at_night: LoopSite) -> None:
    over = threading.Event()
    told: list[Ran] = []
    look = looking(at_night.site, at_night.clock, over, told.append)
    at_night.erps["north"].first = look
    look()
    assert len(told) == 9
    over.set()
    at_night.clock.later(days=1)
    look()
    assert len(told) == 9


def test_a_long_job_keeps_its_lease(at_night: LoopSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "BEAT", SOON)

    def work_long() -> None:
        at_night.erps["north"].first = lambda: None
        at_night.clock.later(minutes=9)
        until(lambda: leased_until(at_night) == MONDAY + timedelta(minutes=9) + jobs.LEASE)
        at_night.clock.later(minutes=9)
        assert not at_night.claim(KEY, "two", at_night.clock.at)

    at_night.erps["north"].first = work_long
    assert at_night.ran()[0] == ("nightly import", "01", "done")


def test_a_lease_that_another_has_taken_is_not_renewed(at_night: LoopSite) -> None:
    assert at_night.claim(KEY, "one", MONDAY)
    late = MONDAY + jobs.LEASE + timedelta(seconds=1)
    assert at_night.claim(KEY, "two", late)
    with structlog.testing.capture_logs() as lines, kept(at_night.site, at_night.context, "one", KEY, beat=SOON):
        until(lambda: bool(lines))
    assert [line["event"] for line in lines] == ["a job was taken over by another worker"]
    assert leased_until(at_night) == late + jobs.LEASE


def test_a_lease_is_renewed_again_once_the_database_is_back(at_night: LoopSite) -> None:
    assert at_night.claim(KEY, "one", MONDAY)
    at_night.clock.later(minutes=5)
    rename = "ALTER TABLE {} RENAME TO {}"
    with at_night.site.books.write() as tx:
        tx.exec_driver_sql(rename.format("job", "job_away"))
    with structlog.testing.capture_logs() as lines, kept(at_night.site, at_night.context, "one", KEY, beat=SOON):
        until(lambda: bool(lines))
        with at_night.site.books.write() as tx:
            tx.exec_driver_sql(rename.format("job_away", "job"))
        until(lambda: leased_until(at_night) == MONDAY + timedelta(minutes=5) + jobs.LEASE)
    assert {line["event"] for line in lines} == {"a lease could not be renewed, it is tried again"}
