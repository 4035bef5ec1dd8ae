"""The schedule: which slot is due, computed from the clock and the last one known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from duehook.core.books import Books
from duehook.core.books.store import jobs
from duehook.core.books.store.jobs import JobKey
from duehook.core.runs.loop.slots import coming, every, passed
from duehook.core.settings.values import Slot

NIGHTLY = Slot.read("05:30 Mon-Fri")
DAILY = Slot.read("02:30")
KEY = JobKey("dun", "01", "2026-03-02T05:30")
NOW = datetime(2026, 3, 2, 5, 31, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_schedule_that_never_ran_has_missed_nothing() -> None:
    due = passed(NIGHTLY, "Europe/Berlin", at("2026-03-05T12:00+00:00"), None)
    assert [slot.name for slot in due] == ["2026-03-05T05:30"]


def test_a_slot_is_due_in_the_companys_own_time() -> None:
    assert passed(NIGHTLY, "Asia/Tokyo", at("2026-03-04T20:29+00:00"), "2026-03-04T05:30") == []
    due = passed(NIGHTLY, "Asia/Tokyo", at("2026-03-04T20:30+00:00"), "2026-03-04T05:30")
    assert [slot.name for slot in due] == ["2026-03-05T05:30"]


def test_slots_that_passed_while_nothing_ran_are_all_known_oldest_first() -> None:
    due = passed(NIGHTLY, "UTC", at("2026-03-10T06:00+00:00"), "2026-03-05T05:30")
    assert [slot.name for slot in due] == ["2026-03-06T05:30", "2026-03-09T05:30", "2026-03-10T05:30"]


def test_a_weekend_has_no_slot_and_the_next_is_monday() -> None:
    due = coming(NIGHTLY, "UTC", at("2026-03-06T06:00+00:00"))
    assert due is not None
    assert due.name == "2026-03-09T05:30"


def test_the_hour_that_is_left_out_in_spring_still_has_its_slot_once() -> None:
    slots = [
        slot.name
        for hour in range(48)
        for slot in passed(
            DAILY, "Europe/Berlin", at("2026-03-28T12:00+00:00") + timedelta(hours=hour), "2026-03-28T02:30"
        )
    ]
    assert set(slots) == {"2026-03-29T02:30", "2026-03-30T02:30"}


def test_the_hour_that_comes_twice_in_autumn_is_one_slot() -> None:
    first = passed(DAILY, "Europe/Berlin", at("2026-10-25T00:31+00:00"), "2026-10-24T02:30")
    again = passed(DAILY, "Europe/Berlin", at("2026-10-25T01:31+00:00"), "2026-10-25T02:30")
    assert ([slot.name for slot in first], again) == (["2026-10-25T02:30"], [])


def test_an_interval_has_the_same_slot_in_every_process() -> None:
    assert every(timedelta(minutes=5), at("2026-03-02T05:34:59+00:00")).name == "2026-03-02T05:30:00+00:00"


def test_a_job_is_claimed_once(books: Books) -> None:
    with books.write() as tx:
        assert jobs.claim(tx, KEY, "one", NOW, correlation_id="c1")
    with books.write() as tx:
        assert not jobs.claim(tx, KEY, "two", NOW, correlation_id="c2")
        jobs.end(tx, KEY, "one", NOW, state="done", outcome="ok")
    with books.write() as tx:
        assert not jobs.claim(tx, KEY, "two", NOW + timedelta(days=1), correlation_id="c2")


def test_a_killed_workers_job_is_taken_over_when_its_lease_is_over(books: Books) -> None:
    with books.write() as tx:
        jobs.claim(tx, KEY, "killed", NOW, correlation_id="c1")
    with books.write() as tx:
        assert not jobs.claim(tx, KEY, "two", NOW + jobs.LEASE, correlation_id="c2")
        assert jobs.claim(tx, KEY, "two", NOW + jobs.LEASE + timedelta(seconds=1), correlation_id="c2")
        jobs.end(tx, KEY, "killed", NOW, state="done", outcome="too late")
        assert jobs.states(tx, ["dun"], "01", KEY.slot)["dun"].state == "running"


def test_a_failed_job_is_tried_again_after_waits_that_grow_over_some_hours(books: Books) -> None:
    now, minute = NOW, timedelta(minutes=1)
    for minutes in (5, 10, 30, 60, 120, 240, None):
        with books.write() as tx:
            assert jobs.claim(tx, KEY, "one", now, correlation_id="c"), minutes
            jobs.end(tx, KEY, "one", now, state="failed", outcome="the ERP makes its backup")
            now += timedelta(minutes=minutes or 24 * 60)
            assert not jobs.claim(tx, KEY, "one", now, correlation_id="c"), minutes
        now += minute


def test_a_renewed_lease_keeps_the_job(books: Books) -> None:
    with books.write() as tx:
        jobs.claim(tx, KEY, "one", NOW, correlation_id="c")
        jobs.renew(tx, KEY, "one", NOW + timedelta(minutes=9))
        assert not jobs.claim(tx, KEY, "two", NOW + timedelta(minutes=15), correlation_id="c")


def test_a_worker_that_lost_its_job_can_neither_renew_it_nor_give_it_back_nor_end_it(books: Books) -> None:
    later = NOW + jobs.LEASE + timedelta(seconds=1)
    with books.write() as tx:
        jobs.claim(tx, KEY, "one", NOW, correlation_id="c")
        jobs.claim(tx, KEY, "two", later, correlation_id="c")
        assert not jobs.renew(tx, KEY, "one", later + timedelta(minutes=1))
        assert not jobs.give_back(tx, KEY, "one", why="the ERP is busy")
        assert not jobs.end(tx, KEY, "one", later, state="done", outcome="ok")
        row = jobs.states(tx, ["dun"], "01", KEY.slot)["dun"]
        assert (row.state, row.claimed_by, row.leased_until) == ("running", "two", later + jobs.LEASE)


def test_a_job_that_was_given_back_is_free_at_once_and_counts_no_attempt(books: Books) -> None:
    with books.write() as tx:
        jobs.claim(tx, KEY, "one", NOW, correlation_id="c")
        assert jobs.give_back(tx, KEY, "one", why="the ERP is busy")
        row = jobs.states(tx, ["dun"], "01", KEY.slot)["dun"]
        assert (row.state, row.attempts, row.outcome) == ("due", 0, "the ERP is busy")
        assert jobs.claim(tx, KEY, "two", NOW, correlation_id="c")


def test_only_what_nobody_works_at_is_closed_when_a_newer_slot_comes(books: Books) -> None:
    new = KEY._replace(slot="2026-03-03T05:30")
    held = KEY._replace(slot="2026-02-27T05:30")
    with books.write() as tx:
        for key, worker, at in ((KEY, "killed", NOW - jobs.LEASE), (held, "slow", NOW), (new, "one", NOW)):
            jobs.claim(tx, key, worker, at, correlation_id="c")
        jobs.close_abandoned(tx, "dun", "01", before=new.slot, now=NOW + timedelta(seconds=1))
        states = {key.slot: jobs.states(tx, ["dun"], "01", key.slot)["dun"].state for key in (held, KEY, new)}
    assert list(states.values()) == ["running", "failed", "running"]


def test_a_missed_slot_is_noted_and_not_run(books: Books) -> None:
    with books.write() as tx:
        assert jobs.miss(tx, KEY, NOW)
        assert not jobs.claim(tx, KEY, "one", NOW, correlation_id="c")
        assert jobs.last_slot(tx, "dun", "01") == KEY.slot


@pytest.mark.parametrize("name", ["dun", "all"])
def test_a_pause_is_kept_and_ended(books: Books, name: str) -> None:
    with books.write() as tx:
        jobs.pause(tx, name, since=NOW, actor="ann", reason="year-end")
        assert jobs.pauses(tx)[name].reason == "year-end"
        assert jobs.resume(tx, name)
        assert not jobs.resume(tx, name)
