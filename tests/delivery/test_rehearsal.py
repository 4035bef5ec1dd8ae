"""A rehearsal leaves no trace in what real customers get: levels, clocks and letters begin where they stood."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from duehook.core.books import Books
from duehook.core.books.tables.ops import fact
from duehook.core.errors import RunStopped
from duehook.core.runs.deliver.queue import cancel_notice
from duehook.core.runs.dunning.dun import dun
from duehook.core.runs.dunning.proposals import approve, proposed
from duehook.core.runs.go_live import go_live
from duehook.core.settings.model import PilotCustomer
from tests.rigs.delivery_site import NOW, PRE_DUE, Rig, due, policy, rigged

A, B, CAUGHT = ["a@debtor.example"], ["b@debtor.example"], ["caught@site.example"]


@pytest.fixture
def rig(books: Books, database_url: str, tmp_path: Path) -> Iterator[Rig]:
    with rigged(tmp_path, database_url) as made:
        (tmp_path / "rules").mkdir()
        (tmp_path / "rules" / "test.yaml").write_text(policy().canonical)
        company = made.site.settings.companies["01"].model_copy(update={"policy": "test"})
        made.set(companies={"01": company})
        made.erp.customer("A")
        made.erp.invoice("1", "A", "100.00", due(10))
        yield made


def not_live_yet(rig: Rig) -> None:
    with rig.site.books.write() as tx:
        tx.execute(fact.delete())


def work(rig: Rig, days: int = 0) -> None:
    """Import, dun, approve and deliver by the use cases, so many days after the first."""
    rig.clock.at = NOW + timedelta(days=days)
    rig.load()
    dun(rig.site, rig.context, "01", as_of=rig.today)
    approve(rig.site, rig.context, [row.id for row in proposed(rig.site.books)])
    rig.deliver()


def mails(rig: Rig) -> list[list[str]]:
    return [recipients for _, recipients, _ in rig.catcher.mails]


def sent_levels(rig: Rig, debtor: str) -> list[tuple[int, str]]:
    return [(row.level, row.state) for row in rig.notices() if row.debtor == debtor]


def test_who_was_only_rehearsed_in_pilot_gets_a_first_letter_first(rig: Rig) -> None:
    not_live_yet(rig)
    rig.erp.customer("B")
    rig.erp.invoice("b", "B", "100.00", due(3))
    rig.set(mode="pilot", pilot=(PilotCustomer(company="01", customer="A"),))
    rig.load()
    go_live(rig.site, rig.context)
    work(rig, days=7)
    work(rig, days=21)
    assert B not in mails(rig)
    assert rig.levels()["b"] == 2
    rig.set(mode="live")
    work(rig, days=35)
    assert mails(rig).count(B) == 1
    assert sent_levels(rig, "B") == [(1, "cancelled"), (2, "cancelled"), (1, "sent")]
    assert rig.levels()["b"] == 1


def test_a_letter_that_went_to_the_catch_all_in_a_day_of_shadow_is_written_again(rig: Rig) -> None:
    rig.load()
    rig.approve()
    rig.set(mode="shadow")
    rig.deliver()
    rig.set(mode="live")
    work(rig, days=14)
    assert mails(rig) == [CAUGHT, A]
    assert sent_levels(rig, "A") == [(1, "cancelled"), (1, "sent")]


def test_a_rehearsed_reminder_comes_again_when_it_counts(rig: Rig) -> None:
    rig.policy = PRE_DUE
    (rig.site.settings.path(rig.site.settings.rules) / "test.yaml").write_text(PRE_DUE.canonical)
    rig.erp.items["1"]["due_on"] = due(-3)
    rig.set(mode="shadow")
    work(rig)
    rig.set(mode="live")
    work(rig, days=1)
    assert mails(rig) == [CAUGHT, A]


def test_a_rehearsal_and_the_real_letter_may_fall_on_one_day(rig: Rig, tmp_path: Path) -> None:
    not_live_yet(rig)
    rig.set(mode="shadow")
    work(rig)
    rig.set(mode="live")
    file = tmp_path / "levels.csv"
    file.write_text("company,item,level,last_dunned_on\n01,1,0,\n")
    go_live(rig.site, rig.context, levels=file)
    work(rig)
    assert mails(rig) == [CAUGHT, A]


def test_pilot_sends_nothing_before_go_live(rig: Rig) -> None:
    not_live_yet(rig)
    rig.set(mode="shadow")
    work(rig)
    rig.clock.at = NOW + timedelta(days=14)
    rig.load()
    rig.approve()
    rig.set(mode="pilot", pilot=(PilotCustomer(company="01", customer="A"),))
    with pytest.raises(RunStopped, match="mode is pilot, but the site has not gone live"):
        rig.deliver()
    assert mails(rig) == [CAUGHT]


def test_a_letter_taken_back_is_written_again_on_the_same_day(rig: Rig) -> None:
    work(rig)
    with rig.site.books.write() as tx:
        cancel_notice(tx, rig.context, rig.only().id, why="a wrong bank account stood on it")
    work(rig)
    work(rig)
    assert mails(rig) == [A, A]
    assert sent_levels(rig, "A") == [(1, "cancelled"), (1, "sent")]


def test_a_rehearsed_letter_that_a_person_took_back_is_not_taken_back_again(rig: Rig) -> None:
    rig.set(mode="shadow")
    work(rig)
    with rig.site.books.write() as tx:
        cancel_notice(tx, rig.context, rig.only().id, why="they called")
    rig.set(mode="live")
    work(rig, days=1)
    assert [row.reason for row in rig.notices()] == ["they called", None]
    assert mails(rig) == [CAUGHT, A]
