"""Two who decide about one hold in the same moment: the first one's word stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, select

from duehook.core.books import Books
from duehook.core.books.store.delivery import holds as store
from duehook.core.books.tables.ops import audit
from duehook.core.runs.deliver.queue import cancel_notice
from duehook.core.runs.holds import approve_releases, drop_all, judge_holds, judging, listed
from duehook.core.runs.holds.judging import Judged
from tests.rigs.delivery_site import Rig, due, rigged


@pytest.fixture
def rig(books: Books, database_url: str, tmp_path: Path) -> Iterator[Rig]:
    with rigged(tmp_path, database_url) as made:
        made.erp.customer("A")
        made.erp.invoice("1", "A", "100.00", due(50), dunning_level=2)
        assert made.run().holds_set == 1
        made.clock.later(hours=1)
        yield made


def judged_as_seen(rig: Rig, seen: Sequence[Row[Any]], monkeypatch: pytest.MonkeyPatch) -> Judged:
    """Judge the holds by rows that were read before others acted."""
    with monkeypatch.context() as patched:
        patched.setattr(store, "listed", lambda *_, **__: seen)
        return judge_holds(rig.site, rig.context)


def owes_again(rig: Rig) -> None:
    """Let the payment come back."""
    rig.clock.later(hours=1)
    rig.erp.items["1"] |= {"open_amount": rig.erp.items["1"]["amount"], "changed_at": rig.clock.at}
    rig.load()


def test_a_release_that_a_person_has_just_approved_is_not_proposed_again(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = listed(rig.site)
    rig.erp.pay("1")
    rig.load()
    assert judge_holds(rig.site, rig.context).proposed == 1
    assert approve_releases(rig.site, rig.context, None) == 1
    assert judged_as_seen(rig, seen, monkeypatch) == Judged(looked_at=1)
    assert (rig.hold().state, rig.tasks()) == ("releasing", {})


def test_a_proposed_release_that_a_person_has_just_dropped_is_not_withdrawn_again(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.erp.pay("1")
    rig.load()
    judge_holds(rig.site, rig.context)
    seen = listed(rig.site)
    owes_again(rig)
    drop_all(rig.site, rig.context, [seen[0].id], why="they owe again")
    assert judged_as_seen(rig, seen, monkeypatch) == Judged(looked_at=1)
    assert rig.hold().state == "set"


def test_a_hold_that_was_just_given_up_is_not_given_up_again(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = listed(rig.site)
    rig.erp.customers["A"] |= {"hold": "X", "changed_at": rig.clock.at}
    rig.load()
    assert judge_holds(rig.site, rig.context).drifted == 1
    assert judged_as_seen(rig, seen, monkeypatch) == Judged(looked_at=1)
    assert set(rig.tasks()) == {"hold_drifted"}


def test_no_release_is_proposed_when_the_payment_comes_back_just_before(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.erp.pay("1")
    rig.load()
    decided = judging._decided

    def then_owes_again(*given: Any) -> Any:
        monkeypatch.setattr(judging, "_decided", decided)
        found = decided(*given)
        owes_again(rig)
        return found

    monkeypatch.setattr(judging, "_decided", then_owes_again)
    assert judge_holds(rig.site, rig.context) == Judged(looked_at=1)
    assert (rig.hold().state, rig.tasks()) == ("set", {})


def test_a_hold_that_may_be_in_the_erp_stays_when_its_letter_is_taken_back(rig: Rig) -> None:
    rig.erp.customer("B")
    rig.erp.invoice("b", "B", "100.00", due(50), dunning_level=2)
    rig.load()
    rig.approve()
    rig.erp.blind, rig.erp.lost_replies = True, 9
    rig.deliver()
    assert (rig.hold().customer, rig.hold().state) == ("B", "setting")
    with rig.site.books.write() as tx:
        cancel_notice(tx, rig.context, rig.notices()[-1].id, why="they had paid")
    assert rig.hold().state == "setting"


def test_a_hold_that_a_person_has_just_dropped_is_not_dropped_again_with_its_letter(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.erp.customer("B")
    rig.erp.invoice("b", "B", "100.00", due(50), dunning_level=2)
    rig.load()
    rig.approve()
    seen = rig.hold()
    drop_all(rig.site, rig.context, [seen.id], why="agreed")
    monkeypatch.setattr(store, "of_notice", lambda *_: seen)
    with rig.site.books.write() as tx:
        cancel_notice(tx, rig.context, rig.notices()[-1].id, why="they had paid")
    with rig.site.books.read() as tx:
        told = tx.execute(select(audit.c.why).where(audit.c.act == "hold.drop")).scalars().all()
    assert told == ["agreed"]
