"""Companies, terms, customers and contacts: by API v2.0, company by company."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from duehook.core.testing.contract.under_test import validated
from duehook.plugins.business_central.mapping.parties import days_of

from .literal import API, CRONUS, Connect, Row, Wire

STAMP = "2026-03-01T10:00:00Z"


def customer(number: str, **more: Any) -> Row:
    """Return a customer as API v2.0 gives it."""
    return {
        "@odata.etag": 'W/"1"', "id": f"c-{number}", "number": number, "displayName": "Adatum", "addressLine1": "Way 1",
        "addressLine2": "", "city": "Bonn", "state": "", "country": "DE", "postalCode": "53111", "phoneNumber": "",
        "email": "ar@adatum.example", "salespersonCode": "JO", "taxRegistrationNumber": "DE1", "currencyCode": "EUR",
        "paymentTermsId": "t-30", "blocked": "_x0020_", "creditLimit": 0, "lastModifiedDateTime": STAMP, **more,
    }  # fmt: skip


def test_a_company_is_known_by_its_id_and_its_currency_by_companyinformation(wire: Wire, connect: Connect) -> None:
    (found,) = validated("company", connect().rows("company"))
    assert (found.company, found.name, found.currency) == (CRONUS, "CRONUS International", "EUR")


def test_a_company_whose_currency_nothing_says_is_left_out_and_told(wire: Wire, connect: Connect) -> None:
    wire.rows[f"{API}/companyInformation"] = [{"id": "i", "displayName": "CRONUS", "currencyCode": ""}]
    page, _ = connect().pages("company")
    assert (list(page.rows), list(page.notes)) == ([], ["left out, for nothing says their currency: CRONUS"])
    assert connect(company_currencies={"CRONUS": "DKK"}).rows("company")[0]["currency"] == "DKK"


def test_a_reading_at_the_same_second_is_no_page_that_came_again(wire: Wire, connect: Connect) -> None:
    first = connect().pages("company")
    again = connect().pages("company", first[-1].position)
    assert first[-1].position["done"]
    assert again[0].position != first[-1].position


@pytest.mark.parametrize(
    ("formula", "days"), [("30D", 30), ("1M", 30), ("1M+10D", 40), ("2W", 14), ("0D", 0), ("CM", None), ("", None)]
)
def test_the_days_of_a_date_formula(formula: str, days: int | None) -> None:
    assert days_of(formula) == days


def test_terms_are_keyed_by_their_code_and_one_whose_days_differ_is_told(wire: Wire, connect: Connect) -> None:
    wire.rows[f"{API}/paymentTerms"] = [
        {"id": "t-cm", "code": "CM", "displayName": "Current Month", "dueDateCalculation": "CM", "discountPercent": 0},
        {"id": "t-30", "code": "1M(8D)", "displayName": "1 Month/2% 8 days", "dueDateCalculation": "1M",
         "discountDateCalculation": "8D", "discountPercent": 2},
    ]  # fmt: skip
    page, _ = connect().pages("payment_term")
    found = {each.key: (each.net_days, each.discount_days, each.discount_percent)
             for each in validated("payment_term", page.rows)}  # fmt: skip
    assert found == {"CM": (0, None, None), "1M(8D)": (30, 8, Decimal(2))}
    assert list(page.notes) == ["terms whose days are not always as many count 0: CM (CM)"]


def test_a_customers_terms_are_told_by_code_and_a_blank_block_is_no_hold(wire: Wire, connect: Connect) -> None:
    wire.rows[f"{API}/paymentTerms"] = [{"id": "t-30", "code": "30 DAYS"}]
    wire.rows[f"{API}/customers"] = [customer("10000"), customer("20000", blocked="Ship", creditLimit=500)]
    first, second = validated("customer", connect().rows("customer"))
    assert (first.company, first.key, first.terms, first.hold, first.credit_limit) == (
        CRONUS, "10000", "30 DAYS", None, None)  # fmt: skip
    assert (second.hold, second.credit_limit, second.limit_currency) == ("Ship", Decimal(500), "EUR")
    assert first.changed_at == datetime(2026, 3, 1, 10, tzinfo=UTC)


def test_what_changed_is_asked_for_by_its_stamp_with_a_day_to_spare(wire: Wire, connect: Connect) -> None:
    made = connect()
    position = made.pages("customer")[-1].position
    wire.rows[f"{API}/customers?lastModifiedDateTime ge 2026-03-01T18:00:00Z"] = [customer("20000")]
    assert [row["key"] for row in made.rows("customer", position)] == ["20000"]


def test_a_salesperson_code_may_say_that_the_case_is_handed_over(wire: Wire, connect: Connect) -> None:
    wire.rows[f"{API}/customers"] = [customer("10000", salespersonCode="LEGAL"), customer("20000")]
    found = connect(state_by_salesperson={"LEGAL": "legal"}).rows("customer")
    assert [(row["state"], row["collector"]) for row in found] == [("legal", "LEGAL"), ("active", "JO")]


def test_only_columns_that_were_seen_are_selected(wire: Wire, connect: Connect) -> None:
    wire.rows[f"{API}/customers"] = [{"id": "c", "number": "10000", "displayName": "Adatum", "own": 1}]
    connect().rows("customer")
    asked = [each for each in wire.asked if each.startswith(f"{API}/customers?")]
    assert asked[0] == f"{API}/customers?$top=1"
    assert asked[1].startswith(f"{API}/customers?$select=id,number,displayName&$orderby=number&")


def test_contacts_are_people_that_a_customers_contactsinformation_names(wire: Wire, connect: Connect) -> None:
    linked = [{"contactId": "k", "contactNumber": "KT1", "relatedType": "Customer"}, {"contactNumber": "KT2"}]
    wire.rows[f"{API}/customers"] = [customer("10000", contactsInformation=linked)]
    wire.rows[f"{API}/contacts"] = [
        {"id": "k", "number": "KT1", "type": "Company", "displayName": "Adatum", "email": "ar@adatum.example"},
        {"id": "l", "number": "KT2", "type": "Person", "displayName": "Ann", "email": "ann@adatum.example",
         "mobilePhoneNumber": "+49 1", "lastModifiedDateTime": STAMP},
        {"id": "m", "number": "KT3", "type": "Person", "displayName": "Nobody's"},
    ]  # fmt: skip
    found = validated("contact", connect().rows("contact"))
    assert [(each.key, each.customer, each.purposes, each.email, each.phone) for each in found] == [
        ("10000|email", "10000", ("main",), "ar@adatum.example", None),
        ("KT2", "10000", (), "ann@adatum.example", "+49 1"),
    ]
    assert any("$expand=contactsInformation" in each for each in wire.asked)


def test_customers_and_contacts_are_looked_up_by_their_numbers(wire: Wire, connect: Connect) -> None:
    wire.rows[f"{API}/customers?(number eq '10000' or number eq '9')"] = [customer("10000")]
    looked_up = connect().customers.lookup("customer", [(CRONUS, "10000"), (CRONUS, "9")])
    assert [row["key"] for row in looked_up.found] == ["10000"]
    assert list(looked_up.missing) == [(CRONUS, "9")]
    wire.rows[f"{API}/customers?number eq '10000'"] = [customer("10000")]
    own = connect().contacts.lookup("contact", [(CRONUS, "10000|email")])
    assert [row["email"] for row in own.found] == ["ar@adatum.example"]
