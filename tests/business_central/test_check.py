"""Check and discover: what a site must publish and grant is named with what to do."""

from __future__ import annotations

from duehook.core.hookspecs import Finding

from .literal import API, Connect, Wire
from .rows import BOTH, DETAILED, ENTRIES, detailed, entry

DENIED = {"error": {"code": "Internal_PermissionsIssue", "message": "You do not have the permissions."}}


def wrong(found: list[Finding]) -> list[tuple[str, str | None]]:
    return [(each.subject, each.advice) for each in found if not each.ok and each.severity == "error"]


def test_an_environment_in_order_is_told_so(wire: Wire, connect: Connect) -> None:
    wire.rows[ENTRIES] = [entry(7, 100)]
    wire.rows[DETAILED] = [detailed(70, 7, 100)]
    made = connect(**BOTH)
    found = [
        each for source in (made.customers, made.contacts, made.invoices, made.payments) for each in source.check()
    ]
    assert wrong(found) == []
    assert {each.subject for each in found} >= {
        "sign-in", "companies", "read customers", "read contacts", "read CustomerLedgerEntries", "columns",
        "open entries: CRONUS", "read DetailedCustLedgEntries",
    }  # fmt: skip


def test_a_service_that_is_not_published_is_told_with_its_page(wire: Wire, connect: Connect) -> None:
    wire.refused[ENTRIES] = (404, {"error": {"code": "BadRequest_NotFound", "message": "No HTTP resource was found."}})
    found = wrong(list(connect(**BOTH).invoices.check()))
    assert [subject for subject, _ in found] == ["read CustomerLedgerEntries"]
    assert "publish page 25 (Customer Ledger Entries)" in str(found[0][1])


def test_a_right_that_is_missing_is_told_by_its_set(wire: Wire, connect: Connect) -> None:
    wire.refused[f"{API}/customers"] = (403, DENIED)
    found = wrong(list(connect().customers.check()))
    assert ("read customers", "give the client's entry on Microsoft Entra Applications a permission set that reads "
            "customers.") in found  # fmt: skip


def test_a_page_without_a_column_that_is_needed_is_told(wire: Wire, connect: Connect) -> None:
    short = entry(7, 100)
    del short["Due_Date"], short["SystemModifiedAt"]
    wire.rows[ENTRIES] = [short]
    found = list(connect(**BOTH, promise="Promised_Pay_Date").invoices.check())
    told = {each.subject: each.message for each in found if not each.ok}
    assert told == {
        "columns": "the page lacks Due_Date, Promised_Pay_Date",
        "stamps": "the page has no SystemModifiedAt: all open entries are read each time",
    }


def test_a_hold_that_stops_cash_is_refused(wire: Wire, connect: Connect) -> None:
    found = list(connect(hold={"values": ["Ship", "All"]}).target.check())
    assert [each.subject for each in found if not each.ok and each.severity == "error"] == ["hold All"]


def test_the_test_customers_own_block_is_written_again(wire: Wire, connect: Connect) -> None:
    row = {"@odata.etag": 'W/"1"', "id": "c-1", "number": "10000", "blocked": "_x0020_"}
    wire.rows[f"{API}/customers?number eq '10000'"] = [row]
    found = list(connect(test_customer="CRONUS/10000").target.check())
    assert wrong(found) == []
    assert wire.sent == [(f"PATCH {API}/customers(c-1)", {"blocked": "_x0020_"}, 'W/"1"')]


def test_a_client_that_business_central_does_not_know_is_told_where_to_enter_it(wire: Wire, connect: Connect) -> None:
    wire.refused["api/v2.0/companies"] = (401, {"error": {"code": "Unauthorized", "message": "The credentials…"}})
    (found,) = list(connect().customers.check())
    assert (found.subject, found.ok) == ("sign-in", False)
    assert "Microsoft Entra Applications" in str(found.advice)


def test_discover_lists_companies_and_what_codes_are_there(wire: Wire, connect: Connect) -> None:
    wire.rows[f"{API}/customers"] = [{"number": "1", "salespersonCode": "LEGAL", "blocked": "_x0020_"}]
    wire.rows[ENTRIES] = [entry(7, 100, Document_Type="Barter", Own_Field="AB-1")]
    made = connect(**BOTH, state_by_salesperson={"LEGAL": "legal"})
    found = {(each.kind, each.name): each for source in (made.customers, made.invoices) for each in source.discover()}
    assert found["company", "11111111-1111-1111-1111-111111111111"].text == "CRONUS, EUR"
    assert found["salesperson", "LEGAL"].text == "1 of 1 looked at = legal"
    assert found["document type", "Barter"].suggests == "codes.kind_by_type: {Barter: …}"
    assert "Own_Field" in found["unread fields", "CustomerLedgerEntries"].text
