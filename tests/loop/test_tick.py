"""A look at the clock: each slot once, its steps in order, and what stops them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import select

from duehook.core.books import Books
from duehook.core.books.store import jobs
from duehook.core.books.store.audit import entries
from duehook.core.books.store.jobs import JobKey
from duehook.core.books.tables.imports import dunning_lock, tie_out
from duehook.core.runs.imports.site import import_by_name
from duehook.core.runs.loop.steps import Step
from duehook.core.runs.loop.tick import tick
from duehook.core.runs.tie_out import tie_out_in_turn
from tests.rigs.loop_site import MONDAY, NIGHTLY, LoopSite, loop_site

STEPS = ("import", "tie_out", "aging", "dun")
SLOT = "2026-03-02T05:30"


@pytest.fixture
def at_night(books: Books, database_url: str, tmp_path: Path) -> Iterator[LoopSite]:
    with loop_site(tmp_path, database_url) as site:
        yield site


def all_done(*companies: str) -> list[tuple[str, str, str]]:
    return [(f"nightly {step}", company, "done") for company in companies for step in STEPS]


def test_a_slot_runs_its_steps_in_order_for_each_company_once(at_night: LoopSite) -> None:
    assert at_night.ran() == all_done("01", "02")
    assert at_night.ran("another") == []


def test_what_a_step_came_to_is_told_in_words(at_night: LoopSite) -> None:
    told = {(ran.key.job, ran.key.company): ran.outcome for ran in at_night.tick()}
    assert told["nightly import", "01"] == "north run 1: 4 rows written, 0 parked"
    assert told["nightly tie_out", "01"] == "north balanced, 1 documents, 0 unexplained"
    assert told["nightly aging", "01"].endswith("rows by standard as of 2026-03-02")
    assert told["nightly dun", "01"].startswith("01 as of 2026-03-02: 1 notices (1 new, 0 waiting, 0 approved)")
    assert told["deliver", ""] == "nothing to deliver"


def test_of_three_slots_that_passed_while_the_machine_slept_the_newest_is_run(at_night: LoopSite) -> None:
    at_night.tick()
    at_night.clock.later(days=3)
    assert at_night.ran() == all_done("01", "02")
    assert at_night.slots("nightly import") == {
        SLOT: "done",
        "2026-03-03T05:30": "missed",
        "2026-03-04T05:30": "missed",
        "2026-03-05T05:30": "done",
    }
    assert at_night.slots("nightly dun") == {SLOT: "done", "2026-03-05T05:30": "done"}


@pytest.mark.parametrize(
    ("eve", "night"),
    [("2026-03-28T02:30", "2026-03-29T02:30"), ("2026-10-24T02:30", "2026-10-25T02:30")],
    ids=["in the hour left out in spring", "in the hour that comes twice in autumn"],
)
def test_a_slot_on_the_night_the_clocks_change_is_run_once(
    books: Books, database_url: str, tmp_path: Path, eve: str, night: str
) -> None:
    with loop_site(tmp_path, database_url, 'aging: "02:30"', zone="Europe/Berlin") as site:
        midnight = datetime.fromisoformat(f"{night[:10]}T00:00+00:00")
        looks = []
        for minutes in (-240, *range(0, 210, 30)):
            site.clock.at = midnight + timedelta(minutes=minutes)
            looks += [ran.key.slot for ran in site.tick() if ran.key[:2] == ("aging", "01")]
        assert looks == [eve, night]


def test_each_company_has_its_slot_in_the_sites_own_time(books: Books, database_url: str, tmp_path: Path) -> None:
    with loop_site(tmp_path, database_url, 'aging: "05:30"', zone="Asia/Tokyo") as site:
        assert site.ran() == [("aging", "01", "done"), ("aging", "02", "done")]
        assert site.slots("aging") == {"2026-03-02T05:30": "done"}
        site.clock.at = datetime(2026, 3, 2, 20, 29, tzinfo=UTC)
        assert site.ran() == []
        site.clock.later(minutes=1)
        assert site.ran() == [("aging", "01", "done"), ("aging", "02", "done")]


def test_a_step_that_fails_stops_the_later_ones_of_its_company_only_and_says_why(at_night: LoopSite) -> None:
    at_night.erps["north"].down = True
    assert at_night.ran() == [("nightly import", "01", "failed"), *all_done("02")]
    (row,) = at_night.rows("nightly import")
    assert (row.state, row.outcome, row.attempts) == ("failed", "the ERP does not answer", 1)
    assert at_night.rows("nightly tie_out") == []


def test_a_failed_step_is_tried_again_after_a_while_and_the_night_goes_on(at_night: LoopSite) -> None:
    at_night.erps["north"].down = True
    at_night.tick()
    at_night.erps["north"].down = False
    at_night.clock.later(minutes=4)
    assert at_night.ran() == []
    at_night.clock.later(minutes=2)
    assert at_night.ran() == all_done("01")


def test_an_error_of_a_plugin_fails_its_step_alone_with_the_plugins_name_and_without_secrets(
    at_night: LoopSite,
) -> None:
    def break_down() -> None:
        raise RuntimeError("postgresql://duehook:hunter2@db/erp is gone")

    at_night.erps["north"].first = break_down
    with structlog.testing.capture_logs() as lines:
        assert at_night.ran() == [("nightly import", "01", "failed"), *all_done("02")]
    assert [line["event"] for line in lines] == ["plugin failed", "a step of the loop failed"]
    (row,) = at_night.rows("nightly import")
    assert re.match(r"plugin \w+ failed in \w+: RuntimeError: postgresql://duehook:", row.outcome)
    assert "hunter2" not in row.outcome


def test_an_unexpected_error_fails_its_step_alone_and_hides_secrets(
    at_night: LoopSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    works = Step.run

    def run(step: Step, *given: Any, **named: Any) -> str:
        if (step.name, step.company) == ("import", "01"):
            raise RuntimeError("postgresql://duehook:hunter2@db/books is gone")
        return works(step, *given, **named)

    monkeypatch.setattr(Step, "run", run)
    with structlog.testing.capture_logs() as lines:
        assert at_night.ran() == [("nightly import", "01", "failed"), *all_done("02")]
    assert [line["event"] for line in lines] == ["a step of the loop failed unexpectedly"]
    (row,) = at_night.rows("nightly import")
    assert row.outcome.startswith("RuntimeError: postgresql://duehook:")
    assert "hunter2" not in row.outcome


def test_a_company_that_is_not_ready_is_decided_and_nothing_proposed(
    books: Books, database_url: str, tmp_path: Path
) -> None:
    with loop_site(tmp_path, database_url, 'dun: "05:30"') as site:
        outcomes = [ran.outcome for ran in site.tick() if ran.key.job == "dun"]
        assert len(outcomes) == 2
        assert all("0 notices (0 new, 0 waiting, 0 approved)" in said for said in outcomes)
        assert all("all kept back: " in said for said in outcomes)


def test_on_a_closed_day_the_night_runs_and_nothing_is_proposed(
    books: Books, database_url: str, tmp_path: Path
) -> None:
    with loop_site(tmp_path, database_url, closed="2026-03-02") as site:
        told = {(ran.key.job, ran.key.company): ran.outcome for ran in site.tick()}
        assert "all kept back: " in told["nightly dun", "01"]
        assert "kept back" not in told["nightly dun", "02"]


@pytest.mark.parametrize("name", ["nightly", "all"])
def test_a_paused_job_is_not_run_and_of_its_slots_the_newest_is_when_it_goes_on(at_night: LoopSite, name: str) -> None:
    at_night.tick()
    at_night.pause(name)
    for _ in range(2):
        at_night.clock.later(days=1)
        assert at_night.ran() == []
    at_night.resume(name)
    assert at_night.ran() == all_done("01", "02")
    assert at_night.slots("nightly aging") == {SLOT: "done", "2026-03-04T05:30": "done"}


def test_a_paused_step_stops_the_night_before_it_until_it_is_resumed(at_night: LoopSite) -> None:
    at_night.pause("dun")
    before = [step for step in all_done("01", "02") if step[0] != "nightly dun"]
    assert at_night.ran() == before
    at_night.resume("dun")
    assert at_night.ran() == [("nightly dun", "01", "done"), ("nightly dun", "02", "done")]


@pytest.mark.parametrize("name", ["deliver", "all"])
def test_paused_delivery_waits_while_it_is_paused(at_night: LoopSite, name: str) -> None:
    at_night.pause(name)
    at_night.tick()
    assert at_night.rows("deliver", "") == []
    at_night.resume(name)
    at_night.tick()
    assert at_night.slots("deliver", "") == {"2026-03-02T06:00:00+00:00": "done"}


def test_delivery_comes_at_every_interval_and_at_slots_of_its_own(
    books: Books, database_url: str, tmp_path: Path
) -> None:
    with loop_site(tmp_path, database_url, 'deliver: "05:45", deliver_every: 10 min') as site:
        assert [ran.key for ran in site.tick()] == [
            ("deliver", "01", "2026-03-02T05:45"),
            ("deliver", "02", "2026-03-02T05:45"),
            ("deliver", "", "2026-03-02T06:00:00+00:00"),
        ]
        site.clock.later(minutes=9)
        assert site.tick() == []
        site.clock.later(minutes=1)
        assert [ran.key.slot for ran in site.tick()] == ["2026-03-02T06:10:00+00:00"]


def test_deliveries_are_forgotten_after_a_week_and_slots_are_not(
    books: Books, database_url: str, tmp_path: Path
) -> None:
    with loop_site(tmp_path, database_url, 'deliver: "05:45 Mon"') as site:
        site.tick()
        site.clock.later(days=6)
        site.tick()
        site.clock.later(days=2)
        site.plan('deliver: "05:45 Sat"')
        site.tick()
        kept = [slot[:10] for slot in site.slots("deliver", "")]
        assert kept == ["2026-03-08", "2026-03-10"]
        assert site.slots("deliver") == {"2026-03-02T05:45": "done", "2026-03-07T05:45": "done"}


def test_a_busy_connection_is_no_failure_and_the_step_waits_for_it(at_night: LoopSite) -> None:
    looked: list[list[tuple[str, str, str]]] = []
    north = at_night.erps["north"]
    north.first = lambda: looked.append(at_night.ran()) if not looked else None
    import_by_name(at_night.site, at_night.context, "north", as_of=MONDAY.date())
    assert looked == [all_done("02")]
    (row,) = at_night.rows("nightly import")
    assert (row.state, row.attempts, row.claimed_by) == ("due", 0, None)
    assert "north is being imported by " in row.outcome
    assert at_night.ran() == all_done("01")


def test_a_job_that_another_worker_took_over_is_the_others_and_the_night_stops_here(at_night: LoopSite) -> None:
    key = JobKey("nightly import", "01", SLOT)
    late = MONDAY + jobs.LEASE + timedelta(seconds=1)
    at_night.erps["north"].first = lambda: at_night.claim(key, "two", late)
    (first, *rest) = at_night.tick()
    assert (first.key, first.state) == (key, "lost")
    assert first.outcome.startswith("another worker has taken it over; here it came to: north run 1")
    assert [ran.key.company for ran in rest if ran.key.job != "deliver"] == ["02"] * 4
    (row,) = at_night.rows("nightly import")
    assert (row.state, row.claimed_by, row.attempts) == ("running", "two", 2)


def test_a_killed_workers_night_is_finished_by_the_next_look_after_its_lease(at_night: LoopSite) -> None:
    assert at_night.claim(JobKey("nightly import", "01", SLOT), "killed", MONDAY)
    assert at_night.ran() == all_done("02")
    at_night.clock.later(minutes=11)
    assert at_night.ran() == all_done("01")


def test_what_a_killed_worker_left_of_an_older_night_is_closed_by_a_newer_one(at_night: LoopSite) -> None:
    at_night.pause("dun")
    at_night.tick()
    at_night.resume("dun")
    assert at_night.claim(JobKey("nightly dun", "01", SLOT), "killed", MONDAY)
    assert at_night.claim(JobKey("deliver", "", "2026-03-02T05:55:00+00:00"), "killed", MONDAY)
    at_night.clock.later(days=1)
    at_night.tick()
    (left, done) = at_night.rows("nightly dun")
    assert (left.state, left.outcome) == ("failed", "its worker was gone, and a newer slot came")
    assert done.state == "done"
    assert at_night.slots("deliver", "")["2026-03-02T05:55:00+00:00"] == "failed"


def test_a_missed_slot_is_not_run_when_the_schedule_has_none_after_it(at_night: LoopSite) -> None:
    at_night.tick()
    with at_night.site.books.write() as tx:
        jobs.miss(tx, JobKey("nightly import", "01", "2026-03-03T05:30"), MONDAY)
    at_night.clock.later(days=1)
    assert at_night.ran() == all_done("02")


@pytest.mark.parametrize("ahead", [timedelta(days=1), timedelta(days=3), timedelta(days=365)], ids=str)
def test_a_clock_that_ran_ahead_for_a_moment_takes_no_night_and_is_told_once(
    at_night: LoopSite, ahead: timedelta
) -> None:
    at_night.tick()
    at_night.clock.at = MONDAY + ahead
    at_night.tick()
    at_night.clock.at = MONDAY
    with structlog.testing.capture_logs() as lines:
        assert (at_night.ran(), at_night.ran()) == ([], [])
    assert [(line["job"], line["company"]) for line in lines] == [("nightly import", "01"), ("nightly import", "02")]
    with at_night.site.books.read() as tx:
        (told,) = entries(tx, company="01", subject="nightly import")
    assert told.act == "schedule.forget"
    assert told.after["slots"][-1] == f"{(MONDAY + ahead).date()}T05:30"
    for day in range(1, 4):
        at_night.clock.at = MONDAY + timedelta(days=day)
        assert at_night.ran() == all_done("01", "02"), day


def test_a_slot_that_another_server_ran_by_a_clock_a_little_ahead_is_not_run_again(at_night: LoopSite) -> None:
    at_night.ran()
    at_night.clock.at = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
    assert at_night.ran() == []
    assert at_night.slots("nightly import") == {SLOT: "done"}


def test_whoever_stops_reading_stops_between_two_jobs(at_night: LoopSite) -> None:
    looking = tick(at_night.site, at_night.context, "one")
    assert [ran.key.job for ran in itertools.islice(looking, 2)] == ["nightly import", "nightly tie_out"]
    assert at_night.rows("nightly aging") == []
    assert at_night.ran("another") == all_done("01", "02")[2:]


def test_what_was_read_since_the_slot_is_not_read_again(books: Books, database_url: str, tmp_path: Path) -> None:
    with loop_site(tmp_path, database_url, NIGHTLY) as site:
        import_by_name(site.site, site.context, "north", as_of=MONDAY.date())
        told = {ran.key[:2]: ran.outcome for ran in site.tick()}
        assert told["nightly import", "01"] == "read already"
        assert told["nightly import", "02"] == "south run 3: 4 rows written, 0 parked"


def test_a_company_whose_items_come_from_nowhere_has_nothing_to_tie_out(at_night: LoopSite) -> None:
    settings = at_night.site.settings
    nothing = settings.connections["north"].model_copy(update={"serves": ()})
    at_night.site.settings = settings.model_copy(update={"connections": {**settings.connections, "north": nothing}})
    assert tie_out_in_turn(at_night.site, at_night.context, "01", since=MONDAY) == "nothing to tie out"


def test_a_lock_by_a_connection_that_was_renamed_since_is_lifted_by_the_next_night(at_night: LoopSite) -> None:
    row = {"company": "01", "connection": "its former name", "run_id": 1, "made_at": MONDAY, "state": "differs"}
    with at_night.site.books.write() as tx:
        made = tx.execute(tie_out.insert(), {**row, "documents": 1, "totals": [], "actor": "engine:loop"})
        number = made.inserted_primary_key[0] if made.inserted_primary_key else None
        locked = {"company": "01", "reason": "it differs", "tie_out_id": number, "since": MONDAY}
        tx.execute(dunning_lock.insert(), locked)
    at_night.tick()
    with at_night.site.books.read() as tx:
        assert tx.execute(select(dunning_lock)).all() == []
