"""Writing: holds, promises, disputes and notes, each once, and never over what a user did."""

from __future__ import annotations

from typing import Any

import pytest

from duehook.core.errors import ConnectorDown
from duehook.core.hookspecs import Command, CommandKind
from duehook.core.testing.simulator import Reply, json_reply

from .connected import Connect, connect, stub
from .stubbed import Stub

KEY = "300000000000005001"
BODIES: dict[str, dict[str, Any]] = {
    "set_credit_hold": {"value": "Y", "expect": None},
    "release_credit_hold": {"value": "Y", "restore": None},
    "set_promise": {"amount": "1250.50", "on": "2026-04-15", "text": "by phone"},
    "set_dispute": {"amount": "40.00", "reason": "price", "text": "wrong price"},
    "add_note": {"subject": "Call", "text": "Will pay on Friday."},
}


def command(kind: CommandKind, **more: Any) -> Command:
    item = KEY if kind in {"set_promise", "set_dispute"} else None
    named = {"company": "Vision", "customer": "1006", "item": item, "body": BODIES[kind], **more}
    return Command(kind, f"key-of-{kind}", **named)


MARK = f"#DH-{command('set_dispute').mark}"


class TestHolds:
    def test_a_hold_is_set_by_the_profile_s_account(self, stub: Stub, connect: Connect) -> None:
        stub.profile("1006", CustomerAccountProfileId="77")
        done = connect().target.apply(command("set_credit_hold"))
        assert (done.outcome, done.previous) == ("done", None)
        assert stub.posted == [
            ("updateCustomerProfile", {"AccountNumber": "1006", "CustomerAccountProfileId": "77", "CreditHold": "Y"})
        ]

    def test_one_that_is_there_is_not_written_again(self, stub: Stub, connect: Connect) -> None:
        stub.profile("1006", CreditHold="Y")
        assert connect().target.apply(command("set_credit_hold")).outcome == "already"
        assert stub.posted == []

    def test_a_hold_is_released_to_n(self, stub: Stub, connect: Connect) -> None:
        stub.profile("1006", CreditHold="Y")
        assert connect().target.apply(command("release_credit_hold")).outcome == "done"
        assert stub.posted[0][1]["CreditHold"] == "N"
        assert connect().target.current_hold("Vision", "1006") is None

    def test_a_change_goes_with_the_version_that_was_looked_at(self, stub: Stub, connect: Connect) -> None:
        stub.profile("1006", Version="3")
        looks = 0

        def quicker(request: Any) -> Reply | None:
            nonlocal looks
            looks += b"getActive" in request.body
            if looks == 1 and b"update" in request.body:
                stub.profiles["1006"]["Version"] = "4"
            return None

        stub.special = quicker
        done = connect(profile={"version": "Version"}).target.apply(command("set_credit_hold"))
        assert done.outcome == "done"
        assert [told["Version"] for _, told in stub.posted] == ["3", "4"]

    def test_an_account_that_there_is_not_is_refused(self, connect: Connect) -> None:
        refused = connect().target.apply(command("set_credit_hold", customer="1999"))
        assert (refused.outcome, refused.message) == ("refused", "Fusion has no customer account 1999")

    @pytest.mark.parametrize(
        "reply", [Reply(b"oops", 500), Reply(b"<html>", 200, "text/html"), Reply(b"<a/>", 200, "text/xml")]
    )
    def test_a_senseless_answer_to_a_change_is_unknown(self, reply: Reply, stub: Stub, connect: Connect) -> None:
        stub.special = lambda request: reply if b"updateCustomerProfile" in request.body else None
        assert connect().target.apply(command("set_credit_hold")).outcome == "unknown"

    def test_preview_says_what_would_change(self, connect: Connect) -> None:
        said = connect().target.preview(command("set_credit_hold"))
        assert said == "change CreditHold of account 1006 from N to Y"


class TestPromises:
    def test_a_promise_is_made_for_the_instalment(self, stub: Stub, connect: Connect) -> None:
        done = connect().target.apply(command("set_promise"))
        assert (done.outcome, done.reference) == ("done", "300000000000900002")
        assert stub.posted == [("collectionPromises", {
            "BillToCustomerAccount": "1006", "BusinessUnit": "Vision", "TransactionNumber": "1", "InstallmentNumber": 1,
            "Currency": "USD", "PromiseAmount": 1250.5, "PromiseDate": "2026-04-15", "PaymentMethod": "Check",
        })]  # fmt: skip

    def test_the_same_promise_is_made_once(self, stub: Stub, connect: Connect) -> None:
        connect().target.apply(command("set_promise"))
        assert connect().target.apply(command("set_promise")).outcome == "already"
        assert len(stub.posted) == 1
        assert connect().target.verify(command("set_promise")).outcome == "done"

    def test_one_that_was_cancelled_does_not_count(self, stub: Stub, connect: Connect) -> None:
        connect().target.apply(command("set_promise"))
        stub.rows["collectionPromises"][0]["PromiseStatus"] = "CANCELLED"
        assert connect().target.verify(command("set_promise")).outcome == "refused"

    def test_our_mark_tells_it_from_a_user_s_where_it_has_a_place(self, stub: Stub, connect: Connect) -> None:
        connected = connect(promise_attribute="duehookKey")
        connect().target.apply(command("set_promise"))  # looks the same, and has no mark
        assert connected.target.apply(command("set_promise")).outcome == "done"
        mark = f"#DH-{command('set_promise').mark}"
        assert stub.posted[1][1]["collectionPromiseDFF"] == [{"duehookKey": mark}]
        assert connected.target.apply(command("set_promise")).outcome == "already"

    @pytest.mark.parametrize(("more", "told"), [
        ({"item": "77"}, "Fusion has no instalment 77 for a promise"),
        ({"item": "R|300000000000000100"}, "Fusion has no instalment R|300000000000000100 for a promise"),
        ({"item": "300000000000005007"}, "CM7 is a credit memo, which takes no promise"),
        ({"customer": "1007"}, f"instalment {KEY} is no invoice of customer 1007 in Vision"),
        ({"body": {"amount": "much", "on": "2026-04-15"}}, "'much' is no amount"),
    ])  # fmt: skip
    def test_what_takes_no_promise_is_refused(
        self, more: dict[str, Any], told: str, *, stub: Stub, connect: Connect
    ) -> None:
        stub.credit_memo(300000000000000007)
        refused = connect().target.apply(command("set_promise", **more))
        assert (refused.outcome, refused.message) == ("refused", told)
        assert stub.posted == []

    def test_an_answer_that_is_no_json_is_unknown(self, stub: Stub, connect: Connect) -> None:
        stub.special = lambda request: Reply(b"created", 201) if request.method == "POST" else None
        assert connect().target.apply(command("set_promise")).outcome == "unknown"

    def test_nothing_is_written_where_the_look_before_fails(self, stub: Stub, connect: Connect) -> None:
        stub.special = lambda request: Reply(b"{}") if "collectionPromises" in request.path else None
        with pytest.raises(ConnectorDown) as raised:
            connect().target.apply(command("set_promise"))
        assert "Nothing was written." in raised.value.message


class TestDisputes:
    def test_a_dispute_is_raised_for_the_invoice_with_our_mark(self, stub: Stub, connect: Connect) -> None:
        connected = connect(dispute_reason="Pricing Dispute")
        done = connected.target.apply(command("set_dispute"))
        assert (done.outcome, done.reference) == ("done", "77")
        assert stub.posted == [("receivablesDisputes", {
            "CustomerTransactionId": 300000000000000001, "BillToCustomerNumber": "1006", "DisputeAmount": 40.0,
            "DisputeSection": "Total", "DisputeReason": "Pricing Dispute", "InternalComments": f"{MARK} wrong price",
        })]  # fmt: skip
        assert connected.target.verify(command("set_dispute")).outcome == "done"

    def test_while_that_amount_stands_there_no_other_is_raised(self, stub: Stub, connect: Connect) -> None:
        connect().target.apply(command("set_dispute"))
        assert connect().target.apply(command("set_dispute")).outcome == "already"
        assert len(stub.posted) == 1

    def test_another_s_amount_stays(self, stub: Stub, connect: Connect) -> None:
        stub.rows["receivablesInvoices"][0]["receivablesInvoiceInstallments"][0]["DisputeAmount"] = 99
        refused = connect().target.apply(command("set_dispute"))
        assert (refused.outcome, refused.message) == ("refused", "another dispute is there: 99")

    def test_a_refusal_is_quoted(self, stub: Stub, connect: Connect) -> None:
        said = {"title": "Bad Request", "o:errorDetails": [
            {"detail": "The dispute reason isn't valid.", "o:errorCode": "AR-1", "o:errorPath": "/DisputeReason"},
        ]}  # fmt: skip
        stub.special = lambda request: json_reply(said, 400) if request.method == "POST" else None
        refused = connect().target.apply(command("set_dispute"))
        assert refused.outcome == "refused"
        assert "answered 400: The dispute reason isn't valid. at /DisputeReason" in refused.message

    def test_reasons_may_be_written_by_reasons_of_fusion(self, stub: Stub, connect: Connect) -> None:
        connect(codes={"dispute_reason": {"price": "Price"}}, dispute_reason="Other").target.apply(
            command("set_dispute")
        )
        assert stub.posted[0][1]["DisputeReason"] == "Price"

    def test_preview_says_what_is_disputed_now(self, connect: Connect) -> None:
        said = connect().target.preview(command("set_dispute"))
        assert said == f"dispute 40.00 of 1, of which 0 is disputed now: {MARK} wrong price"


class TestNotes:
    def test_without_a_place_a_note_is_refused_as_unsupported(self, connect: Connect) -> None:
        refused = connect().target.apply(command("add_note"))
        assert (refused.outcome, refused.message) == (
            "refused", "unsupported: this Fusion connection cannot add note.",
        )  # fmt: skip

    def test_a_note_goes_onto_the_customer_s_newest_invoice_once(self, stub: Stub, connect: Connect) -> None:
        stub.invoice(300000000000000002)
        notes: dict[str, list[dict[str, Any]]] = {}

        def child(request: Any) -> Reply | None:
            if "/child/receivablesInvoiceNotes" not in request.path:
                return None
            held = notes.setdefault(request.path.split("/")[-3], [])
            if request.method == "POST":
                held.append(request.json)
                return json_reply(request.json, 201)
            return json_reply({"items": held, "count": len(held), "hasMore": False, "totalResults": len(held)})

        stub.special = child
        connected = connect(notes={"child": "receivablesInvoiceNotes"})
        assert connected.target.apply(command("add_note")).outcome == "done"
        stub.invoice(300000000000000003)
        assert connected.target.apply(command("add_note")).outcome == "already"
        assert connected.target.verify(command("add_note")).outcome == "done"
        mark = f"#DH-{command('add_note').mark}"
        assert {number: held for number, held in notes.items() if held} == {
            "300000000000000002": [{"NoteTxt": f"{mark} Call: Will pay on Friday."}]
        }

    def test_a_customer_without_invoices_takes_none(self, connect: Connect) -> None:
        refused = connect(notes={"child": "notes"}).target.apply(command("add_note", customer="1999"))
        assert refused.message == "customer 1999 has no invoice in Vision that a note can stand on"


def test_what_the_settings_take_away_is_not_offered(connect: Connect) -> None:
    assert connect(holds=False, promises=False).target.capabilities == {"set_dispute"}
