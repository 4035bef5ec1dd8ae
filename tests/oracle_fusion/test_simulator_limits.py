"""What goes wrong: duty roles that lack, faults on the wire, pages that shrink, options that there are not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from duehook.core.testing.contract.scenes.acts import issue
from duehook.plugins.oracle_fusion.simulator import FusionSimulator

from .simulated import CRM, Caller


def test_without_the_duty_role_a_collection_is_empty_and_nobody_says_so(client: Caller) -> None:
    with client.simulator.act() as book:
        issue(book, "100.00")
    key = client.rows("receivablesInvoices")[0]["CustomerTransactionId"]
    client.simulator.deny("receivablesInvoices")
    answer = client.get("receivablesInvoices", totalResults="true")
    assert (answer.status_code, answer.json()["items"], answer.json()["totalResults"]) == (200, [], 0)
    assert client.get(f"receivablesInvoices/{key}").status_code == 404
    client.simulator.grant("receivablesInvoices")
    assert len(client.rows("receivablesInvoices")) == 1


def test_each_right_is_of_a_resource_or_of_the_service(client: Caller) -> None:
    assert list(client.simulator.rights) == [
        "receivablesInvoices", "receivablesCreditMemos", "standardReceipts", "hubOrganizations",
        "ReceivablesCustomerProfileService",
    ]  # fmt: skip
    for right in client.simulator.rights:
        client.simulator.deny(right)
    assert client.send("GET", f"{CRM}hubOrganizations").json()["items"] == []
    refused = client.soap("getActiveCustomerProfile", "<s:AccountNumber>1001</s:AccountNumber>")
    assert refused.status_code == 500
    assert "access denied to the service ReceivablesCustomerProfileService" in refused.text


def test_what_may_not_be_created_is_forbidden(client: Caller) -> None:
    client.simulator.deny("collectionPromises")
    assert client.post("collectionPromises", {}).status_code == 403
    assert client.rows("collectionPromises") == []
    with pytest.raises(ValueError, match="there is no right"):
        client.simulator.deny("everything")


@pytest.mark.parametrize(
    ("status", "kind"), [(429, "text/plain"), (503, "text/plain"), (401, "text/html"), (500, "application/json")]
)
def test_a_fault_is_worded_as_the_place_where_it_happens_does(status: int, kind: str, client: Caller) -> None:
    client.simulator.faults.set("status", "receivablesInvoices", status=status, retry_after=7)
    answer = client.get("receivablesInvoices")
    assert (answer.status_code, answer.headers["Retry-After"]) == (status, "7")
    assert answer.headers["Content-Type"].startswith(kind)


def test_a_page_that_shrinks_looks_like_the_last_one(client: Caller) -> None:
    with client.simulator.act() as book:
        for number in range(6):
            issue(book, f"{10 + number}.00")
    client.simulator.faults.set("shrink", "receivablesInvoices")
    page = client.get("receivablesInvoices", limit="4", totalResults="true").json()
    assert (len(page["items"]), page["count"], page["hasMore"], page["totalResults"]) == (2, 2, False, 2)


@pytest.mark.parametrize("option", [{"read_by": "odbc"}, {"sign_in": "saml"}, {"unknown": 1}])
def test_an_option_that_there_is_not_is_refused(option: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(option))):
        FusionSimulator(option)


def test_there_are_no_notes_and_it_is_said_why(client: Caller) -> None:
    assert (client.simulator.notes("1001"), client.simulator.texts("1001")) == ([], [])
    with pytest.raises(ValueError, match="takes a note"):
        client.simulator.user_writes_note("1001", "Called.")


def test_other_processes_have_their_commands(opened: Callable[..., Caller]) -> None:
    client = opened(items=50)
    url = f"{client.settings['base_url']}/_control/"
    assert requests.post(f"{url}advance", json={"days": 1}, timeout=30).json()["day"] == "2026-03-03"
    totals = requests.post(f"{url}open_totals", json={}, timeout=30).json()
    assert {unit for unit, _, _ in totals} <= {"Halden Americas", "Halden Europa", "Halden Nihon", "Halden Gulf"}
    assert requests.post(f"{url}expire_tokens", json={}, timeout=30).json() == {"ended": 0}
    with client.simulator.act() as book:
        invoice = issue(book, "100.00")
    key = client.rows("receivablesInvoices", q=f"TransactionNumber='{invoice.document_no}'")[0]["CustomerTransactionId"]
    body = {"CustomerTransactionId": key, "DisputeAmount": 5, "DisputeReason": "Damaged Goods",
            "DisputeSection": "Total"}  # fmt: skip
    number = client.post("receivablesDisputes", body).json()["RequestNumber"]
    assert requests.post(f"{url}decide_dispute", json={"request": number}, timeout=30).status_code == 200
    assert requests.post(f"{url}decide_dispute", json={"request": "1"}, timeout=30).status_code == 400
