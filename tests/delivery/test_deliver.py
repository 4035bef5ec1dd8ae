"""Delivery: an approved notice goes out once, moves its levels, and tells the ERP and the plugins."""

from __future__ import annotations

import email
import email.policy
import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from duehook.core.books import Books
from duehook.core.books.store import facts
from duehook.core.books.store.delivery import tasks
from duehook.core.books.tables.dunning import debtor_dunning
from duehook.core.books.tables.ops import audit, fact
from duehook.core.errors import Busy, NotFound, RunStopped
from duehook.core.hookspecs import Message, Sent
from duehook.core.runs.audit import verify_audit
from duehook.core.runs.deliver.queue import cancel_notice, queue_notice
from duehook.core.runs.deliver.run import look
from duehook.core.runs.deliver.settle import finish_task, settle
from tests.rigs.delivery_site import LETTERS_ONLY, NOW, PRE_DUE, TODAY, Rig, due, level, policy, rigged
from tests.rigs.mail_catcher import breaking


@pytest.fixture
def rig(books: Books, database_url: str, tmp_path: Path) -> Iterator[Rig]:
    with rigged(tmp_path, database_url) as made:
        made.erp.customer("A")
        made.erp.invoice("1", "A", "100.00", due(10), purchase_order="PO-77")
        yield made


def text_of(rig: Rig) -> str:
    (_, _, content) = rig.catcher.mails[-1]
    part = email.message_from_bytes(content, policy=email.policy.default).get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def debtor_clock(rig: Rig) -> list[date]:
    with rig.site.books.read() as tx:
        return list(tx.execute(select(debtor_dunning.c.last_sent_on)).scalars())


def acts(rig: Rig) -> list[str]:
    with rig.site.books.read() as tx:
        return list(tx.execute(select(audit.c.act).order_by(audit.c.id)).scalars())


def test_a_notice_goes_out_once_and_all_that_follows_follows(rig: Rig) -> None:
    report = rig.run()
    assert str(report) == "1 sent, 1 notes, 1 events"
    (sender, recipients, content) = rig.catcher.mails[0]
    assert (sender, recipients) == ("credit@nordwind.example", ["a@debtor.example"])
    assert b"Subject: [TEST]" not in content
    assert "PO-77" in text_of(rig)
    row = rig.only()
    assert (row.state, row.number, row.sent_on, row.recipients) == ("sent", "01-000001", TODAY, ["a@debtor.example"])
    assert rig.levels() == {"1": 1}
    assert debtor_clock(rig) == [TODAY]
    assert rig.effects() == [("notice", "sent"), ("add_note", "sent"), ("notice_issued", "sent")]
    ((_, customer, note),) = rig.erp.notes
    assert (customer, note) == (
        "A",
        "Dunning level 1 (friendly): notice 01-000001 by mail, 100.00 EUR demanded.",
    )
    assert [(told.number, told.level, str(told.total)) for told in rig.plugin.told] == [("01-000001", 1, "100.00")]
    assert "notice.send" in acts(rig)
    assert verify_audit(rig.site).holds


def test_delivering_again_sends_nothing(rig: Rig) -> None:
    rig.run()
    assert str(rig.deliver()) == "nothing to deliver"
    rig.load()
    assert rig.approve() == []
    assert len(rig.catcher.mails) == 1


def test_the_bytes_that_went_out_are_in_the_archive(rig: Rig) -> None:
    rig.run()
    digest = rig.only().archive_sha
    kept = (rig.site.archive / digest[:2] / digest[2:4] / digest).read_bytes()
    sent = rig.catcher.mails[0][2]
    assert kept.replace(b"\r\n", b"\n").strip() == sent.replace(b"\r\n", b"\n").strip()


def test_amounts_and_date_are_those_of_the_sending_day(rig: Rig) -> None:
    rig.load()
    rig.approve()
    rig.clock.later(days=1)
    rig.deliver()
    assert "3 March 2026" in text_of(rig) or "Mar 3, 2026" in text_of(rig) or "March 3, 2026" in text_of(rig)
    assert rig.only().sent_on == date(2026, 3, 3)
    assert debtor_clock(rig) == [date(2026, 3, 3)]


def test_in_shadow_all_goes_to_the_catch_all_and_nothing_into_the_erp(rig: Rig) -> None:
    rig.set(mode="shadow")
    rig.run()
    (_, recipients, content) = rig.catcher.mails[0]
    assert recipients == ["caught@site.example"]
    assert b"X-Duehook-Test: yes" in content
    assert "a@debtor.example" in text_of(rig)
    assert rig.erp.notes == []
    assert rig.plugin.told == []
    assert rig.effects() == [("notice", "sent"), ("add_note", "cancelled")]
    assert rig.levels() == {"1": 1}


def test_in_shadow_a_letter_is_marked_and_needs_no_posting(rig: Rig, tmp_path: Path) -> None:
    rig.policy = LETTERS_ONLY
    rig.set(mode="shadow")
    assert rig.run().sent == 1
    assert [file.name for file in (tmp_path / "letters").glob("*.pdf")] == ["TEST-01-01-000001-20260302.pdf"]
    assert rig.tasks() == {}


def test_in_pilot_only_listed_customers_get_real_letters(books: Books, database_url: str, tmp_path: Path) -> None:
    more = 'pilot: [{company: "01", customer: A}]'
    with rigged(tmp_path, database_url, mode="pilot", more=more) as rig:
        for key in ("A", "B"):
            rig.erp.customer(key)
            rig.erp.invoice(f"{key}1", key, "100.00", due(10))
        rig.run()
        assert sorted(mail[1][0] for mail in rig.catcher.mails) == ["a@debtor.example", "caught@site.example"]
        assert [customer for _, customer, _ in rig.erp.notes] == ["A"]


def test_live_waits_for_go_live(rig: Rig) -> None:
    rig.load()
    rig.approve()
    with rig.site.books.write() as tx:
        tx.execute(fact.delete())
    with pytest.raises(RunStopped, match="duehook go-live"):
        rig.deliver()
    assert rig.catcher.mails == []


def test_a_first_live_run_above_the_number_allowed_is_refused(rig: Rig) -> None:
    for number in range(3):
        rig.erp.customer(f"C{number}")
        rig.erp.invoice(f"C{number}-1", f"C{number}", "100.00", due(10))
    with rig.site.books.write() as tx:
        facts.put(tx, "go_live", {"first_run_notices": 3}, NOW)
    rig.load()
    rig.approve()
    with pytest.raises(RunStopped, match="would send 4 notices, and 3 are allowed"):
        rig.deliver()
    with rig.site.books.write() as tx:
        facts.put(tx, "go_live", {"first_run_notices": 4}, NOW)
    assert rig.deliver().sent == 4


def test_nothing_is_sent_on_a_closed_day(rig: Rig) -> None:
    rig.clock.at = NOW + timedelta(days=4)  # a Friday
    rig.load()
    rig.approve()
    rig.clock.later(days=1)
    assert rig.deliver().held == 1
    rig.clock.later(days=1)
    still = rig.deliver()
    assert str(still) == "1 waits, next try 2026-03-09 00:00 (2026-03-07 is no working day)"
    assert still.complete
    rig.clock.later(days=1)
    assert rig.deliver().sent == 1


def test_no_address_makes_a_letter_to_post_and_a_task(rig: Rig, tmp_path: Path) -> None:
    rig.erp.contacts.clear()
    report = rig.run()
    assert (report.sent, report.to_post) == (0, 1)
    (manifest,) = (tmp_path / "letters" / "manifest.jsonl").read_text().splitlines()
    assert json.loads(manifest)["file"] == "01-01-000001-20260302.pdf"
    assert rig.only().state == "in_doubt"
    assert set(rig.tasks()) == {"letter_to_post", "no_address"}
    assert "the debtor has no mail address" in rig.tasks()["no_address"]
    assert rig.levels() == {}


@pytest.mark.parametrize("purposes", [("sales",), (), ("other", "legal")])
def test_a_contact_of_another_purpose_is_never_written_to(rig: Rig, purposes: tuple[str, ...]) -> None:
    rig.erp.contacts["A-1"]["purposes"] = purposes
    assert rig.run().to_post == 1
    assert rig.catcher.mails == []


def test_a_dunning_contact_goes_before_payables_and_main(rig: Rig) -> None:
    for number, purpose in enumerate(("main", "accounts_payable")):
        rig.erp.contacts[f"A-0{number}"] = {
            **rig.erp.contacts["A-1"],
            "key": f"A-0{number}",
            "purposes": (purpose,),
            "email": f"{purpose}@debtor.example",
        }
    rig.run()
    assert rig.catcher.mails[0][1] == ["a@debtor.example"]


def test_a_posted_letter_counts_from_the_day_it_was_written(rig: Rig) -> None:
    rig.policy = LETTERS_ONLY
    rig.run()
    rig.clock.later(days=2)
    with rig.site.books.read() as tx:
        (task,) = tasks.listed(tx)
    assert finish_task(rig.site, rig.context, task.id, outcome="posted") == "letter settled as sent"
    assert (rig.only().state, rig.only().sent_on) == ("sent", TODAY)
    assert rig.levels() == {"1": 1}
    assert rig.tasks() == {}
    rig.deliver()
    assert rig.erp.notes[0][2].startswith("Dunning level 1 (friendly): notice 01-000001 by letter")


def test_a_finished_task_is_not_finished_twice(rig: Rig) -> None:
    rig.catcher.answers = ["554 no"]
    rig.run()
    assert finish_task(rig.site, rig.context, 1, outcome="called them") == "done"
    with pytest.raises(NotFound, match="no open task 1"):
        finish_task(rig.site, rig.context, 1, outcome="called them")


def test_a_refused_mail_is_failed_with_a_task_and_no_level_moves(rig: Rig) -> None:
    rig.catcher.answers = ["554 we do not want it"]
    report = rig.run()
    assert (report.sent, report.failed) == (0, 1)
    assert rig.only().state == "failed"
    assert "we do not want it" in rig.tasks()["notice_failed"]
    assert rig.levels() == {}
    assert rig.erp.notes == []
    assert [state for _, state in rig.effects()] == ["failed"]


def test_what_failed_is_decided_anew_and_may_go_out_the_same_day(rig: Rig) -> None:
    rig.catcher.answers = ["554 no"]
    rig.run()
    rig.approve()
    assert rig.deliver().sent == 1
    assert [row.state for row in rig.notices()] == ["failed", "sent"]


def test_a_mail_that_was_put_off_comes_again_under_its_number(rig: Rig) -> None:
    rig.catcher.answers = ["451 greylisted"]
    assert str(rig.run()) == "1 waits, next try 09:01 (451 greylisted)"
    assert str(rig.deliver()) == "1 waits, next try 09:01 (451 greylisted)"
    rig.clock.later(minutes=2)
    assert rig.deliver().sent == 1
    assert rig.only().number == "01-000001"
    assert len(rig.catcher.mails) == 1


def test_a_mail_that_is_put_off_again_and_again_fails_at_last(rig: Rig) -> None:
    rig.catcher.answers = ["451 later"] * 9
    rig.run()
    for _ in range(7):
        rig.clock.later(hours=12)
        rig.deliver()
    assert rig.only().state in {"failed", "cancelled"}
    assert rig.levels() == {}


@pytest.mark.parametrize("point", ["within", "reply", "nonsense"])
def test_a_broken_hand_over_leaves_the_notice_in_doubt_and_is_never_repeated(rig: Rig, point: str) -> None:
    with breaking(point) as server:
        rig.set(mail={**rig.site.settings.mail, "port": server.port})
        assert rig.run().in_doubt == 1
        rig.clock.later(hours=5)
        rig.deliver()
        assert server.connections == 1
    assert rig.only().state == "in_doubt"
    assert "outbox settle" in rig.tasks()["notice_in_doubt"]
    assert rig.levels() == {}
    rig.load()
    assert rig.approve() == []


@pytest.mark.parametrize(("sent", "state", "levels"), [(True, "sent", {"1": 1}), (False, "failed", {})])
def test_a_person_settles_what_is_in_doubt(rig: Rig, sent: bool, state: str, levels: dict[str, int]) -> None:
    with breaking("reply") as server:
        rig.set(mail={**rig.site.settings.mail, "port": server.port})
        rig.run()
    settle(rig.site, rig.context, rig.key()[:10], sent=sent, why="asked the debtor")
    assert rig.only().state == state
    assert rig.levels() == levels
    assert "notice_in_doubt" not in rig.tasks()
    assert "outbox.settle" in acts(rig)
    rig.deliver()
    assert len(rig.erp.notes) == sent


def test_only_what_is_in_doubt_is_settled(rig: Rig) -> None:
    rig.run()
    with pytest.raises(NotFound, match="only what is in doubt"):
        settle(rig.site, rig.context, rig.key()[:10], sent=True, why="")
    with pytest.raises(NotFound, match="no effect has a key"):
        settle(rig.site, rig.context, "zz", sent=True, why="")


class Breaks:
    """A channel with a fault of its own."""

    name = "mail"
    needs_address = True

    def check(self) -> list[object]:
        return []

    def send(self, message: Message) -> Sent:
        raise ZeroDivisionError

    def close(self) -> None: ...


def test_a_channel_that_breaks_leaves_the_notice_in_doubt(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(rig.site), "channel", lambda site, name: Breaks())
    assert rig.run().in_doubt == 1
    assert "ZeroDivisionError" in rig.tasks()["notice_in_doubt"]


def test_a_process_that_died_while_sending_leaves_doubt_not_a_second_mail(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Dies(Breaks):
        def send(self, message: Message) -> Sent:
            raise SystemExit

    with monkeypatch.context() as patched, pytest.raises(SystemExit):
        patched.setattr(type(rig.site), "channel", lambda site, name: Dies())
        rig.run()
    assert rig.effects() == [("notice", "sending")]
    assert str(rig.deliver()) == "nothing to deliver"
    rig.clock.later(minutes=11)
    assert rig.deliver().in_doubt == 1
    assert rig.catcher.mails == []
    assert rig.only().state == "in_doubt"


def test_a_missing_account_holds_the_notice_with_a_task_until_it_is_there(rig: Rig) -> None:
    whole = rig.site.settings.companies["01"]
    rig.set(companies={"01": whole.model_copy(update={"bank_accounts": ()})})
    assert rig.run().held == 1
    assert "there is no bank account for EUR" in rig.tasks()["notice_held"]
    rig.set(companies={"01": whole})
    rig.clock.later(hours=2)
    assert rig.deliver().sent == 1
    assert rig.tasks() == {}


def test_no_wording_holds_the_notice(rig: Rig) -> None:
    rig.policy = policy(levels=(level(1, 7, "unheard_of"),))
    assert rig.run().held == 1
    assert "no wording" in rig.tasks()["notice_held"]
    rig.clock.later(days=4)
    assert rig.deliver().cancelled == 1


def test_a_reminder_moves_no_level_and_no_clock(rig: Rig) -> None:
    rig.policy = PRE_DUE
    rig.erp.items.clear()
    rig.erp.invoice("9", "A", "80.00", due(-3))
    rig.run()
    assert rig.only().kind == "reminder"
    assert rig.levels() == {"9": 0}
    assert debtor_clock(rig) == []
    assert rig.erp.notes[0][2].startswith("Payment reminder: notice 01-000001")
    rig.load()
    assert rig.approve() == []


def test_credits_and_disputes_are_shown_and_the_sum_is_the_decided_one(rig: Rig) -> None:
    rig.erp.invoice("2", "A", "80.00", due(30), disputed_amount=None)
    rig.erp.items["2"]["disputed_amount"] = rig.erp.items["2"]["open_amount"] / 4
    rig.erp.invoice("3", "A", "-30.00", due(5), kind="credit_note")
    rig.run()
    assert rig.only().state == "sent"
    assert rig.only().demanded == (100 + 60 - 30) * 10_000
    assert "130.00" in text_of(rig)


def test_one_notice_an_invoice_where_the_policy_says_so(rig: Rig) -> None:
    rig.policy = policy(per="invoice")
    rig.erp.invoice("2", "A", "80.00", due(30))
    rig.erp.invoice("3", "A", "-30.00", due(5), kind="credit_note")
    rig.run()
    assert [row.state for row in rig.notices()] == ["sent", "sent"]
    assert len(rig.catcher.mails) == 2


def test_an_event_that_a_plugin_missed_is_told_again(rig: Rig) -> None:
    rig.plugin.deaf = 1
    assert rig.run().retried == 1
    rig.clock.later(minutes=10)
    assert rig.deliver().events == 1
    assert len(rig.plugin.told) == 1


def test_a_queued_notice_is_cancelled_and_does_not_go_out(rig: Rig) -> None:
    rig.load()
    (number,) = rig.approve()
    with rig.site.books.write() as tx:
        cancel_notice(tx, rig.context, number, why="they called")
    assert str(rig.deliver()) == "nothing to deliver"
    assert (rig.only().state, rig.only().reason) == ("cancelled", "they called")
    assert rig.approve() != []
    assert rig.deliver().sent == 1


def test_cancelling_a_sent_notice_moves_levels_and_clock_back(rig: Rig) -> None:
    rig.run()
    rig.clock.at = NOW + timedelta(days=14)
    second = rig.run()
    assert (second.sent, rig.levels()) == (1, {"1": 2})
    with rig.site.books.write() as tx:
        cancel_notice(tx, rig.context, rig.notices()[1].id, why="sent in error")
    assert rig.levels() == {"1": 1}
    assert debtor_clock(rig) == [TODAY]
    with rig.site.books.write() as tx:
        cancel_notice(tx, rig.context, rig.notices()[0].id, why="sent in error")
    assert rig.levels() == {"1": 0}
    assert debtor_clock(rig) == []
    assert "notice.cancel" in acts(rig)


def test_what_is_in_doubt_is_settled_before_it_is_cancelled(rig: Rig) -> None:
    with breaking("reply") as server:
        rig.set(mail={**rig.site.settings.mail, "port": server.port})
        rig.run()
    with pytest.raises(Busy, match="outbox settle"), rig.site.books.write() as tx:
        cancel_notice(tx, rig.context, rig.only().id, why="")
    with pytest.raises(NotFound, match="does not exist"), rig.site.books.write() as tx:
        cancel_notice(tx, rig.context, 99, why="")


def test_queueing_twice_is_one_row(rig: Rig) -> None:
    rig.load()
    rig.approve()
    with rig.site.books.write() as tx:
        queue_notice(tx, rig.context, rig.only(), rig.site.settings)
    assert rig.effects() == [("notice", "new")]


def test_a_look_says_what_would_happen_and_changes_nothing(rig: Rig) -> None:
    rig.load()
    rig.approve()
    before = rig.effects()
    (said,) = look(rig.site, rig.context)
    assert (said["what"], said["debtor"], said["level"], said["test"]) == ("would send", "A", 1, False)
    assert rig.effects() == before
    assert rig.catcher.mails == []
    rig.erp.pay("1")
    rig.clock.later(hours=6)
    (said,) = look(rig.site, rig.context)
    assert said["what"] == "would cancel"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [({"channel": "fax"}, "no plugin offers the channel 'fax'"), ({}, "there is no template 'frendly'")],
)
def test_a_look_lets_a_notice_wait_whose_way_out_is_not_there(rig: Rig, wrong: dict[str, str], why: str) -> None:
    rig.policy = policy(levels=(level(1, 7, "frendly", **wrong),))
    rig.load()
    rig.approve()
    (said,) = look(rig.site, rig.context)
    assert (said["what"], why in said["why"]) == ("would wait", True)
    assert rig.deliver().held == 1


def test_a_mail_server_that_is_down_is_told_until_it_is_back(rig: Rig) -> None:
    port = rig.site.settings.mail["port"]
    rig.set(mail={**rig.site.settings.mail, "port": 1})  # nobody listens there
    for report in (rig.run(), rig.deliver()):
        assert str(report).startswith("1 waits, next try 09:01 (")
        assert not report.complete
    (said,) = look(rig.site, rig.context)
    assert (said["what"], said["why"].startswith("1 waits, next try 09:01")) == ("waits", True)
    rig.set(mail={**rig.site.settings.mail, "port": port})
    rig.clock.later(minutes=2)
    report = rig.deliver()
    assert (report.sent, report.waits, report.complete) == (1, None, True)


def test_at_most_so_many_are_sent(rig: Rig) -> None:
    for number in range(3):
        rig.erp.customer(f"C{number}")
        rig.erp.invoice(f"C{number}-1", f"C{number}", "100.00", due(10))
    rig.load()
    rig.approve()
    assert rig.deliver(most=3).sent == 3
    assert rig.deliver().sent == 1
