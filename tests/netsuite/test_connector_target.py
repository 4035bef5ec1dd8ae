"""Writing back: notes, holds, promises and disputes, each looked at, written once and read back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from duehook.core.errors import ConnectorDown
from duehook.core.hookspecs import Applied, Command, CommandKind
from duehook.core.testing.simulator import Reply, Request

from .connected import Connect, connect, stub
from .stubbed import Stub, refused

FIELDS = {
    "promise": {"date_field": "custbody_promise_date", "amount_field": "custbody_promise_amount"},
    "dispute": {"field": "custbody_dispute"},
}
NOTE = {"text": "Called; promised.", "subject": "Call"}
PROMISE = {"amount": "100.00", "on": "2026-03-09", "text": "by phone"}
DISPUTE = {"amount": "40.00", "reason": "price", "text": "wrong price"}


def command(kind: CommandKind, *, item: str | None = None, customer: str = "77", **body: Any) -> Command:
    return Command(kind, f"key-of-{kind}", "3", customer, item, body)


def told(applied: Applied) -> tuple[str, str | None]:
    return applied.outcome, applied.previous


def written(stub: Stub) -> list[Request]:
    return [each for each in stub.requests if each.method in {"PATCH", "PUT"}]


class TestNotes:
    def test_a_note_is_a_record_under_an_external_id_of_its_command(self, stub: Stub, connect: Connect) -> None:
        target, note = connect().target, command("add_note", **NOTE)
        assert target.verify(note).outcome == "refused"
        assert target.apply(note).outcome == "done"
        request = written(stub)[0]
        assert (request.method, request.path) == ("PUT", f"/services/rest/record/v1/note/eid:DUEHOOK-{note.mark}")
        assert json.loads(request.body) == {
            "title": f"Call #DH-{note.mark}", "note": "Called; promised.", "entity": {"id": "77"},
        }  # fmt: skip
        assert target.verify(note).outcome == "done"
        assert target.apply(note).outcome == "already"
        assert len(written(stub)) == 1

    def test_a_site_without_notes_takes_phone_calls(self, stub: Stub, connect: Connect) -> None:
        assert connect(notes="phonecall").target.apply(command("add_note", **NOTE)).outcome == "done"
        request = written(stub)[0]
        assert "/record/v1/phonecall/eid:DUEHOOK-" in request.path
        assert json.loads(request.body)["message"] == "Called; promised."
        assert json.loads(request.body)["company"] == {"id": "77"}

    def test_a_customer_that_there_is_not_gets_none(self, stub: Stub, connect: Connect) -> None:
        refusal = connect().target.apply(command("add_note", customer="4711", **NOTE))
        assert refusal.outcome == "refused"
        assert "4711" in refusal.message
        assert written(stub) == []

    def test_a_service_that_is_away_is_no_missing_note(self, stub: Stub, connect: Connect) -> None:
        stub.special = lambda request, statement: refused(404, "Not found", "NOT_FOUND")
        assert connect().target.verify(command("add_note", **NOTE)).outcome == "unknown"


class TestHolds:
    def test_a_hold_is_set_and_released_to_what_stood_there(self, stub: Stub, connect: Connect) -> None:
        target = connect().target
        assert told(target.apply(command("set_credit_hold", value="ON", expect=None))) == ("done", None)
        assert json.loads(written(stub)[0].body) == {"creditHoldOverride": {"id": "ON"}}
        assert target.current_hold("6", "77") == "ON"
        assert told(target.apply(command("set_credit_hold", value="ON", expect=None))) == ("already", "ON")
        assert told(target.apply(command("release_credit_hold", value="ON", restore=None))) == ("done", "ON")
        assert json.loads(written(stub)[1].body) == {"creditHoldOverride": {"id": "AUTO"}}
        assert target.current_hold("3", "77") is None

    def test_anothers_hold_is_neither_overwritten_nor_released(self, stub: Stub, connect: Connect) -> None:
        stub.change("UPDATE customer SET creditholdoverride = 'OFF'")
        target = connect().target
        assert told(target.apply(command("set_credit_hold", value="ON", expect=None))) == ("refused", "OFF")
        assert told(target.apply(command("release_credit_hold", value="ON", restore=None))) == ("refused", "OFF")
        assert written(stub) == []

    def test_a_value_that_the_settings_do_not_allow_is_refused(self, connect: Connect) -> None:
        assert connect().target.apply(command("set_credit_hold", value="OFF", expect=None)).outcome == "refused"

    def test_who_was_quicker_is_looked_at_again(self, stub: Stub, connect: Connect) -> None:
        def quicker(request: Request, statement: str) -> Reply | None:
            if request.method != "PATCH":
                return None
            stub.change("UPDATE customer SET creditholdoverride = 'OFF'")
            return refused(400, "Record has been changed", "RCRD_HAS_BEEN_CHANGED")

        stub.special = quicker
        refusal = connect().target.apply(command("set_credit_hold", value="ON", expect=None))
        assert told(refusal) == ("refused", "OFF")
        assert len(written(stub)) == 1

    def test_a_refusal_is_quoted(self, stub: Stub, connect: Connect) -> None:
        said = "This record has been locked by a user defined workflow"
        stub.special = lambda request, statement: (
            refused(400, said, "USER_ERROR") if request.method == "PATCH" else None
        )
        refusal = connect().target.apply(command("set_credit_hold", value="ON", expect=None))
        assert refusal.outcome == "refused"
        assert said in refusal.message

    def test_a_customer_whose_record_is_locked_is_not_written(self, stub: Stub, connect: Connect) -> None:
        said = "This record has been locked by a user defined workflow"
        stub.special = lambda request, statement: refused(400, said, "USER_ERROR") if request.method == "GET" else None
        target = connect().target
        refusal = target.apply(command("set_credit_hold", value="ON", expect=None))
        assert refusal.outcome == "refused"
        assert said in refusal.message
        assert written(stub) == []
        assert target.current_hold("3", "77") is None  # SuiteQL shows it all the same

    def test_a_write_that_is_answered_by_nonsense_is_unknown(self, stub: Stub, connect: Connect) -> None:
        stub.special = lambda request, statement: Reply(b"<html>") if request.method == "PATCH" else None
        assert connect().target.apply(command("set_credit_hold", value="ON", expect=None)).outcome == "unknown"
        assert len(written(stub)) == 1

    def test_a_look_that_fails_says_that_nothing_was_written(self, stub: Stub, connect: Connect) -> None:
        stub.special = lambda request, statement: Reply(b"nonsense")
        with pytest.raises(ConnectorDown, match="Nothing was written"):
            connect().target.apply(command("set_credit_hold", value="ON", expect=None))


class TestBodyFields:
    @pytest.fixture(autouse=True)
    def _invoice(self, stub: Stub) -> None:
        stub.document(1)
        stub.records["invoice/1"] = {"id": "1"}

    def test_without_fields_neither_can_be_written(self, connect: Connect) -> None:
        target = connect().target
        assert target.capabilities == {"add_note", "set_credit_hold", "release_credit_hold"}
        assert "unsupported" in target.apply(command("set_promise", item="1", **PROMISE)).message

    def test_a_promise_is_a_day_and_an_amount(self, stub: Stub, connect: Connect) -> None:
        target, promise = connect(**FIELDS).target, command("set_promise", item="1|2", **PROMISE)
        assert target.preview(promise).startswith("change invoice 1 of customer 77: custbody_promise_date from nothing")
        assert told(target.apply(promise)) == ("done", None)
        assert written(stub)[0].body == b'{"custbody_promise_date": "2026-03-09", "custbody_promise_amount": 100.00}'
        assert told(target.apply(promise)) == ("already", "2026-03-09")
        later = command("set_promise", item="1", **{**PROMISE, "on": "2026-03-16"})
        assert told(target.apply(later)) == ("done", "2026-03-09")
        assert target.verify(promise).outcome == "refused"

    def test_a_dispute_is_written_in_words_with_its_marker(self, stub: Stub, connect: Connect) -> None:
        target, dispute = connect(**FIELDS).target, command("set_dispute", item="1", **DISPUTE)
        assert target.apply(dispute).outcome == "done"
        assert json.loads(written(stub)[0].body) == {"custbody_dispute": f"40.00 price: wrong price #DH-{dispute.mark}"}
        assert target.apply(dispute).outcome == "already"

    def test_a_dispute_may_be_a_member_of_a_list(self, stub: Stub, connect: Connect) -> None:
        target = connect(**FIELDS, codes={"dispute_value": {"price": "3"}}).target
        dispute = command("set_dispute", item="1", **DISPUTE)
        assert target.apply(dispute).outcome == "done"
        assert json.loads(written(stub)[0].body) == {"custbody_dispute": {"id": "3"}}
        assert target.verify(dispute).outcome == "done"

    def test_what_a_user_said_there_stays(self, stub: Stub, connect: Connect) -> None:
        stub.records["invoice/1"]["custbody_dispute"] = "quality"
        refusal = connect(**FIELDS).target.apply(command("set_dispute", item="1", **DISPUTE))
        assert told(refusal) == ("refused", "quality")

    @pytest.mark.parametrize(("item", "customer"), [("9", "77"), ("1", "80"), (None, "77"), ("x|1", "77")])
    def test_a_document_that_is_not_the_customers_is_refused(
        self, item: str | None, customer: str, stub: Stub, connect: Connect
    ) -> None:
        refusal = connect(**FIELDS).target.apply(command("set_promise", item=item, customer=customer, **PROMISE))
        assert refusal.outcome == "refused"
        assert written(stub) == []

    @pytest.mark.parametrize("body", [{"on": "soon"}, {"amount": "much"}, {"amount": "NaN"}])
    def test_a_body_that_says_no_day_or_amount_is_refused(self, body: dict[str, str], connect: Connect) -> None:
        wrong = command("set_promise", item="1", **{**PROMISE, **body})
        assert connect(**FIELDS).target.apply(wrong).outcome == "refused"
