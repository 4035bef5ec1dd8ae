"""Business units, customers and their mail addresses, and receipts as payments."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from duehook.core.errors import ConnectorGarbled, ConnectorRefused
from duehook.core.testing.simulator import Reply, json_reply

from .connected import Connect, connect, stub
from .stubbed import Stub

ADDRESS = {
    "AddressLine1": "1 High Street",
    "AddressLine2": "",
    "City": "Leeds",
    "PostalCode": "LS1 4AP",
    "Country": "GB",
}


def two_more(stub: Stub) -> None:
    """Add accounts 1007 of party 7, Seven Ltd, and 1008 of party 8."""
    for account, party, name in (("1007", 7, "Seven"), ("1008", 8, "Eight")):
        stub.invoice(300000000000000000 + party, BillToCustomerNumber=account, BillToCustomerName=name)
        stub.profile(account, PartyNumber=f"CDRM_{party}")
        stub.party(party, f"{name} Ltd")


class TestCompanies:
    def test_a_company_is_a_business_unit_of_the_settings(self, connect: Connect) -> None:
        assert connect().rows("company") == [{"company": "Vision", "name": "Vision", "currency": "USD"}]


class TestCustomers:
    def test_an_account_has_its_profile_and_its_party(self, stub: Stub, connect: Connect) -> None:
        stub.rows["hubOrganizations"][0]["Address"] = [ADDRESS]
        stub.profile(
            "1006", PartyNumber="CDRM_1", CollectorName="Smith", CreditAnalystName="Hayes", CreditHold="Y",
            CreditLimit="5000", CreditCurrencyCode="USD", PaymentTerms="30 Net", AccountStatusValue="LEGAL",
        )  # fmt: skip
        assert connect(codes={"state_by_status": {"LEGAL": "legal"}}).rows("customer") == [{
            "company": None, "key": "1006", "name": "Example Inc", "state": "legal", "collector": "Smith",
            "credit_manager": "Hayes", "terms": "30 Net", "credit_limit": Decimal(5000), "limit_currency": "USD",
            "hold": "Y", "country": "GB",
            "address": {
                "lines": ("1 High Street",), "postal_code": "LS1 4AP", "city": "Leeds", "region": None, "country": "GB",
            },
        }]  # fmt: skip

    def test_no_limit_is_not_zero(self, connect: Connect) -> None:
        row = connect().rows("customer")[0]
        assert (row["credit_limit"], row["limit_currency"], row["hold"]) == (None, None, None)

    def test_accounts_are_those_of_all_documents(self, stub: Stub, connect: Connect) -> None:
        stub.credit_memo(300000000000000007, BillToCustomerNumber="1007", BillToCustomerName="Seven")
        stub.receipt(300000000000000100, CustomerAccountNumber="1008", CustomerName="Eight")
        stub.invoice(300000000000000002, BillToCustomerNumber="1009", BusinessUnit="Other")
        found = {row["key"]: row["name"] for row in connect().rows("customer")}
        assert found == {"1006": "Example Inc", "1007": "Seven", "1008": "Eight"}

    def test_an_account_without_a_profile_has_the_name_of_its_documents(self, stub: Stub, connect: Connect) -> None:
        stub.profiles.clear()
        assert [(row["key"], row["name"]) for row in connect().rows("customer")] == [("1006", "Example")]

    def test_a_country_that_is_no_code_sets_the_customer_aside(self, stub: Stub, connect: Connect) -> None:
        stub.rows["hubOrganizations"][0]["Address"] = [ADDRESS | {"Country": "England"}]
        bad = [each for page in connect().pages("customer") for each in page.bad]
        assert [(each.key, each.reason) for each in bad] == [
            ("1006", "Country holds 'England', which is no ISO 3166 code.")
        ]

    def test_between_two_whole_readings_accounts_of_what_changed_are_read(self, stub: Stub, connect: Connect) -> None:
        stub.rows["receivablesInvoices"][0]["LastUpdateDate"] = "2026-03-02T10:00:00Z"
        stub.invoice(300000000000000002, BillToCustomerNumber="1007", LastUpdateDate="2026-01-01T00:00:00Z")
        position = connect().pages("customer")[-1].position
        assert [row["key"] for row in connect().rows("customer", position)] == ["1006"]
        assert [row["key"] for row in connect(full_customers_days=0).rows("customer", position)] == ["1006", "1007"]

    def test_an_account_is_read_again_when_its_party_changed(self, stub: Stub, connect: Connect) -> None:
        stub.rows["receivablesInvoices"][0]["LastUpdateDate"] = "2026-01-01T00:00:00Z"
        position = connect().pages("customer")[-1].position
        assert connect().rows("customer", position) == []
        stub.rows["hubOrganizations"][0] |= {"LastUpdateDate": "2026-03-02T12:00:00Z", "OrganizationName": "Example"}
        assert [row["key"] for row in connect().rows("customer", position)] == ["1006"]

    def test_customers_are_looked_up_by_their_profiles(self, connect: Connect) -> None:
        found = connect().customers.lookup("customer", [("", "1006"), ("", "1999"), ("", "no|account")])
        assert [row["key"] for row in found.found] == ["1006"]
        assert found.missing == [("", "1999"), ("", "no|account")]

    @pytest.mark.parametrize(("reply", "kind", "told"), [
        (Reply(b"<html>sign in</html>", 200, "text/html"), ConnectorGarbled, "with a web page instead of data"),
        (Reply(b"<a/>", 200, "text/xml"), ConnectorGarbled, "what is no envelope of getActiveCustomerProfile"),
        (json_reply({"title": "Forbidden"}, 403), ConnectorRefused, "answered 403: Forbidden"),
    ])  # fmt: skip
    def test_a_profile_that_cannot_be_read_is_told(
        self, reply: Reply, kind: type[Exception], told: str, *, stub: Stub, connect: Connect
    ) -> None:
        stub.special = lambda request: reply if "fscmService" in request.path else None
        with pytest.raises(kind) as raised:
            connect().rows("customer")
        assert told in str(raised.value)

    def test_the_profile_of_another_account_is_refused(self, stub: Stub, connect: Connect) -> None:
        stub.profile("1006", AccountNumber="1007")
        with pytest.raises(ConnectorGarbled) as raised:
            connect().rows("customer")
        assert raised.value.message == "ReceivablesCustomerProfileService gave the profile of 1007 for 1006."

    def test_parties_of_many_accounts_are_one_question(self, stub: Stub, connect: Connect) -> None:
        two_more(stub)
        assert [row["name"] for row in connect().rows("customer")] == ["Example Inc", "Seven Ltd", "Eight Ltd"]
        assert [q for q in stub.asked if "PartyNumber" in q] == ["PartyNumber in ('CDRM_1','CDRM_7','CDRM_8')"]

    def test_where_lists_are_not_taken_parties_are_asked_for_one_by_one(self, stub: Stub, connect: Connect) -> None:
        two_more(stub)
        stub.refused.add("in")
        assert [row["name"] for row in connect().rows("customer")] == ["Example Inc", "Seven Ltd", "Eight Ltd"]
        stub.requests.clear()
        connect(rows_at_once=1).rows("customer")
        assert [q for q in stub.asked if "PartyNumber" in q] == [
            "PartyNumber='CDRM_1'", "PartyNumber='CDRM_7'", "PartyNumber='CDRM_8'",
        ]  # fmt: skip

    def test_a_party_that_is_not_there_leaves_the_others(self, stub: Stub, connect: Connect) -> None:
        two_more(stub)
        del stub.rows["hubOrganizations"][1]
        assert [row["name"] for row in connect().rows("customer")] == ["Example Inc", "Seven", "Eight Ltd"]


class TestContacts:
    def test_the_activities_of_accounts_tell_their_parties(self, stub: Stub, connect: Connect) -> None:
        two_more(stub)
        for account, party, name in (("1006", 1, "Example Inc"), ("1007", 7, "Seven Ltd"), ("1008", 8, "Eight Ltd")):
            stub.account(account, party, name)
        assert [(row["customer"], row["name"]) for row in connect().rows("contact")] == [
            ("1006", "Example Inc"), ("1007", "Seven Ltd"), ("1008", "Eight Ltd"),
        ]  # fmt: skip
        assert stub.asked[-2:] == ["AccountNumber in ('1006','1007','1008')", "PartyId in (1,7,8)"]
        assert not [each for each in stub.requests if "fscmService" in each.path]

    def test_a_party_of_another_name_is_not_taken_but_that_of_the_profile(self, stub: Stub, connect: Connect) -> None:
        two_more(stub)
        stub.account("1006", 7, "Example Inc")  # CustomerId is no PartyId here
        stub.account("1007", 7, "Seven Ltd")
        assert [(row["customer"], row["name"]) for row in connect().rows("contact")] == [
            ("1006", "Example Inc"), ("1007", "Seven Ltd"), ("1008", "Eight Ltd"),
        ]  # fmt: skip

    def test_by_profiles_the_activities_are_not_asked(self, stub: Stub, connect: Connect) -> None:
        stub.account("1006", 1, "Example Inc")
        assert [row["key"] for row in connect(party_by="profile").rows("contact")] == ["1006|email"]
        assert not [each for each in stub.requests if "receivablesCustomerAccountActivities" in each.path]

    def test_activities_that_are_refused_leave_the_profiles(self, stub: Stub, connect: Connect) -> None:
        refused = json_reply({"title": "Forbidden"}, 403)
        stub.special = lambda request: refused if "AccountActivities" in request.path else None
        assert [row["key"] for row in connect().rows("contact")] == ["1006|email"]

    def test_the_party_s_mail_address_is_a_main_contact(self, connect: Connect) -> None:
        assert connect().rows("contact") == [{
            "company": None, "key": "1006|email", "customer": "1006", "name": "Example Inc", "purposes": ("main",),
            "email": "ap@example.com", "phone": None,
        }]  # fmt: skip

    def test_a_party_without_one_has_none(self, stub: Stub, connect: Connect) -> None:
        del stub.rows["hubOrganizations"][0]["EmailAddress"]
        assert connect().rows("contact") == []
        assert connect().contacts.lookup("contact", [("", "1006|email")]).missing == [("", "1006|email")]

    def test_a_sweep_lists_them(self, connect: Connect) -> None:
        pages = list(connect().contacts.keys("contact"))
        assert [key for page in pages for key in page.keys] == [("", "1006|email")]
        assert pages[-1].complete


class TestPayments:
    def test_a_receipt_is_a_payment(self, stub: Stub, connect: Connect) -> None:
        stub.receipt(300000000000000100, 500, 120, Currency="EUR", AccountedAmount=543.83)
        row = connect().rows("payment")[0]
        assert {name: row[name] for name in ("key", "customer", "amount", "unapplied_amount", "company_amount")} == {
            "key": "300000000000000100", "customer": "1006", "amount": 500, "unapplied_amount": 120,
            "company_amount": Decimal("543.83"),
        }  # fmt: skip
        assert (row["received_on"], row["posted_on"], row["method"], row["reference"]) == (
            date(2026, 3, 2), date(2026, 3, 2), "Wire", "RC300000000000000100",
        )  # fmt: skip

    def test_one_that_was_reversed_has_a_negative_one_behind_it(self, stub: Stub, connect: Connect) -> None:
        stub.receipt(300000000000000100, 500, 0, State="Reversed", ReversalDate="2026-03-05")
        found = connect().rows("payment")
        named = ("key", "amount", "received_on", "reversal_of", "reversed_on")
        assert [tuple(row.get(name) for name in named) for row in found] == [
            ("300000000000000100", 500, date(2026, 3, 2), None, date(2026, 3, 5)),
            ("300000000000000100|rev", -500, date(2026, 3, 5), "300000000000000100", None),
        ]  # fmt: skip

    def test_money_of_nobody_is_left_out(self, stub: Stub, connect: Connect) -> None:
        stub.receipt(300000000000000100, 500, 500, CustomerAccountNumber=None)
        assert connect().rows("payment") == []

    def test_payments_are_looked_up_by_their_ids_and_reversals_by_theirs(self, stub: Stub, connect: Connect) -> None:
        stub.receipt(300000000000000100, 500, 0, State="Reversed", ReversalDate="2026-03-05")
        names = [("Vision", "300000000000000100|rev"), ("Vision", "5"), ("Vision", "x")]
        found = connect().payments.lookup("payment", names)
        assert [row["key"] for row in found.found] == ["300000000000000100|rev"]
        assert found.missing == [("Vision", "5"), ("Vision", "x")]

    @pytest.mark.parametrize(("field", "held", "told"), [
        ("ReceiptDate", "0026-03-02", "ReceiptDate holds '0026-03-02', which is no day of our time."),
        ("Amount", "12,50", "Amount holds '12,50', which is no amount."),
        ("Amount", True, "Amount holds 'True', which is no amount."),
        ("ReceiptDate", None, "ReceiptDate is empty."),
    ])  # fmt: skip
    def test_one_that_cannot_be_read_is_set_aside(
        self, field: str, held: Any, told: str, *, stub: Stub, connect: Connect
    ) -> None:
        stub.receipt(300000000000000100, **({"amount": held} if field == "Amount" else {field: held}))
        bad = [each for page in connect().pages("payment") for each in page.bad]
        assert [(each.key, each.reason) for each in bad] == [("300000000000000100", told)]
