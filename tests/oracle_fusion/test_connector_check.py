"""Check and discover: what a pod shows, what it hides without a word, and what this release calls otherwise."""

from __future__ import annotations

from typing import Any

from duehook.core.hookspecs import Finding
from duehook.core.testing.simulator import Reply, json_reply

from .connected import Connect, connect, stub
from .stubbed import Stub

GONE = "shows no document: it is called otherwise, has none, or the user has no access to its data"


def wrong(connected: Any, *parts: str) -> dict[str, str]:
    every = [getattr(connected, part) for part in parts or ("customers", "contacts", "invoices", "payments", "target")]
    found: list[Finding] = [each for part in every for each in part.check()]
    return {each.subject: each.message for each in found if not each.ok}


def test_a_pod_in_order_lacks_only_the_proof_of_an_invoice(stub: Stub, connect: Connect) -> None:
    stub.credit_memo(300000000000000007)
    stub.receipt(300000000000000100)
    stub.account("1006")
    assert wrong(connect()) == {
        "known invoice": "none is set: where the user lacks a duty role Fusion shows nothing, and nobody can tell"
    }
    assert wrong(connect(known_invoice="1")) == {}
    assert wrong(connect(known_invoice="300000000000000001")) == {}


def test_an_invoice_that_is_surely_there_and_not_shown_is_an_error(connect: Connect) -> None:
    told = wrong(connect(known_invoice="4711"), "invoices")["known invoice"]
    assert told == "receivablesInvoices does not show 4711, which is surely there"


def test_a_credit_memo_that_is_surely_there_and_not_shown_is_an_error_too(connect: Connect) -> None:
    told = wrong(connect(known_invoice="1", known_credit_memo="CM1"), "invoices")["known invoice"]
    assert told == "receivablesCreditMemos does not show CM1, which is surely there"


def test_a_resource_that_shows_nothing_is_told(stub: Stub, connect: Connect) -> None:
    said = wrong(connect(known_invoice="1"), "invoices")
    assert said["standardReceipts"] == (
        "standardReceipts shows nothing: a user without its duty role, or without data access, sees just that"
    )


def test_a_refused_sign_in_ends_the_check_of_it(stub: Stub, connect: Connect) -> None:
    stub.special = lambda request: Reply(b"<html>401</html>", 401, "text/html")
    said = wrong(connect(), "customers")
    assert list(said) == ["sign-in"]
    assert "answered 401" in said["sign-in"]
    assert len(stub.requests) == 1


def test_business_units_are_compared_with_what_documents_show(stub: Stub, connect: Connect) -> None:
    stub.invoice(300000000000000002, BusinessUnit="Other")
    units = [{"name": "Vision", "currency": "USD"}, {"name": "Gone", "currency": "EUR"}]
    assert wrong(connect(business_units=units), "customers") == {
        "business unit Gone": GONE,
        "business units": "the settings do not name Other",
    }


def test_a_release_that_describes_no_such_attribute_is_told_by_name(stub: Stub, connect: Connect) -> None:
    names = ["CustomerTransactionId", "InvoiceBalanceAmount", "BillToCustomerNumber", "BusinessUnit", "LastUpdateDate",
             "AccountingDate", "TransactionNumber", "TransactionDate", "InvoiceCurrencyCode"]  # fmt: skip
    described = {"attributes": [{"name": name} for name in names], "children": {"receivablesInvoiceLines": {}}}

    def describe(request: Any) -> Reply | None:
        if not request.path.endswith("receivablesInvoices/describe"):
            return None
        return json_reply({"Resources": {"receivablesInvoices": described}})

    stub.special = describe
    said = wrong(connect(known_invoice="1"), "invoices")
    assert said["describe receivablesInvoices"] == (
        "this release describes no ConversionRate, receivablesInvoiceInstallments"
    )


def test_two_conditions_that_are_not_taken_together_are_seen(connect: Connect, stub: Stub) -> None:
    def first_alone(request: Any) -> Reply | None:
        if "%3E0%3BCustomerTransactionId%3C0" not in request.query:
            return None
        rows = stub.rows["receivablesInvoices"]
        return json_reply({"items": rows, "count": 1, "hasMore": False, "totalResults": 1})

    stub.special = first_alone
    assert wrong(connect(known_invoice="1"), "invoices")["two conditions"] == (
        "of two conditions joined by ';' not both hold"
    )


def test_an_order_that_is_another_than_the_comparison_s_is_seen(connect: Connect, stub: Stub) -> None:
    stub.invoice(300000000000000002)
    stub.invoice(300000000000000003)

    def odd(request: Any) -> Reply | None:
        if "CustomerTransactionId%3E300000000000000001" not in request.query:
            return None
        return json_reply(
            {"items": stub.rows["receivablesInvoices"][2:], "count": 1, "hasMore": True, "totalResults": 2}
        )

    stub.special = odd
    assert "is not what follows it in order" in wrong(connect(known_invoice="1"), "invoices")["paging by id"]


def test_lists_of_which_only_one_comes_are_seen(stub: Stub, connect: Connect) -> None:
    stub.party(2, "Other Ltd")
    assert "parties by list" not in wrong(connect(), "contacts")

    def one_alone(request: Any) -> Reply | None:
        if "PartyNumber+in" not in request.query:
            return None
        rows = stub.rows["hubOrganizations"][:1]
        return json_reply({"items": rows, "count": 1, "hasMore": False, "totalResults": 1})

    stub.special = one_alone
    told = wrong(connect(), "contacts")
    assert told["parties by list"] == "of two parties that are asked for at once not both come"
    assert "parties by list" not in wrong(connect(rows_at_once=1), "contacts")


def test_activities_that_tell_another_party_than_the_profile_are_seen(stub: Stub, connect: Connect) -> None:
    stub.party(2, "Example Inc")
    stub.account("1006", 2, "Example Inc")
    told = wrong(connect(), "contacts")["party of an account"]
    assert told == "the activities of account 1006 tell another party than its profile, which names CDRM_1"
    assert wrong(connect(party_by="profile"), "contacts") == {}


def test_discover_lists_units_types_and_what_nothing_reads(stub: Stub, connect: Connect) -> None:
    stub.invoice(
        300000000000000002, BusinessUnit="Other", TransactionType="Late Charge", SpecialInstructions="call first"
    )
    connected = connect()
    found = [each for part in (connected.customers, connected.invoices, connected.payments) for each in part.discover()]
    told = {(each.kind, each.name): each.suggests for each in found}
    assert told["company", "Vision"] is None
    assert told["business unit", "Other"] == "business_units: [{name: Other, currency: …}]"
    assert told["transaction type", "Late Charge"] == "codes.kind_by_type: {Late Charge: …}"
    assert ("unread fields", "receivablesInvoices") in told
