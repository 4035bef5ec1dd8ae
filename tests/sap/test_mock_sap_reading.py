"""The connector reads mock-sap: page behind page, dates and names in filters, the cube by its sides, V4 beside V2."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from duehook.core.errors import ConnectorRefused
from duehook.core.wire.odata import Entity, Listing, Where, pages
from duehook.core.wire.odata.paging import count
from duehook.plugins.sap import entities
from duehook.plugins.sap.client import SapService
from duehook.plugins.sap.site import SapSite
from duehook.plugins.sap.sources import SapContacts, SapCustomers, SapInvoices
from duehook.plugins.sap_lines.cases import Cases
from duehook.plugins.sap_lines.codes import CodeLists
from duehook.plugins.sap_lines.families import Families
from duehook.plugins.sap_lines.items import ItemMapping

from .mock_sap import PARTNER, MockSap, running

CUBE = "API_OPLACCTGDOCITEMCUBE_SRV"
# Of the connector's own fields, those that the mock has.
LINES = replace(
    entities.ITEM,
    fields=tuple(
        each
        for each in entities.ITEM.fields
        if each.name
        in {
            "CompanyCode", "FiscalYear", "AccountingDocument", "AccountingDocumentItem", "Customer", "DebitCreditCode",
            "AmountInTransactionCurrency", "TransactionCurrency", "PostingDate", "NetDueDate", "PaymentTerms",
            "ClearingAccountingDocument", "ClearingDate",
        }
    ),
)  # fmt: skip
OPEN = Where.field("ClearingAccountingDocument", "eq", "")
CREDIT = {
    "DOCUMENTHEADER": {"COMP_CODE": "1710", "DOC_TYPE": "DG", "PSTNG_DATE": "20260910", "DOC_DATE": "20260910"},
    "ACCOUNTRECEIVABLE": [
        {"ITEMNO_ACC": "1", "CUSTOMER": "1000001", "GL_ACCOUNT": "0012100000", "BLINE_DATE": "20260910"}
    ],
    "ACCOUNTGL": [{"ITEMNO_ACC": "2", "GL_ACCOUNT": "0041000000"}],
    "CURRENCYAMOUNT": [
        {"ITEMNO_ACC": "1", "CURRENCY": "EUR", "AMT_DOCCUR": "-250.50"},
        {"ITEMNO_ACC": "2", "CURRENCY": "EUR", "AMT_DOCCUR": "250.50"},
    ],
}
SETS = ["A_BusinessPartner", "A_BusinessPartnerAddress", "A_OperationalAcctgDocItemCube"]


@pytest.fixture(scope="module")
def mock() -> Iterator[MockSap]:
    """Give a mock with a credit memo posted by the BAPI that posts documents in SAP."""
    with running("--auth", "u:p") as mock:
        root = f"{mock.base}/sap/opu/odata/sap/{CUBE}/"
        token = mock.http.get(root, auth=("u", "p"), headers={"X-CSRF-Token": "Fetch"}).headers["x-csrf-token"]
        posted = mock.http.post(
            f"{mock.base}/sap/bc/rfc/BAPI_ACC_DOCUMENT_POST", json=CREDIT, auth=("u", "p"),
            headers={"X-CSRF-Token": token},
        )  # fmt: skip
        assert posted.json()["RETURN"][0]["TYPE"] == "S"
        yield mock


@pytest.fixture(scope="module")
def site(mock: MockSap) -> SapSite:
    return mock.connect().site


def numbers(site: SapSite, where: Where) -> list[str]:
    return [row["BusinessPartner"] for row in site.partners.rows(PARTNER, where, order=PARTNER.key)]


class TestPartners:
    def test_pages_follow_each_other_by_key_and_are_as_many_rows_as_sap_counts(self, site: SapSite) -> None:
        listing = Listing(PARTNER, page_size=5)
        found = [[row["BusinessPartner"] for row in page.rows] for page in pages(site.partners, listing)]
        assert [len(page) for page in found] == [5, 5, 5, 5, 4]
        assert [number for page in found for number in page] == [str(number) for number in range(1000001, 1000025)]
        assert count(site.partners, listing) == 24

    def test_a_reading_is_taken_up_behind_a_key(self, site: SapSite) -> None:
        listing = Listing(PARTNER, page_size=2)
        first = next(pages(site.partners, listing, ["1000022"]))
        assert [row["BusinessPartner"] for row in first.rows] == ["1000023", "1000024"]

    def test_an_apostrophe_in_a_name_is_no_end_of_it(self, site: SapSite) -> None:
        assert numbers(site, Where.field("BusinessPartnerFullName", "eq", "Liam O'Brien")) == ["1000022"]

    def test_a_day_is_asked_for_as_the_day_that_it_is(self, site: SapSite) -> None:
        assert numbers(site, Where.field("LastChangeDate", "ge", date(2025, 10, 10))) == ["1000017"]
        assert numbers(site, Where.field("LastChangeDate", "ge", date(2025, 10, 11))) == []

    def test_what_comes_is_pythons_and_a_blank_is_nothing(self, site: SapSite) -> None:
        found = site.partners.row(PARTNER, {"BusinessPartner": "1000009"})
        assert found is not None
        assert {name: found.row[name] for name in PARTNER.kinds} == {
            "BusinessPartner": "1000009",
            "Customer": None,
            "BusinessPartnerFullName": "Sunrise Retail Group",
            "SearchTerm1": "SUNRISE",
            "LastChangeDate": date(2024, 3, 31),
            "BusinessPartnerIsBlocked": False,
        }

    def test_a_row_that_is_not_there_is_none(self, site: SapSite) -> None:
        assert site.partners.row(PARTNER, {"BusinessPartner": "9"}) is None


def lines(site: SapSite, *more: Where) -> Where:
    return site.lines(OPEN, *more, companies=site.companies)


class TestCube:
    def test_open_lines_of_customers_are_told_by_the_field_that_the_settings_name(self, site: SapSite) -> None:
        rows = site.items.rows(LINES, lines(site))
        assert len(rows) == 7
        assert {row["Customer"] for row in rows} == {
            "1000001", "1000005", "1000006", "1000008", "1000020", "1000021",
        }  # fmt: skip

    def test_without_that_setting_sap_says_that_it_has_no_such_field(self, mock: MockSap) -> None:
        connected = mock.connect(account_type_field="FinancialAccountType")
        with pytest.raises(ConnectorRefused, match="400: Property 'FinancialAccountType' not found"):
            connected.site.items.rows(LINES, lines(connected.site))

    def test_a_condition_of_the_settings_narrows_what_is_read(self, mock: MockSap) -> None:
        site = mock.connect(item_filter="Customer eq '1000006' or Customer eq '1000008'").site
        found = [row["AccountingDocument"] for row in site.items.rows(LINES, lines(site), order=LINES.key)]
        assert found == ["0100000001", "0100000002", "0100000006"]

    def test_pages_follow_each_other_by_a_key_of_four_fields(self, site: SapSite) -> None:
        listing = Listing(LINES, lines(site), 2)
        found = [[page.last[1:3] for _ in page.rows] for page in pages(site.items, listing)]
        assert [len(page) for page in found] == [2, 2, 2, 1]
        assert found[-1] == [("2026", "0100000007")]
        assert count(site.items, listing) == 7

    def test_a_credit_comes_with_a_positive_amount_and_is_owed_by_us(self, site: SapSite) -> None:
        rows = self.items(site, "1000001")
        assert [(row["kind"], row["amount"], row["open_amount"]) for row in rows] == [
            ("credit_note", Decimal("-250.500"), Decimal("-250.500"))
        ]

    def test_an_invoice_is_owed_to_us(self, site: SapSite) -> None:
        assert [(row["key"], row["kind"], row["amount"], row["due_on"]) for row in self.items(site, "1000008")] == [
            ("1710|2025|0100000002|000001", "invoice", Decimal("65666.850"), date(2025, 10, 3))
        ]

    @staticmethod
    def items(site: SapSite, customer: str) -> list[dict[str, Any]]:
        """Return a customer's items; the mock has no DocumentDate, so the posting's stands in for it."""
        where = lines(site, Where.field("Customer", "eq", customer))
        found = site.all_rows(site.items, LINES, where)
        dated = [{**line, "DocumentDate": line["PostingDate"]} for line in found]
        mapping = ItemMapping(CodeLists())
        rows, bad = mapping.rows(dated, Families.of(mapping.kinds, dated), Cases())
        assert bad == []
        return rows


class TestCheck:
    """Where sets and fields are missing, `check` names each of them, in SAP's words."""

    def test_of_customers(self, mock: MockSap) -> None:
        source = SapCustomers(mock.settings(), "erp")
        found = {each.subject: (each.ok, each.message.partition("answered ")[2]) for each in source.check()}
        source.close()
        missing = "404: Resource not found for the segment '{}' (/IWBEP/CX_MGW_RESOURCE_NOT_FOUND)"
        for name in ("A_Customer", "A_CustomerCompany", "A_CustomerDunning"):
            assert found[f"API_BUSINESS_PARTNER_SRV: {name}"] == (False, missing.format(name))

    def test_of_contacts(self, mock: MockSap) -> None:
        source = SapContacts(mock.settings(), "erp")
        found = {each.subject.partition(": ")[2]: each.ok for each in source.check()}
        source.close()
        assert found == {
            "A_BusinessPartnerAddress": True, "A_AddressEmailAddress": False, "A_AddressPhoneNumber": False,
            "A_BusinessPartnerContact": False, "A_BPContactToFuncAndDept": False,
        }  # fmt: skip

    def test_of_items(self, mock: MockSap) -> None:
        source = SapInvoices(mock.settings(), "erp")
        found = [(each.ok, each.message) for each in source.check()]
        source.close()
        assert [ok for ok, _ in found] == [False]
        assert "400: Property 'IsCleared' not found in type 'A_OperationalAcctgDocItemCube'" in found[0][1]


def has(service: SapService, alone: Entity) -> bool:
    """Say whether a field is there, by asking for it alone."""
    try:
        service.rows(alone, top=1)
    except ConnectorRefused as error:
        if f"400: Property '{alone.fields[0].name}' not found" in error.message:
            return False
        raise
    return True


@pytest.mark.parametrize("entity", entities.ALL, ids=lambda entity: entity.name)
def test_a_set_is_read_with_those_of_its_fields_that_the_mock_has(entity: Entity, site: SapSite) -> None:
    if entity.name not in SETS:
        pytest.skip(f"mock-sap has no {entity.name}")
    service = site.items if entity is entities.ITEM else site.partners
    fields = tuple(each for each in entity.fields if has(service, replace(entity, fields=(each,))))
    narrow = replace(entity, fields=fields)
    assert set(entity.key) <= set(narrow.kinds)
    rows = service.rows(narrow, top=3)
    service.dialect.decode(narrow, rows)
    assert len(rows) == 3
    assert [row for row in rows if any(row[name] is None for name in entity.key)] == []


class TestV4:
    PARTNER = Entity.of(
        "BusinessPartner", "BusinessPartner", text="BusinessPartner BusinessPartnerFullName", day="LastChangeDate",
        flag="BusinessPartnerIsBlocked",
    )  # fmt: skip

    @pytest.fixture
    def site(self, mock: MockSap) -> SapSite:
        return mock.connect(odata="v4", **{"services.business_partner": "API_BUSINESSPARTNER"}).site

    def test_pages_are_the_same_as_in_v2(self, site: SapSite) -> None:
        listing = Listing(self.PARTNER, page_size=10)
        found = [[row["BusinessPartner"] for row in page.rows] for page in pages(site.partners, listing)]
        assert [len(page) for page in found] == [10, 10, 4]
        assert found[0][0] == "1000001"
        assert count(site.partners, listing) == 24

    def test_days_are_asked_for_and_read_without_their_time(self, site: SapSite) -> None:
        rows = site.partners.rows(self.PARTNER, Where.field("LastChangeDate", "ge", date(2025, 10, 10)))
        site.partners.dialect.decode(self.PARTNER, rows)
        assert [(row["BusinessPartner"], row["LastChangeDate"]) for row in rows] == [("1000017", date(2025, 10, 10))]

    def test_a_change_takes_its_token_and_version_with_it(self, site: SapSite) -> None:
        entity = Entity.of("BusinessPartner", "BusinessPartner", text="BusinessPartner SearchTerm1")
        key = {"BusinessPartner": "1000002"}
        read = site.partners.row(entity, key)
        assert read is not None
        assert read.etag is not None
        site.partners.patch(entity, key, {"SearchTerm1": "FOUR"}, etag=read.etag)
        again = site.partners.row(entity, key)
        assert again is not None
        assert again.row["SearchTerm1"] == "FOUR"
