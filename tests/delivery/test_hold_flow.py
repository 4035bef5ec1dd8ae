"""Credit holds: set after the notice that announced them, released when nothing calls for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from duehook.core.books import Books
from duehook.core.books.tables.dunning import hold_version
from duehook.core.books.tables.ops import audit
from duehook.core.calendar import Span
from duehook.core.errors import ConnectorDown, NotFound
from duehook.core.hookspecs import Applied
from duehook.core.records import Stream
from duehook.core.runs.deliver.queue import cancel_notice
from duehook.core.runs.holds import approve_releases, drop_all, listed
from duehook.core.runs.imports import import_connection
from duehook.core.settings.model import HoldSettings
from tests.rigs.delivery_site import TODAY, Rig, due, policy, rigged
from tests.rigs.small_erp import SmallSource, SmallTarget


@pytest.fixture
def rig(books: Books, database_url: str, tmp_path: Path) -> Iterator[Rig]:
    with rigged(tmp_path, database_url) as made:
        made.erp.customer("A")
        made.erp.invoice("1", "A", "100.00", due(40), dunning_level=2)
        yield made


def state(rig: Rig) -> str:
    return str(rig.hold().state)


def set_hold(rig: Rig) -> None:
    assert rig.run().holds_set == 1
    rig.clock.later(hours=1)


def paid(rig: Rig) -> None:
    """Let the invoice be paid, and look at the holds after an import."""
    rig.erp.pay("1")
    rig.load()
    rig.deliver()


def release_by_itself(rig: Rig) -> None:
    """Let the company release its holds without a person."""
    company = rig.site.settings.companies["01"]
    assert company.hold is not None
    hold = company.hold.model_copy(update={"auto_release": True})
    rig.set(companies={"01": company.model_copy(update={"hold": hold})})


class Customers(SmallSource):
    """The customers alone."""

    streams: tuple[Stream, ...] = ("customer",)


def hold_through(rig: Rig, name: str) -> None:
    """Let the company's holds go through another connection."""
    company = rig.site.settings.companies["01"]
    hold = HoldSettings(value="D", connection=name)
    other = rig.site.settings.connections["small"].model_copy(update={"name": name})
    rig.set(
        companies={"01": company.model_copy(update={"hold": hold, "codes": {name: "01"}})},
        connections={**rig.site.settings.connections, name: other},
    )


def share_hold(rig: Rig, **own_row: Any) -> None:
    """Set the hold of customer A, who owes company 02 too and has one row for all companies."""
    company = rig.site.settings.companies["01"]
    second = company.model_copy(update={"erp": company.erp.model_copy(update={"code": "02"})})
    rig.set(companies={"01": company, "02": second})
    for row in (rig.erp.customers["A"], rig.erp.contacts["A-1"]):
        row["company"] = None
    if own_row:
        rig.erp.customers["A of 02"] = {**rig.erp.customers["A"], **own_row}
    rig.erp.invoice("2", "A", "70.00", due(50), dunning_level=2, company="02")
    rig.load()
    rig.approve("01")
    rig.approve("02")
    assert rig.deliver().holds_set == 1
    rig.clock.later(hours=1)


def states(rig: Rig) -> list[tuple[str, str]]:
    return [(row.company, row.state) for row in listed(rig.site)]


def load_customers(rig: Rig, name: str) -> None:
    """Import another connection's customers as they are now, after the small one's ledger."""
    rig.load()
    import_connection(rig.site.books, name, [Customers(rig.erp)], rig.context, as_of=rig.today)


def down(*_: Any) -> Applied:
    raise ConnectorDown("the ERP does not answer")


def approve(rig: Rig) -> None:
    assert approve_releases(rig.site, rig.context, None, why="paid") == 1


def test_a_hold_is_proposed_with_its_notice_and_set_once_that_was_sent(rig: Rig) -> None:
    rig.load()
    rig.approve()
    assert state(rig) == "proposed"
    assert rig.erp.holds == {}
    report = rig.deliver()
    assert (report.sent, report.holds_set) == (1, 1)
    assert rig.erp.holds == {"A": "D"}
    row = rig.hold()
    assert (row.state, row.value, row.previous, row.approved_by, row.level) == ("set", "D", None, "ann", 3)
    assert [kind for kind, _ in rig.effects()] == ["notice", "add_note", "notice_issued", "set_credit_hold"]


def test_a_lower_level_holds_nobody(rig: Rig) -> None:
    rig.erp.items["1"]["dunning_level"] = 1
    assert rig.run().sent == 1
    assert rig.hold() is None


def test_a_notice_that_does_not_go_out_sets_no_hold(rig: Rig) -> None:
    rig.catcher.answers = ["554 no"]
    rig.run()
    assert (state(rig), rig.erp.holds) == ("dropped", {})


def test_a_hold_that_was_dropped_is_not_set_though_its_notice_goes_out(rig: Rig) -> None:
    rig.load()
    rig.approve()
    number = rig.hold().id
    assert drop_all(rig.site, rig.context, [number], why="a good customer") == {number: "dropped"}
    assert rig.deliver().sent == 1
    assert rig.erp.holds == {}


def test_in_shadow_the_hold_is_only_shown(rig: Rig) -> None:
    rig.set(mode="shadow")
    rig.run()
    assert (state(rig), rig.erp.holds) == ("would_be", {})
    assert ("set_credit_hold", "cancelled") in rig.effects()


def test_another_code_that_is_known_is_not_overwritten(rig: Rig) -> None:
    rig.erp.customers["A"]["hold"] = "X"
    rig.erp.holds["A"] = "X"
    rig.run()
    assert (state(rig), rig.erp.holds) == ("refused", {"A": "X"})
    assert "the ERP has the hold 'X'" in rig.tasks()["hold_refused"]


def test_another_code_that_came_meanwhile_is_not_overwritten(rig: Rig) -> None:
    rig.load()
    rig.approve()
    rig.erp.holds["A"] = "X"
    assert rig.deliver().refused == 1
    assert (state(rig), rig.erp.holds) == ("refused", {"A": "X"})
    assert "hold_refused" in rig.tasks()


def test_a_hold_that_somebody_else_set_is_not_ours_to_release(rig: Rig) -> None:
    rig.load()
    rig.approve()
    rig.erp.holds["A"] = "D"
    rig.deliver()
    assert state(rig) == "refused"
    assert rig.erp.hold_writes == []


def test_a_lost_reply_to_our_own_hold_leaves_it_ours(rig: Rig) -> None:
    rig.erp.lost_replies = 2  # the note's and the hold's
    rig.run()
    assert state(rig) == "setting"
    rig.clock.later(minutes=2)
    assert rig.deliver().holds_set == 1
    assert state(rig) == "set"
    assert rig.erp.hold_writes == [("A", "D")]


def test_a_users_hold_is_not_taken_for_ours_after_ours_was_certainly_not_there(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(SmallTarget, "apply", lambda *_: Applied("unknown", "time-out"))
        rig.run()
    with monkeypatch.context() as patched:
        patched.setattr(SmallTarget, "apply", down)
        rig.clock.later(minutes=2)
        rig.deliver()
    rig.erp.holds["A"] = "D"
    rig.clock.later(hours=1)
    rig.deliver()
    assert (state(rig), rig.erp.hold_writes) == ("refused", [])


def test_a_release_is_proposed_when_nothing_calls_for_the_hold_and_made_by_a_person(rig: Rig) -> None:
    set_hold(rig)
    paid(rig)
    assert (state(rig), rig.erp.holds) == ("release_proposed", {"A": "D"})
    assert "hold approve" in rig.tasks()["hold_release"]
    approve(rig)
    assert rig.deliver().holds_released == 1
    assert (state(rig), rig.erp.holds) == ("released", {})
    assert rig.hold().released_on == TODAY
    assert rig.tasks() == {}
    with rig.site.books.read() as tx:
        before = tx.execute(select(hold_version.c.state).order_by(hold_version.c.version_id)).scalars().all()
    assert before == ["proposed", "setting", "set", "release_proposed", "releasing"]


def test_a_hold_is_judged_only_after_an_import_that_can_have_seen_it(rig: Rig) -> None:
    rig.run()
    rig.deliver()
    assert state(rig) == "set"


def test_an_import_begun_before_the_hold_was_set_says_nothing_of_it_though_the_erps_clock_is_ahead(rig: Rig) -> None:
    rig.load(ahead=timedelta(minutes=2))
    rig.approve()
    rig.clock.later(minutes=1)
    assert rig.deliver().holds_set == 1
    rig.clock.later(minutes=5)
    rig.deliver()
    assert state(rig) == "set"


def test_an_import_begun_after_the_hold_was_set_speaks_of_it_though_the_erps_clock_is_behind(rig: Rig) -> None:
    set_hold(rig)
    rig.erp.pay("1")
    rig.load(ahead=timedelta(hours=-2))
    rig.deliver()
    assert state(rig) == "release_proposed"


def test_a_release_goes_by_itself_where_the_company_wants_it(rig: Rig) -> None:
    release_by_itself(rig)
    set_hold(rig)
    rig.erp.pay("1")
    rig.load()
    assert rig.deliver().holds_released == 1


def test_in_shadow_no_hold_is_released_by_itself(rig: Rig) -> None:
    release_by_itself(rig)
    set_hold(rig)
    rig.set(mode="shadow")
    paid(rig)
    assert (state(rig), rig.erp.holds) == ("release_proposed", {"A": "D"})
    approve(rig)
    assert rig.deliver().held == 1
    assert (state(rig), rig.erp.holds) == ("releasing", {"A": "D"})


def test_a_release_that_was_proposed_in_shadow_goes_by_itself_once_live_again(rig: Rig) -> None:
    release_by_itself(rig)
    set_hold(rig)
    rig.set(mode="shadow")
    paid(rig)
    assert (state(rig), set(rig.tasks())) == ("release_proposed", {"hold_release"})
    rig.set(mode="live")
    assert rig.deliver().holds_released == 1
    assert (state(rig), rig.erp.holds, rig.tasks()) == ("released", {}, {})


def test_a_proposed_release_waits_for_its_person_without_auto_release(rig: Rig) -> None:
    set_hold(rig)
    paid(rig)
    rig.deliver()
    assert state(rig) == "release_proposed"


def only_written_to(rig: Rig, name: str) -> None:
    hold_through(rig, name)
    writes = rig.site.settings.connections[name].model_copy(update={"serves": ("write_back",)})
    rig.set(connections={**rig.site.settings.connections, name: writes})


def test_a_hold_through_a_connection_that_is_only_written_to_is_judged_by_the_ledger(rig: Rig) -> None:
    only_written_to(rig, "credit")
    set_hold(rig)
    assert (rig.hold().connection, state(rig)) == ("credit", "set")
    rig.load()
    rig.deliver()
    assert state(rig) == "set"
    rig.clock.later(hours=1)
    paid(rig)
    assert state(rig) == "release_proposed"
    approve(rig)
    assert rig.deliver().holds_released == 1
    assert (state(rig), rig.erp.holds) == ("released", {})


def test_a_hold_through_a_connection_that_is_only_written_to_drifts_when_the_release_finds_another_value(
    rig: Rig,
) -> None:
    only_written_to(rig, "credit")
    set_hold(rig)
    rig.erp.holds["A"] = "X"
    paid(rig)
    approve(rig)
    rig.deliver()
    assert (state(rig), rig.erp.holds) == ("drifted", {"A": "X"})


def test_a_common_hold_that_is_only_written_to_stays_while_another_company_calls_for_it(rig: Rig) -> None:
    only_written_to(rig, "credit")
    share_hold(rig)
    assert rig.hold().connection == "credit"
    paid(rig)
    assert states(rig)[0] == ("01", "set")


def test_a_hold_that_is_dropped_with_its_notice_stands_in_the_audit(rig: Rig) -> None:
    rig.load()
    (number,) = rig.approve()
    with rig.site.books.write() as tx:
        cancel_notice(tx, rig.context, number, why="the customer called")
    assert state(rig) == "dropped"
    with rig.site.books.read() as tx:
        (act,) = tx.execute(select(audit).where(audit.c.act == "hold.drop")).all()
    assert (act.subject, act.why, act.after["state"]) == ("A", "the customer called", "dropped")


def test_one_more_item_that_meets_the_condition_keeps_the_hold(rig: Rig) -> None:
    rig.erp.invoice("2", "A", "70.00", due(50), dunning_level=3)
    set_hold(rig)
    paid(rig)
    assert state(rig) == "set"


def test_a_hold_through_another_connection_is_judged_by_the_items_of_its_notice(rig: Rig) -> None:
    hold_through(rig, "credit")
    set_hold(rig)
    assert rig.hold().connection == "credit"
    load_customers(rig, "credit")
    rig.deliver()
    assert state(rig) == "set"
    rig.clock.later(hours=1)
    rig.erp.pay("1")
    load_customers(rig, "credit")
    rig.deliver()
    assert state(rig) == "release_proposed"


def test_a_hold_through_a_connection_that_has_not_read_the_customer_is_not_judged(rig: Rig) -> None:
    hold_through(rig, "credit")
    set_hold(rig)
    del rig.erp.customers["A"]
    rig.erp.customer("B")
    load_customers(rig, "credit")
    rig.deliver()
    assert state(rig) == "set"


def test_a_hold_of_the_common_row_stays_while_another_company_calls_for_it(rig: Rig) -> None:
    share_hold(rig)
    assert states(rig) == [("01", "set"), ("02", "refused")]
    paid(rig)
    assert states(rig)[0] == ("01", "set")
    rig.clock.later(hours=1)
    rig.erp.pay("2")
    rig.load()
    rig.deliver()
    assert states(rig)[0] == ("01", "release_proposed")


def test_cash_to_another_company_of_the_common_row_has_to_clear_too(rig: Rig) -> None:
    rig.policy = policy(clearing=Span(5))
    share_hold(rig)
    payment = {"company": "02", "key": "P2", "customer": "A", "currency": "EUR", "amount": Decimal("70.00")}
    rig.erp.payments["P2"] = {**payment, "received_on": TODAY, "changed_at": rig.clock.at}
    rig.erp.pay("2")
    paid(rig)
    assert states(rig)[0] == ("01", "set")


def test_a_company_with_a_row_of_its_own_does_not_keep_the_common_hold(rig: Rig) -> None:
    share_hold(rig, company="02")
    paid(rig)
    assert states(rig)[0] == ("01", "release_proposed")


def test_a_proposed_release_is_withdrawn_when_the_condition_is_met_again(rig: Rig) -> None:
    set_hold(rig)
    paid(rig)
    rig.clock.later(hours=1)
    rig.erp.items["1"] |= {"open_amount": rig.erp.items["1"]["amount"], "changed_at": rig.clock.at}
    rig.load()
    rig.deliver()
    assert state(rig) == "set"
    assert "hold_release" not in rig.tasks()


def test_a_hold_that_was_changed_in_the_erp_has_drifted_and_is_left_alone(rig: Rig) -> None:
    set_hold(rig)
    rig.erp.set_hold("A", "X")
    paid(rig)
    assert (state(rig), rig.erp.holds) == ("drifted", {"A": "X"})
    assert "look in the ERP" in rig.tasks()["hold_drifted"]


def test_a_release_that_finds_another_value_drifts(rig: Rig) -> None:
    set_hold(rig)
    paid(rig)
    approve(rig)
    rig.erp.set_hold("A", "X")
    assert rig.deliver().refused == 1
    assert (state(rig), rig.erp.holds) == ("drifted", {"A": "X"})


def test_a_release_that_the_erp_refuses_leaves_the_hold_ours_until_the_next_import(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    release_by_itself(rig)
    set_hold(rig)
    with monkeypatch.context() as patched:
        patched.setattr(SmallTarget, "apply", lambda *_: Applied("refused", "the record is reserved"))
        paid(rig)
        assert (state(rig), rig.effects()[-1]) == ("set", ("release_credit_hold", "failed"))
        assert list(rig.tasks()) == ["hold_release_refused"]
        assert "was not released: the record is reserved." in rig.tasks()["hold_release_refused"]
        rig.clock.later(minutes=1)
        assert rig.deliver().refused == 0
    rig.load()
    assert rig.deliver().holds_released == 1
    assert (rig.erp.holds, rig.tasks()) == ({}, {})


def test_a_refused_release_whose_value_cannot_be_seen_has_not_drifted(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_hold(rig)
    paid(rig)
    approve(rig)
    monkeypatch.setattr(SmallTarget, "apply", lambda *_: Applied("refused", "no right to do it"))
    monkeypatch.setattr(SmallTarget, "current_hold", down)
    assert rig.deliver().refused == 1
    assert state(rig) == "set"


def test_a_dropped_release_leaves_the_hold_set(rig: Rig) -> None:
    set_hold(rig)
    paid(rig)
    number = rig.hold().id
    assert drop_all(rig.site, rig.context, [number], why="let them wait") == {number: "set"}
    with pytest.raises(NotFound, match="only a proposed release"):
        approve_releases(rig.site, rig.context, [number])
    with pytest.raises(NotFound, match="only a proposal is dropped"):
        drop_all(rig.site, rig.context, [number], why="again")
    with pytest.raises(NotFound, match="there is no hold 99"):
        drop_all(rig.site, rig.context, [99], why="again")


def test_within_the_grace_after_a_release_nothing_is_held_again(rig: Rig) -> None:
    set_hold(rig)
    paid(rig)
    approve(rig)
    rig.deliver()
    rig.clock.later(days=7)
    rig.erp.invoice("2", "A", "90.00", due(40), dunning_level=2)
    report = rig.run()
    assert (report.sent, report.holds_set) == (1, 0)
    assert "a hold was released on 2026-03-02" in rig.hold().reason


def test_cash_must_have_stood_for_clearing_days(rig: Rig) -> None:
    rig.policy = policy(clearing=Span(5))
    set_hold(rig)
    payment = {"company": "01", "key": "P1", "customer": "A", "currency": "EUR", "amount": Decimal("100.00")}
    rig.erp.payments["P1"] = {**payment, "received_on": TODAY, "changed_at": rig.clock.at}
    paid(rig)
    assert state(rig) == "set"
    rig.clock.at += timedelta(days=7)
    rig.load()
    rig.deliver()
    assert state(rig) == "release_proposed"


def test_a_customer_has_one_active_hold(rig: Rig) -> None:
    set_hold(rig)
    rig.clock.later(days=14)
    rig.erp.invoice("2", "A", "90.00", due(40), dunning_level=2)
    assert rig.run().sent == 1
    assert [row.state for row in listed(rig.site)] == ["set"]
    assert rig.erp.hold_writes == [("A", "D")]
