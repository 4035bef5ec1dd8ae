"""A group with JD Edwards, SAP and NetSuite in one book: who is known twice, one list of work, one letter a company."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.group import stage as of_group
from demo.group.play import GroupPlay
from demo.play import SUPERVISOR
from duehook.core.runs import parties
from duehook.core.runs.go_live import go_live

SMALL = {
    "jde": {"seed": 7, "customers": 60, "items": 900},
    "sap": {"seed": 8, "customers": 50, "items": 800},
    "netsuite": {"seed": 16, "customers": 30, "items": 400},
}


@pytest.fixture
def group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GroupPlay]:
    monkeypatch.setattr(of_group, "ERPS", SMALL)
    stage = of_group.set_stage(tmp_path / "group")
    try:
        yield GroupPlay(stage)
    finally:
        stage.close()


def test_three_erps_stand_in_one_book_and_a_debtor_of_two_is_one_line_of_work(group: GroupPlay) -> None:
    group.read()
    go_live(group.stage.site, group.context(SUPERVISOR), first_run_notices=200)
    assert group.unbalanced == []
    assert group.ours() == group.theirs()
    matches = group.find_parties()
    by_vat = [match for match in matches if "vat_id" in match.evidence]
    pairs = {("jde", "netsuite"), ("jde", "sap"), ("netsuite", "sap")}
    assert {(match.one.split("/")[0], match.other.split("/")[0]) for match in by_vat} == pairs
    group.decide(matches)
    with group.stage.site.books.read() as tx:
        joined = parties.joined(tx)
    found = {tuple(each.split("/")[0] for each in party.members) for party in joined}
    assert found == {*pairs, ("jde", "netsuite", "sap")}
    for _ in range(3):
        group.next_day()
    mails = group.send()
    assert mails == len(group.stage.catcher.caught) > 0
    assert group.ours() == group.theirs()
    group.undo(next(match for match in by_vat if (match.one, match.other) in {party.members for party in joined}))
    with group.stage.site.books.read() as tx:
        assert len(parties.joined(tx)) == len(joined) - 1
