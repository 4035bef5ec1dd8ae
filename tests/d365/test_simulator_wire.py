"""The simulated data service: OData as F&O speaks it, its silences and its refusals."""

from __future__ import annotations

import json
import re
from decimal import Decimal

import pytest

from duehook.plugins.d365.simulator.tables.codes import NAMESPACE

from .simulated import Client, Opened, invoice, opened, played, small


def refused(client: Client, path: str, status: int = 400) -> str:
    """Return what is said of a request that is refused."""
    answer = client.send("GET", path)
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert (error["code"], error["message"]) == ("", "An error has occurred.")
    return str(error["innererror"]["message"])


def test_without_cross_company_only_the_default_companys_rows_come_without_a_word(played: Client) -> None:
    quiet = {row["dataAreaId"] for row in played.get("CustTransOpens")["value"]}
    whole = {row["dataAreaId"] for row in played.get("CustTransOpens?cross-company=true")["value"]}
    assert quiet == {"usmf"}
    assert whole == {"usmf", "demf", "jpmf", "kwmf"}
    assert played.get("CustTransOpens?$filter=dataAreaId eq 'demf'")["value"] == []


def test_a_row_of_another_company_is_found_by_its_key_only_across_companies(played: Client) -> None:
    row = next(row for row in played.rows("CustomersV3") if row["dataAreaId"] == "demf")
    key = f"CustomersV3(dataAreaId='demf',CustomerAccount='{row['CustomerAccount']}')"
    assert played.send("GET", key).status_code == 404
    found = played.get(f"{key}?cross-company=true")
    assert found["PartyNumber"] == row["PartyNumber"]
    assert found["@odata.context"].endswith("$metadata#CustomersV3/$entity")


def test_every_part_of_a_key_is_needed(played: Client) -> None:
    assert refused(played, "CustomersV3('1001')")
    assert "dataAreaId, CustomerAccount" in refused(played, "CustomersV3(CustomerAccount='1001')")


@pytest.mark.parametrize(
    "filter",
    [
        "CustomerAccount in ('1001','1002')",
        f"OnHoldStatus has {NAMESPACE}.CustVendorBlocked'All'",
        "contains(OrganizationName,'Foods')",
        "startswith(CustomerAccount,'10')",
        "CreditLimit eq '5000'",
        "CreditLimitIsMandatory eq true",
        "OnHoldStatus eq 'All'",
        f"OnHoldStatus gt {NAMESPACE}.CustVendorBlocked'No'",
        "PaymentTermsName eq 'N30'",
    ],
)
def test_what_f_and_o_does_not_know_in_a_filter_is_refused(filter: str, played: Client) -> None:
    assert refused(played, f"CustomersV3?$filter={filter}")


def test_an_enum_is_a_word_in_json_and_a_typed_literal_in_a_filter(played: Client) -> None:
    with played.simulator.act() as book:
        book.set_hold("1001", "H9")
    held = played.rows(f"CustomersV3?$filter=OnHoldStatus eq {NAMESPACE}.CustVendorBlocked'All'")
    assert {row["OnHoldStatus"] for row in held} == {"All"}
    assert "1001" in {row["CustomerAccount"] for row in held}
    free = played.rows(f"CustomersV3?$filter=OnHoldStatus ne {NAMESPACE}.CustVendorBlocked'All'")
    assert len(free) + len(held) == len(played.rows("CustomersV3"))
    assert {row["CreditLimitIsMandatory"] for row in free} == {"Yes", "No"}


def test_a_star_in_a_text_is_a_wildcard(played: Client) -> None:
    found = played.rows("CustomersV3?$filter=OrganizationName eq '*Tools*'")
    assert found
    assert all("Tools" in row["OrganizationName"] for row in found)


def test_record_ids_are_numbers_some_of_them_beyond_what_a_float_holds(played: Client) -> None:
    raw = played.send("GET", "CustTransOpens?cross-company=true&$select=SysRecId,RefRecId").text
    numbers = [int(number) for number in re.findall(r'"RefRecId":(\d+)', raw)]
    assert len(numbers) > 400
    assert min(numbers) > 68_719_476_735
    big = [number for number in numbers if number > 2**53]
    assert big
    assert all(int(float(number)) != number for number in big)


def test_amounts_are_json_numbers_with_the_decimals_of_their_currency(played: Client) -> None:
    invoice(played, "1.234", "KWD", company="00030")
    raw = played.send(
        "GET", "CustTransactions?cross-company=true&$filter=CurrencyCode eq 'KWD'&$select=AmountCur&$top=500"
    ).text
    assert '"AmountCur":1.234' in raw
    assert not re.search(r'"AmountCur":"', raw)


def test_dates_are_at_midday_and_none_is_the_first_of_january_1900(played: Client) -> None:
    rows = played.rows("CustTransactions?$top=300")
    assert {row["TransDate"][10:] for row in rows} == {"T12:00:00Z"}
    assert "1900-01-01T12:00:00Z" in {row["Closed"] for row in rows}
    assert not [row for row in rows if None in row.values()]


@pytest.mark.parametrize(
    ("filter", "wanted"),
    [
        ("CurrencyCode eq 'KWD' or CurrencyCode eq 'JPY'", {"KWD", "JPY"}),
        ("CurrencyCode eq 'KWD' or CurrencyCode eq 'J*' or CurrencyCode eq 'EUR'", {"KWD", "JPY", "EUR"}),
        ("CurrencyCode eq 'KWD' or (CurrencyCode eq 'JPY' and AmountCur lt 0) or AmountCur lt 0",
         {"KWD", "JPY", "EUR", "USD", "GBP"}),
        ("CurrencyCode ne 'EUR' and (CurrencyCode eq 'EUR' or CurrencyCode eq 'USD')", {"USD"}),
    ],
)  # fmt: skip
def test_one_of_many_values_is_asked_for_beside_other_conditions(filter: str, wanted: set[str], played: Client) -> None:
    found = played.rows(f"CustTransactions?$filter={filter}")
    assert {row["CurrencyCode"] for row in found} == wanted
    if "AmountCur lt 0" in filter:
        assert [row["AmountCur"] for row in found if row["CurrencyCode"] != "KWD" and row["AmountCur"] >= 0] == []


def test_a_filter_on_dates_takes_whole_instants(played: Client) -> None:
    all_rows = played.rows("CustTransactions")
    late = played.rows("CustTransactions?$filter=TransDate ge 2026-03-09T00:00:00Z")
    assert len(late) == len([row for row in all_rows if row["TransDate"] >= "2026-03-09"])
    assert refused(played, "CustTransactions?$filter=TransDate ge 2026-03-09")


def test_every_row_has_an_etag_that_changes_with_it(small: Client) -> None:
    company, account = "usmf", next(row["CustomerAccount"] for row in small.get("CustomersV3")["value"])
    path = f"CustomersV3(dataAreaId='{company}',CustomerAccount='{account}')"
    before, again = small.get(path)["@odata.etag"], small.get(path)["@odata.etag"]
    assert before == again
    assert before.startswith('W/"')
    small.simulator.user_sets_hold(company, account, "Payment")
    assert small.get(path)["@odata.etag"] != before


def test_pages_follow_absolute_links_and_hold_each_row_once(opened: Opened) -> None:
    client = opened(page_size=7, items=40)
    first = client.get("CustTransOpens?cross-company=true&$count=true&$orderby=SysRecId")
    assert len(first["value"]) == 7
    assert first["@odata.nextLink"].startswith(f"{client.settings['base_url']}/data/CustTransOpens?")
    rows = client.rows("CustTransOpens?$orderby=SysRecId")
    numbers = [row["SysRecId"] for row in rows]
    assert len(numbers) == first["@odata.count"] == len(set(numbers)) >= 40
    assert numbers == sorted(numbers)


def test_a_client_may_ask_for_smaller_pages_but_not_for_larger_ones(opened: Opened) -> None:
    client = opened(page_size=20, items=40)
    assert len(client.send("GET", "CustTransOpens", Prefer="odata.maxpagesize=3").json()["value"]) == 3
    large = client.send("GET", "CustTransOpens?cross-company=true", Prefer="odata.maxpagesize=500")
    assert len(large.json()["value"]) == 20


def test_no_page_has_more_than_ten_thousand_rows(small: Client) -> None:
    assert small.simulator.service.page_size == 10_000


def test_a_row_that_comes_between_two_pages_moves_no_other(opened: Opened) -> None:
    client = opened(page_size=10, items=40)
    before = [row["SysRecId"] for row in client.rows("CustTransOpens")]
    page = client.get("CustTransOpens?cross-company=true")
    for _ in range(5):
        invoice(client)
    found = [row["SysRecId"] for row in page["value"]]
    while "@odata.nextLink" in page:
        page = client.get(page["@odata.nextLink"])
        found += [row["SysRecId"] for row in page["value"]]
    assert set(before) <= set(found)
    assert len(found) == len(set(found))


def test_one_level_is_expanded_and_two_are_refused(small: Client) -> None:
    made = invoice(small, "75.50")
    shown = "$select=SysRecId,AmountCur&$expand=CustTransaction($select=Invoice,TransType)"
    path = f"CustTransOpens?cross-company=true&{shown}"
    (row,) = [row for row in small.get(path)["value"] if row["AmountCur"] == Decimal("75.5")]
    assert (row["CustTransaction"]["Invoice"], row["CustTransaction"]["TransType"]) == (str(made.document_no), "Sales")
    assert set(row["CustTransaction"]) == {"@odata.etag", "Invoice", "TransType"}
    back = small.rows("CustTransactions?$expand=custTransOpen,CustDispute")
    (row,) = [row for row in back if row["AmountCur"] == Decimal("75.5")]
    assert [each["AmountCur"] for each in row["custTransOpen"]] == [Decimal("75.50")]
    assert row["CustDispute"] is None
    assert refused(small, "CustTransOpens?$expand=CustTransaction/CustDispute")


def test_an_unknown_property_set_or_option_is_refused(small: Client) -> None:
    assert "PaymentTermsName" in refused(small, "CustomersV3?$select=PaymentTermsName")
    assert refused(small, "customersv3", 404)
    assert refused(small, "CustomersV3?$apply=aggregate(CreditLimit with sum as S)")


def test_the_metadata_names_sets_keys_enums_and_navigations(small: Client) -> None:
    edmx = small.send("GET", "$metadata").text
    for part in (
        '<EntitySet Name="CustTransOpens"',
        '<Property Name="SysRecId" Type="Edm.Int64" Nullable="false"',
        f'Type="{NAMESPACE}.CustVendorBlocked"',
        '<EnumType Name="CustVendorBlocked">',
        '<Member Name="PurchOrder"',
        f'<NavigationProperty Name="CustTransaction" Type="{NAMESPACE}.CustTransaction"',
    ):
        assert part in edmx, part


@pytest.mark.parametrize(
    ("option", "name", "there"),
    [
        ("open_transactions", "CustTransOpens", True),
        ("transactions", "CustTransactions", True),
        ("changed_transactions", "CustTransBiEntities", True),
        ("settlements", "CustSettlements", False),
        ("ledgers", "Ledgers", False),
        ("exchange_rates", "ExchangeRates", True),
    ],
)
def test_what_depends_on_version_and_licence_may_be_there_or_not(
    option: str, name: str, there: bool, opened: Opened
) -> None:
    client = opened(**{option: not there})
    assert client.send("GET", f"{name}?$top=1").status_code == (404 if there else 200)
    assert (f'Name="{name}"' in client.send("GET", "$metadata").text) is not there


def test_who_presses_on_while_told_to_wait_waits_longer(small: Client) -> None:
    small.get("LegalEntities")
    small.simulator.throttle(5)
    answers = [small.send("GET", "LegalEntities") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 429]
    assert [answer.headers["Retry-After"] for answer in answers] == ["5", "10", "20"]


def test_throttling_ends_for_who_waits(small: Client) -> None:
    small.get("LegalEntities")
    small.simulator.throttle(0)
    assert small.send("GET", "LegalEntities").status_code == 200


def test_an_entity_that_the_user_may_not_use_is_forbidden_by_name(small: Client) -> None:
    small.simulator.deny("CustTransOpens")
    assert "CustTransOpens" in refused(small, "CustTransOpens?$top=1", 403)
    small.simulator.grant("CustTransOpens")
    assert small.send("GET", "CustTransOpens?$top=1").status_code == 200


def test_faults_are_worded_as_f_and_o_words_its_errors(small: Client) -> None:
    small.get("LegalEntities")
    small.simulator.faults.set("status", status=503, path="CustomersV3")
    assert "503" in refused(small, "CustomersV3", 503)
    small.simulator.faults.set("shrink", path="CustomersV3")
    assert len(small.get("CustomersV3?cross-company=true")["value"]) < len(small.rows("CustomersV3"))


def test_a_batch_reads_what_single_requests_read(small: Client) -> None:
    body = (
        "--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        "GET LegalEntities?$top=1 HTTP/1.1\r\nAccept: application/json\r\n\r\n\r\n--b--\r\n"
    )
    small.get("LegalEntities")
    answer = small.session.post(
        f"{small.settings['base_url']}/data/$batch", data=body.encode(), timeout=30,
        headers={"Authorization": f"Bearer {small._token}", "Content-Type": "multipart/mixed; boundary=b"},
    )  # fmt: skip
    assert answer.status_code == 200
    inner = answer.text[answer.text.index("{") : answer.text.rindex("}") + 1]
    assert [row["LegalEntityId"] for row in json.loads(inner)["value"]] == ["demf"]
