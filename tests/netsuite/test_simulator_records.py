"""The record API: what is read, what may be written, external ids, and what is refused in NetSuite's words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from duehook.core.testing.book import Item
from duehook.core.testing.contract.scenes.acts import issue

from .simulated import Caller, number

RECORD = "/services/rest/record/v1"


@pytest.fixture
def own(opened: Callable[..., Caller]) -> Caller:
    """Give a client of an account that has fields of its own on invoices."""
    return opened(custom_fields=True)


def invoice_of(client: Caller) -> Item:
    """Issue an invoice over 100."""
    with client.simulator.act() as book:
        return issue(book, "100.00")


def told(answer: Any) -> tuple[int, str, str]:
    """Return status, code and words of a refusal."""
    error = answer.json()["o:errorDetails"][0]
    return answer.status_code, error["o:errorCode"], error["detail"]


def test_a_customer_is_read_with_its_references(client: Caller) -> None:
    client.simulator.user_sets_hold("", "1001", "ON")
    found = client.send("GET", f"{RECORD}/customer/1001").json()
    assert found["links"] == [{"rel": "self", "href": f"{client.settings['base_url']}{RECORD}/customer/1001"}]
    assert (found["id"], found["entityId"], found["companyName"]) == ("1001", "CUS1001", "Alder Tools Inc.")
    assert found["creditHoldOverride"] == {"id": "ON", "refName": "On"}
    assert (found["currency"], found["isInactive"]) == ({"id": "1", "refName": "US Dollar"}, False)
    assert found["subsidiary"] == {"id": "1", "refName": "Halden Supply Inc."}
    assert found["lastModifiedDate"] == "2026-03-02T23:45:00Z"  # in UTC here, in the account's zone in SuiteQL


def test_a_patch_changes_only_what_it_names(client: Caller) -> None:
    before = client.rows("SELECT * FROM customer WHERE id = 1001")[0]
    answer = client.send("PATCH", f"{RECORD}/customer/1001", {"creditHoldOverride": {"id": "ON"}, "creditLimit": 25000})
    assert (answer.status_code, answer.content) == (204, b"")
    after = client.rows("SELECT * FROM customer WHERE id = 1001")[0]
    changed = {name: text for name, text in after.items() if before.get(name) != text}
    assert changed == {
        "creditholdoverride": "ON", "oncredithold": "T", "creditlimit": "25000", "lastmodifieddate": "3/2/2026",
    }  # fmt: skip
    assert client.simulator.hold("3", "1001") == "ON"


def test_a_hold_of_the_books_people_and_one_that_was_written_give_way_to_the_later(client: Caller) -> None:
    with client.simulator.act() as book:
        book.set_hold("1001", "C2")
    assert client.simulator.hold("", "1001") == "ON"
    client.send("PATCH", f"{RECORD}/customer/1001", {"creditHoldOverride": {"id": "OFF"}})
    assert client.simulator.hold("", "1001") == "OFF"
    with client.simulator.act() as book:
        book.set_hold("1001", None)
    assert client.simulator.hold("", "1001") is None


@pytest.mark.parametrize(
    ("path", "body", "refusal"),
    [
        ("customer/99999999", {"creditLimit": 1}, (404, "NONEXISTENT_ID",
         "The record instance does not exist. Provide a valid record instance ID.")),
        ("customer/1001", {"nosuch": 1}, (400, "NONEXISTENT_FIELD",
         "Error while accessing a resource. Unknown field name 'nosuch'.")),
        ("customer/1001", {"creditHoldOverride": {"id": "MAYBE"}}, (400, "INVALID_KEY_OR_REF",
         "Error while accessing a resource. Invalid Field Value MAYBE for the following field: creditholdoverride")),
        ("customer/1001", {"creditLimit": "much"}, (400, "INVALID_CONTENT",
         "Invalid value for the resource or sub-resource field 'creditLimit'. Provide a valid value.")),
        ("customer/1001", [], (400, "INVALID_CONTENT", "Invalid content in the request body.")),
        ("nosuch/1", {}, (404, "INVALID_RECORD_TYPE", "Record type 'nosuch' does not exist.")),
    ],
)  # fmt: skip
def test_what_cannot_be_written_is_refused(path: str, body: Any, refusal: Any, client: Caller) -> None:
    assert told(client.send("PATCH", f"{RECORD}/{path}", body)) == refusal


def test_a_problem_names_its_status_and_the_field(client: Caller) -> None:
    problem = client.send("PATCH", f"{RECORD}/customer/1001", {"nosuch": 1}).json()
    assert (problem["title"], problem["status"]) == ("Bad Request", 400)
    assert problem["type"].startswith("https://")
    assert problem["o:errorDetails"][0]["o:errorPath"] == "nosuch"


def test_an_invoice_is_read_and_takes_the_accounts_own_fields(own: Caller) -> None:
    key = number(own, item := invoice_of(own))
    body = {
        "custbody_due_promise_date": "2026-03-20",
        "custbody_due_promise_amount": 80.5,
        "custbody_due_dispute": "price",
    }
    assert own.send("PATCH", f"{RECORD}/invoice/{key}", body).status_code == 204
    found = own.send("GET", f"{RECORD}/invoice/{key}").json()
    assert {name: found[name] for name in body} == body
    assert (found["total"], found["amountRemaining"], found["tranId"]) == (100.0, 100.0, str(item.document_no))
    assert found["status"] == {"id": "A", "refName": "Invoice : Open"}
    row = own.rows(f"SELECT custbody_due_promise_date AS day, lastmodifieddate AS at FROM transaction WHERE id = {key}")
    assert row == [{"day": "3/20/2026", "at": "3/2/2026"}]
    assert own.simulator.seen("set_promise", "", "", item.key)["custbody_due_promise_amount"] == 80.5
    assert own.send("PATCH", f"{RECORD}/invoice/{key}", {"custbody_due_dispute": None}).status_code == 204
    assert "custbody_due_dispute" not in own.send("GET", f"{RECORD}/invoice/{key}").json()
    assert told(own.send("GET", f"{RECORD}/creditmemo/{key}"))[1] == "NONEXISTENT_ID"


def test_without_those_fields_they_are_unknown(client: Caller) -> None:
    key = number(client, invoice_of(client))
    answer = client.send("PATCH", f"{RECORD}/invoice/{key}", {"custbody_due_dispute": "price"})
    assert told(answer)[1] == "NONEXISTENT_FIELD"
    assert "Unknown identifier" in client.refusal("SELECT custbody_due_dispute FROM transaction")


def test_an_external_id_makes_a_note_and_then_changes_it(client: Caller) -> None:
    path = f"{RECORD}/note/eid:OUT-8841"
    assert told(client.send("GET", path))[:2] == (404, "NONEXISTENT_ID")
    for text in ("Called.", "Called; pays on Friday."):
        answer = client.send("PUT", path, {"title": "Call", "note": text, "entity": {"id": "1001"}})
        assert (answer.status_code, answer.headers["Location"]) == (
            204,
            f"{client.settings['base_url']}{RECORD}/note/7001",
        )
    assert client.simulator.notes("1001") == ["Called; pays on Friday."]
    assert client.send("GET", path).json() == {
        "title": "Call", "note": "Called; pays on Friday.", "entity": {"id": "1001", "refName": "1001"}, "id": "7001",
        "externalId": "OUT-8841",
    }  # fmt: skip
    assert client.send("GET", f"{RECORD}/note/7001").json()["externalId"] == "OUT-8841"


def test_an_external_id_may_have_any_sign(client: Caller) -> None:
    path = f"{RECORD}/note/eid:50%20%25%20%3Cb%3Eoff%3C%2Fb%3E%20%26%20%22K%C3%B6ln%22"
    assert client.send("PUT", path, {"note": "Called.", "entity": {"id": "1001"}}).status_code == 204
    assert client.send("GET", path).json()["externalId"] == '50 % <b>off</b> & "Köln"'


def test_a_note_on_an_invoice_is_one_on_its_customer(client: Caller) -> None:
    item = invoice_of(client)
    client.send("PUT", f"{RECORD}/note/eid:1", {"note": "About it", "transaction": {"id": str(number(client, item))}})
    client.simulator.user_writes_note(item.customer, "By a user")
    assert client.simulator.texts(item.customer) == ["About it", "By a user"]


def test_a_note_on_nobody_is_refused(client: Caller) -> None:
    path = f"{RECORD}/note/eid:2"
    assert told(client.send("PUT", path, {"note": "x", "entity": {"id": "99999999"}}))[1] == "INVALID_KEY_OR_REF"
    assert told(client.send("PUT", path, {"note": "x"}))[1] == "USER_ERROR"
    assert client.simulator.records.notes.kept == []


def test_where_the_catalogue_has_phone_calls_these_are_the_notes(opened: Callable[..., Caller]) -> None:
    client = opened(notes="phonecall")
    assert client.settings["notes"] == "phonecall"
    assert told(client.send("PUT", f"{RECORD}/note/eid:1", {}))[1] == "INVALID_RECORD_TYPE"
    body = {"message": "Called.", "company": {"id": "1001"}}
    assert told(client.send("PUT", f"{RECORD}/phoneCall/eid:1", body))[2].endswith("value(s) for: Subject.")
    assert client.send("PUT", f"{RECORD}/phoneCall/eid:1", {**body, "title": "Call"}).status_code == 204
    assert client.simulator.notes("1001") == ["Called."]


def test_the_catalogue_lists_the_records_and_describes_their_fields(own: Caller) -> None:
    listed = own.send("GET", f"{RECORD}/metadata-catalog").json()["items"]
    assert [each["name"] for each in listed] == [
        "creditmemo", "customer", "customerdeposit", "customerpayment", "customerrefund", "invoice", "journalentry",
        "note",
    ]  # fmt: skip
    schema = own.send("GET", f"{RECORD}/metadata-catalog/invoice", Accept="application/schema+json").json()
    assert schema["properties"]["custbody_due_promise_date"] == {
        "title": "custbody_due_promise_date", "type": "string", "nullable": True, "format": "date",
    }  # fmt: skip
    swagger = own.send("GET", f"{RECORD}/metadata-catalog/customer", Accept="application/swagger+json").json()
    assert "creditHoldOverride" in swagger["components"]["schemas"]["customer"]["properties"]
    assert told(own.send("GET", f"{RECORD}/metadata-catalog/phonecall"))[:2] == (404, "INVALID_RECORD_TYPE")


def test_a_record_that_is_saved_meanwhile_has_changed_under_the_write(client: Caller) -> None:
    erp = client.simulator
    erp.meanwhile(lambda: erp.user_sets_hold("", "1001", "OFF"), erp.writes("set_credit_hold"))
    answer = client.send("PATCH", f"{RECORD}/customer/1001", {"creditHoldOverride": {"id": "ON"}})
    assert told(answer)[:2] == (400, "RCRD_HAS_BEEN_CHANGED")
    assert erp.hold("", "1001") == "OFF"
    assert client.send("PATCH", f"{RECORD}/customer/1001", {"creditHoldOverride": {"id": "ON"}}).status_code == 204
    assert erp.hold("", "1001") == "ON"


def test_a_record_that_a_workflow_locked_is_read_by_suiteql_alone(client: Caller) -> None:
    client.simulator.records.locked.add(("customer", 1001))
    for answer in (
        client.send("GET", f"{RECORD}/customer/1001"),
        client.send("PATCH", f"{RECORD}/customer/1001", {"creditLimit": 1}),
    ):
        assert told(answer) == (
            400,
            "USER_ERROR",
            "Error while accessing a resource. This record has been locked by a user defined workflow.",
        )
    assert client.rows("SELECT id FROM customer WHERE id = 1001") == [{"id": "1001"}]


def test_what_was_written_is_there_after_a_restart(opened: Callable[..., Caller], tmp_path: Any) -> None:
    first = opened(folder=str(tmp_path / "kept"), items=50, custom_fields=True)
    key = first.rows("SELECT MIN(id) AS id FROM transaction WHERE type = 'CustInvc'")[0]["id"]
    first.send("PATCH", f"{RECORD}/customer/1001", {"creditHoldOverride": {"id": "ON"}})
    first.send("PATCH", f"{RECORD}/invoice/{key}", {"custbody_due_dispute": "price"})
    first.send("PUT", f"{RECORD}/note/eid:1", {"note": "Kept", "entity": {"id": "1001"}})
    first.simulator.stop()
    again = opened(folder=str(tmp_path / "kept"), items=50, custom_fields=True)
    assert (again.simulator.hold("", "1001"), again.simulator.notes("1001")) == ("ON", ["Kept"])
    assert again.rows(f"SELECT custbody_due_dispute AS why FROM transaction WHERE id = {key}") == [{"why": "price"}]
