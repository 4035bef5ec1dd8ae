"""The outbox: each effect once, in order within its lane, and never sent again by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from duehook.core.books import Books
from duehook.core.books.store.delivery import outbox
from duehook.core.books.store.delivery.outbox import Effect, Entry, Worker

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
A, B = Worker("a"), Worker("b")
KINDS = {"add_note", "set_credit_hold", "release_credit_hold"}


def note(number: str, customer: str = "4711", **more: Any) -> Effect:
    return Effect("add_note", "jde", "00001", customer, "note", {"notice": number}, {"text": number}, **more)


def hold(kind: str, on: str) -> Effect:
    return Effect(kind, "jde", "00001", "4711", "hold", {"value": "D", "on": on}, newest_wins=True)


def put(books: Books, *effects: Effect) -> list[str]:
    with books.write() as tx:
        return [outbox.put(tx, effect, at=NOW, correlation_id="c") for effect in effects]


def claim(books: Books, worker: Worker = A, now: datetime = NOW, most: int = 10) -> list[Entry]:
    with books.write() as tx:
        return list(outbox.claim(tx, worker, now, kinds=KINDS, most=most))


def begin(books: Books, entry: Entry, worker: Worker = A, now: datetime = NOW) -> bool:
    with books.write() as tx:
        return outbox.begin_sending(tx, entry, worker, now=now)


def finish(books: Books, entry: Entry, state: str) -> None:
    with books.write() as tx:
        assert outbox.finish(tx, entry, state, at=NOW, outcome=state)


def states(books: Books) -> dict[str, str]:
    with books.read() as tx:
        return {row.key: row.state for row in outbox.listed(tx)}


def texts(entries: list[Entry]) -> list[str]:
    return [entry.payload["text"] for entry in entries]


def test_the_same_facts_are_queued_once(books: Books) -> None:
    first, again, other = put(books, note("1"), note("1"), note("2"))
    assert first == again != other
    assert len(states(books)) == 2


@pytest.mark.parametrize("ended", ["failed", "cancelled"])
def test_facts_that_were_never_sent_are_queued_anew(books: Books, ended: str) -> None:
    (first,) = put(books, note("1"))
    (entry,) = claim(books)
    finish(books, entry, ended)
    (second,) = put(books, note("1"))
    assert second != first
    assert put(books, note("1")) == [second]


@pytest.mark.parametrize("state", ["sent", "in_doubt"])
def test_facts_that_were_sent_or_may_have_been_are_not(books: Books, state: str) -> None:
    (first,) = put(books, note("1"))
    (entry,) = claim(books)
    begin(books, entry)
    finish(books, entry, state)
    assert put(books, note("1")) == [first]
    assert claim(books, now=LATER) == []


def test_what_is_shown_only_is_never_claimed(books: Books) -> None:
    with books.write() as tx:
        key = outbox.show(tx, note("1"), "shadow: would add a note", at=NOW, correlation_id="c")
    assert states(books) == {key: "cancelled"}
    assert claim(books) == []


def test_a_lane_goes_out_in_order_and_lanes_do_not_wait_for_each_other(books: Books) -> None:
    put(books, note("1"), note("2"), note("3", customer="4712"))
    first, other = claim(books)
    assert texts([first, other]) == ["1", "3"]
    assert claim(books, B) == []
    begin(books, first)
    finish(books, first, "sent")
    assert texts(claim(books, B)) == ["2"]


@pytest.mark.parametrize(("state", "goes_on"), [("in_doubt", False), ("failed", True), ("cancelled", True)])
def test_an_effect_in_doubt_stops_its_lane(books: Books, state: str, goes_on: bool) -> None:
    put(books, note("1"), note("2"))
    (entry,) = claim(books)
    begin(books, entry)
    finish(books, entry, state)
    assert bool(claim(books, now=LATER)) is goes_on


def test_a_newer_hold_command_supersedes_the_unsent_one(books: Books) -> None:
    set_key, release_key = put(books, hold("set_credit_hold", "2026-03-01"), hold("release_credit_hold", "2026-03-02"))
    assert states(books) == {set_key: "superseded", release_key: "new"}
    assert [entry.kind for entry in claim(books)] == ["release_credit_hold"]


def test_a_hold_command_that_is_going_out_is_waited_for(books: Books) -> None:
    (set_key,) = put(books, hold("set_credit_hold", "2026-03-01"))
    (entry,) = claim(books)
    begin(books, entry)
    put(books, hold("release_credit_hold", "2026-03-02"))
    assert claim(books, B) == []
    finish(books, entry, "sent")
    assert [entry.kind for entry in claim(books, B)] == ["release_credit_hold"]
    assert states(books)[set_key] == "sent"


def test_a_superseded_row_that_was_claimed_does_not_go_out(books: Books) -> None:
    put(books, hold("set_credit_hold", "2026-03-01"))
    (entry,) = claim(books)
    put(books, hold("release_credit_hold", "2026-03-02"))
    assert not begin(books, entry)


def test_a_row_waits_for_its_time(books: Books) -> None:
    put(books, note("1", not_before=LATER))
    assert claim(books) == []
    with books.read() as tx:
        (entry,) = outbox.waiting(tx, NOW)
    assert entry.not_before == LATER
    assert texts(claim(books, now=LATER)) == ["1"]


def test_a_claim_ends_with_its_lease_and_its_worker_finds_out(books: Books) -> None:
    put(books, note("1"))
    (entry,) = claim(books, A)
    assert claim(books, B) == []
    assert texts(claim(books, B, LATER)) == ["1"]
    assert not begin(books, entry, A, LATER)
    assert begin(books, entry, B, LATER)


def test_a_worker_whose_own_lease_is_over_does_not_begin(books: Books) -> None:
    put(books, note("1"))
    (entry,) = claim(books, A)
    assert not begin(books, entry, A, LATER)


@pytest.mark.parametrize("act", ["cancel", "free"])
def test_a_worker_that_lost_its_claim_neither_ends_nor_frees_what_another_is_sending(books: Books, act: str) -> None:
    put(books, note("1"))
    (slow,) = claim(books, A)
    (entry,) = claim(books, B, LATER)
    begin(books, entry, B, LATER)
    with books.write() as tx:
        if act == "cancel":
            assert not outbox.finish(tx, slow, "cancelled", at=LATER, outcome="changed")
        else:
            assert not outbox.postpone(tx, slow, LATER, outcome="held")
    assert states(books) == {entry.key: "sending"}


def test_who_knows_that_it_was_sent_may_say_so_after_it_was_put_in_doubt(books: Books) -> None:
    put(books, note("1"))
    (slow,) = claim(books, A)
    begin(books, slow)
    with books.write() as tx:
        (stalled,) = outbox.claim_stalled(tx, B, LATER, kinds=KINDS, most=10)
        assert outbox.finish(tx, stalled, "in_doubt", at=LATER, outcome="its worker died")
    with books.write() as tx:
        assert not outbox.finish(tx, slow, "failed", at=LATER, outcome="550")
        assert outbox.finish(tx, slow, "sent", at=LATER, outcome="250")


def test_what_was_given_back_is_free_at_once(books: Books) -> None:
    put(books, note("1"))
    entries = claim(books, A)
    with books.write() as tx:
        outbox.release(tx, entries, A)
    assert texts(claim(books, B)) == ["1"]


def test_a_row_that_was_going_out_when_its_worker_died_is_stalled_not_new(books: Books) -> None:
    put(books, note("1"))
    (entry,) = claim(books, A)
    begin(books, entry)
    assert claim(books, B, LATER) == []
    with books.write() as tx:
        assert outbox.claim_stalled(tx, B, NOW, kinds=KINDS, most=10) == []
        (stalled,) = outbox.claim_stalled(tx, B, LATER, kinds=KINDS, most=10)
    assert (stalled.key, stalled.attempts) == (entry.key, 1)


def test_a_row_that_was_certainly_not_sent_comes_again_later(books: Books) -> None:
    put(books, note("1"))
    (entry,) = claim(books)
    begin(books, entry)
    with books.write() as tx:
        outbox.postpone(tx, entry, LATER, outcome="refused for now")
    assert claim(books) == []
    assert texts(claim(books, now=LATER)) == ["1"]


def test_a_row_nobody_knows_of_is_asked_about_and_counted(books: Books) -> None:
    put(books, note("1"))
    (entry,) = claim(books)
    begin(books, entry)
    with books.write() as tx:
        outbox.postpone(tx, entry, LATER, outcome="no answer", checked=True)
    assert claim(books, now=LATER) == []
    with books.write() as tx:
        (stalled,) = outbox.claim_stalled(tx, B, LATER, kinds=KINDS, most=10)
    assert (stalled.state, stalled.checks) == ("sending", 1)


def test_a_key_is_found_by_its_beginning(books: Books) -> None:
    (key,) = put(books, note("1"))
    with books.read() as tx:
        assert [row.key for row in outbox.by_key(tx, key[:10])] == [key]
        assert outbox.by_key(tx, "%") == []


def together(act: Callable[[int], None], count: int) -> None:
    threads = [Thread(target=act, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_workers_at_once_never_begin_the_same_row(books: Books) -> None:
    put(books, *(note(str(number), customer=str(number % 7)) for number in range(28)))
    begun: list[str] = []
    barrier = Barrier(4)

    def work(number: int) -> None:
        worker = Worker(f"w{number}")
        barrier.wait()
        while entries := claim(books, worker, most=3):
            for entry in entries:
                if begin(books, entry, worker):
                    begun.append(entry.key)
                    finish(books, entry, "sent")

    together(work, 4)
    assert set(Counter(begun).values()) == {1}
    assert len(begun) + len([state for state in states(books).values() if state == "new"]) == 28
    while entries := claim(books):
        for entry in entries:
            begin(books, entry)
            finish(books, entry, "sent")
    assert set(states(books).values()) == {"sent"}


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["put", "sent", "retry", "doubt", "die_before", "die_after", "settle"]), st.integers(0, 3)
    ),
    max_size=30,
)


@given(steps=STEPS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_order_of_events_hands_an_effect_over_twice(
    steps: list[tuple[str, int]], tmp_path_factory: pytest.TempPathFactory, migrated_file: Path
) -> None:
    file = tmp_path_factory.mktemp("outbox") / "books.db"
    file.write_bytes(migrated_file.read_bytes())
    opened = Books.open(f"sqlite:///{file}")
    try:
        _play(opened, steps)
    finally:
        opened.close()


def _play(books: Books, steps: list[tuple[str, int]]) -> None:
    """Play the steps; `arrived` is what the other side has, whatever we know of it."""
    now = NOW
    arrived: list[str] = []
    for step, number in steps:
        now += timedelta(hours=1)  # every lease is over
        if step == "put":
            put(books, note(str(number), customer=str(number % 2)))
        elif step == "settle":
            _settle_by_what_arrived(books, arrived)
        else:
            _hand_over(books, now, step, arrived)
        assert max(Counter(arrived).values(), default=0) <= 1
    known = states(books)
    assert all(known[key] in {"sent", "sending", "in_doubt"} for key in arrived)
    assert all(key in arrived for key, state in known.items() if state == "sent")


def _hand_over(books: Books, now: datetime, step: str, arrived: list[str]) -> None:
    for entry in claim(books, A, now, most=1):
        assert begin(books, entry, A, now)
        if step in {"sent", "doubt", "die_after"}:
            arrived.append(entry.key)
        with books.write() as tx:
            if step in {"sent", "doubt"}:
                outbox.finish(tx, entry, {"sent": "sent", "doubt": "in_doubt"}[step], at=now, outcome=step)
            elif step == "retry":
                outbox.postpone(tx, entry, now, outcome=step)


def _settle_by_what_arrived(books: Books, arrived: list[str]) -> None:
    with books.write() as tx:
        for entry in outbox.listed(tx, states={"in_doubt", "sending"}):
            outbox.finish(tx, entry, "sent" if entry.key in arrived else "failed", at=NOW, outcome="by hand")
