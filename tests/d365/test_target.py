"""Writing into F&O: once, never over what a user said, and quoted where F&O refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from duehook.core.connecting.writing import marker
from duehook.core.errors import ConnectorDown, ConnectorError
from duehook.core.hookspecs import Applied, Command, CommandKind
from duehook.core.testing.book import Item
from duehook.core.testing.contract.scenes.acts import customer_of
from duehook.core.wire.odata import Found
from duehook.plugins.d365.settings import CodeLists
from duehook.plugins.d365.writing.notes import document_id
from duehook.plugins.d365.writing.wishes import LONGEST, wish_of

from .connected import Connect, Connected
from .simulated import Client, Opened, invoice


def about(client: Client, item: Item, kind: CommandKind, key: str = "k1", **body: Any) -> Command:
    """Return a command about an item."""
    row = next(row for row in client.simulator.given("item") if row["document_no"] == str(item.document_no))
    return Command(kind, key, row["company"], item.customer, row["key"], body)


def promise(client: Client, item: Item, key: str = "p1", **body: Any) -> Command:
    usual = {"amount": "100.00", "on": "2026-04-10", "text": "by phone"}
    return about(client, item, "set_promise", key, **{**usual, **body})


def dispute(client: Client, item: Item, key: str = "d1", **body: Any) -> Command:
    return about(client, item, "set_dispute", key, **{"amount": "40.25", "reason": "price", "text": "wrong", **body})


def status(client: Client, item: Item) -> Mapping[str, Any]:
    number = client.simulator.site.ledger.number_of(item.key)
    return client.simulator.site.disputes.of(number) or {}


def hold(client: Client, kind: CommandKind = "set_credit_hold", **body: Any) -> Command:
    whom = customer_of(client.simulator.book)
    return Command(kind, "h1", "demf", whom.key, None, {"value": "Invoice", **body})


def note(client: Client, key: str = "n1", **body: Any) -> Command:
    whom = customer_of(client.simulator.book)
    return Command("add_note", key, "demf", whom.key, None, {"text": "Called.", "subject": "Call", **body})


class TestStatuses:
    def test_a_promise_is_followed_up_on_its_day_and_bears_its_marker(self, small: Client, connect: Connect) -> None:
        item = invoice(small, "100.00")
        wanted = promise(small, item)
        assert connect(small).target.apply(wanted).outcome == "done"
        held = status(small, item)
        assert (held["Status"], str(held["FollowUpDate"].date())) == ("PromiseToPay", "2026-04-10")
        assert held["ReasonComment"] == f"{marker(wanted)} promised 100.00: by phone"

    def test_a_dispute_has_its_amount_to_the_last_digit_and_its_reason_in_words_or_by_code(
        self, small: Client, connect: Connect
    ) -> None:
        first, second = invoice(small, "100.00"), invoice(small, "50.00")
        made = connect(small, **{"codes.reason_code": {"quality": "QL"}})
        assert made.target.apply(dispute(small, first)).outcome == "done"
        assert made.target.apply(dispute(small, second, reason="quality")).outcome == "done"
        assert [(status(small, each)["AmountCur"], status(small, each)["ReasonCode"]) for each in (first, second)] == [
            (Decimal("40.25"), ""), (Decimal("40.25"), "QL"),
        ]  # fmt: skip
        assert status(small, first)["ReasonComment"].endswith("price: wrong")
        read = [row["disputed_amount"] for row in made.rows("item") if row.get("disputed_amount")]
        assert read == [Decimal("40.25"), Decimal("40.25")]

    def test_a_promise_of_ours_is_dated_anew_and_gives_way_to_a_dispute_of_ours(
        self, small: Client, connect: Connect
    ) -> None:
        item, made = invoice(small, "100.00"), connect(small)
        assert made.target.apply(promise(small, item, "p1")).outcome == "done"
        assert made.target.apply(promise(small, item, "p2", on="2026-05-10")).outcome == "done"
        assert str(status(small, item)["FollowUpDate"].date()) == "2026-05-10"
        assert made.target.apply(dispute(small, item)).outcome == "done"
        refused = made.target.apply(promise(small, item, "p3"))
        assert (refused.outcome, refused.previous) == ("refused", "Disputed")

    @pytest.mark.parametrize("said", ["Disputed", "PromiseToPay"])
    def test_what_a_user_of_f_and_o_said_stays(self, said: str, small: Client, connect: Connect) -> None:
        item, made = invoice(small, "100.00"), connect(small)
        small.simulator.user_writes_dispute(item.key, Status=said, ReasonComment="mine")
        for wanted in (promise(small, item), dispute(small, item)):
            refused = made.target.apply(wanted)
            assert (refused.outcome, refused.previous) == ("refused", said)
        assert status(small, item)["ReasonComment"] == "mine"

    @pytest.mark.parametrize("said", ["None", "Resolved", "PromiseToPayKept"])
    def test_what_is_over_gives_way(self, said: str, small: Client, connect: Connect) -> None:
        item = invoice(small, "100.00")
        small.simulator.user_writes_dispute(item.key, Status=said)
        assert connect(small).target.apply(promise(small, item)).outcome == "done"

    @pytest.mark.parametrize("before", [None, "Resolved"])
    def test_a_user_who_disputes_between_our_look_and_our_write_wins(
        self, before: str | None, small: Client, connect: Connect
    ) -> None:
        item, made = invoice(small, "100.00"), connect(small)
        if before:
            small.simulator.user_writes_dispute(item.key, Status=before)
        wanted = promise(small, item)
        small.simulator.meanwhile(
            lambda: small.simulator.user_writes_dispute(item.key, Status="Disputed"),
            small.simulator.writes("set_promise"),
        )
        assert made.target.apply(wanted).outcome == "refused"
        assert status(small, item)["Status"] == "Disputed"

    def test_a_version_that_does_not_take_new_rows_is_quoted(self, opened: Opened, connect: Connect) -> None:
        client = opened(dispute_post=False)
        refused = connect(client).target.apply(promise(client, invoice(client, "100.00")))
        assert refused.outcome == "refused"
        assert "is not allowed" in refused.message

    @pytest.mark.parametrize(("body", "told"), [({"on": "soon"}, "no day"), ({"amount": "much"}, "no amount"),
                                                ({"amount": "NaN"}, "no amount")])  # fmt: skip
    def test_a_body_that_says_nothing_is_refused(
        self, body: dict[str, Any], told: str, small: Client, connect: Connect
    ) -> None:
        refused = connect(small).target.apply(promise(small, invoice(small, "100.00"), **body))
        assert (refused.outcome, told in refused.message) == ("refused", True)

    def test_another_customers_transaction_is_refused(self, small: Client, connect: Connect) -> None:
        wanted = replace(promise(small, invoice(small, "100.00")), customer="99999999")
        refused = connect(small).target.apply(wanted)
        assert (refused.outcome, "no transaction" in refused.message) == ("refused", True)

    def test_a_comment_that_a_user_wrote_stays_behind_ours_or_nothing_is_written(
        self, small: Client, connect: Connect
    ) -> None:
        first, second, made = invoice(small, "100.00"), invoice(small, "50.00"), connect(small)
        small.simulator.user_writes_dispute(first.key, Status="Resolved", ReasonComment="credit note sent, Eva")
        small.simulator.user_writes_dispute(second.key, Status="Resolved", ReasonComment="x" * 240)
        assert made.target.apply(promise(small, first)).outcome == "done"
        assert status(small, first)["ReasonComment"].endswith("promised 100.00: by phone | credit note sent, Eva")
        refused = made.target.apply(promise(small, second))
        assert (refused.outcome, "no room" in refused.message) == ("refused", True)
        assert status(small, second)["ReasonComment"] == "x" * 240

    def test_a_long_comment_keeps_its_marker(self) -> None:
        wanted = Command("set_promise", "k", "usmf", "C", "1|2026-01-01",
                         {"amount": "1", "on": "2026-02-01", "text": "word " * 100})  # fmt: skip
        comment = wish_of(wanted, marker(wanted), CodeLists()).values["ReasonComment"]
        assert LONGEST - len("word ") <= len(comment) <= LONGEST
        assert comment.startswith(marker(wanted))


class TestNotes:
    def test_the_same_command_makes_the_same_id(self, small: Client) -> None:
        assert document_id(note(small)) == document_id(note(small))
        assert document_id(note(small)) != document_id(note(small, "n2"))

    def test_an_id_that_f_and_o_does_not_keep_is_made_up_for_by_the_marker(
        self, opened: Opened, connect: Connect
    ) -> None:
        client = opened(keep_document_id=False)
        wanted = note(client)
        assert connect(client).target.apply(wanted).outcome == "done"
        assert connect(client).target.apply(wanted).outcome == "already"
        assert connect(client).target.verify(wanted).outcome == "done"
        assert client.simulator.notes(wanted.customer) == ["Called."]

    def test_the_same_note_that_another_writes_between_our_look_and_our_write_is_there_once(
        self, small: Client, connect: Connect
    ) -> None:
        wanted, other = note(small), connect(small)
        small.simulator.meanwhile(lambda: _ignored(other.target.apply(wanted)), small.simulator.writes("add_note"))
        assert connect(small).target.apply(wanted).outcome == "already"
        assert small.simulator.notes(wanted.customer) == ["Called."]

    @pytest.mark.parametrize("fault", ["garbage", "charset", "half_page", "html", "reset"])
    def test_an_answer_to_a_post_that_makes_no_sense_is_unknown_and_looked_after(
        self, fault: Any, small: Client, connect: Connect
    ) -> None:
        wanted, made = note(small), connect(small)
        small.simulator.faults.set(fault, path="/CustomerAttachmentsV2", method="POST")
        assert made.target.apply(wanted).outcome == "unknown"
        assert made.target.verify(wanted).outcome == ("done" if fault in {"charset", "half_page"} else "refused")
        assert made.target.apply(wanted).outcome in {"already", "done"}
        assert small.simulator.notes(wanted.customer) == ["Called."]

    def test_stars_and_length_of_a_subject_do_not_hide_the_marker(self, small: Client, connect: Connect) -> None:
        wanted, made = note(small, subject="* very * long " * 20), connect(small)
        assert made.target.apply(wanted).outcome == "done"
        (row,) = small.rows("CustomerAttachmentsV2")
        assert row["Name"].endswith(marker(wanted))
        assert (len(row["Name"]) <= 65, "*" in row["Name"]) == (True, False)
        assert made.target.verify(wanted).outcome == "done"


class TestHolds:
    def test_a_value_that_the_settings_do_not_allow_is_not_set(self, small: Client, connect: Connect) -> None:
        refused = connect(small).target.apply(hold(small, value="All"))
        assert (refused.outcome, "hold.values" in refused.message) == ("refused", True)

    def test_check_refuses_a_value_that_stops_cash_and_says_what_each_stops(
        self, small: Client, connect: Connect
    ) -> None:
        found = {each.subject: each for each in connect(small, **{"hold.values": ["All", "Invoice"]}).target.check()}
        assert (found["hold All"].ok, found["hold All"].severity) == (False, "error")
        assert (found["hold Invoice"].ok, "payments can" in found["hold Invoice"].message) == (True, True)

    def test_a_workflow_that_refuses_changes_is_quoted(self, opened: Opened, connect: Connect) -> None:
        client = opened(change_proposals=True)
        refused = connect(client).target.apply(hold(client))
        assert refused.outcome == "refused"
        assert "change proposal workflow" in refused.message

    def test_a_row_without_a_version_is_not_written(
        self, small: Client, connect: Connect, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = connect(small)
        service = made.target._site.service
        look = service.row
        monkeypatch.setattr(service, "row", lambda *asked: (found := look(*asked)) and Found(found.row, None))
        refused = made.target.apply(hold(small))
        assert (refused.outcome, "ETag" in refused.message) == ("refused", True)

    def test_while_the_set_answers_404_nothing_is_known(self, small: Client, connect: Connect) -> None:
        made, wanted = connect(small), hold(small)
        small.simulator.faults.set("status", status=404, count=99)
        assert made.target.verify(wanted).outcome == "unknown"
        with pytest.raises(ConnectorError):
            made.target.current_hold("demf", wanted.customer)

    def test_a_hold_is_the_companys_own(self, small: Client, connect: Connect) -> None:
        made, wanted = connect(small), hold(small)
        assert made.target.apply(wanted).outcome == "done"
        assert made.target.current_hold("demf", wanted.customer) == "Invoice"
        others = {row["hold"] for row in made.rows("customer")
                  if row["key"] == wanted.customer and row["company"] != "demf"}  # fmt: skip
        assert others <= {None}


class TestCheck:
    def test_on_the_customer_that_is_named_it_writes_the_hold_as_it_was_and_one_note(
        self, small: Client, connect: Connect
    ) -> None:
        whom = customer_of(small.simulator.book)
        made = connect(small, test_customer=f"demf/{whom.key}")
        for _ in range(2):
            assert [each.message for each in made.target.check() if not each.ok] == []
        assert small.simulator.notes(whom.key) == ["Duehook checked that it can write notes here."]
        assert made.target.current_hold("demf", whom.key) is None

    def test_a_workflow_is_found_by_it(self, opened: Opened, connect: Connect) -> None:
        client = opened(change_proposals=True)
        whom = customer_of(client.simulator.book)
        wrong = [each for each in connect(client, test_customer=f"demf/{whom.key}").target.check() if not each.ok]
        assert [each.subject for each in wrong] == ["write a hold"]

    def test_who_cannot_be_reached_has_nothing_sent(self, small: Client, connect: Connect) -> None:
        made = connect(small)
        small.simulator.stop()
        with pytest.raises(ConnectorDown):
            made.target.apply(note(small))


def _ignored(applied: Applied) -> None:
    """Take an outcome where a function must give nothing back."""


def test_what_the_site_does_not_have_is_unsupported(small: Client, connect: Connect) -> None:
    made: Connected = connect(small, sets={"disputes": None, "attachments": None}, hold=None)
    assert made.target.capabilities == frozenset()
    assert "unsupported" in made.target.apply(note(small)).message
