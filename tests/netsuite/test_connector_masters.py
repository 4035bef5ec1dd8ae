"""Subsidiaries, terms, customers and contacts."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from duehook.core.errors import ConnectorRefused
from duehook.core.hookspecs import Command

from .connected import Connect, connect, stub
from .stubbed import Stub


def swept(source: Any, stream: str) -> tuple[set[tuple[str, str]], bool]:
    pages = list(source.keys(stream))
    return {key for each in pages for key in each.keys}, pages[-1].complete


class TestCompanies:
    def test_a_subsidiary_is_a_company_unless_it_only_eliminates(self, stub: Stub, connect: Connect) -> None:
        rows = connect().rows("company")
        assert [(row["company"], row["name"], row["currency"], row["country"]) for row in rows] == [
            ("3", "Example GmbH", "EUR", "DE"), ("6", "Example Inc.", "USD", "US"),
        ]  # fmt: skip

    def test_one_whose_currency_is_not_shown_is_left_out_and_told(self, stub: Stub, connect: Connect) -> None:
        stub.put("subsidiary", id=8, name="Odd", currency=99, iselimination="F")
        page = connect().pages("company")[0]
        assert [row["company"] for row in page.rows] == ["3", "6"]
        assert page.notes == ["left out, for the table currency does not show their currency: 8"]


class TestTerms:
    def test_terms_count_days(self, stub: Stub, connect: Connect) -> None:
        stub.put("term", id=5, name="2% 10 Net 30", daysuntilnetdue=30, daysuntilexpiry=10, discountpercent="2.00")
        assert connect().rows("payment_term") == [
            {"key": "2", "text": "Net 30", "net_days": 30, "discount_days": None, "discount_percent": None},
            {"key": "5", "text": "2% 10 Net 30", "net_days": 30, "discount_days": 10, "discount_percent": Decimal(2)},
        ]

    def test_terms_that_count_no_days_are_told(self, stub: Stub, connect: Connect) -> None:
        stub.put("term", id=6, name="20th of next month")
        page = connect().pages("payment_term")[0]
        assert page.notes == ["left out, for they count no days from the invoice: 20th of next month"]


class TestCustomers:
    def test_a_customer_is_one_row_a_subsidiary(self, stub: Stub, connect: Connect) -> None:
        stub.put("entityaddress", nkey=5, addr1="Main St 1", city="Köln", zip="50667", country="DE")
        stub.customer(
            80, 3, 6, creditlimit="5000", creditholdoverride="ON", parent=77, category="4", language="de_DE",
            defaultbillingaddress=5,
        )  # fmt: skip
        rows = [row for row in connect().rows("customer") if row["key"] == "80"]
        assert [row["company"] for row in rows] == ["3", "6"]
        assert {
            "name": "Customer 80", "hold": "ON", "credit_limit": 5000, "limit_currency": "EUR", "terms": "2",
            "parent": "77", "group": "4", "language": "de", "country": "DE", "state": "active",
            "changed_at": datetime(2026, 1, 5, 18, 0, tzinfo=UTC),
        }.items() <= rows[0].items()  # fmt: skip
        assert rows[0]["address"]["lines"] == ("Main St 1",)

    def test_whether_a_hold_is_in_effect_is_told_beside_the_hold_that_people_set(
        self, stub: Stub, connect: Connect
    ) -> None:
        stub.customer(80, 3, creditholdoverride="AUTO", oncredithold="T")
        stub.customer(81, 3, creditholdoverride="ON", oncredithold="T")
        stub.customer(82, 3, creditholdoverride="OFF", oncredithold="F")
        found = {row["key"]: (row["hold"], row["extra"].get("on_credit_hold")) for row in connect().rows("customer")}
        assert found == {"77": (None, None), "80": (None, True), "81": ("ON", True), "82": ("OFF", False)}

    def test_a_hold_by_the_limit_is_no_hold_that_is_put_back(self, stub: Stub, connect: Connect) -> None:
        stub.customer(80, 3, creditholdoverride="AUTO", oncredithold="T")
        made = connect()
        assert made.target.current_hold("3", "80") is None
        setting = Command("set_credit_hold", "s1", "3", "80", None, {"value": "ON", "expect": None})
        done = made.target.apply(setting)
        assert (done.outcome, done.previous) == ("done", None)
        release = Command("release_credit_hold", "r1", "3", "80", None, {"value": "ON", "restore": done.previous})
        assert made.target.apply(release).outcome == "done"
        assert stub.tables.execute("SELECT creditholdoverride FROM customer WHERE id = 80").fetchall() == [("AUTO",)]

    @pytest.mark.parametrize("other", ["", "vatregnumber"])
    def test_customers_are_read_without_it_where_it_is_refused(self, other: str, stub: Stub, connect: Connect) -> None:
        for column in filter(None, ("oncredithold", other)):
            stub.change(f"ALTER TABLE customer DROP COLUMN {column}")
        made = connect()
        pages = made.pages("customer")
        assert [row["key"] for page in pages for row in page.rows] == ["77", "77"]
        named = ", ".join(f"customer.{column}" for column in ("oncredithold", other) if column)
        assert pages[-1].notes == [f"read without {named}, which NetSuite refuses; see `duehook check`"]
        found = [each for each in made.customers.check() if each.subject == "read customer.oncredithold"]
        assert [(each.severity, each.advice) for each in found] == [
            ("warning", "write `missing_columns: [customer.oncredithold]`.")
        ]

    def test_a_customers_vat_number_is_its_tax_id(self, stub: Stub, connect: Connect) -> None:
        stub.customer(80, 3, vatregnumber="DE811115368")
        found = {row["key"]: row["tax_id"] for row in connect().rows("customer")}
        assert found == {"77": None, "80": "DE811115368"}

    def test_without_the_column_of_vat_numbers_customers_are_read_all_the_same(
        self, stub: Stub, connect: Connect
    ) -> None:
        stub.change("ALTER TABLE customer DROP COLUMN vatregnumber")
        pages = connect().pages("customer")
        assert [(row["key"], row["tax_id"]) for page in pages for row in page.rows] == [("77", None), ("77", None)]
        assert pages[-1].notes == ["read without customer.vatregnumber, which NetSuite refuses; see `duehook check`"]
        assert [row["key"] for row in connect().customers.lookup("customer", [("3", "77")]).found] == ["77"]

    def test_a_column_of_vat_numbers_that_is_named_as_missing_is_not_asked_for(
        self, stub: Stub, connect: Connect
    ) -> None:
        pages = connect(missing_columns=("customer.vatregnumber",)).pages("customer")
        assert [(row["key"], row["tax_id"]) for page in pages for row in page.rows] == [("77", None), ("77", None)]
        assert pages[-1].notes == []
        assert not any("vatregnumber" in statement for statement in stub.asked)

    def test_a_hold_that_is_left_to_netsuite_is_none_and_no_limit_is_not_nothing(
        self, stub: Stub, connect: Connect
    ) -> None:
        stub.customer(80, 3, creditlimit="0")
        rows = {row["key"]: row for row in connect().rows("customer")}
        assert (rows["77"]["hold"], rows["77"]["credit_limit"], rows["80"]["credit_limit"]) == (None, None, 0)

    def test_a_person_has_a_first_and_last_name(self, stub: Stub, connect: Connect) -> None:
        stub.customer(80, 3, isperson="T", firstname="Ada", lastname="Byron", companyname=None)
        stub.customer(81, 3, companyname=None)
        names = {row["key"]: row["name"] for row in connect().rows("customer")}
        assert (names["80"], names["81"]) == ("Ada Byron", "C81")

    def test_a_status_or_category_may_mean_a_state(self, stub: Stub, connect: Connect) -> None:
        stub.customer(80, 3, entitystatus="13")
        stub.customer(81, 3, category="9")
        codes = {"state_by_status": {"13": "insolvent"}, "state_by_category": {"9": "legal"}}
        states = {row["key"]: row["state"] for row in connect(codes=codes).rows("customer")}
        assert (states["77"], states["80"], states["81"]) == ("active", "insolvent", "legal")

    def test_only_what_changed_is_read_later(self, stub: Stub, connect: Connect) -> None:
        made = connect()
        done = made.pages("customer")[-1].position
        stub.asked.clear()
        assert made.rows("customer", done) == []
        assert len(stub.asked) == 3  # the clock, what changed, and that it is all
        stub.customer(80, 3, lastmodifieddate="2199-01-01 00:00:00")
        assert [row["key"] for row in made.rows("customer", done)] == ["80"]

    def test_the_sweep_is_whole_and_nothing_shown_proves_nothing(self, stub: Stub, connect: Connect) -> None:
        source = connect(page_size=1).customers
        assert swept(source, "customer") == ({("3", "77"), ("6", "77")}, True)
        stub.change("DELETE FROM customersubsidiaryrelationship")
        assert swept(source, "customer") == (set(), False)
        with pytest.raises(ConnectorRefused, match="taken as gone"):
            source.lookup("customer", [("3", "77")])

    def test_a_customer_is_looked_up_in_its_subsidiary(self, stub: Stub, connect: Connect) -> None:
        found = connect().customers.lookup("customer", [("6", "77"), ("9", "77"), ("3", "x")])
        assert [(row["company"], row["key"]) for row in found.found] == [("6", "77")]
        assert list(found.missing) == [("9", "77"), ("3", "x")]


class TestContacts:
    @pytest.fixture(autouse=True)
    def _people(self, stub: Stub) -> None:
        stub.customer(80, 3, email="office@c.example")
        held = {"company": 80, "lastmodifieddate": "2026-01-05 10:00:00"}
        stub.put("contactrole", id=-10, name="Accounts payable")
        stub.put("contact", id=5, firstname="Eve", email="eve@c.example", contactrole="-10", isinactive="F", **held)
        stub.put("contact", id=6, entityid="Bob", **held)
        stub.put("contact", id=7, entityid="Gone", isinactive="T", **held)
        stub.put("contact", id=8, entityid="A vendor's", company=4711)

    def test_the_customers_own_address_and_its_people_are_read(self, connect: Connect) -> None:
        rows = connect(codes={"purpose_by_contact_role": {"-10": "accounts_payable"}}).rows("contact")
        named = ("key", "customer", "name", "purposes", "email")
        assert [tuple(row[name] for name in named) for row in rows] == [
            ("80|email", "80", "Customer 80", ("main",), "office@c.example"),
            ("5", "80", "Eve", ("accounts_payable",), "eve@c.example"),
            ("6", "80", "Bob", (), None),
        ]
        assert rows[1]["role"] == "Accounts payable"

    def test_people_of_other_subsidiaries_are_left_out(self, stub: Stub, connect: Connect) -> None:
        assert connect(companies=("6",)).rows("contact") == []
        assert len(connect(companies=("3",)).rows("contact")) == 3

    def test_the_sweep_lists_both_and_a_role_without_contacts_ends_it(self, stub: Stub, connect: Connect) -> None:
        source = connect().contacts
        assert swept(source, "contact") == ({("", "80|email"), ("", "5"), ("", "6")}, True)
        stub.change("DELETE FROM contact")
        assert swept(source, "contact")[1]
        del stub.fields["contact"]
        assert not swept(source, "contact")[1]

    def test_contacts_are_looked_up_by_their_keys(self, connect: Connect) -> None:
        found = connect().contacts.lookup("contact", [("", "5"), ("", "80|email"), ("", "80"), ("", "5|email")])
        assert [row["key"] for row in found.found] == ["80|email", "5"]
        assert list(found.missing) == [("", "80"), ("", "5|email")]
