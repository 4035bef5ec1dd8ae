"""Searches by SuiteTalk, asked by zeep over the real WSDL: what is asked, pages, columns, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from duehook.core.testing.book import Item
from duehook.core.testing.contract.scenes.acts import issue, pay
from duehook.plugins.netsuite.simulator.tables.names import payment_id

from .suitetalk import Talker, Wire, Wsdl, any_of, of_ids

WHOLE = {"bodyFieldsOnly": False}


def issued(wire: Wire, amount: str = "100.00") -> tuple[Item, int]:
    """Issue an invoice; return it and its internal id."""
    with wire.simulator.act() as book:
        item = issue(book, amount)
    return item, wire.simulator.account.ledger.id_of(item.key)


def refused(result: Any) -> tuple[str, str]:
    """Return code and words of what failed in an answer."""
    assert not result.status.isSuccess
    detail = result.status.statusDetail[0]
    assert detail.type == "ERROR"
    return detail.code, detail.message


def ids(result: Any) -> list[str]:
    """Return the internal ids of what was found."""
    return [record.internalId for record in (result.recordList.record if result.recordList else [])]


def test_a_search_without_criteria_finds_all(wire: Wire) -> None:
    result = wire.search("Customer")
    counts = (result.totalRecords, result.pageSize, result.totalPages, result.pageIndex)
    assert counts == (20, 1000, 1, 1)
    assert ids(result) == [str(key) for key in range(1001, 1021)]


def test_pages_are_asked_for_by_the_id_of_the_search(wire: Wire) -> None:
    first = wire.search("Customer", pageSize=8)
    assert (first.totalRecords, first.pageSize, first.totalPages, len(ids(first))) == (20, 8, 3, 8)
    assert first.searchId.startswith("WEBSERVICES_1234567_SB1_")
    third = wire.ask("searchMoreWithId", first.searchId, 3)
    assert (third.pageIndex, ids(third)) == (3, ["1017", "1018", "1019", "1020"])
    assert ids(wire.ask("searchMoreWithId", first.searchId, 1)) == ids(first)


@pytest.mark.parametrize("size", [4, 1001])
def test_a_page_has_5_records_or_more_and_1000_or_less(size: int, wire: Wire) -> None:
    assert refused(wire.search("Customer", pageSize=size))[0] == "INVALID_SEARCH_PAGE_SIZE"


def test_a_search_ends_when_nobody_asked_for_long(wire: Wire) -> None:
    found = wire.search("Customer", pageSize=10)
    assert refused(wire.ask("searchMoreWithId", found.searchId, 3))[0] == "INVALID_SEARCH_PAGE_INDEX"
    assert wire.simulator.suitetalk.searches.expire() == 1
    assert refused(wire.ask("searchMoreWithId", found.searchId, 2))[0] == "INVALID_SEARCH_MORE"


def test_a_search_lives_so_long(talking: Callable[..., Talker], wsdl: Wsdl) -> None:
    wire = Wire(talking(search_life=0.0), wsdl)
    found = wire.search("Customer", pageSize=10)
    assert refused(wire.ask("searchMoreWithId", found.searchId, 2))[0] == "INVALID_SEARCH_MORE"


def test_a_page_gives_records_as_they_are_now_and_of_the_keys_that_were_found(wire: Wire) -> None:
    found = wire.search("Customer", pageSize=10)
    wire.simulator.user_sets_hold("", "1012", "ON")
    second = wire.ask("searchMoreWithId", found.searchId, 2).recordList.record
    assert (second[1].internalId, second[1].creditHoldOverride) == ("1012", "_on")


def test_a_page_is_short_where_what_it_found_is_so_no_longer(wire: Wire) -> None:
    items = [issued(wire)[0] for _ in range(12)]
    basic = {"type": any_of("_invoice"), "mainLine": {"searchValue": True},
             "amountRemaining": {"searchValue": 0, "operator": "greaterThan"}}  # fmt: skip
    first = wire.ask("search", wire.advanced("Transaction", basic, "internalId"), preferences={"pageSize": 10})
    assert (first.totalRecords, first.totalPages) == (12, 2)
    last = max(items, key=lambda item: wire.simulator.account.ledger.id_of(item.key))
    with wire.simulator.act() as book:
        pay(book, last, "100.00")
    second = wire.ask("searchMoreWithId", first.searchId, 2)
    assert (second.totalRecords, second.totalPages, len(second.searchRowList.searchRow)) == (12, 2, 1)


def test_a_customer_has_its_references_enums_and_the_accounts_time(wire: Wire) -> None:
    found = wire.search("Customer", {"internalId": of_ids(1001)}, **WHOLE).recordList.record[0]
    assert type(found).__name__ == "Customer"
    assert (found.internalId, found.entityId, found.companyName) == ("1001", "CUS1001", "Alder Tools Inc.")
    assert (found.creditHoldOverride, found.isPerson, found.isInactive) == ("_auto", False, False)
    assert (found.subsidiary.internalId, found.subsidiary.name) == ("1", "Halden Supply Inc.")
    assert (found.currency.internalId, found.currency.name) == ("1", "US Dollar")
    assert (found.entityStatus.name, found.stage, found.language) == ("Closed Won", "_customer", "_englishUS")
    assert found.vatRegNumber == "US100000000"
    assert found.lastModifiedDate.isoformat() == "2024-07-23T01:00:00-07:00"
    address = found.addressbookList.addressbook[0]
    assert (address.defaultBilling, address.addressbookAddress.city, address.addressbookAddress.country) == (
        True, "Denver", "_unitedStates",
    )  # fmt: skip


def test_bodies_alone_are_given_unless_lists_are_asked_for(wire: Wire) -> None:
    assert wire.search("Customer").recordList.record[0].addressbookList is None
    assert wire.search("Customer", bodyFieldsOnly=True).recordList.record[0].addressbookList is None


@pytest.mark.parametrize(
    ("basic", "found"),
    [
        ({"internalId": of_ids(1003, 1007)}, "1003 1007"),
        ({"internalId": {**of_ids(*range(1004, 1021)), "operator": "noneOf"}}, "1001 1002 1003"),
        ({"internalIdNumber": {"searchValue": 1018, "operator": "greaterThan"}}, "1019 1020"),
        ({"internalIdNumber": {"searchValue": 1018, "operator": "notLessThan"}}, "1018 1019 1020"),
        ({"internalIdNumber": {"searchValue": 1002, "searchValue2": 1004, "operator": "between"}}, "1002 1003 1004"),
        ({"entityId": {"searchValue": "cus1005", "operator": "is"}}, "1005"),
        ({"entityId": {"searchValue": "CUS101", "operator": "doesNotStartWith"},
          "internalIdNumber": {"searchValue": 1008, "operator": "greaterThanOrEqualTo"}}, "1008 1009 1020"),
        ({"companyName": {"searchValue": "der To", "operator": "contains"}}, "1001"),
        ({"companyName": {"searchValue": "100%", "operator": "contains"}}, ""),
        ({"creditHold": any_of("_on")}, "1002"),
        ({"onCreditHold": {"searchValue": True}}, "1002"),
        ({"lastModifiedDate": {"searchValue": "2026-03-02T23:30:00Z", "operator": "onOrAfter"}}, "1002"),
        ({"lastModifiedDate": {"searchValue": "2026-03-02T15:30:00-08:00", "operator": "after"}}, ""),
        ({"lastModifiedDate": {"searchValue": "2026-03-03T00:30:00+01:00", "operator": "notBefore"}}, "1002"),
        ({"parent": {"searchValue": [{"internalId": "@NONE@"}], "operator": "noneOf"},
          "internalIdNumber": {"searchValue": 1012, "operator": "lessThan"}}, "1010 1011"),
    ],
    ids=str,
)  # fmt: skip
def test_criteria_of_customers(basic: dict[str, Any], found: str, wire: Wire) -> None:
    with wire.simulator.act() as book:
        book.set_hold("1002", "C2")
    assert " ".join(ids(wire.search("Customer", basic))) == found


def test_dates_are_compared_to_the_second_and_days_as_days(wire: Wire) -> None:
    _, key = issued(wire)
    record = wire.search("Transaction", {"internalId": of_ids(key)}).recordList.record[0]
    at, on = record.lastModifiedDate.isoformat(), record.tranDate.isoformat()

    def found(operator: str, field: str = "lastModifiedDate", **values: str) -> bool:
        basic = {"internalId": of_ids(key), field: {"operator": operator, **values}}
        return ids(wire.search("Transaction", basic)) == [str(key)]

    assert found("onOrAfter", searchValue=at)
    assert not found("after", searchValue=at)
    assert found("on", searchValue=at)
    assert found("within", searchValue=at, searchValue2=at)
    assert found("onOrBefore", "tranDate", searchValue=on)
    assert found("on", "tranDate", searchValue=on.replace("T00:00", "T11:00"))
    assert found("notOn", "dueDate", searchValue=on)
    assert found("empty", "closeDate")
    assert found("on", "tranDate", predefinedSearchValue="today")
    assert not found("on", "tranDate", predefinedSearchValue="yesterday")
    basic = {"tranDate": {"operator": "on", "predefinedSearchValue": "lastFiscalYear"}}
    assert refused(wire.search("Transaction", basic))[0] == "INVALID_SEARCH_VALUE"


def test_open_documents_are_found_by_type_and_what_remains(wire: Wire) -> None:
    item, key = issued(wire)
    open_ones = {"type": any_of("_invoice"), "amountRemaining": {"searchValue": 0, "operator": "notEqualTo"}}
    found = wire.search("Transaction", open_ones).recordList.record
    assert [(type(each).__name__, each.internalId) for each in found] == [("Invoice", str(key))]
    assert (found[0].total, found[0].amountRemaining, found[0].status) == (100.0, 100.0, "Open")
    with wire.simulator.act() as book:
        pay(book, item, "100.00")
    assert ids(wire.search("Transaction", open_ones)) == []
    assert ids(wire.search("Transaction", {"status": any_of("_invoicePaidInFull")})) == [str(key)]


def test_a_basic_search_may_be_given_as_it_is(wire: Wire) -> None:
    basic = wire.make("CustomerSearchBasic", internalId=of_ids(1009))
    assert ids(wire.ask("search", basic)) == ["1009"]


def test_an_advanced_search_gives_the_columns_that_it_asks_for(wire: Wire) -> None:
    item, key = issued(wire)
    rows = wire.rows(
        "Transaction", {"internalId": of_ids(key), "mainLine": {"searchValue": True}},
        "account accountType amount amountRemaining closeDate currency entity fxAmount internalId mainLine posting "
        "status subsidiary tranId type",
    )  # fmt: skip
    assert rows == [{
        "account": "121", "accountType": "_accountsReceivable", "amount": 100.0, "amountRemaining": 100.0,
        "currency": "4", "entity": item.customer, "fxAmount": 100.0, "internalId": str(key), "mainLine": True,
        "posting": True, "status": "_invoiceOpen", "subsidiary": "2", "tranId": str(item.document_no),
        "type": "_invoice",
    }]  # fmt: skip


def test_without_mainline_there_is_a_row_a_line(wire: Wire) -> None:
    _, key = issued(wire)
    rows = wire.rows("Transaction", {"internalId": of_ids(key)}, "fxAmount line mainLine")
    assert rows == [
        {"fxAmount": 100.0, "line": 0, "mainLine": True}, {"fxAmount": -100.0, "line": 1, "mainLine": False},
    ]  # fmt: skip
    assert ids(wire.search("Transaction", {"internalId": of_ids(key)})) == [str(key)]


def test_links_are_columns_and_joins_in_both_directions(wire: Wire) -> None:
    item, key = issued(wire)
    with wire.simulator.act() as book:
        payment = pay(book, item, "60.00")
    rows = wire.rows(
        "Transaction", {"internalId": of_ids(key), "mainLine": {"searchValue": True}},
        "applyingForeignAmount applyingLinkType applyingTransaction internalId",
        applyingTransactionJoin=("Transaction", "tranId type"), customerMainJoin=("Customer", "entityId"),
    )  # fmt: skip
    assert rows == [{
        "applyingForeignAmount": 60.0, "applyingLinkType": "Payment", "internalId": str(key),
        "applyingTransaction": str(payment_id(payment)), "applyingTransactionJoin.tranId": str(payment.number),
        "applyingTransactionJoin.type": "_customerPayment", "customerMainJoin.entityId": f"CUS{item.customer}",
    }]  # fmt: skip
    rows = wire.rows("Transaction", {"appliedToTransaction": of_ids(key)}, "internalId appliedToTransaction amount",
                     appliedToTransactionJoin=("Transaction", "amountRemaining"))  # fmt: skip
    assert rows == [{
        "amount": -60.0, "appliedToTransaction": str(key), "internalId": str(payment_id(payment)),
        "appliedToTransactionJoin.amountRemaining": 40.0,
    }]  # fmt: skip


def test_instalments_are_a_list_of_the_invoice_and_a_join(talking: Callable[..., Talker], wsdl: Wsdl) -> None:
    wire = Wire(talking(items=200, instalments=True), wsdl)
    open_ones = {"type": any_of("_invoice"), "mainLine": {"searchValue": True}, "terms": of_ids(7)}
    columns = "Installment", "dueDate fxAmount fxAmountRemaining installmentNumber"
    rows = wire.rows("Transaction", open_ones, "internalId", installmentJoin=columns)
    records = wire.search("Transaction", open_ones, **WHOLE).recordList.record
    listed = [
        {"installmentJoin.dueDate": part.dueDate, "installmentJoin.fxAmount": part.amount,
         "installmentJoin.fxAmountRemaining": part.amountDue, "installmentJoin.installmentNumber": part.seqNum,
         "internalId": each.internalId}
        for each in records for part in each.installmentList.installment
    ]  # fmt: skip
    assert rows == listed != []


def test_an_advanced_search_without_columns_gives_records(wire: Wire) -> None:
    criteria = wire.criteria("Customer", {"internalId": of_ids(1001)})
    assert ids(wire.ask("search", wire.make("CustomerSearchAdvanced", criteria=criteria))) == ["1001"]
    advanced = wire.advanced("Customer", {"internalId": of_ids(1001)}, "entityId")
    result = wire.ask("search", advanced, preferences={"returnSearchColumns": False})
    assert (ids(result), result.searchRowList) == (["1001"], None)


def test_a_label_comes_back_with_its_column(wire: Wire) -> None:
    columns = wire.make(
        "CustomerSearchRow", basic=wire.make("CustomerSearchRowBasic", entityId=[{"customLabel": "No."}])
    )
    result = wire.ask("search", wire.make("CustomerSearchAdvanced", columns=columns))
    assert result.searchRowList.searchRow[0].basic.entityId[0].customLabel == "No."


def test_a_customer_and_its_subsidiaries(wire: Wire) -> None:
    rows = wire.rows("Customer", {"internalId": of_ids(1001)}, "billCity billCountryCode companyName creditHold",
                     mseSubsidiaryJoin=("MseSubsidiary", "currency internalId primary"))  # fmt: skip
    assert rows == [{
        "billCity": "Denver", "billCountryCode": "US", "companyName": "Alder Tools Inc.", "creditHold": "_auto",
        "mseSubsidiaryJoin.currency": "1", "mseSubsidiaryJoin.internalId": "1", "mseSubsidiaryJoin.primary": True,
    }]  # fmt: skip
    rows = wire.rows("CustomerSubsidiaryRelationship", {"entity": of_ids(1001)}, "entity isprimarysub subsidiary",
                     customerJoin=("Customer", "lastModifiedDate"), subsidiaryJoin=("Subsidiary", "name"))  # fmt: skip
    assert [(row["entity"], row["subsidiary"], row["isprimarysub"]) for row in rows] == [("1001", "1", True)]
    assert rows[0]["subsidiaryJoin.name"] == "Halden Supply Inc."
    record = wire.search("CustomerSubsidiaryRelationship", {"entity": of_ids(1001)}).recordList.record[0]
    assert (record.entity.internalId, record.isPrimarySub, record.primaryCurrency.name) == ("1001", True, "US Dollar")


def test_a_search_is_joined_to_criteria_of_customers(wire: Wire) -> None:
    _, key = issued(wire)
    joined = wire.make("CustomerSearchBasic", entityId={"searchValue": "CUS", "operator": "startsWith"})
    search = wire.criteria("Transaction", {"type": any_of("_invoice")}, customerMainJoin=joined)
    assert ids(wire.ask("search", search)) == [str(key)]


def test_subsidiaries_terms_contacts_and_their_roles(talking: Callable[..., Talker], wsdl: Wsdl) -> None:
    wire = Wire(talking(customers=40), wsdl)
    subsidiaries = wire.search("Subsidiary").recordList.record
    assert [(each.internalId, each.name, each.currency.name, each.country) for each in subsidiaries] == [
        ("1", "Halden Supply Inc.", "US Dollar", "_unitedStates"), ("2", "Halden Europa GmbH", "Euro", "_germany"),
        ("3", "Halden Nihon KK", "Japanese Yen", "_japan"), ("4", "Halden Gulf WLL", "Kuwaiti Dinar", "_kuwait"),
    ]  # fmt: skip
    assert subsidiaries[1].parent.internalId == "1"
    assert wire.rows("Subsidiary", {"internalId": of_ids(2)}, "name nameNoHierarchy taxIdNum") == [
        {"name": "Halden Supply Inc. : Halden Europa GmbH", "nameNoHierarchy": "Halden Europa GmbH",
         "taxIdNum": "DE811204117"},
    ]  # fmt: skip
    terms = wire.search("Term").recordList.record
    discounts = [(each.name, each.daysUntilNetDue, each.discountPercent, each.daysUntilExpiry) for each in terms]
    assert discounts[2] == ("2 % 10 days, net 30", 30, 2.0, 10)
    contact = wire.search("Contact").recordList.record[0]
    row = wire.rows("Contact", {"company": of_ids(contact.company.internalId)}, "contactRole email internalId")[0]
    assert (row["internalId"], row["email"]) == (contact.internalId, contact.email)
    roles = {each.internalId: each.name for each in wire.search("ContactRole").recordList.record}
    assert roles[row["contactRole"]] == contact.title


def test_accounts_are_found_by_their_type(wire: Wire) -> None:
    found = wire.search("Account", {"type": any_of("_accountsReceivable")}).recordList.record
    assert [(each.internalId, each.acctNumber, each.acctType) for each in found] == [
        ("121", "1100", "_accountsReceivable"),
    ]  # fmt: skip
    rows = wire.rows("Account", {"number": {"searchValue": "2", "operator": "startsWith"}}, "displayName type")
    assert rows == [
        {"displayName": "2000 Accounts Payable", "type": "_accountsPayable"},
        {"displayName": "2150 Customer Deposits", "type": "_otherCurrentLiability"},
    ]  # fmt: skip


def test_columns_that_the_account_does_not_fill_are_left_out(wire: Wire) -> None:
    _, key = issued(wire)
    basic = {"recordType": {"searchValue": "invoice", "operator": "is"}, "mainLine": {"searchValue": True}}
    rows = wire.rows("Transaction", basic, "class department internalId recordType salesRep")
    assert rows == [{"internalId": str(key), "recordType": "invoice"}]


def test_vat_numbers_are_refused_where_the_account_keeps_none(talking: Callable[..., Talker], wsdl: Wsdl) -> None:
    kept, none = Wire(talking(), wsdl), Wire(talking(tax_ids=False), wsdl)
    first = {"internalId": of_ids(1001)}
    assert kept.rows("Customer", first, "vatRegNumber") == [{"vatRegNumber": "US100000000"}]
    refusal = refused(none.ask("search", none.advanced("Customer", first, "vatRegNumber")))
    assert refusal[0] == "INVALID_SEARCH_FIELD_NAME"


@pytest.mark.parametrize(
    ("name", "basic", "code"),
    [
        ("Vendor", {}, "INVALID_SEARCH_TYPE"),
        ("Customer", {"pec": {"searchValue": "1", "operator": "is"}}, "INVALID_SEARCH_FIELD_NAME"),
        ("Customer", {"internalId": {"searchValue": [{"internalId": "1"}]}}, "WS_INVALID_SEARCH_OPERATN"),
        ("Customer", {"entityId": {"searchValue": "1"}}, "WS_INVALID_SEARCH_OPERATN"),
        ("Customer", {"lastModifiedDate": {"searchValue": "2026-03-02T00:00:00"}}, "WS_INVALID_SEARCH_OPERATN"),
        ("Customer", {"internalIdNumber": {"operator": "greaterThan"}}, "INVALID_SEARCH_VALUE"),
        ("Customer", {"internalId": {"searchValue": [{"name": "x"}], "operator": "anyOf"}}, "INVALID_KEY_OR_REF"),
        ("Transaction", {"type": any_of("CustInvc")}, "INVALID_SEARCH_VALUE"),
    ],
)
def test_what_cannot_be_searched_is_said_in_the_status(name: str, basic: Any, code: str, wire: Wire) -> None:
    assert refused(wire.search(name, basic))[0] == code


def test_columns_and_joins_that_there_are_not_are_refused(wire: Wire) -> None:
    asked = (
        wire.advanced("Customer", {}, "ccNumber"),
        wire.advanced("Customer", {}, "entityId", salesRepJoin=("Employee", "entityId")),
        wire.criteria("Customer", {}, salesRepJoin=wire.make("EmployeeSearchBasic")),
        wire.make("CustomerSearchAdvanced", savedSearchId="42"),
    )
    codes = [refused(wire.ask("search", each))[0] for each in asked]
    assert codes == [
        "INVALID_SEARCH_FIELD_NAME", "INVALID_SEARCH_JOIN_ID", "INVALID_SEARCH_JOIN_ID", "INVALID_SAVEDSEARCH",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("right", "name"),
    [("customer", "Customer"), ("customer", "CustomerSubsidiaryRelationship"), ("contact", "Contact"),
     ("subsidiary", "Subsidiary"), ("term", "Term"), ("transaction", "Transaction")],
)  # fmt: skip
def test_a_role_is_told_which_permission_it_lacks(right: str, name: str, wire: Wire) -> None:
    wire.simulator.deny(right)
    code, said = refused(wire.search(name))
    assert code == "INSUFFICIENT_PERMISSION"
    assert said.startswith("Permission Violation: You need  the '")
    wire.simulator.grant(right)
    assert wire.search(name).status.isSuccess
