"""What a client writes into the simulated Business Central: holds, blocks, promises, disputes and comments."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from duehook.core.testing.contract.scenes.acts import later

from .simulated import START, Client, Opened, healthy, invoice

COMMENTS = "web/CommentSheet"


def held(client: Client) -> tuple[str, str]:
    """Return the path and the ETag of a customer."""
    row = client.row(f"api/customers?$filter=number eq '{healthy(client).key}'")
    return f"api/customers({row['id']})", row["@odata.etag"]


def test_a_customer_is_blocked_with_its_etag_and_comes_back_as_it_is(small: Client) -> None:
    path, etag = held(small)
    answer = small.send("PATCH", path, {"blocked": "Invoice"}, If_Match=etag)
    assert (answer.status_code, answer.json()["blocked"]) == (200, "Invoice")
    assert answer.json()["@odata.etag"] == small.get(path)["@odata.etag"] != etag
    assert answer.json()["lastModifiedDateTime"] == "2026-03-02T23:45:00Z"
    assert small.simulator.hold("00010", healthy(small).key) == "Invoice"


@pytest.mark.parametrize("blank", [" ", "_x0020_", ""])
def test_a_block_is_lifted_by_a_blank_encoded_or_not(blank: str, small: Client) -> None:
    path, _ = held(small)
    small.simulator.user_sets_hold("00010", healthy(small).key, "Ship")
    assert small.send("PATCH", path, {"blocked": blank}, If_Match="*").json()["blocked"] == "_x0020_"
    assert small.simulator.hold("00010", healthy(small).key) is None


def test_without_a_token_of_concurrency_nothing_is_written(small: Client) -> None:
    path, _ = held(small)
    refused = small.refused(path, method="PATCH", body={"blocked": "All"})
    assert refused["code"] == "BadRequest_InvalidToken"
    assert refused["message"].startswith("Could not validate the client concurrency token required by the service.")
    assert small.get(path)["blocked"] == "_x0020_"


def test_who_comes_second_is_told_that_another_was_there(small: Client) -> None:
    path, etag = held(small)
    small.simulator.user_sets_hold("00010", healthy(small).key, "All")
    refused = small.refused(path, 409, method="PATCH", body={"blocked": "Invoice"}, If_Match=etag)
    assert (refused["code"], refused["message"]) == (
        "Request_EntityChanged", "Another user has already changed the record.",
    )  # fmt: skip


def test_a_filtered_set_is_not_written_to(small: Client) -> None:
    refused = small.refused("api/customers?$filter=number eq '1001'", 405, method="PATCH", body={"blocked": "All"},
                            If_Match="*")  # fmt: skip
    assert refused["code"] == "BadRequest_MethodNotAllowed"


@pytest.mark.parametrize(("body", "code"), [
    ({"blocked": "Sometimes"}, "Application_EvaluateException"),
    ({"balanceDue": 0}, "BadRequest_InvalidOperation"),
    ({"nothing": "x"}, "BadRequest"),
])  # fmt: skip
def test_what_cannot_be_written_is_refused_with_its_code(body: dict[str, Any], code: str, small: Client) -> None:
    path, _ = held(small)
    assert small.refused(path, method="PATCH", body=body, If_Match="*")["code"] == code


def test_a_hold_that_was_written_stays_over_a_restart_until_a_user_says_otherwise(opened: Opened) -> None:
    client = opened()
    path, etag = held(client)
    client.send("PATCH", path, {"blocked": "Invoice"}, If_Match=etag)
    client.simulator.stop()
    again = opened()
    assert again.get(path)["blocked"] == "Invoice"
    with again.simulator.act() as book:
        book.set_hold(healthy(again).key, "H9", company="00010")
    assert again.get(path)["blocked"] == "All"
    with again.simulator.act() as book:
        book.set_hold(healthy(again).key, None, company="00010")
    assert again.get(path)["blocked"] == "_x0020_"


def test_a_block_a_promise_and_a_dispute_are_written_on_an_entry(full: Client) -> None:
    made = invoice(full)
    row = full.entry(made)
    path = f"web/CustomerLedgerEntries({row['Entry_No']})"
    body = {"On_Hold": "DUE", "Promised_Pay_Date": "2026-03-20", "Dispute_Status": "PRICE"}
    answer = full.send("PATCH", path, body, If_Match=row["@odata.etag"])
    assert answer.status_code == 200, answer.text
    assert {name: full.entry(made)[name] for name in body} == body
    seen = [
        full.simulator.seen(kind, "00010", made.customer, made.key)
        for kind in ("set_dunning_block", "set_promise", "set_dispute")
    ]
    assert seen == [{"On_Hold": "DUE"}, {"Promised_Pay_Date": "2026-03-20"}, {"Dispute_Status": "PRICE"}]
    full.send("PATCH", path, {"Promised_Pay_Date": "0001-01-01", "On_Hold": ""}, If_Match="*")
    assert (full.entry(made)["Promised_Pay_Date"], full.entry(made)["On_Hold"]) == ("0001-01-01", "")


def test_a_block_gives_way_when_a_user_of_the_book_says_otherwise(full: Client) -> None:
    made = invoice(full)
    path = f"web/CustomerLedgerEntries({full.entry(made)['Entry_No']})"
    full.send("PATCH", path, {"On_Hold": "DUE"}, If_Match="*")
    full.simulator.advance_to(START + timedelta(days=1))
    assert full.entry(made)["On_Hold"] == "DUE"
    with full.simulator.act() as book:
        later(book)
        book.block(made.key, "N")
    assert full.entry(made)["On_Hold"] == "N"


@pytest.mark.parametrize(("body", "code"), [
    ({"On_Hold": "LONG"}, "Application_StringExceededLength"),
    ({"Dispute_Status": "NONE SUCH"}, "Internal_InvalidTableRelation"),
    ({"Amount": 1}, "BadRequest_InvalidOperation"),
    ({"Promised_Pay_Date": "soon"}, "BadRequest"),
])  # fmt: skip
def test_what_page_25_does_not_let_be_changed_is_refused(body: dict[str, Any], code: str, full: Client) -> None:
    path = f"web/CustomerLedgerEntries({full.entry(invoice(full))['Entry_No']})"
    assert full.refused(path, method="PATCH", body=body, If_Match="*")["code"] == code
    assert full.refused(path, method="PATCH", body={"On_Hold": "DUE"})["code"] == "BadRequest_InvalidToken"


def test_an_entry_of_an_older_version_has_no_promise_to_write(small: Client) -> None:
    path = f"web/CustomerLedgerEntries({small.entry(invoice(small))['Entry_No']})"
    refused = small.refused(path, method="PATCH", body={"Promised_Pay_Date": "2026-03-20"}, If_Match="*")
    assert "Promised_Pay_Date" in refused["message"]


def test_comment_lines_stand_where_the_client_puts_them_or_behind_the_last(full: Client) -> None:
    line = {"Table_Name": "Customer", "No": healthy(full).key, "Code": "DUE", "Comment": "Called, pays on Friday"}
    first = full.send("POST", COMMENTS, line | {"Line_No": 25_000})
    assert (first.status_code, first.json()["Line_No"], first.json()["Date"]) == (201, 25_000, "2026-03-02")
    assert full.send("POST", COMMENTS, line | {"Comment": "Again"}).json()["Line_No"] == 35_000
    rows = full.rows(f"{COMMENTS}?$filter=Table_Name eq 'Customer' and No eq '{line['No']}'")
    assert [row["Comment"] for row in rows] == ["Called, pays on Friday", "Again"]
    assert full.simulator.notes(line["No"]) == ["Called, pays on Friday", "Again"]
    found = full.get(f"{COMMENTS}(Table_Name='Customer',No='{line['No']}',Line_No=25000)")
    assert found["Code"] == "DUE"


@pytest.mark.parametrize(("other", "code"), [
    ({"Line_No": 10_000}, "Internal_EntityWithSameKeyExists"),
    ({"Comment": "x" * 81}, "Application_StringExceededLength"),
    ({"Code": "ELEVENSIGNS"}, "Application_StringExceededLength"),
    ({"No": "99999999"}, "Internal_InvalidTableRelation"),
])  # fmt: skip
def test_a_comment_line_that_cannot_be_is_refused(other: dict[str, Any], code: str, full: Client) -> None:
    line = {"Table_Name": "Customer", "No": healthy(full).key, "Comment": "there"}
    assert full.send("POST", COMMENTS, line).json()["Line_No"] == 10_000
    assert full.refused(COMMENTS, method="POST", body=line | other)["code"] == code
    assert full.simulator.notes(line["No"]) == ["there"]


def test_a_users_text_fills_lines_and_stays_to_the_last_sign(full: Client) -> None:
    text = "\r\n".join(f"their line {number} " for number in range(40)) + "\x0c\u2028\n\n  the end"
    full.simulator.user_writes_note(healthy(full).key, text)
    rows = full.rows(COMMENTS)
    assert {len(row["Comment"]) for row in rows[:-1]} == {80}
    assert full.simulator.texts(healthy(full).key) == [text]


def test_comments_stay_over_a_restart(opened: Opened) -> None:
    client = opened(comments=True)
    number = healthy(client).key
    client.send("POST", COMMENTS, {"Table_Name": "Customer", "No": number, "Comment": "kept"})
    client.simulator.stop()
    again = opened(comments=True)
    assert again.row(COMMENTS)["Comment"] == "kept"
    assert again.simulator.notes(number) == ["kept"]
