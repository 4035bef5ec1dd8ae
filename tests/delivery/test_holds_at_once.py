"""Two who decide about one hold in the same moment: the first one's word stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row

from duehook.core.books import Books
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
        patched.setattr(judging.store, "listed", lambda *_, **__: seen)
        return judge_holds(rig.site, rig.context)


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
    rig.erp.invoice("2", "A", "90.00", due(50), dunning_level=2)
    rig.load()
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
