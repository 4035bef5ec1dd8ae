"""Writing by SuiteTalk: update and upsert, each looked for before, sent once and read back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from duehook.core.hookspecs import Command, CommandKind
from duehook.core.testing.contract.scenes.acts import issue

from .soapy import Soapy, body
from .suitetalk import CORE

Connect = Callable[..., Soapy]
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
WHOLE = {"customers": 40, "items": 120, "custom_fields": True}
WRITES = {"update", "upsert", "add"}


def command(kind: CommandKind, *, item: str | None = None, customer: str = "1001", **said: Any) -> Command:
    return Command(kind, f"key-of-{kind}", "1", customer, item, said)


def written(account: Soapy) -> list[Any]:
    """Return the records that were sent to be written."""
    bodies = [body(each) for each in account.heard.sent]
    return [each[0] for each in bodies if each.tag.rpartition("}")[2] in WRITES]


def fields(record: Any) -> dict[str, str]:
    """Return a record's own fields, references as their ids."""
    return {each.tag.rpartition("}")[2]: each.get("internalId") or each.text or "" for each in record}


def invoiced(account: Soapy) -> tuple[str, dict[str, Any]]:
    """Issue an invoice; return its key, and whose it is."""
    with account.simulator.act() as book:
        item = issue(book, "100.00")
    row = next(
        row for row in account.rows("item") if row["key"] == str(account.simulator.account.ledger.id_of(item.key))
    )
    return str(row["key"]), {"company": row["company"], "customer": row["customer"]}


def of(row: dict[str, Any], kind: CommandKind, key: str, **said: Any) -> Command:
    return Command(kind, f"key-of-{kind}", row["company"], row["customer"], key, said)


class TestNotes:
    def test_a_note_is_made_under_an_external_id_of_its_command(self, soapy: Connect) -> None:
        account = soapy()
        note = command("add_note", text="Called; promised.", subject="Call")
        assert account.target.verify(note).outcome == "refused"
        assert account.target.apply(note).outcome == "done"
        [record] = written(account)
        assert record.get(TYPE).endswith(":Note")
        assert record.get("externalId") == f"DUEHOOK-{note.mark}"
        assert fields(record) == {"title": f"Call #DH-{note.mark}", "note": "Called; promised.", "entity": "1001"}
        assert account.simulator.notes("1001") == ["Called; promised."]
        assert account.target.apply(note).outcome == "already"
        assert len(written(account)) == 1

    def test_a_site_without_notes_takes_phone_calls(self, soapy: Connect) -> None:
        account = soapy(notes="phonecall")
        assert account.target.apply(command("add_note", text="Called.", subject="Call")).outcome == "done"
        [record] = written(account)
        assert record.get(TYPE).endswith(":PhoneCall")
        assert fields(record) | {"title": ""} == {
            "message": "Called.", "company": "1001", "status": "_completed", "title": "",
        }  # fmt: skip

    def test_a_customer_that_there_is_not_gets_none(self, soapy: Connect) -> None:
        account = soapy()
        refusal = account.target.apply(command("add_note", customer="4711", text="Called."))
        assert (refusal.outcome, refusal.message) == ("refused", "NetSuite shows no customer 4711 in subsidiary 1")
        assert written(account) == []


class TestHolds:
    def test_a_hold_is_set_and_lifted_again(self, soapy: Connect) -> None:
        account = soapy()
        assert account.target.apply(command("set_credit_hold", value="ON")).outcome == "done"
        assert (account.simulator.hold("", "1001"), account.target.current_hold("1", "1001")) == ("ON", "ON")
        assert account.target.apply(command("release_credit_hold", value="ON", restore="AUTO")).outcome == "done"
        assert [fields(record) for record in written(account)] == [
            {"creditHoldOverride": "_on"}, {"creditHoldOverride": "_auto"},
        ]  # fmt: skip

    def test_anothers_hold_stays(self, soapy: Connect) -> None:
        account = soapy()
        account.simulator.user_sets_hold("", "1001", "OFF")
        refusal = account.target.apply(command("set_credit_hold", value="ON"))
        assert (refusal.outcome, refusal.previous) == ("refused", "OFF")
        assert written(account) == []

    def test_what_changed_meanwhile_is_looked_at_again(self, soapy: Connect) -> None:
        account, erp = soapy(), None
        erp = account.simulator
        erp.meanwhile(lambda: erp.user_sets_hold("", "1001", "OFF"), erp.writes("set_credit_hold"))
        refusal = account.target.apply(command("set_credit_hold", value="ON"))
        assert (refusal.outcome, refusal.previous, erp.hold("", "1001")) == ("refused", "OFF", "OFF")

    def test_a_record_that_a_workflow_locked_is_quoted(self, soapy: Connect) -> None:
        account = soapy()
        account.simulator.records.locked.add(("customer", 1001))
        refusal = account.target.apply(command("set_credit_hold", value="ON"))
        assert refusal.outcome == "refused"
        assert "locked by a user defined workflow" in refusal.message


class TestBodyFields:
    def test_a_promise_and_a_dispute_are_the_accounts_own_fields(self, soapy: Connect) -> None:
        account = soapy(custom_fields=True)
        key, row = invoiced(account)
        promise = of(row, "set_promise", key, amount="60.00", on="2026-03-20")
        dispute = of(row, "set_dispute", key, amount="40.00", reason="price", text="wrong price")
        assert account.target.preview(promise).endswith(
            ": custbody_due_promise_date from nothing to 2026-03-20, custbody_due_promise_amount from nothing to 60.00"
        )
        assert [account.target.apply(each).outcome for each in (promise, dispute)] == ["done", "done"]
        assert [account.target.verify(each).outcome for each in (promise, dispute)] == ["done", "done"]
        assert account.target.apply(promise).outcome == "already"
        sent = {each.get("scriptId"): (each.get(TYPE).rpartition(":")[2], each[0].text)
                for record in written(account) for each in record.iter(f"{CORE}customField")}  # fmt: skip
        assert sent == {
            "custbody_due_promise_date": ("DateCustomFieldRef", "2026-03-20T00:00:00-07:00"),
            "custbody_due_promise_amount": ("DoubleCustomFieldRef", "60.00"),
            "custbody_due_dispute": ("StringCustomFieldRef", f"40.00 price: wrong price #DH-{dispute.mark}"),
        }

    def test_a_document_of_another_customer_is_left_alone(self, soapy: Connect) -> None:
        account = soapy(custom_fields=True)
        key, row = invoiced(account)
        another = of(row | {"customer": "4711"}, "set_promise", key, amount="60.00", on="2026-03-20")
        assert account.target.apply(another).outcome == "refused"
        assert written(account) == []

    def test_a_field_that_the_account_has_not_is_told(self, soapy: Connect) -> None:
        account = soapy({"promise": {"date_field": "custbody_other"}})
        key, row = invoiced(account)
        refusal = account.target.apply(of(row, "set_promise", key, amount="60.00", on="2026-03-20"))
        assert refusal.outcome == "refused"
        assert "custbody_other is no field that the role sees" in refusal.message


class TestCheck:
    def test_all_is_well_in_a_good_account(self, soapy: Connect) -> None:
        row = next(iter(soapy(**WHOLE).simulator.given("customer")))
        account = soapy({"test_customer": f"{row['company']}/{row['key']}"}, **WHOLE)
        found = [each for source in (*account.sources, account.target) for each in source.check()]
        wrong = {each.subject: each.message for each in found if not each.ok and each.severity == "error"}
        assert wrong == {}
        said = {each.subject: each.message for each in found}
        assert said["SOAP"] == "NetSuite switches every SOAP endpoint off with 2028.2"
        assert said["record invoice"].startswith("is there, with custbody_due_promise_date")
        assert said["write a note"] == f"a marked note on {row['key']} is there"
        assert said["write a hold"] == f"Hold of {row['key']} was written as it was"

    @pytest.mark.parametrize("right", ["subsidiary", "currency", "customer", "contact", "transaction", "term"])
    def test_a_permission_that_is_missing_is_named(self, right: str, soapy: Connect) -> None:
        account = soapy(items=40)
        account.simulator.deny(right)
        found = [each for source in account.sources for each in source.check() if not each.ok]
        assert any("permission" in f"{each.message} {each.advice}" for each in found)

    def test_without_a_sign_in_nothing_else_is_tried(self, soapy: Connect) -> None:
        account = soapy({"token_id": "another"})
        [finding] = account.sources[0].check()
        assert (finding.subject, finding.ok) == ("sign-in", False)

    def test_a_field_that_settings_name_and_the_account_has_not_is_named(self, soapy: Connect) -> None:
        account = soapy({"class_field": "custbody_other", "dispute": {"field": "custbody_another"}})
        said = {each.subject: each.message for each in account.sources[2].check() if not each.ok}
        assert said["own fields"].startswith("custbody_other is no field that the role sees")
        said = {each.subject: each.message for each in account.target.check() if not each.ok}
        assert said["record invoice"] == "custbody_another is no field of invoice that the role sees"


def test_what_is_there_is_listed(soapy: Connect) -> None:
    account = soapy(customers=40, items=120)
    found = [(each.kind, each.name) for source in account.sources for each in source.discover()]
    assert ("company", "2") in found
    assert ("transaction type", "CustInvc") in found
    assert ("field", "transactionBodyCustomField.custbody_due_class") in found
    assert {kind for kind, _ in found} >= {"hold", "terms", "contact role", "customer status"}
