"""Pages of a collection: how many rows, in which order, with what of them, and how a later version shows it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from duehook.core.testing.contract.scenes.acts import issue, later, pay

from .simulated import FSCM, Caller


def test_a_page_has_25_rows_and_says_whether_there_are_more(played: Caller) -> None:
    page = played.get("receivablesInvoices", orderBy="CustomerTransactionId").json()
    assert {name: page[name] for name in ("count", "hasMore", "limit", "offset")} == {
        "count": 25, "hasMore": True, "limit": 25, "offset": 0,
    }  # fmt: skip
    assert len(page["items"]) == 25
    assert "totalResults" not in page


def test_more_than_500_rows_are_cut_off_and_nobody_says_so(played: Caller) -> None:
    answer = played.get("receivablesInvoices", limit="5000", totalResults="true")
    page = answer.json()
    assert (answer.status_code, page["limit"], page["count"], page["hasMore"]) == (200, 500, 500, True)
    assert page["totalResults"] > 500


def test_pages_go_on_by_offset_to_the_last(played: Caller) -> None:
    keys: list[int] = []
    while True:
        page = played.get(
            "receivablesInvoices", limit="100", offset=str(len(keys)), orderBy="CustomerTransactionId"
        ).json()
        keys += [row["CustomerTransactionId"] for row in page["items"]]
        if not page["hasMore"]:
            break
    assert keys == sorted(set(keys))
    assert len(keys) == played.get("receivablesInvoices", limit="1", totalResults="true").json()["totalResults"]


def test_pages_go_on_behind_the_last_id_that_was_read(played: Caller) -> None:
    first = played.rows("receivablesInvoices", limit="100", orderBy="CustomerTransactionId")
    last = first[-1]["CustomerTransactionId"]
    rest = played.rows(
        "receivablesInvoices", limit="2", orderBy="CustomerTransactionId", q=f"CustomerTransactionId > {last}"
    )
    behind = played.rows("receivablesInvoices", limit="2", offset="100", orderBy="CustomerTransactionId")
    assert rest == behind
    assert rest[0]["CustomerTransactionId"] > last


def test_without_an_order_what_changed_last_comes_first_so_that_offsets_drift(client: Caller) -> None:
    with client.simulator.act() as book:
        invoices = [issue(book, f"{10 + number}.00") for number in range(4)]
    first = client.rows("receivablesInvoices", limit="2")
    assert [row["EnteredAmount"] for row in first] == [13, 12]
    with client.simulator.act() as book:
        later(book)
        pay(book, invoices[0], "5.00")
    second = client.rows("receivablesInvoices", limit="2", offset="2")
    assert [row["EnteredAmount"] for row in second] == [12, 11]  # 12 again, and 10 is missed


def test_rows_are_put_in_the_order_asked_for(played: Caller) -> None:
    rows = played.rows("receivablesInvoices", limit="500", orderBy="BillToCustomerNumber:desc,EnteredAmount")
    pairs = [(row["BillToCustomerNumber"], row["EnteredAmount"]) for row in rows]
    assert pairs == sorted(sorted(pairs, key=lambda pair: pair[1]), key=lambda pair: pair[0], reverse=True)
    refused = played.get("receivablesInvoices", orderBy="Nothing:asc")
    assert (refused.status_code, refused.json()["o:errorDetails"][0]["o:errorPath"]) == (400, "orderBy")


def test_links_are_there_unless_only_data_is_asked_for(client: Caller) -> None:
    with client.simulator.act() as book:
        issue(book, "100.00")
    page = client.get("receivablesInvoices").json()
    key = page["items"][0]["CustomerTransactionId"]
    assert page["links"][0] == {
        "rel": "self", "href": f"{client.settings['base_url']}{FSCM}receivablesInvoices",
        "name": "receivablesInvoices", "kind": "collection",
    }  # fmt: skip
    assert page["items"][0]["links"][0]["href"] == f"{page['links'][0]['href']}/{key}"
    assert "links" not in client.get("receivablesInvoices", onlyData="true").json()["items"][0]


def test_fields_name_what_is_shown_and_cannot_be_had_with_expand(client: Caller) -> None:
    with client.simulator.act() as book:
        issue(book, "100.00")
    fields = "EnteredAmount,InvoiceCurrencyCode;receivablesInvoiceInstallments:InstallmentBalanceDue"
    assert client.get("receivablesInvoices", version="2", fields=fields, onlyData="true").json()["items"] == [
        {
            "EnteredAmount": 100,
            "InvoiceCurrencyCode": "EUR",
            "receivablesInvoiceInstallments": [{"InstallmentBalanceDue": 100}],
        }
    ]
    both = client.get("receivablesInvoices", fields="EnteredAmount", expand="receivablesInvoiceInstallments")
    assert both.status_code == 400
    assert both.json()["o:errorDetails"][0]["detail"] == "The parameters fields and expand cannot be used together."


@pytest.mark.parametrize(("version", "shape"), [("1", list), ("2", list), ("3", dict), ("4", dict), ("9", dict)])
def test_from_version_3_on_an_expanded_child_is_a_collection(version: str, shape: type, client: Caller) -> None:
    with client.simulator.act() as book:
        issue(book, "100.00")
    asked = {"expand": "receivablesInvoiceInstallments", "onlyData": "true"}
    child = client.get("receivablesInvoices", version=version, **asked).json()["items"][0][
        "receivablesInvoiceInstallments"
    ]
    assert type(child) is shape
    if isinstance(child, dict):
        assert {name: child[name] for name in ("count", "hasMore", "limit", "offset")} == {
            "count": 1, "hasMore": False, "limit": 25, "offset": 0,
        }  # fmt: skip


def test_below_version_4_an_error_is_plain_text(client: Caller) -> None:
    plain = client.get("receivablesInvoices", version="3", q="Nothing=1")
    assert (plain.status_code, plain.headers["Content-Type"]) == (400, "text/plain; charset=UTF-8")
    assert plain.text == "The attribute Nothing is not queryable in this resource."
    assert client.get("receivablesInvoices", version="4", q="Nothing=1").json() == {
        "title": "Bad Request",
        "status": "400",
        "o:errorDetails": [
            {
                "detail": "The attribute Nothing is not queryable in this resource.",
                "o:errorCode": "27000",
                "o:errorPath": "Nothing",
            }
        ],
    }


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("receivablesInvoices?limit=ten", 400),
        ("receivablesInvoices?page=2", 400),
        ("receivablesInvoices?expand=lines", 400),
        ("receivablesInvoices?fields=Nothing", 400),
        ("receivablesInvoices?finder=invoiceSearch;A=1", 400),
        ("receivablesInvoices/12", 404),
        ("receivablesInvoices/12/child/receivablesInvoiceInstallments", 404),
        ("currencyRates", 404),
        ("hubOrganizations", 404),
    ],
)
def test_what_cannot_be_had_is_refused(path: str, status: int, client: Caller) -> None:
    assert client.send("GET", f"{FSCM}{path}").status_code == status


def test_a_version_that_there_is_not_is_refused(client: Caller) -> None:
    assert client.get("receivablesInvoices", version="12").status_code == 400


def test_nothing_but_a_promise_and_a_dispute_can_be_made(client: Caller) -> None:
    for method in ("POST", "PATCH", "DELETE"):
        assert client.send(method, f"{FSCM}receivablesInvoices", json={}).status_code == 405


def test_describe_says_what_may_be_asked_for(client: Caller) -> None:
    told = client.get("receivablesInvoices/describe").json()["Resources"]["receivablesInvoices"]
    attributes = {each["name"]: each for each in told["attributes"]}
    assert attributes["CustomerTransactionId"] == {
        "name": "CustomerTransactionId", "type": "integer", "updatable": False, "mandatory": True, "queryable": True,
    }  # fmt: skip
    assert attributes["LastUpdateDate"]["type"] == "datetime"
    assert list(told["children"]) == ["receivablesInvoiceInstallments"]
    assert told["collection"]["actions"] == [{"name": "get", "method": "GET"}]


def test_a_row_and_its_child_have_addresses_of_their_own(client: Caller, opened: Callable[..., Caller]) -> None:
    with client.simulator.act() as book:
        issue(book, "100.00")
    key = client.rows("receivablesInvoices")[0]["CustomerTransactionId"]
    assert client.get(f"receivablesInvoices/{key}").json()["EnteredAmount"] == 100
    parts = client.rows(f"receivablesInvoices/{key}/child/receivablesInvoiceInstallments")
    assert [part["InstallmentId"] for part in parts] == [key * 1000 + 1]
    one = client.get(f"receivablesInvoices/{key}/child/receivablesInvoiceInstallments/{parts[0]['InstallmentId']}")
    assert one.json()["InstallmentBalanceDue"] == 100
    assert client.rows("receivablesInvoices", finder=f"PrimaryKey;CustomerTransactionId={key}")[0]["EnteredAmount"]
