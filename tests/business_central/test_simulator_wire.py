"""The simulated service: OData as Business Central speaks it, its addresses, silences and refusals."""

from __future__ import annotations

import time

import pytest

from .simulated import Client, Opened, healthy, invoice

ENTRIES = "web/CustomerLedgerEntries"


def test_companies_are_listed_with_ids_that_the_other_sets_are_asked_under(small: Client) -> None:
    names = {row["name"]: row["id"] for row in small.rows("/api/v2.0/companies")}
    assert sorted(names) == ["Halden Europa GmbH", "Halden Gulf WLL", "Halden Nihon KK", "Halden Supply Inc."]
    found = small.row(f"/api/v2.0/companies({names['Halden Gulf WLL'].upper()})/companyInformation")
    assert (found["displayName"], found["currencyCode"], found["country"]) == ("Halden Gulf WLL", "KWD", "KW")
    assert small.get(f"/api/v2.0/companies({names['Halden Nihon KK']})")["displayName"] == "Halden Nihon KK"


def test_a_set_outside_of_a_company_and_an_unknown_company_are_refused(small: Client) -> None:
    assert small.refused("/api/v2.0/customers")["code"] == "Internal_CompanyNotFound"
    other = "00000000-0000-0000-0000-000000000001"
    assert small.refused(f"/api/v2.0/companies({other})/customers", 404)["code"] == "Internal_CompanyNotFound"
    assert small.refused("/ODataV4/Company('Nobody')/CustomerLedgerEntries", 404)["message"] == (
        'The company "Nobody" does not exist.'
    )
    assert small.refused("/ODataV4/CustomerLedgerEntries", 404)["code"] == "Internal_CompanyNotFound"


def test_a_web_service_is_asked_under_the_companys_name_blanks_and_brackets_encoded_or_not(small: Client) -> None:
    made = invoice(small)
    for name in ("Halden%20Europa%20GmbH", "Halden Europa GmbH"):
        rows = small.rows(f"/ODataV4/Company('{name}')/CustomerLedgerEntries")
        assert str(made.document_no) in {row["Document_No"] for row in rows}
    rows = small.rows("/ODataV4/Company(%27Halden%20Europa%20GmbH%27)/CustomerLedgerEntries")
    assert str(made.document_no) in {row["Document_No"] for row in rows}


def test_each_company_numbers_its_entries_anew(played: Client) -> None:
    firsts = [
        played.get(f"/ODataV4/Company('{row['name']}')/CustomerLedgerEntries?$top=1&$orderby=Entry_No")["value"][0]
        for row in played.rows("/api/v2.0/companies")
    ]
    assert [row["Entry_No"] for row in firsts] == [1, 1, 1, 1]


def test_an_unknown_segment_a_missing_row_and_an_unpublished_service_have_their_own_codes(small: Client) -> None:
    assert small.refused("api/vendors", 404) == {
        "code": "BadRequest_ResourceNotFound", "message": "Resource not found for the segment 'vendors'",
    }  # fmt: skip
    missing = small.refused("api/customers(00000000-0000-0000-0000-000000000001)", 404)
    assert missing["code"] == "Internal_RecordNotFound"
    assert small.refused(f"{ENTRIES}(999999)", 404)["code"] == "Internal_RecordNotFound"
    assert small.refused("web/CommentSheet", 404)["code"] == "BadRequest_ResourceNotFound"


def test_a_filter_knows_text_numbers_dates_and_stamps(played: Client) -> None:
    everything = played.rows(ENTRIES)
    late = played.rows(f"{ENTRIES}?$filter=Posting_Date ge 2026-03-09")
    assert len(late) == len([row for row in everything if row["Posting_Date"] >= "2026-03-09"]) > 0
    moved = played.rows(f"{ENTRIES}?$filter=SystemModifiedAt gt 2026-03-09T00:00:00Z and Open eq true")
    assert {row["Open"] for row in moved} == {True}
    assert len(moved) < len(everything)
    assert played.rows("api/customers?$filter=contains(displayName,'Tools') and startswith(number,'10')")


def test_an_option_is_found_with_its_blank_encoded_or_not(played: Client) -> None:
    memos = played.rows(f"{ENTRIES}?$filter=Document_Type eq 'Credit Memo'")
    assert {row["Document_Type"] for row in memos} == {"Credit_x0020_Memo"}
    assert played.rows(f"{ENTRIES}?$filter=Document_Type eq 'Credit_x0020_Memo'") == memos


@pytest.mark.parametrize("filter", [
    "Entry_No eq 1 or Document_No eq 'X'",
    "(Entry_No eq 1 and Open eq true) or (Entry_No eq 2 and Open eq false)",
    "Open eq true and (Entry_No eq 1 or Customer_No eq '1001')",
])  # fmt: skip
def test_an_or_over_two_columns_is_refused(filter: str, played: Client) -> None:
    assert played.refused(f"{ENTRIES}?$filter={filter}")["message"] == (
        "The 'OR' operator is not supported on distinct fields on an OData filter."
    )


def test_an_or_over_one_column_is_taken_beside_other_conditions(played: Client) -> None:
    rows = played.rows(f"{ENTRIES}?$filter=(Entry_No eq 1 or Entry_No eq 3) and Posting_Date ge 2020-01-01")
    assert [row["Entry_No"] for row in rows] == [1, 3]


def test_a_filter_by_in_is_passed_over_without_a_word(played: Client) -> None:
    assert len(played.rows(f"{ENTRIES}?$filter=Entry_No in (1,2)&$orderby=Entry_No")) == len(played.rows(ENTRIES))


def test_what_is_selected_comes_and_what_there_is_not_is_refused(played: Client) -> None:
    row = played.get(f"{ENTRIES}?$select=Entry_No,Open&$top=1")["value"][0]
    assert row.keys() == {"@odata.etag", "Entry_No", "Open"}
    assert played.refused(f"{ENTRIES}?$select=Sell_to_Customer_No")["code"] == "BadRequest"


def test_pages_follow_absolute_links_and_hold_each_row_once(opened: Opened) -> None:
    client = opened(page_size=4, items=120)
    first = client.get(f"{ENTRIES}?$orderby=Entry_No&$count=true")
    assert len(first["value"]) == 4
    assert first["@odata.nextLink"].startswith(f"{client.settings['base_url']}/ODataV4/Company('Halden%20Europa")
    numbers = [row["Entry_No"] for row in client.rows(f"{ENTRIES}?$orderby=Entry_No")]
    assert numbers == list(range(1, first["@odata.count"] + 1))
    assert len(client.send("GET", ENTRIES, Prefer="odata.maxpagesize=3").json()["value"]) == 3
    assert len(client.send("GET", ENTRIES, Prefer="odata.maxpagesize=30").json()["value"]) == 4
    customers = client.rows("api/customers?$orderby=number")
    assert [row["number"] for row in customers] == sorted(row["number"] for row in customers)
    assert client.get("api/customers?$orderby=number")["@odata.nextLink"].startswith(
        f"{client.settings['base_url']}/api/v2.0/companies({client.id})/customers?"
    )


def test_no_page_has_more_than_twenty_thousand_rows(small: Client) -> None:
    assert small.simulator.options["page_size"] == 20_000


def test_too_many_requests_are_told_so_and_not_for_how_long(small: Client) -> None:
    assert small.send("GET", "/api/v2.0/companies").status_code == 200
    small.simulator.throttle(0.3)
    answer = small.send("GET", "/api/v2.0/companies")
    assert answer.status_code == 429
    assert "Retry-After" not in answer.headers
    assert answer.json()["error"]["message"].startswith("Too many requests reached. Actual (101). Maximum (100).")
    time.sleep(0.35)
    assert small.send("GET", "/api/v2.0/companies").status_code == 200


def test_what_takes_too_long_ends_with_504(small: Client) -> None:
    small.simulator.faults.set("status", "CustomerLedgerEntries", status=504, count=1)
    assert small.refused(ENTRIES, 504)["code"] == "Application_OperationCanceledException"
    assert small.send("GET", ENTRIES).status_code == 200


@pytest.mark.parametrize(("right", "path"), [
    ("companies", "/api/v2.0/companies"), ("customers", "api/customers"),
    ("CustomerLedgerEntries", ENTRIES), ("DetailedCustLedgEntries", "web/DetailedCustLedgEntries"),
])  # fmt: skip
def test_a_right_that_is_withdrawn_is_named(right: str, path: str, small: Client) -> None:
    assert right in small.simulator.rights
    small.simulator.deny(right)
    assert right in small.refused(path, 403)["message"]
    small.simulator.grant(right)
    assert small.send("GET", path).status_code == 200


def test_a_page_that_shrinks_looks_like_the_last(opened: Opened) -> None:
    client = opened(page_size=10, items=80)
    client.simulator.faults.set("shrink", "CustomerLedgerEntries", count=1)
    page = client.get(ENTRIES)
    assert (len(page["value"]), "@odata.nextLink" in page) == (5, False)


def test_the_metadata_names_the_sets_and_the_columns_that_the_site_has(small: Client) -> None:
    edmx = small.send("GET", "/ODataV4/$metadata").text
    assert '<EntitySet Name="CustomerLedgerEntries" EntityType="NAV.CustomerLedgerEntries">' in edmx
    assert '<Property Name="SystemModifiedAt" Type="Edm.DateTimeOffset"/>' in edmx
    assert "Promised_Pay_Date" not in edmx
    api = small.send("GET", "/api/v2.0/$metadata").text
    assert '<EntitySet Name="salesInvoices" EntityType="Microsoft.NAV.salesInvoice">' in api


def test_what_is_expanded_stands_in_the_row(small: Client) -> None:
    number = healthy(small).key
    invoice(small, "250.00")
    row = small.row(f"api/customers?$filter=number eq '{number}'&$expand=customerFinancialDetail,paymentTerm")
    assert row["customerFinancialDetail"]["balance"] == 250
    assert row["paymentTerm"]["code"] == "N30" or row["paymentTerm"]["dueDateCalculation"].endswith("D")
