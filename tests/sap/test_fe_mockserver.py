"""The connector reads and writes SAP's own mock server, whose services have every set and field that SAP publishes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import requests

from duehook.core.connecting.writing import marker
from duehook.core.hookspecs import Command, CommandKind, Source
from duehook.core.records import Stream
from duehook.core.testing.contract.under_test import validated
from duehook.plugins.sap.settings import SapSettings
from duehook.plugins.sap.sources import SapContacts, SapCustomers, SapInvoices, SapPayments
from duehook.plugins.sap.target import SapTarget

from .fe_mockserver import Rows, running


def at(day: str | None) -> str | None:
    """Write a day as V2 does: midnight by UTC, in milliseconds."""
    if day is None:
        return None
    moment = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return f"/Date({int(moment.timestamp()) * 1000})/"


FOREVER = at("9999-12-31")
CHANGED = {"LastChangeDate": at("2026-09-01"), "LastChangeTime": "PT11H30M05S", "CreationDate": at("2020-01-01")}
PERSON = {"RelationshipNumber": "77", "BusinessPartnerCompany": "4200", "BusinessPartnerPerson": "9001"}
PARTNERS: Rows = {
    "A_BusinessPartner": [
        {"BusinessPartner": "17100001", "Customer": "17100001", "BusinessPartnerFullName": "O'Neil & Sons Ltd",
         "CorrespondenceLanguage": "EN", **CHANGED},
        {"BusinessPartner": "4200", "Customer": "17100002", "BusinessPartnerFullName": "Müller GmbH",
         "CorrespondenceLanguage": "DE", **CHANGED},
        {"BusinessPartner": "9001", "Customer": "", "BusinessPartnerFullName": "Eva Kern",
         "CorrespondenceLanguage": "FR", **CHANGED},
    ],
    "A_Customer": [
        {"Customer": "17100001", "CustomerName": "O'Neil & Sons", "VATRegistration": "GB123456789",
         "OrderIsBlockedForCustomer": "", "DeletionIndicator": False},
        {"Customer": "17100002", "CustomerName": "Müller", "VATRegistration": "DE987654321",
         "OrderIsBlockedForCustomer": "", "DeletionIndicator": False},
    ],
    "A_CustomerCompany": [
        {"Customer": "17100002", "CompanyCode": "1010", "PaymentTerms": "0002", "AccountingClerk": "K2",
         "AlternativePayerAccount": "17100001"},
        {"Customer": "17100001", "CompanyCode": "1010", "PaymentTerms": "0004", "AccountingClerk": "K1"},
        {"Customer": "17100001", "CompanyCode": "1020", "PaymentTerms": "0001", "AccountingClerk": "K9"},
    ],
    "A_CustomerDunning": [
        {"Customer": "17100001", "CompanyCode": "1010", "DunningArea": "", "DunningBlock": "A", "DunningLevel": "2",
         "LastDunnedOn": at("2026-08-31"), "LegDunningProcedureOn": None},
        {"Customer": "17100001", "CompanyCode": "1010", "DunningArea": "X1", "DunningBlock": "", "DunningLevel": "3",
         "LastDunnedOn": at("2026-09-30"), "LegDunningProcedureOn": None},
        {"Customer": "17100002", "CompanyCode": "1010", "DunningArea": "", "DunningBlock": "", "DunningLevel": "",
         "LastDunnedOn": None, "LegDunningProcedureOn": None},
    ],
    "A_BusinessPartnerAddress": [
        {"BusinessPartner": "4200", "AddressID": "55", "StreetName": "Hauptstraße", "HouseNumber": "5",
         "PostalCode": "69115", "CityName": "Heidelberg", "Country": "DE", "Region": "08"},
    ],
    "A_AddressEmailAddress": [
        {"AddressID": "55", "Person": "", "OrdinalNumber": "1", "EmailAddress": "old@mueller.example",
         "IsDefaultEmailAddress": False},
        {"AddressID": "55", "Person": "", "OrdinalNumber": "2", "EmailAddress": "ap@mueller.example",
         "IsDefaultEmailAddress": True},
        {"AddressID": "55", "Person": "9001", "OrdinalNumber": "1", "EmailAddress": "eva@mueller.example",
         "IsDefaultEmailAddress": True},
    ],
    "A_AddressPhoneNumber": [
        {"AddressID": "55", "Person": "", "OrdinalNumber": "1", "PhoneNumber": "6221 4711",
         "InternationalPhoneNumber": "+4962214711", "IsDefaultPhoneNumber": True},
    ],
    "A_BusinessPartnerContact": [{**PERSON, "ValidityEndDate": FOREVER, "ValidityStartDate": at("2020-01-01")}],
    "A_BPContactToFuncAndDept": [
        {**PERSON, "ValidityEndDate": FOREVER, "ContactPersonFunction": "0003", "EmailAddress": "eva@mueller.example",
         "PhoneNumber": "+4962214712"},
        {**PERSON, "RelationshipNumber": "76", "ValidityEndDate": at("2024-12-31"), "ContactPersonFunction": "0003",
         "EmailAddress": "gone@mueller.example", "PhoneNumber": ""},
    ],
    "A_CustomerText": [{"Customer": "17100001", "Language": "EN", "LongTextID": "0001", "LongText": "good payer"}],
}  # fmt: skip


def line(document: str, side: str, amount: str, **more: Any) -> dict[str, Any]:
    """Write a line of the cube; every date of it is said, for the server makes the present of one that is not."""
    days = {"DocumentDate": "2026-07-31", "PostingDate": "2026-08-01", "NetDueDate": "2026-08-30",
            "AccountingDocumentCreationDate": "2026-08-01", "CashDiscount1DueDate": None, "ClearingDate": None,
            "ClearingCreationDate": None, "LastDunningDate": None, "LastChangeDate": None}  # fmt: skip
    plain = {name: value for name, value in more.items() if name not in days}
    return {
        "CompanyCode": "1010", "FiscalYear": "2026", "AccountingDocument": document, "AccountingDocumentItem": "001",
        "FinancialAccountType": "D", "Customer": "17100001", "DebitCreditCode": side,
        "AmountInTransactionCurrency": amount, "TransactionCurrency": "EUR", "AmountInCompanyCodeCurrency": amount,
        "CompanyCodeCurrency": "EUR", "CompanyCodeName": "Company 1010", "AccountingDocumentType": "RV",
        "IsCleared": False, "CashDiscountAmount": "0.000", "CashDiscountAmtInCoCodeCrcy": "0.000", **plain,
        **{name: at(more.get(name, day)) for name, day in days.items()},
    }  # fmt: skip


PAYS = {"InvoiceReference": "1800000001", "InvoiceReferenceFiscalYear": "2026", "InvoiceItemReference": "001"}
CUBE: Rows = {
    "A_OperationalAcctgDocItemCube": [
        line("1800000001", "S", "1190.000", DunningLevel="1", DunningBlockingReason="B", PaymentTerms="0004",
             LastDunningDate="2026-09-15", DocumentReferenceID="R-1"),
        line("1400000001", "H", "-190.000", AccountingDocumentType="DZ", DocumentDate="2026-09-09", **PAYS),
        line("1600000001", "H", "-50.000", AccountingDocumentType="DG"),
        line("1800000002", "S", "300.000", Customer="17100002", IsCleared=True, ClearingDate="2026-09-20",
             ClearingCreationDate="2026-09-20", ClearingAccountingDocument="1400000002"),
        line("1500000001", "S", "-80.000", AccountingDocumentType="DZ", SpecialGLCode="A"),
        line("1900000001", "H", "-999.000", FinancialAccountType="K", Customer=""),
        line("1800000001", "S", "77.000", CompanyCode="1020"),
    ]
}  # fmt: skip


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("mockserver")
    with running(folder, {"API_BUSINESS_PARTNER": PARTNERS, "API_OPLACCTGDOCITEMCUBE_SRV": CUBE}) as address:
        yield address


@pytest.fixture(scope="module")
def settings(address: str) -> SapSettings:
    return SapSettings.model_validate({
        "base_url": address, "client": "100", "user": "u", "password": "p", "services.credit": None,
        "companies": {"1010": {"currency": "EUR", "name": "Germany"}}, "hold": {"by": "order"}, "page_size": 2,
        "calls_per_second": 10_000, "codes": {"block": {"A": "agreed"}, "purpose_by_function": {"0003": "dunning"}},
    })  # fmt: skip


def read(source: Source, stream: Stream) -> dict[str, Any]:
    """Read a stream whole and return its records by key, with nothing set aside."""
    pages = list(source.read(stream, None, source.upper_bound()))
    assert [bad for page in pages for bad in page.bad] == []
    assert pages[-1].position["done"] is True
    records = validated(stream, [dict(row) for page in pages for row in page.rows])
    assert len({(each.company, each.key) for each in records} if stream != "contact" else records) == len(records)
    return {each.key: each for each in records}


@pytest.fixture(scope="module")
def customers(settings: SapSettings) -> Iterator[SapCustomers]:
    source = SapCustomers(settings, "erp")
    yield source
    source.close()


@pytest.fixture(scope="module")
def invoices(settings: SapSettings) -> Iterator[SapInvoices]:
    source = SapInvoices(settings, "erp")
    yield source
    source.close()


@pytest.fixture
def target(settings: SapSettings) -> Iterator[SapTarget]:
    target = SapTarget(settings, "erp")
    yield target
    target.close()


class TestCheck:
    def test_every_set_can_be_read_with_every_field(self, settings: SapSettings) -> None:
        sources = [SapCustomers(settings, "erp"), SapContacts(settings, "erp"), SapInvoices(settings, "erp")]
        found = [each for source in sources for each in source.check()]
        for source in sources:
            source.close()
        assert [(each.subject, each.message) for each in found if not each.ok] == []
        assert {each.subject.rpartition(": ")[2] for each in found} >= {
            "A_BusinessPartner", "A_Customer", "A_CustomerCompany", "A_CustomerDunning", "A_BusinessPartnerAddress",
            "A_AddressEmailAddress", "A_AddressPhoneNumber", "A_BusinessPartnerContact", "A_BPContactToFuncAndDept",
        }  # fmt: skip


class TestCustomers:
    def test_a_customer_is_joined_of_its_sets(self, customers: SapCustomers) -> None:
        found = read(customers, "customer")["17100002"]
        assert (found.company, found.name, found.terms, found.collector) == ("1010", "Müller", "0002", "K2")
        assert (found.payer, found.language, found.tax_id) == ("17100001", "de", "DE987654321")
        assert (found.address.lines, found.address.postal_code, found.country) == (
            ("Hauptstraße 5",), "69115", "DE",
        )  # fmt: skip

    def test_its_dunning_data_is_that_without_an_area(self, customers: SapCustomers) -> None:
        rows = [row for page in customers.read("customer", None, customers.upper_bound()) for row in page.rows]
        by_company = {row["company"]: row for row in rows if row["key"] == "17100001"}
        held = by_company["1010"]
        assert (held["dunning_block"], held["dunning_level"], held["last_dunned_on"]) == (
            "agreed", 2, date(2026, 8, 31),
        )  # fmt: skip

    def test_a_customer_is_looked_up_by_its_key(self, customers: SapCustomers) -> None:
        found = customers.lookup("customer", [("1010", "17100001"), ("1010", "17100009")])
        assert [(row["key"], row["name"]) for row in found.found] == [("17100001", "O'Neil & Sons")]
        assert list(found.missing) == [("1010", "17100009")]

    def test_the_keys_are_all_that_sap_counts(self, customers: SapCustomers) -> None:
        pages = list(customers.keys("customer"))
        keys = {key for page in pages for key in page.keys}
        assert pages[-1].complete
        assert keys >= {("1010", "17100001"), ("1010", "17100002")}

    def test_contacts_are_the_address_and_who_still_works_there(self, settings: SapSettings) -> None:
        source = SapContacts(settings, "erp")
        found = read(source, "contact")
        source.close()
        assert {key: (each.customer, each.name, each.email, each.purposes) for key, each in found.items()} == {
            "4200|55": ("17100002", "Müller GmbH", "ap@mueller.example", ("main",)),
            "77": ("17100002", "Eva Kern", "eva@mueller.example", ("dunning",)),
        }
        assert found["4200|55"].phone == "+4962214711"


class TestItems:
    def test_open_and_lately_cleared_lines_of_customers_are_items_net_of_what_was_paid(
        self, invoices: SapInvoices
    ) -> None:
        found = read(invoices, "item")
        assert {key: (each.kind, each.amount, each.open_amount) for key, each in found.items()} == {
            "1010|2026|1800000001|001": ("invoice", Decimal(1190), Decimal(1000)),
            "1010|2026|1600000001|001": ("credit_note", Decimal(-50), Decimal(-50)),
            "1010|2026|1800000002|001": ("invoice", Decimal(300), Decimal(0)),
            "1010|2026|1500000001|001": ("on_account", Decimal(80), Decimal(80)),
        }
        assert found["1010|2026|1500000001|001"].item_class == "down_payment"
        assert found["1010|2026|1800000002|001"].cleared_on == date(2026, 9, 20)

    def test_dates_and_dunning_data_come_as_they_stand_in_the_cube(self, invoices: SapInvoices) -> None:
        found = read(invoices, "item")["1010|2026|1800000001|001"]
        assert (found.document_on, found.posted_on, found.due_on) == (
            date(2026, 7, 31), date(2026, 8, 1), date(2026, 8, 30),
        )  # fmt: skip
        assert (found.dunning_level, found.dunning_block, found.last_dunned_on) == (1, "B", date(2026, 9, 15))
        assert (found.cleared_on, found.reference) == (None, "R-1")

    def test_an_item_is_looked_up_by_its_whole_key(self, invoices: SapInvoices) -> None:
        keys = [("1010", "1010|2026|1800000001|001"), ("1010", "1010|2025|1800000001|001")]
        found = invoices.lookup("item", keys)
        assert [(row["key"], row["open_amount"]) for row in found.found] == [(keys[0][1], Decimal("1000.000"))]
        assert list(found.missing) == [keys[1]]

    def test_open_keys_and_totals_agree(self, invoices: SapInvoices) -> None:
        pages = list(invoices.keys("item"))
        totals = [total for some in invoices.totals(invoices.upper_bound()) for total in some]
        assert pages[-1].complete
        assert sorted(key for page in pages for _, key in page.keys) == sorted(
            ["1010|2026|1500000001|001", "1010|2026|1600000001|001", "1010|2026|1800000001|001"]
        )
        assert len(totals) == 3

    def test_a_payment_and_what_it_takes_off_come_of_its_document(self, settings: SapSettings) -> None:
        source = SapPayments(settings, "erp")
        payments, allocations = read(source, "payment"), read(source, "allocation")
        source.close()
        assert (payments["1010|2026|1400000001"].amount, payments["1010|2026|1400000001"].received_on) == (
            Decimal(190), date(2026, 9, 9),
        )  # fmt: skip
        assert {key: (each.item, each.amount) for key, each in allocations.items()} == {
            "1010|2026|1400000001|001": ("1010|2026|1800000001|001", Decimal(190)),
            "1010|2026|1800000002|001|cleared": ("1010|2026|1800000002|001", Decimal(300)),
        }


def command(kind: CommandKind, key: str, customer: str = "17100002", **body: Any) -> Command:
    return Command(kind, key, "1010", customer, body=body)


def text(address: str, customer: str) -> str:
    """Read a customer's long text as any client does."""
    row = f"A_CustomerText(Customer='{customer}',Language='EN',LongTextID='0001')"
    url = f"{address}/sap/opu/odata/sap/API_BUSINESS_PARTNER/{row}?sap-client=100"
    found: str = requests.get(url, headers={"Accept": "application/json"}, timeout=10).json()["d"]["LongText"]
    return found


class TestWriting:
    def test_a_dunning_block_is_set_seen_and_lifted(self, target: SapTarget, customers: SapCustomers) -> None:
        made = command("set_dunning_block", "b1", value="A", expect=None)
        assert target.verify(made).outcome == "refused"
        assert target.apply(made).outcome == "done"
        assert target.apply(made).outcome == "already"
        seen = customers.lookup("customer", [("1010", "17100002")]).found
        assert [row["dunning_block"] for row in seen] == ["agreed"]
        lifted = command("set_dunning_block", "b2", value=None, expect="A")
        assert (target.apply(lifted).outcome, target.verify(lifted).outcome) == ("done", "done")

    def test_a_row_that_is_kept_under_another_key_than_was_sent_is_not_taken_for_done(self, target: SapTarget) -> None:
        """This server makes up a dunning area where the key's is empty; only reading back shows it."""
        made = Command("set_dunning_block", "b4", "1020", "17100001", body={"value": "A", "expect": None})
        applied = target.apply(made)
        assert (applied.outcome, applied.message) == ("unknown", "SAP took it, but it cannot be found")
        assert target.verify(made).outcome == "refused"

    def test_a_dunning_level_is_patched_beside_a_block_that_stays(
        self, target: SapTarget, customers: SapCustomers
    ) -> None:
        done = target.apply(command("set_dunning_level", "l1", "17100001", level=3, on="2026-10-01"))
        assert (done.outcome, done.previous) == ("done", "2")
        rows = customers.lookup("customer", [("1010", "17100001")]).found
        assert [(row["dunning_level"], row["dunning_block"]) for row in rows] == [(3, "agreed")]

    def test_an_order_block_is_set_and_taken_back(self, target: SapTarget) -> None:
        assert target.current_hold("1010", "17100002") is None
        assert target.apply(command("set_credit_hold", "h1", value="01", expect=None)).outcome == "done"
        assert target.current_hold("1010", "17100002") == "01"
        freed = command("release_credit_hold", "h2", value="01", restore=None)
        assert target.apply(freed).outcome == "done"
        assert target.current_hold("1010", "17100002") is None

    def test_notes_are_lines_of_one_long_text_each_written_once(self, target: SapTarget, address: str) -> None:
        first = command("add_note", "n1", text="called, pays on Friday")
        second = command("add_note", "n2", text='it\'s "paid" 100 %, 50€ & more')
        assert [target.apply(each).outcome for each in (first, second, first)] == ["done", "done", "already"]
        assert [target.verify(each).outcome for each in (first, second)] == ["done", "done"]
        assert text(address, "17100002").splitlines() == [
            f"called, pays on Friday {marker(first)}",
            f'it\'s "paid" 100 %, 50€ & more {marker(second)}',
        ]

    def test_a_note_leaves_what_somebody_wrote_before(self, target: SapTarget, address: str) -> None:
        promised = command("add_note", "n3", "17100001", text="promised")
        assert target.apply(promised).outcome == "done"
        assert text(address, "17100001").splitlines() == ["good payer", f"promised {marker(promised)}"]

    def test_who_is_not_there_is_refused(self, target: SapTarget) -> None:
        applied = target.apply(command("set_dunning_block", "b3", "17109999", value="A", expect=None))
        assert (applied.outcome, applied.message) == (
            "refused",
            "SAP has no customer 17109999 in company code 1010. Fix: extend the customer to the company code, or show "
            "it to this user.",
        )  # fmt: skip
