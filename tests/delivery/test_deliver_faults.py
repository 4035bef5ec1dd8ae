"""What goes wrong around one letter stays with it: cancelled in between, not to be made, its ERP not to be reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from duehook.core.books import Books
from duehook.core.books.store.delivery import outbox, sending
from duehook.core.books.tables.dunning import notice_line
from duehook.core.deliver import letter_file, mail
from duehook.core.errors import Busy, ConfigError, ConnectorDown, ConnectorRefused
from duehook.core.hookspecs import Applied, Message, Sent
from duehook.core.plugins import Plugins
from duehook.core.runs.deliver import send
from duehook.core.runs.deliver.gate import judge
from duehook.core.runs.deliver.letter import make
from duehook.core.runs.deliver.queue import cancel_notice
from duehook.core.runs.deliver.settle import settle
from duehook.core.runs.site import Site
from tests.rigs.delivery_site import LETTERS_ONLY, NOW, Rig, due, level, policy, rigged
from tests.rigs.small_erp import SmallPlugin, SmallTarget


@pytest.fixture
def rig(books: Books, database_url: str, tmp_path: Path) -> Iterator[Rig]:
    with rigged(tmp_path, database_url) as made:
        made.erp.customer("A")
        made.erp.invoice("1", "A", "100.00", due(10))
        yield made


def test_what_a_cancelled_letter_led_to_is_withdrawn_while_it_waits(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.policy = policy(levels=(level(1, 7, "final", hold_min_days=7),))

    def down(*_: object) -> Applied:
        raise ConnectorDown("the ERP is down")

    with monkeypatch.context() as patch:
        patch.setattr(SmallTarget, "apply", down)
        rig.run()
    with rig.site.books.write() as tx:
        cancel_notice(tx, rig.context, rig.only().id, why="sent in error: they had paid")
    rig.clock.later(hours=1)
    rig.deliver()
    assert (rig.erp.hold_writes, rig.erp.notes, rig.hold().state) == ([], [], "dropped")


def test_a_letter_that_is_cancelled_between_gate_and_post_stays_here(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.load()
    rig.approve()

    def judged_then_cancelled(*given: Any) -> Any:
        verdicts = judge(*given)
        with rig.site.books.write() as tx:
            sending.move(tx, rig.only().id, {"state": "cancelled"}, of=["approved"])
        return verdicts

    monkeypatch.setattr(send, "judge", judged_then_cancelled)
    rig.deliver()
    assert (rig.catcher.mails, rig.levels()) == ([], {})


def test_a_letter_that_a_worker_has_just_claimed_cannot_be_cancelled(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.load()
    rig.approve()
    with rig.site.books.read() as tx:
        seen = outbox.of_subject(tx, "notice", rig.only().id)
    with rig.site.books.write() as tx:
        assert outbox.claim(tx, outbox.Worker("another"), NOW, kinds={"notice"}, most=1)
    monkeypatch.setattr(outbox, "of_subject", lambda *_: seen)
    with pytest.raises(Busy, match="is being delivered at this moment"), rig.site.books.write() as tx:
        cancel_notice(tx, rig.context, rig.only().id, why="they called, it is paid")
    assert rig.only().state == "approved"


def test_a_letter_that_cannot_be_made_keeps_no_other_back(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.erp.customer("0")
    rig.erp.invoice("0", "0", "100.00", due(10))

    def stumbling(round_: Any, going: Any) -> Any:
        if going.notice.debtor == "0":
            raise ValueError("odd")
        return make(round_, going)

    monkeypatch.setattr(send, "make", stumbling)
    assert (rig.run().sent, [row.state for row in rig.notices()]) == (1, ["failed", "sent"])
    assert "it could not be made: ValueError: odd" in rig.tasks()["notice_failed"]


def test_letters_wait_for_an_erp_that_cannot_be_opened(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ConnectorRefused("'http://jde:99999' is no URL: Port out of range 0-65535.")

    monkeypatch.setattr(Site, "target", broken)
    report = rig.run()
    assert (report.held, report.in_doubt, rig.catcher.mails) == (1, 0, [])
    assert "Port out of range" in rig.tasks()["notice_held"]


@pytest.mark.parametrize("mode", ["live", "shadow"])
def test_letters_wait_for_a_print_folder_that_nobody_named(rig: Rig, mode: str) -> None:
    rig.policy = LETTERS_ONLY
    rig.set(mode=mode, letters={})
    report = rig.run()
    assert (report.held, report.sent, report.in_doubt, report.to_post) == (1, 0, 0, 0)
    assert "write `letters: {folder: letters}`" in rig.tasks()["notice_held"]
    assert (rig.only().state, rig.levels()) == ("approved", {})


def test_a_letter_whose_lines_were_altered_in_the_books_is_not_sent(rig: Rig) -> None:
    rig.load()
    rig.approve()
    with rig.site.books.write() as tx:
        tx.execute(notice_line.update().values(disputed_amount=400_000))
    assert rig.deliver().failed == 1
    assert "would demand 60.00, but 100.00 was decided" in rig.tasks()["notice_failed"]
    assert (rig.catcher.mails, rig.levels()) == ([], {})


class Slow:
    """A mail channel whose server answers after eleven minutes; another round and a person act meanwhile."""

    name = "mail"
    needs_address = True

    def __init__(self, rig: Rig, answer: Sent, meanwhile: Any = None) -> None:
        self.rig, self.answer, self.meanwhile = rig, answer, meanwhile

    def check(self) -> list[object]:
        return []

    def send(self, message: Message) -> Sent:
        self.rig.clock.later(minutes=11)
        assert self.rig.deliver().in_doubt == 1  # the lease is over
        if self.meanwhile:
            self.meanwhile()
        return self.answer

    def close(self) -> None: ...


def test_a_late_answer_that_tells_nothing_adds_nothing_to_the_doubt(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow(rig, Sent("in_doubt", "the line broke"))
    monkeypatch.setattr(Site, "channel", lambda site, name: slow)
    rig.run()
    assert rig.effects() == [("notice", "in_doubt")]
    assert "the process ended while it was being handed over" in rig.tasks()["notice_in_doubt"]


def test_a_late_yes_of_the_server_ends_the_doubt(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow(rig, Sent("sent", "250 OK"))
    monkeypatch.setattr(Site, "channel", lambda site, name: slow)
    rig.run()
    assert (rig.only().state, rig.levels(), rig.tasks()) == ("sent", {"1": 1}, {})


@pytest.mark.parametrize("answer", [Sent("sent", "250 OK"), Sent("in_doubt", "the line broke")])
def test_a_late_answer_does_not_overturn_what_a_person_settled(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, answer: Sent
) -> None:
    slow = Slow(rig, answer, lambda: settle(rig.site, rig.context, rig.key(), sent=False, why="they have none"))
    monkeypatch.setattr(Site, "channel", lambda site, name: slow)
    rig.run()
    assert (rig.only().state, rig.levels(), rig.erp.notes) == ("failed", {}, [])


def test_a_late_yes_of_the_server_is_told_to_who_settled_it_as_not_sent(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow(
        rig, Sent("sent", "250 OK"), lambda: settle(rig.site, rig.context, rig.key(), sent=False, why="they have none")
    )
    monkeypatch.setattr(Site, "channel", lambda site, name: slow)
    report = rig.run()
    told = rig.tasks()["notice_went_out"]
    assert "was settled as not sent, but it went out: 250 OK" in told
    assert f"duehook block 01/{rig.only().debtor} --until DAY" in told
    assert report.sent == 0


def test_a_late_yes_of_the_server_adds_nothing_to_a_letter_settled_as_sent(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow(
        rig, Sent("sent", "250 OK"), lambda: settle(rig.site, rig.context, rig.key(), sent=True, why="they have it")
    )
    monkeypatch.setattr(Site, "channel", lambda site, name: slow)
    rig.run()
    assert (rig.only().state, rig.levels(), rig.tasks()) == ("sent", {"1": 1}, {})


@pytest.mark.parametrize("can_be_made", [True, False])
def test_a_letter_that_another_worker_sent_meanwhile_is_neither_sent_again_nor_held(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, can_be_made: bool
) -> None:
    def slow(round_: Any, going: Any) -> Any:
        monkeypatch.setattr(send, "make", make)
        rig.clock.later(minutes=11)
        assert rig.deliver().sent == 1
        if not can_be_made:
            raise ConfigError("there is no wording.", fix="write it.")
        return make(round_, going)

    monkeypatch.setattr(send, "make", slow)
    rig.run()
    assert (rig.only().state, rig.tasks(), len(rig.catcher.mails)) == ("sent", {}, 1)


def test_an_erp_that_takes_nothing_is_told_nothing(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SmallTarget, "capabilities", frozenset())
    rig.run()
    assert rig.effects() == [("notice", "sent"), ("notice_issued", "sent")]
    rig.set(mode="shadow")
    rig.erp.customer("B")
    rig.erp.invoice("2", "B", "100.00", due(10))
    rig.run()
    assert rig.effects({"add_note"}) == []


class Quiet(SmallPlugin):
    """A plugin that does not want to hear of letters."""

    notice_issued = None  # type: ignore[assignment]


def test_no_plugin_is_told_where_none_wants_to_hear(rig: Rig) -> None:
    rig.site.plugins = Plugins.of(small=Quiet(rig.erp), mail=mail, letter=letter_file)
    assert str(rig.run()) == "1 sent, 1 notes"
    assert rig.effects() == [("notice", "sent"), ("add_note", "sent")]


def test_a_level_with_a_hold_holds_nobody_where_the_company_writes_none(rig: Rig) -> None:
    rig.policy = policy(levels=(level(1, 7, "final", hold_min_days=7),))
    whole = rig.site.settings.companies["01"]
    rig.set(companies={"01": whole.model_copy(update={"hold": None})})
    assert str(rig.run()) == "1 sent, 1 notes, 1 events"
    assert rig.hold() is None
    assert rig.erp.hold_writes == []


def test_letters_wait_once_their_connection_is_gone_from_the_configuration(rig: Rig) -> None:
    rig.load()
    rig.approve()
    rig.set(connections={})
    rig.clock.later(hours=5)
    assert "small could not be asked: the connection serves no invoices" in rig.deliver().reasons[0]
    assert (rig.only().state, rig.catcher.mails) == ("approved", [])


def test_the_banks_account_that_the_erp_has_is_printed_where_the_site_names_none(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = rig.erp.rows

    def with_accounts(stream: Any) -> list[Mapping[str, Any]]:
        usd = {"currency": "USD", "bank": "Dollarbank"}
        eur = {"currency": "EUR", "bank": "Ledger Bank", "iban": "DE89370400440532013000"}
        return [{**row, "bank_accounts": (usd, eur)} if stream == "company" else row for row in rows(stream)]

    monkeypatch.setattr(rig.erp, "rows", with_accounts)
    rig.set(companies={"01": rig.site.settings.companies["01"].model_copy(update={"bank_accounts": ()})})
    assert rig.run().sent == 1
    assert b"Ledger Bank" in rig.catcher.mails[0][2]
    assert b"Dollarbank" not in rig.catcher.mails[0][2]


def test_an_invoice_disputed_beside_its_own_credit_shows_both(rig: Rig) -> None:
    rig.erp.items["1"]["disputed_amount"] = Decimal("70.00")
    rig.erp.invoice("note", "A", "-30.00", due(5), kind="credit_note", applies_to="1")
    rig.erp.invoice("2", "A", "50.00", due(10))
    assert rig.run().sent == 1
    assert [(row.demanded, row.disputed, row.credits) for row in rig.notices()] == [(500_000, 700_000, 300_000)]


def test_a_customer_the_erp_no_longer_shows_is_judged_by_what_the_books_know(rig: Rig) -> None:
    rig.load()
    rig.approve()
    rig.clock.later(hours=5)
    rig.erp.customers.clear()
    assert rig.deliver().sent == 1
