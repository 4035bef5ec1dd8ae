"""Settling by hand: a task about a letter in doubt is ended by what a person found, by nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from duehook.core.books import Books
from duehook.core.books.store.delivery import tasks
from duehook.core.runs.deliver import desk
from duehook.core.runs.deliver.settle import Unsettled, finish_task, settle
from tests.rigs.delivery_site import LETTERS_ONLY, Rig, due, rigged
from tests.rigs.mail_catcher import breaking


@pytest.fixture
def rig(books: Books, database_url: str, tmp_path: Path) -> Iterator[Rig]:
    with rigged(tmp_path, database_url) as made:
        made.erp.customer("A")
        made.erp.invoice("1", "A", "100.00", due(10))
        yield made


def only_task(rig: Rig) -> int:
    with rig.site.books.read() as tx:
        (task,) = tasks.listed(tx)
    return int(task.id)


def on_paper(rig: Rig) -> int:
    """Write a letter that waits to be posted; return its task."""
    rig.policy = LETTERS_ONLY
    rig.run()
    return only_task(rig)


def in_doubt(rig: Rig) -> int:
    """Leave a mail in doubt; return its task."""
    with breaking("reply") as server:
        rig.set(mail={**rig.site.settings.mail, "port": server.port})
        rig.run()
    return only_task(rig)


def test_tasks_are_listed_by_state_and_company(rig: Rig) -> None:
    number = on_paper(rig)
    assert [task["id"] for task in desk.tasks(rig.site, state="open", company="01")] == [number]
    assert desk.tasks(rig.site, state="open", company="02") == []
    finish_task(rig.site, rig.context, number, outcome="posted")
    assert [task["id"] for task in desk.tasks(rig.site, state="done")] == [number]


@pytest.mark.parametrize("outcome", ["posted", " Posted "])
def test_a_letter_is_settled_as_sent_by_posted(rig: Rig, outcome: str) -> None:
    assert finish_task(rig.site, rig.context, on_paper(rig), outcome=outcome) == "letter settled as sent"
    assert (rig.only().state, rig.levels(), rig.tasks()) == ("sent", {"1": 1}, {})


@pytest.mark.parametrize("outcome", ["lost", "done", "not posted", ""])
def test_a_letter_to_post_is_settled_by_no_other_outcome(rig: Rig, outcome: str) -> None:
    task = on_paper(rig)
    with pytest.raises(Unsettled) as refused:
        finish_task(rig.site, rig.context, task, outcome=outcome)
    assert f"duehook task done {task} --outcome posted" in str(refused.value)
    assert f"duehook outbox settle {rig.key()[:12]} --not-sent" in str(refused.value)
    assert refused.value.exit_code == 2
    assert (rig.only().state, rig.levels(), set(rig.tasks())) == ("in_doubt", {}, {"letter_to_post"})


def test_a_letter_that_was_lost_is_settled_as_not_sent_and_its_task_ends(rig: Rig) -> None:
    on_paper(rig)
    settle(rig.site, rig.context, rig.key()[:12], sent=False, why="lost on the way to the post")
    assert (rig.only().state, rig.levels(), set(rig.tasks())) == ("failed", {}, {"notice_failed"})


def test_a_mail_in_doubt_is_not_settled_by_its_task(rig: Rig) -> None:
    task = in_doubt(rig)
    with pytest.raises(Unsettled) as refused:
        finish_task(rig.site, rig.context, task, outcome="posted")
    assert f"duehook outbox settle {rig.key()[:12]} --sent" in str(refused.value)
    assert (rig.only().state, set(rig.tasks())) == ("in_doubt", {"notice_in_doubt"})


@pytest.mark.parametrize(("sent", "left"), [(True, set()), (False, {"notice_failed"})])
def test_settling_a_mail_in_doubt_ends_its_task(rig: Rig, sent: bool, left: set[str]) -> None:
    in_doubt(rig)
    settle(rig.site, rig.context, rig.key()[:12], sent=sent, why="asked them")
    assert set(rig.tasks()) == left


def test_a_note_in_doubt_is_not_settled_by_its_task(rig: Rig) -> None:
    rig.erp.lost_replies, rig.erp.blind = 1, True
    rig.run()
    while "write_back_in_doubt" not in rig.tasks():
        rig.clock.later(hours=13)
        rig.deliver()
    task, key = only_task(rig), rig.key("add_note")[:12]
    with pytest.raises(Unsettled, match=f"duehook outbox settle {key}"):
        finish_task(rig.site, rig.context, task, outcome="done")
    settle(rig.site, rig.context, key, sent=True, why="it is there")
    assert rig.tasks() == {}
