"""The freshness gate: what changed since a notice was decided voids it just before sending."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pytest

from duehook.core.books import Books
from duehook.core.books.tables.dunning import block, debtor_dunning, notice, policy_version
from duehook.core.books.tables.imports import dunning_lock
from duehook.core.calendar import Span
from duehook.core.errors import ConnectorGarbled, ConnectorRefused
from duehook.core.hookspecs import Row
from duehook.core.records import Stream
from duehook.core.runs.dunning.acts import block as add_block
from duehook.core.runs.dunning.acts import set_level
from duehook.core.runs.dunning.manual import propose_manual
from duehook.core.runs.dunning.proposals import approve, approve_row
from duehook.core.runs.imports import ImportRules, import_connection
from tests.rigs.delivery_site import NOW, PRE_DUE, TODAY, Rig, due, policy, rigged
from tests.rigs.small_erp import Key, SmallSource

Change = Callable[[Rig], None]
Disputed = Literal["part", "item"]
STALE = timedelta(hours=5)


@pytest.fixture
def rig(books: Books, database_url: str, tmp_path: Path) -> Iterator[Rig]:
    with rigged(tmp_path, database_url) as made:
        made.erp.customer("A")
        made.erp.invoice("1", "A", "100.00", due(10))
        made.erp.invoice("2", "A", "60.00", due(25))
        made.load()
        made.approve()
        yield made


def item(**changes: object) -> Change:
    def change(rig: Rig) -> None:
        rig.erp.items["1"] |= {**changes, "changed_at": rig.clock.at}

    return change


def customer(**changes: object) -> Change:
    def change(rig: Rig) -> None:
        rig.erp.customers["A"] |= {**changes, "changed_at": rig.clock.at}

    return change


def removed(rig: Rig) -> None:
    del rig.erp.items["1"]


CHANGES: list[tuple[Change, str]] = [
    (lambda rig: rig.erp.pay("1"), "1 is no longer on it"),
    (lambda rig: rig.erp.pay("1", "0.01"), "1 changed"),
    (removed, "1 is no longer on it"),
    (item(due_on=TODAY), "1 is no longer on it"),
    (item(dunning_block="X"), "1 is no longer on it"),
    (item(item_class="direct_debit"), "1 is no longer on it"),
    (item(disputed_amount=Decimal("40.00")), "the sum or the level changed"),
    (item(disputed_amount=Decimal("100.00")), "1 changed"),
    (item(dispute_reason="price"), "1 changed"),
    (item(payer="B"), "1 is no longer on it"),
    (customer(dunning_block="X"), "no such letter"),
    (customer(state="legal"), "no such letter"),
    (customer(state="insolvent"), "no such letter"),
    (customer(state="do_not_contact"), "no such letter"),
    (customer(last_dunned_on=TODAY), "no such letter"),
    (item(last_dunned_on=TODAY), "no such letter"),
    (item(dunning_level=2), "1 changed"),
]


@pytest.mark.parametrize(("change", "why"), CHANGES)
def test_a_change_in_the_erp_voids_the_notice(rig: Rig, change: Change, why: str) -> None:
    rig.clock.at += STALE
    change(rig)
    assert str(rig.deliver()) == "1 cancelled"
    assert rig.only().state == "cancelled"
    assert why in rig.only().reason
    assert rig.catcher.mails == []
    assert rig.levels() == {}


@pytest.mark.parametrize(("change", "why"), CHANGES)
def test_a_change_that_was_imported_meanwhile_voids_it_too(rig: Rig, change: Change, why: str) -> None:
    change(rig)
    rig.load()
    asked = rig.erp.asked
    rig.deliver()
    assert rig.only().state == "cancelled"
    assert rig.erp.asked == asked


@pytest.mark.parametrize(
    ("key", "amount", "kind", "why"),
    [("3", "20.00", "invoice", "3 would be on it"), ("3", "-20.00", "credit_note", "3 would be on it")],
)
def test_a_new_item_of_the_list_voids_the_notice(rig: Rig, key: str, amount: str, kind: str, why: str) -> None:
    rig.erp.invoice(key, "A", amount, due(1), kind=kind)
    rig.load()
    rig.deliver()
    assert why in rig.only().reason


def test_what_was_voided_is_decided_anew_with_the_amounts_of_now(rig: Rig) -> None:
    rig.erp.pay("1", "30.00")
    rig.load()
    rig.deliver()
    rig.approve()
    rig.deliver()
    assert [(row.state, row.demanded) for row in rig.notices()] == [("cancelled", 1_600_000), ("sent", 1_300_000)]
    assert len(rig.catcher.mails) == 1


@pytest.mark.parametrize("state", ["legal", "insolvent"])
def test_the_row_that_a_customer_has_for_every_company_is_asked_for_too(rig: Rig, state: str) -> None:
    rig.erp.customer("B", company=None)
    rig.erp.invoice("b", "B", "100.00", due(10))
    rig.load()
    rig.approve()
    rig.clock.at += STALE
    rig.erp.customers["B"]["state"] = state
    rig.deliver()
    assert {row.debtor: row.state for row in rig.notices()} == {"A": "sent", "B": "cancelled"}


def test_a_companys_own_row_of_a_customer_goes_before_the_one_for_every_company(rig: Rig) -> None:
    rig.erp.customers["A for all"] = {**rig.erp.customers["A"], "company": None, "state": "legal"}
    rig.clock.at += STALE
    assert rig.deliver().sent == 1


def test_the_letter_is_of_the_time_of_the_last_export_not_of_the_asking(rig: Rig) -> None:
    rig.erp.at = NOW - timedelta(days=1, hours=2)
    rig.clock.at += STALE
    assert rig.deliver().sent == 1
    ((_, _, content),) = rig.catcher.mails
    body = email.message_from_bytes(content, policy=email.policy.default).get_body(("plain",))
    assert body is not None
    assert "1 March 2026, 07:00 UTC" in " ".join(str(body.get_content()).split())


def test_what_does_not_touch_the_letter_does_not_void_it(rig: Rig) -> None:
    rig.clock.at += STALE
    item(text="a remark", reference="other")(rig)
    customer(credit_limit=Decimal("1.00"), name="Renamed")(rig)
    rig.erp.invoice("7", "A", "20.00", TODAY + timedelta(days=20))
    assert rig.deliver().sent == 1


def test_an_item_that_falls_due_while_the_notice_waits_does_not_void_it(rig: Rig) -> None:
    rig.erp.invoice("7", "A", "20.00", TODAY)
    rig.load()
    rig.clock.later(days=1)
    assert rig.deliver().sent == 1


def test_a_fresh_import_spares_asking_the_erp_again(rig: Rig) -> None:
    rig.clock.at += timedelta(hours=3, minutes=59)
    rig.erp.down = True
    assert rig.erp.asked == 0
    report = rig.deliver()
    assert (report.sent, rig.erp.asked) == (1, 0)


def load_in_part(rig: Rig) -> None:
    """Import what can be; half of the rows may be bad."""
    rules = ImportRules(bad_rows=Decimal("0.5"))
    source = SmallSource(rig.erp)
    import_connection(rig.site.books, "small", [source], rig.context, as_of=TODAY, accept_drop=True, rules=rules)


@pytest.mark.parametrize("hours", [0, 5])
def test_a_sum_whose_newer_row_is_in_quarantine_is_not_demanded(rig: Rig, hours: int) -> None:
    rig.erp.customer("B")
    rig.erp.invoice("b", "B", "100.00", due(10))
    rig.load()
    rig.approve()
    item(open_amount=Decimal("10.00"), discount_amount=Decimal("0.001"))(rig)
    load_in_part(rig)
    rig.clock.later(hours=hours)
    report = rig.deliver()
    assert (report.sent, report.held) == (1, 1)
    assert "the newest row of item 1 is in quarantine: see `duehook quarantine list`" in report.reasons[0]
    assert [recipients for _, recipients, _ in rig.catcher.mails] == [["b@debtor.example"]]
    item(discount_amount=None)(rig)
    rig.load()
    rig.clock.later(hours=2)
    rig.deliver()
    assert {row.debtor: row.reason for row in rig.notices()} == {"A": "1 changed", "B": None}


def test_a_debtor_whose_newer_row_is_in_quarantine_gets_no_letter(rig: Rig) -> None:
    customer(state="insolvent", colour="red")(rig)
    rig.erp.customer("B")
    load_in_part(rig)
    assert "the newest row of customer A is in quarantine" in rig.deliver().reasons[0]
    assert rig.catcher.mails == []


def test_a_batch_is_asked_for_in_one_go(rig: Rig) -> None:
    for number in range(30):
        rig.erp.customer(f"C{number}")
        rig.erp.invoice(f"C{number}-1", f"C{number}", "100.00", due(10))
    rig.load()
    rig.approve()
    rig.clock.at += STALE
    assert rig.deliver().sent == 31
    assert rig.erp.asked == 2  # items, customers


@pytest.mark.parametrize("error", [ConnectorRefused("no right"), ConnectorGarbled("a login page")])
def test_an_erp_that_cannot_be_asked_holds_the_notice(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr(rig.erp, "lookup", fails)
    rig.clock.at += STALE
    assert rig.deliver().held == 1
    assert rig.only().state == "approved"


def test_a_row_that_cannot_be_read_holds_the_notice(rig: Rig) -> None:
    rig.clock.at += STALE
    item(open_amount=1.5)(rig)
    assert rig.deliver().held == 1


def test_an_erp_that_is_down_holds_the_notice_and_comes_back(rig: Rig) -> None:
    rig.clock.at += STALE
    rig.erp.down = True
    report = rig.deliver()
    assert (report.held, report.complete) == (1, False)
    assert "small could not be asked" in report.reasons[0]
    again = rig.deliver()
    assert "1 waits, next try" in str(again)
    assert not again.complete
    rig.erp.down = False
    rig.clock.later(minutes=16)
    assert rig.deliver().sent == 1


def test_an_erp_that_stays_down_voids_the_notice_after_three_business_days(rig: Rig) -> None:
    rig.set(defaults=rig.site.settings.defaults.model_copy(update={"notice_waits": 9}))
    rig.erp.down = True
    for day in range(4):
        rig.clock.at = NOW + timedelta(days=day) + STALE
        assert rig.deliver().held == 1
    rig.clock.later(days=1)
    assert str(rig.deliver()) == "1 cancelled"
    assert rig.only().reason.startswith("its time is over (small could not be asked")


def test_a_notice_that_waited_too_long_is_decided_anew(rig: Rig) -> None:
    rig.set(defaults=rig.site.settings.defaults.model_copy(update={"notice_waits": 1, "notice_valid_for": 9}))
    rig.clock.later(days=2)
    rig.deliver()
    assert "more than 1 days ago" in rig.only().reason


def test_a_letter_whose_policy_is_gone_from_the_books_keeps_no_other_back(rig: Rig) -> None:
    with rig.site.books.write() as tx:
        tx.execute(policy_version.delete())
    rig.policy = policy(grace=Span(1))
    rig.erp.customer("B")
    rig.erp.invoice("b", "B", "100.00", due(10))
    rig.load()
    rig.approve()
    assert str(rig.deliver()).startswith("1 sent, 1 cancelled")
    assert {row.debtor: row.reason for row in rig.notices()} == {"A": "its policy is not in the books", "B": None}


def test_a_block_by_a_person_pulls_the_notice(rig: Rig) -> None:
    add_block(rig.site, rig.context, "A", reason="promised", from_on=TODAY, until_on=None)
    rig.deliver()
    assert rig.only().state == "cancelled"
    with rig.site.books.read() as tx:
        assert tx.execute(block.select()).one().reason == "promised"


def test_a_tie_out_lock_keeps_approved_notices_back(rig: Rig) -> None:
    lock = {"company": "01", "reason": "12.00 EUR unexplained", "since": NOW}
    with rig.site.books.write() as tx:
        tx.execute(dunning_lock.insert(), lock)
    assert "12.00 EUR unexplained" in rig.deliver().reasons[0]
    with rig.site.books.write() as tx:
        tx.execute(dunning_lock.delete())
    rig.clock.later(hours=2)
    assert rig.deliver().sent == 1


def test_of_two_letters_to_one_debtor_that_are_queued_the_first_goes(rig: Rig) -> None:
    first = rig.only()
    rig.govern(policy())
    with rig.site.books.write() as tx:
        tx.execute(notice.update().values(state="dropped"))
    second = propose_manual(rig.site, rig.context, "A", as_of=TODAY)
    with rig.site.books.write() as tx:  # both approved in the same moment, so neither sees the other
        approve_row(tx, rig.context, tx.execute(notice.select().where(notice.c.id == second)).one(), rig.site.settings)
        tx.execute(notice.update().where(notice.c.id == first.id).values(state="approved"))
    assert str(rig.deliver()).startswith("1 sent, 1 cancelled")
    assert [(row.id, row.state, row.reason) for row in rig.notices()] == [
        (first.id, "sent", None),
        (second, "cancelled", f"notice {first.id} to the debtor is on its way"),
    ]
    assert len(rig.catcher.mails) == 1


def test_a_reminder_and_a_demand_that_were_decided_together_both_go(rig: Rig) -> None:
    rig.policy = PRE_DUE
    rig.erp.customer("B")
    rig.erp.invoice("b", "B", "100.00", due(10))
    rig.erp.invoice("soon", "B", "70.00", due(-3))
    with rig.site.books.write() as tx:
        tx.execute(notice.update().values(debtor="elsewhere", state="dropped"))
    rig.load()
    rig.approve()
    rig.deliver()
    sent = {(row.debtor, row.kind) for row in rig.notices() if row.state == "sent"}
    assert sent >= {("B", "dunning"), ("B", "reminder")}


def by_hand(rig: Rig, disputed: Disputed = "part") -> None:
    """Propose by hand and approve a notice to C, whose interval runs."""
    rig.erp.customer("C")
    rig.erp.invoice("c1", "C", "100.00", due(10))
    rig.load()
    rig.govern(policy(disputed=disputed))
    with rig.site.books.write() as tx:
        last = {"company": "01", "connection": "small", "debtor": "C", "currency": "EUR", "last_sent_on": TODAY}
        tx.execute(debtor_dunning.insert(), last)
    approve(rig.site, rig.context, [propose_manual(rig.site, rig.context, "C", as_of=TODAY)])


def of_c(rig: Rig) -> tuple[str, str | None]:
    (row,) = (row for row in rig.notices() if row.debtor == "C")
    return row.state, row.reason


def test_a_notice_by_hand_goes_though_the_interval_runs(rig: Rig) -> None:
    by_hand(rig)
    rig.clock.at += STALE
    rig.deliver()
    assert of_c(rig) == ("sent", None)


@pytest.mark.parametrize("how", ["part", "item"])
@pytest.mark.parametrize("disputed", ["40.00", "100.00"])
def test_a_dispute_voids_a_notice_by_hand(rig: Rig, how: Disputed, disputed: str) -> None:
    by_hand(rig, how)
    rig.erp.items["c1"] |= {"disputed_amount": Decimal(disputed), "dispute_reason": "damaged"}
    rig.load()
    rig.deliver()
    assert of_c(rig)[0] == "cancelled"


def test_a_credit_that_comes_in_voids_a_notice_by_hand(rig: Rig) -> None:
    by_hand(rig)
    rig.erp.invoice("c2", "C", "-60.00", due(0), kind="on_account")
    rig.load()
    rig.deliver()
    assert of_c(rig) == ("cancelled", "c2 would be on it")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda rig: rig.erp.pay("c1"), "nothing of the debtor is open any more"),
        (lambda rig: rig.erp.pay("c1", "0.01"), "c1 changed"),
        (lambda rig: rig.erp.customers["C"].update(dunning_block="X"), "the debtor would get no such letter any more"),
    ],
)
def test_what_voids_a_notice_voids_one_by_hand_too(rig: Rig, change: Change, why: str) -> None:
    by_hand(rig)
    change(rig)
    rig.load()
    rig.deliver()
    assert of_c(rig) == ("cancelled", why)


def test_a_level_set_by_hand_meanwhile_voids_the_notice(rig: Rig) -> None:
    set_level(rig.site, rig.context, "1", 3, on=TODAY, why="talked")
    rig.deliver()
    assert rig.only().state == "cancelled"


@pytest.mark.parametrize("changes", [False, True])
def test_a_worker_that_is_overtaken_at_the_gate_neither_sends_again_nor_cancels(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, changes: bool
) -> None:
    rig.clock.at += STALE
    lookup = rig.erp.lookup

    def slow(stream: Stream, keys: Sequence[Key]) -> list[Row]:
        monkeypatch.setattr(rig.erp, "lookup", lookup)
        rig.clock.later(minutes=11)
        assert rig.deliver().sent == 1  # another worker, because the lease is over
        if changes:
            rig.erp.pay("1")
        return lookup(stream, keys)

    monkeypatch.setattr(rig.erp, "lookup", slow)
    rig.deliver()
    assert len(rig.catcher.mails) == 1
    assert rig.only().state == "sent"
    assert rig.levels() == {"1": 1, "2": 1}
