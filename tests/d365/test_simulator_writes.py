"""Writing into the simulated F&O: holds, disputes and promises, notes; and what its users do meanwhile."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests

from duehook.plugins.d365.simulator import D365Simulator
from duehook.plugins.d365.simulator.tables.codes import data_area

from .simulated import START, Client, Opened, healthy, invoice, opened, small

NOTE = "0f7f6c1e-6f6b-5b43-9d3b-2b7b1e2d5a10"


def customer(client: Client, *, company: str | None = None) -> str:
    """Return the path of a healthy customer."""
    where, account = healthy(client)
    return f"CustomersV3(dataAreaId='{company or where}',CustomerAccount='{account}')"


def said(answer: requests.Response) -> str:
    """Return what is said of a refusal."""
    return str(answer.json()["error"]["innererror"]["message"])


class TestHolds:
    """PATCH CustomersV3 OnHoldStatus."""

    def test_a_hold_is_set_and_lifted(self, small: Client) -> None:
        path = f"{customer(small)}?cross-company=true"
        answer = small.send("PATCH", path, {"OnHoldStatus": "Invoice"})
        assert (answer.status_code, answer.content) == (204, b"")
        assert small.get(path)["OnHoldStatus"] == "Invoice"
        assert small.simulator.hold(*healthy(small)) == "Invoice"
        assert small.send("PATCH", path, {"OnHoldStatus": "No"}).status_code == 204
        assert small.simulator.hold(*healthy(small)) is None

    def test_the_row_comes_back_where_it_is_asked_for(self, small: Client) -> None:
        path = f"{customer(small)}?cross-company=true"
        answer = small.send("PATCH", path, {"OnHoldStatus": "All"}, Prefer="return=representation")
        assert (answer.status_code, answer.json()["OnHoldStatus"]) == (200, "All")

    def test_without_cross_company_another_companys_customer_is_not_found_and_not_changed(self, small: Client) -> None:
        assert healthy(small)[0] != "usmf"
        assert small.send("PATCH", customer(small), {"OnHoldStatus": "All"}).status_code == 404
        assert small.simulator.hold(*healthy(small)) is None

    def test_a_stale_etag_is_refused_and_the_users_hold_stands(self, small: Client) -> None:
        path = f"{customer(small)}?cross-company=true"
        etag = small.get(path)["@odata.etag"]
        small.simulator.user_sets_hold(*healthy(small), "All")
        assert small.send("PATCH", path, {"OnHoldStatus": "Invoice"}, If_Match=etag).status_code == 412
        assert small.simulator.hold(*healthy(small)) == "All"
        fresh = small.get(path)["@odata.etag"]
        assert small.send("PATCH", path, {"OnHoldStatus": "Invoice"}, If_Match=fresh).status_code == 204

    @pytest.mark.parametrize("body", [{"OnHoldStatus": "Everything"}, {"OrganizationName": "New"}, {"Hold": "All"}])
    def test_what_cannot_be_written_is_refused(self, body: dict[str, Any], small: Client) -> None:
        answer = small.send("PATCH", f"{customer(small)}?cross-company=true", body)
        assert answer.status_code == 400
        assert said(answer)

    def test_a_business_rule_may_refuse_it_and_says_so_in_the_inner_error(self, opened: Opened) -> None:
        client = opened(change_proposals=True)
        answer = client.send("PATCH", f"{customer(client)}?cross-company=true", {"OnHoldStatus": "All"})
        assert answer.status_code == 400
        assert "change proposal" in said(answer)
        assert client.simulator.hold(*healthy(client)) is None

    def test_a_user_who_acts_just_before_the_write_wins_by_the_etag(self, small: Client) -> None:
        simulator = small.simulator
        path = f"{customer(small)}?cross-company=true"
        etag = small.get(path)["@odata.etag"]
        simulator.meanwhile(
            lambda: simulator.user_sets_hold(*healthy(small), "All"), simulator.writes("set_credit_hold")
        )
        assert small.send("PATCH", path, {"OnHoldStatus": "Invoice"}, If_Match=etag).status_code == 412
        assert simulator.hold(*healthy(small)) == "All"

    def test_a_hold_that_the_books_people_set_later_stands_over_what_was_written(self, small: Client) -> None:
        company, account = healthy(small)
        small.send("PATCH", f"{customer(small)}?cross-company=true", {"OnHoldStatus": "Invoice"})
        with small.simulator.act() as book:
            book.set_hold(account, "H9", company=book.customers[account].company)
        assert small.simulator.hold(company, account) == "All"


class TestDisputes:
    """PATCH and POST CustDisputes."""

    def test_a_promise_is_posted_on_the_transaction_and_found_by_it(self, small: Client) -> None:
        made = invoice(small, "100.00")
        number = small.simulator.site.ledger.number_of(made.key)
        body = {
            "dataAreaId": data_area(made.company), "CustTrans": number, "Status": "PromiseToPay",
            "FollowUpDate": "2026-03-20T12:00:00Z", "ReasonComment": "OUT-1: 100 EUR", "AmountCur": 100.00,
        }  # fmt: skip
        answer = small.send("POST", "CustDisputes?cross-company=true", body)
        assert answer.status_code == 201
        assert answer.json()["CustTrans"] == number
        (row,) = small.rows(f"CustDisputes?$filter=CustTrans eq {number}")
        assert (row["Status"], row["FollowUpDate"]) == ("PromiseToPay", "2026-03-20T12:00:00Z")
        assert (row["AmountCur"], row["TransactionBalance"]) == (Decimal(100), Decimal(100))
        assert row["StatusChangedDate"] == f"{START}T12:00:00Z"
        told = small.simulator.promise(made.key)
        assert told is not None
        assert told["ReasonComment"] == "OUT-1: 100 EUR"
        assert small.simulator.dispute(made.key) is None

    def test_a_transaction_has_one_dispute_at_most(self, small: Client) -> None:
        made = invoice(small, "100.00")
        number = small.simulator.site.ledger.number_of(made.key)
        body = {"dataAreaId": data_area(made.company), "CustTrans": number, "Status": "Disputed"}
        assert small.send("POST", "CustDisputes?cross-company=true", body).status_code == 201
        again = small.send("POST", "CustDisputes?cross-company=true", body)
        assert again.status_code == 400
        assert "already exists" in said(again)

    def test_a_dispute_of_the_books_people_is_there_and_may_become_a_promise(self, small: Client) -> None:
        made = invoice(small, "100.00")
        with small.simulator.act() as book:
            book.dispute(made.key, 4000, "PR")
        number = small.simulator.site.ledger.number_of(made.key)
        (row,) = small.rows(f"CustDisputes?$filter=CustTrans eq {number}")
        assert (row["Status"], row["AmountCur"], row["ReasonCode"]) == ("Disputed", Decimal(40), "PR")
        path = f"CustDisputes(dataAreaId='{data_area(made.company)}',SysRecId={row['SysRecId']})?cross-company=true"
        assert small.send("PATCH", path, {"Status": "PromiseToPay"}).status_code == 204
        assert small.simulator.dispute(made.key) is None
        assert small.simulator.promise(made.key) is not None

    def test_a_dispute_that_ends_is_resolved_and_stays(self, small: Client) -> None:
        made = invoice(small, "100.00")
        with small.simulator.act() as book:
            book.dispute(made.key, 4000, "PR")
        with small.simulator.act() as book:
            book.settle_dispute(made.key)
        told = small.simulator.dispute(made.key)
        assert told is not None
        assert told["Status"] == "Resolved"

    @pytest.mark.parametrize(
        ("cells", "why"),
        [
            ({"Status": "Promised"}, "CustVendDisputeStatus"),
            ({"ReasonCode": "price"}, "Reason code"),
            ({"TransactionBalance": 5}, "read only"),
            ({"CustTrans": 7}, "not found"),
            ({"dataAreaId": "usmf"}, "not found"),
        ],
    )
    def test_what_f_and_o_would_refuse_is_refused(self, cells: dict[str, Any], why: str, small: Client) -> None:
        made = invoice(small)
        number = small.simulator.site.ledger.number_of(made.key)
        body = {"dataAreaId": data_area(made.company), "CustTrans": number, "Status": "Disputed"} | cells
        answer = small.send("POST", "CustDisputes?cross-company=true", body)
        assert answer.status_code == 400
        assert why in said(answer)

    def test_a_version_may_not_honour_post(self, opened: Opened) -> None:
        client = opened(dispute_post=False)
        made = invoice(client)
        number = client.simulator.site.ledger.number_of(made.key)
        body = {"dataAreaId": data_area(made.company), "CustTrans": number}
        answer = client.send("POST", "CustDisputes?cross-company=true", body)
        assert answer.status_code == 400
        assert "not allowed" in said(answer)

    def test_a_user_of_f_and_o_changes_it(self, small: Client) -> None:
        made = invoice(small)
        small.simulator.user_writes_dispute(made.key, Status="Disputed", ReasonCode="QL")
        assert small.rows("CustDisputes")[0]["ReasonCode"] == "QL"


class TestNotes:
    """POST CustomerAttachmentsV2."""

    @staticmethod
    def body(client: Client, **other: Any) -> dict[str, Any]:
        company, account = healthy(client)
        return {
            "dataAreaId": company, "DocumentId": NOTE, "TypeId": "Note", "Name": "Call", "Notes": "Promised Friday.",
            "CustomerAccountNumber": account, **other,
        }  # fmt: skip

    def test_a_note_is_kept_under_the_id_that_the_client_made(self, small: Client) -> None:
        answer = small.send("POST", "CustomerAttachmentsV2?cross-company=true", self.body(small))
        assert (answer.status_code, answer.json()["DocumentId"]) == (201, NOTE)
        company, account = healthy(small)
        found = small.get(f"CustomerAttachmentsV2(dataAreaId='{company}',DocumentId={NOTE})?cross-company=true")
        assert (found["Notes"], found["CustomerAccountNumber"]) == ("Promised Friday.", account)
        assert small.simulator.notes(account) == ["Promised Friday."]

    def test_the_same_id_again_is_refused_and_nothing_is_doubled(self, small: Client) -> None:
        small.send("POST", "CustomerAttachmentsV2?cross-company=true", self.body(small))
        again = small.send("POST", "CustomerAttachmentsV2?cross-company=true", self.body(small))
        assert again.status_code == 400
        assert "already exists" in said(again)
        assert len(small.simulator.notes(healthy(small)[1])) == 1

    def test_a_site_may_make_ids_of_its_own(self, opened: Opened) -> None:
        client = opened(keep_document_id=False)
        ids = {
            client.send("POST", "CustomerAttachmentsV2?cross-company=true", self.body(client)).json()["DocumentId"]
            for _ in range(2)
        }
        assert len(ids) == 2
        assert NOTE not in ids
        found = client.rows("CustomerAttachmentsV2?$filter=Name eq 'Call'")
        assert len(found) == 2

    @pytest.mark.parametrize("other", [{"CustomerAccountNumber": "99999999"}, {"TypeId": "Memo"}, {"Text": "x"}])
    def test_a_note_on_nobody_or_of_no_type_is_refused(self, other: dict[str, str], small: Client) -> None:
        answer = small.send("POST", "CustomerAttachmentsV2?cross-company=true", self.body(small, **other))
        assert answer.status_code == 400
        assert small.simulator.notes(healthy(small)[1]) == []


def test_what_cannot_be_written_by_anybody_is_refused(small: Client) -> None:
    made = invoice(small)
    number = small.simulator.site.ledger.number_of(made.key)
    path = f"CustTransactions(dataAreaId='{data_area(made.company)}',SysRecId={number})?cross-company=true"
    assert small.send("PATCH", path, {"Txt": "x"}).status_code == 405
    assert small.send("DELETE", f"{customer(small)}?cross-company=true").status_code == 405


def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    options = {"folder": tmp_path, "customers": 20, "items": 40, "start_on": START}
    first = Client(simulator := D365Simulator(options), simulator.start())
    company, account = healthy(first)
    held = next(item for item in simulator.book.items.values() if item.open_minor > 0 and item.posted)
    first.send("PATCH", f"{customer(first)}?cross-company=true", {"OnHoldStatus": "Invoice"})
    first.send("POST", "CustomerAttachmentsV2?cross-company=true", TestNotes.body(first))
    simulator.user_writes_dispute(held.key, Status="PromiseToPay", ReasonComment="kept")
    first.session.close()
    simulator.stop()
    second = D365Simulator(options)
    second.start()
    try:
        assert second.hold(company, account) == "Invoice"
        assert second.notes(account) == ["Promised Friday."]
        promise = second.promise(held.key)
        assert promise is not None
        assert promise["ReasonComment"] == "kept"
    finally:
        second.stop()
