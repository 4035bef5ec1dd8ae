"""A dunning run: proposes, is the same when run twice, catches up, and can say why on any day."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, select, text, update

from duehook.core.books import Books
from duehook.core.books.claim import in_turn
from duehook.core.books.store.delivery import tasks
from duehook.core.books.store.dunning import run as deciding
from duehook.core.books.tables.dunning import decision, decision_past, notice
from duehook.core.books.tables.imports import dunning_lock
from duehook.core.books.tables.ledger import item
from duehook.core.calendar import Span
from duehook.core.context import Actor, Context
from duehook.core.errors import Busy, ConnectorDown, NotFound
from duehook.core.policy.model import AutoApprove, Level
from duehook.core.runs.dunning import acts, proposals
from duehook.core.runs.dunning.dun import DunReport, dun
from duehook.core.runs.dunning.explain import explain
from duehook.core.runs.dunning.manual import propose_manual
from duehook.core.settings.model import PolicyChoice
from tests.rigs.delivery_site import NOW, PRE_DUE, Rig, due, policy, rigged


@pytest.fixture
def rig(books: Books, database_url: str, tmp_path: Path) -> Iterator[Rig]:
    with rigged(tmp_path, database_url) as made:
        made.erp.customer("A")
        made.erp.customer("B")
        made.erp.invoice("1", "A", "100.00", due(10))
        made.erp.invoice("2", "B", "2000.00", due(3))
        made.load()
        yield made


def run(rig: Rig, **how: bool) -> DunReport:
    return dun(rig.site, rig.context, "01", as_of=rig.today, **how)


def proposed(rig: Rig) -> list[tuple[str, int, int]]:
    return [(row.debtor, row.level, row.demanded // 10_000) for row in proposals.proposed(rig.site.books)]


def send_all(rig: Rig) -> None:
    proposals.approve(rig.site, rig.context, [row.id for row in proposals.proposed(rig.site.books)])
    rig.deliver()


def words(rig: Rig, named: str, on: date | None = None) -> str:
    (said,) = explain(rig.site, named, on)
    return said.words


def test_a_run_ends_in_a_proposal_and_a_second_one_changes_nothing(rig: Rig) -> None:
    first = run(rig)
    again = run(rig)
    assert proposed(rig) == [("A", 1, 100)]
    assert (first.new, first.changed) == (1, 2)
    assert (again.new, again.kept, again.changed) == (0, 1, 0)


def test_runs_at_once_wait_for_each_other_and_only_the_first_changes_anything(rig: Rig) -> None:
    with ThreadPoolExecutor(4) as pool:
        with rig.site.books.write() as tx:
            in_turn(tx, "dun 01")
            running = [pool.submit(run, rig) for _ in range(4)]
            wait_for_waiters(tx, 4)
        reports = [each.result() for each in running]
    assert sorted((report.new, report.changed) for report in reports) == [(0, 0), (0, 0), (0, 0), (1, 2)]
    assert proposed(rig) == [("A", 1, 100)]


def wait_for_waiters(tx: Connection, count: int) -> None:
    """Wait until that many runs stand in line; SQLite lets nobody write beside a writer anyway."""
    deadline = time.monotonic() + 30
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    while tx.dialect.name == "postgresql" and tx.execute(waiting).scalar_one() < count:
        assert time.monotonic() < deadline, "the runs do not wait"
        time.sleep(0.02)


def test_a_proposal_that_was_confirmed_every_night_may_still_go_out_after_days(rig: Rig) -> None:
    rig.erp.pay("2")
    for _ in range(5):  # it may wait three days
        rig.load()
        report = run(rig)
        rig.clock.later(days=1)
    rig.clock.later(days=-1)
    (row,) = proposals.proposed(rig.site.books)
    assert (report.kept, row.as_of) == (1, rig.today)
    send_all(rig)
    assert len(rig.catcher.mails) == 1


def test_a_proposal_learns_on_the_day_it_comes_that_a_hold_goes_with_it(rig: Rig) -> None:
    held_from_12 = Level(1, "final", 7, Span(7), "mail", "final", {"EUR": 100_000}, hold_min_days=12)
    rig.govern(policy(levels=(held_from_12,)))
    run(rig)
    assert [row.hold for row in proposals.proposed(rig.site.books)] == [False]
    rig.clock.later(days=2)
    rig.load()
    run(rig)
    assert [row.hold for row in proposals.proposed(rig.site.books) if row.debtor == "A"] == [True]


def test_a_dry_run_shows_and_leaves_nothing(rig: Rig) -> None:
    report = run(rig, dry_run=True)
    assert [row["debtor"] for row in report.rows()] == ["A"]
    with rig.site.books.read() as tx:
        assert tx.execute(select(func.count()).select_from(notice)).scalar_one() == 0
        assert tx.execute(select(func.count()).select_from(decision)).scalar_one() == 0


def test_a_proposal_whose_sum_changed_is_decided_anew(rig: Rig) -> None:
    run(rig)
    rig.erp.pay("1", "40.00")
    rig.load()
    report = run(rig)
    assert (report.new, report.kept) == (1, 0)
    assert proposed(rig) == [("A", 1, 60)]


def test_a_proposal_of_what_was_paid_is_withdrawn(rig: Rig) -> None:
    run(rig)
    rig.erp.pay("1")
    rig.load()
    assert run(rig).withdrawn == 1
    assert proposed(rig) == []


def test_cash_taken_off_a_wrong_invoice_covers_what_is_due_on_the_same_day(rig: Rig) -> None:
    rig.erp.invoice("cash", "A", "-100.00", due(30), kind="on_account", open="0.00")
    rig.load()
    rig.erp.items["cash"]["open_amount"] = Decimal("-100.00")
    rig.load()
    run(rig)
    assert proposed(rig) == []
    assert "covered by credits" in words(rig, "1")


def test_a_missed_day_is_caught_up_and_levels_rise_one_by_one(rig: Rig) -> None:
    run(rig)
    send_all(rig)
    rig.clock.later(days=60)
    rig.load()
    run(rig)
    assert proposed(rig) == [("A", 2, 100), ("B", 1, 2000)]


def test_a_dropped_notice_moves_no_level_and_comes_again(rig: Rig) -> None:
    run(rig)
    (row,) = proposals.proposed(rig.site.books)
    proposals.drop(rig.site.books, rig.context, [row.id], why="customer called")
    assert rig.levels() == {}
    rig.clock.later(days=1)
    rig.load()
    run(rig)
    assert proposed(rig) == [("A", 1, 100)]


def test_approving_what_is_not_proposed_changes_nothing(rig: Rig) -> None:
    run(rig)
    (row,) = proposals.proposed(rig.site.books)
    with pytest.raises(NotFound, match=r"not proposed \(any more\): 999; nothing was changed"):
        proposals.approve(rig.site, rig.context, [row.id, 999])
    assert proposed(rig) == [("A", 1, 100)]


def test_a_block_holds_until_its_day_and_says_so(rig: Rig) -> None:
    acts.block(rig.site, rig.context, "01/A", reason="new agreement", from_on=rig.today, until_on=date(2026, 3, 9))
    run(rig)
    assert proposed(rig) == []
    assert "blocked until 2026-03-09: new agreement" in words(rig, "1")
    rig.clock.later(days=8)
    rig.load()
    run(rig)
    assert ("A", 1, 100) in proposed(rig)


def test_a_blocked_item_is_left_out_and_an_unblocked_one_comes_again(rig: Rig) -> None:
    rig.govern(policy())
    rig.erp.invoice("3", "A", "50.00", due(10))
    rig.load()
    acts.block_item(rig.site, rig.context, "3", reason="claim open")
    run(rig)
    assert proposed(rig) == [("A", 1, 100)]
    assert "claim open" in words(rig, "3")
    assert acts.unblock(rig.site.books, rig.context, "3", item=True) == 1
    run(rig)
    assert proposed(rig) == [("A", 1, 150)]
    with pytest.raises(NotFound, match="3 is not blocked"):
        acts.unblock(rig.site.books, rig.context, "3", item=True)


def test_a_block_that_would_hold_on_no_day_is_refused(rig: Rig) -> None:
    with pytest.raises(NotFound, match="a block until 2026-03-02 would hold on no day. Fix: give a later --until"):
        acts.block(rig.site, rig.context, "A", reason="x", until_on=date(2026, 3, 2))
    run(rig)
    assert proposed(rig) == [("A", 1, 100)]


def test_unblocking_does_not_trigger_a_letter_at_once(rig: Rig) -> None:
    acts.block(rig.site, rig.context, "A", reason="x", from_on=rig.today, until_on=None)
    acts.unblock(rig.site.books, rig.context, "A", item=False, why="agreed")
    run(rig)
    assert proposed(rig) == []
    with pytest.raises(NotFound, match="A is not blocked"):
        acts.unblock(rig.site.books, rig.context, "A", item=False)


def test_a_level_set_by_hand_stays_until_it_is_freed(rig: Rig) -> None:
    acts.set_level(rig.site, rig.context, "1", 0, on=rig.today, why="agreed")
    run(rig)
    assert proposed(rig) == []
    acts.free_level(rig.site.books, rig.context, "1")
    run(rig)
    assert proposed(rig) == [("A", 1, 100)]


def test_a_level_below_zero_is_refused_and_one_that_no_hand_set_is_not_freed(rig: Rig) -> None:
    with pytest.raises(NotFound, match="there is no level -1"):
        acts.set_level(rig.site, rig.context, "1", -1, why="slip")
    with pytest.raises(NotFound, match="the level of 1 was not set by hand"):
        acts.free_level(rig.site.books, rig.context, "1")
    assert rig.levels() == {}


def test_a_manual_notice_ignores_the_interval_and_counts_for_it(rig: Rig) -> None:
    run(rig)
    send_all(rig)
    rig.clock.later(days=1)
    rig.erp.invoice("3", "A", "50.00", due(20))
    rig.load()
    run(rig)
    assert proposed(rig) == []
    number = propose_manual(rig.site, rig.context, "01/A", as_of=rig.today)
    with pytest.raises(Busy, match="proposed already"):
        propose_manual(rig.site, rig.context, "A", as_of=rig.today)
    proposals.approve(rig.site, rig.context, [number])
    rig.deliver()
    assert rig.levels() == {"1": 1, "3": 1}


def manual(rig: Rig) -> int:
    return propose_manual(rig.site, rig.context, "A", as_of=rig.today)


def test_a_run_keeps_what_a_person_proposed_and_proposes_no_second_letter(rig: Rig) -> None:
    number = manual(rig)
    report = run(rig)
    assert (report.new, report.kept, report.withdrawn) == (0, 1, 0)
    assert [(row.id, row.kind) for row in proposals.proposed(rig.site.books)] == [(number, "manual")]
    send_all(rig)
    assert len(rig.catcher.mails) == 1


def test_a_run_replaces_what_a_person_proposed_when_it_would_read_differently(rig: Rig) -> None:
    number = manual(rig)
    rig.erp.pay("1", "40.00")
    rig.load()
    assert (run(rig).new, proposed(rig)) == (1, [("A", 1, 60)])
    with rig.site.books.read() as tx:
        replaced = tx.execute(select(notice).where(notice.c.id == number)).one()
    assert (replaced.state, replaced.reason) == ("cancelled", "decided anew")


def test_what_a_person_proposed_outlives_a_run_that_finds_no_letter(rig: Rig) -> None:
    run(rig)
    send_all(rig)
    rig.clock.later(days=1)
    rig.erp.invoice("3", "A", "50.00", due(20))
    rig.load()
    manual(rig)
    assert (run(rig).withdrawn, proposed(rig)) == (0, [("A", 1, 150)])


def test_a_second_letter_to_the_same_debtor_cannot_be_approved(rig: Rig) -> None:
    run(rig)
    (first,) = proposals.proposed(rig.site.books)
    second = proposed_beside(rig, first.id)
    with pytest.raises(Busy, match=f"notice {first.id} to A is on its way, so {second} would be a second one"):
        proposals.approve(rig.site, rig.context, [first.id, second])
    assert len(proposals.proposed(rig.site.books)) == 2
    proposals.approve(rig.site, rig.context, [first.id])
    with pytest.raises(Busy, match=f"duehook proposal drop {second}"):
        proposals.approve(rig.site, rig.context, [second])
    rig.deliver()
    assert len(rig.catcher.mails) == 1


def proposed_beside(rig: Rig, number: int) -> int:
    """Propose the same letter by hand, as two who propose in the same moment do."""
    with rig.site.books.write() as tx:
        tx.execute(update(notice).where(notice.c.id == number).values(debtor="elsewhere"))
    second = manual(rig)
    with rig.site.books.write() as tx:
        tx.execute(update(notice).where(notice.c.id == number).values(debtor="A"))
    return second


def test_a_run_that_finds_two_proposals_of_one_letter_keeps_one(rig: Rig) -> None:
    run(rig)
    (first,) = proposals.proposed(rig.site.books)
    proposed_beside(rig, first.id)
    run(rig)
    assert proposed(rig) == [("A", 1, 100)]
    rig.erp.pay("1", "40.00")
    rig.load()
    run(rig)
    assert proposed(rig) == [("A", 1, 60)]


def test_nothing_ripe_is_no_manual_notice(rig: Rig) -> None:
    with pytest.raises(NotFound, match="nothing to send to B: not ripe"):
        propose_manual(rig.site, rig.context, "B", as_of=rig.today)


def test_any_past_day_can_be_explained(rig: Rig) -> None:
    run(rig)
    then = rig.today
    send_all(rig)
    rig.clock.later(days=1)
    rig.load()
    run(rig)
    assert "it rises to level 1" in words(rig, "1", then)
    assert "it stands at level 1" in words(rig, "1")
    with rig.site.books.read() as tx:
        assert tx.execute(select(func.count()).select_from(decision_past)).scalar_one() == 1


def test_what_was_never_decided_is_said_plainly(rig: Rig) -> None:
    with pytest.raises(NotFound, match="nothing was decided about 1 yet. Fix: run `duehook dun` first"):
        explain(rig.site, "1")
    run(rig)
    with pytest.raises(NotFound, match=f"about 1 by {due(40)}. Fix: name a later day"):
        explain(rig.site, "1", due(40))
    with pytest.raises(NotFound, match="there is no item and no debtor 'nobody'"):
        explain(rig.site, "nobody")


def test_instalments_are_told_apart(rig: Rig) -> None:
    rig.erp.invoice("I-1", "A", "10.00", due(10), document_no="102053", instalment="001")
    rig.erp.invoice("I-2", "A", "10.00", due(9), document_no="102053", instalment="002")
    rig.load()
    run(rig)
    told = [said.document for said in explain(rig.site, "A")]
    assert [document for document in told if "102053" in document] == ["RI 102053/001", "RI 102053/002"]


@pytest.mark.parametrize(
    ("gate", "words"),
    [
        ("closed_day", "all kept back: the company is closed that day"),
        ("not_ready", "all kept back: its data is not complete"),
        ("tie_out_lock", "all kept back: its tie-out with the ERP does not balance"),
    ],
)
def test_what_keeps_a_whole_company_back_is_told_in_words(gate: str, words: str) -> None:
    assert words in str(DunReport("01", due(0), gate, (), {}, 0))


def test_a_company_whose_tie_out_locks_it_proposes_nothing(rig: Rig) -> None:
    with rig.site.books.write() as tx:
        tx.execute(dunning_lock.insert(), {"company": "01", "reason": "12.00 EUR unexplained", "since": NOW})
    assert (run(rig).gate, proposed(rig)) == ("tie_out_lock", [])


def test_a_debtor_with_a_policy_of_its_own_is_dunned_by_that(rig: Rig) -> None:
    rig.govern(policy(levels=(Level(1, "late", 30, Span(7), "mail", "friendly", {"EUR": 100_000}),)))
    rig.set(policies=PolicyChoice(debtors={"small/01/A": "default", "small/02/B": "strict"}))
    run(rig)
    assert proposed(rig) == [("A", 1, 100)]
    assert "30 days" in words(rig, "2")


def test_a_run_approves_by_itself_only_what_the_policy_lets_it(rig: Rig) -> None:
    rig.govern(policy(auto_approve=AutoApprove(1, {"EUR": 1_500_000})))
    rig.erp.invoice("3", "B", "2000.00", due(10))
    rig.load()
    assert run(rig).approved == 1
    assert proposed(rig) == [("B", 1, 4000)]
    engine = Context(Actor("engine", "loop", "schedule"), rig.clock, "c-2")
    ((number, _),) = [(row.id, row.debtor) for row in proposals.proposed(rig.site.books)]
    with pytest.raises(proposals.NeedsPerson, match=f"notice {number} needs a person"):
        proposals.approve(rig.site, engine, [number])
    assert [row.state for row in rig.notices()] == ["approved", "proposed"]


def test_what_an_import_brings_while_a_run_decides_waits_for_the_next_run(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.govern(PRE_DUE)
    rig.erp.invoice("3", "A", "50.00", due(-20))
    rig.load()
    write = deciding.write

    def overtaken(tx: Connection, *given: Any) -> Any:
        written = write(tx, *given)
        tx.execute(item.update().where(item.c.key == "3").values(due_on=due(-3)))
        return written

    with monkeypatch.context() as patched:
        patched.setattr(deciding, "write", overtaken)
        assert [each.kind for each in run(rig).notices] == ["dunning"]
    assert [each.kind for each in run(rig).notices] == ["dunning", "reminder"]


def test_past_the_last_level_a_collector_gets_one_task(rig: Rig) -> None:
    acts.set_level(rig.site, rig.context, "1", 2, on=rig.today, why="migrated")
    assert run(rig).tasks == 0
    acts.set_level(rig.site, rig.context, "1", 3, on=rig.today, why="migrated")
    assert (run(rig).tasks, run(rig).tasks) == (1, 0)
    with rig.site.books.read() as tx:
        assert [row.kind for row in tasks.listed(tx)] == ["last_level"]


def test_a_company_that_is_not_ready_proposes_nothing_and_says_why(rig: Rig) -> None:
    rig.erp.down = True
    with pytest.raises(ConnectorDown):
        rig.load()
    assert (run(rig).gate, proposed(rig)) == ("not_ready", [])
