"""What SuiteTalk gives is enough to read the account: items, payments and allocations are put together from it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from duehook.core.records import Stream
from duehook.core.testing.contract.scenes.acts import issue, pay
from duehook.plugins.netsuite.simulator import NetsuiteSimulator
from duehook.plugins.netsuite.simulator.soap.search.enums import ENUMS
from duehook.plugins.netsuite.simulator.soap.searching import SOURCES

from .simulated import START
from .suitetalk import WSDL, XSD, Talker, Wire, Wsdl, any_of

TYPES = ("_invoice", "_creditMemo", "_customerPayment", "_customerDeposit", "_customerRefund", "_journal")
COLUMNS = (
    "accountType amount amountRemaining closeDate currency dueDate entity exchangeRate fxAmount internalId "
    "lastModifiedDate line mainLine memoMain otherRefNum posting status subsidiary terms tranDate tranId type"
)
HEADS = {
    "Invoice": "amountRemaining", "CreditMemo": "unapplied", "CustomerPayment": "unapplied",
    "CustomerDeposit": "payment",
}  # fmt: skip


@pytest.fixture(scope="module")
def played(wsdl: Wsdl, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    """Give an account that has been at work for two weeks; only to be read."""
    simulator = NetsuiteSimulator({
        "folder": str(tmp_path_factory.mktemp("played")), "customers": 60, "items": 500, "start_on": START,
        "read_by": "soap",
    })  # fmt: skip
    talker = Talker(simulator, simulator.start())
    simulator.advance_to(date(2026, 3, 16))
    with simulator.act() as book:
        book.reverse(pay(book, issue(book, "100.00"), "40.00").key)
    yield Wire(talker, wsdl)
    simulator.stop()


def exact(held: float) -> Decimal:
    """Return an amount as it is written."""
    return Decimal(str(held)).normalize() + 0


def given(wire: Wire, stream: Stream, *names: str) -> dict[str, tuple[Any, ...]]:
    """Return what a connector shall read, by key."""
    rows = wire.simulator.given(stream)
    return {row["key"]: tuple(plain(row.get(name)) for name in names) for row in rows}


def plain(held: Any) -> Any:
    """Return an amount without zeros at its end."""
    return held.normalize() + 0 if isinstance(held, Decimal) else held


def records(wire: Wire, *types: str) -> list[Any]:
    """Return all transactions of these types, with their lists, page by page."""
    found: list[Any] = []
    basic = {"type": any_of(*types), "posting": {"searchValue": True}}
    page = wire.search("Transaction", basic, bodyFieldsOnly=False, pageSize=200)
    while True:
        found += page.recordList.record if page.recordList else []
        if page.pageIndex >= page.totalPages:
            return found
        page = wire.ask("searchMoreWithId", page.searchId, page.pageIndex + 1)


def open_lines(wire: Wire) -> list[dict[str, Any]]:
    """Return the lines that items stand on."""
    basic = {"type": any_of(*TYPES), "posting": {"searchValue": True},
             "accountType": any_of("_accountsReceivable", "_otherCurrentLiability")}  # fmt: skip
    return [row for row in wire.rows("Transaction", basic, COLUMNS) if row["mainLine"] or row.get("entity")]


def test_items_are_lines_on_receivables_and_what_is_open_of_their_records(played: Wire) -> None:
    left = {record.internalId: getattr(record, HEADS[type(record).__name__]) for record in
            records(played, "_invoice", "_creditMemo", "_customerPayment", "_customerDeposit")}  # fmt: skip
    for record in records(played, "_customerDeposit"):
        applied = record.applyList.customerDepositApply if record.applyList else []
        left[record.internalId] -= sum(each.amount for each in applied)
    links = {"type": any_of("_journal"), "accountType": any_of("_accountsReceivable")}
    for row in played.rows("Transaction", links, "applyingForeignAmount fxAmount internalId"):
        left.setdefault(row["internalId"], row["fxAmount"])
        left[row["internalId"]] -= row.get("applyingForeignAmount", 0)
    found = {}
    for row in open_lines(played):
        sign = 1 if row["type"] in ("_invoice", "_journal") else -1
        own = sign * row.get("amountRemaining", 0)
        rest = sign * left[row["internalId"]] if row["internalId"] in left else own
        if row["type"] in ("_customerPayment", "_customerDeposit", "_customerRefund") and not rest:
            continue
        found[row["internalId"]] = (
            row["subsidiary"], row["entity"], exact(row["fxAmount"]), exact(rest), exact(row["amount"]), exact(own),
            row["tranId"], row["tranDate"].date(), row["dueDate"].date() if "dueDate" in row else None,
            row["lastModifiedDate"],
        )  # fmt: skip
    names = ("company", "customer", "amount", "open_amount", "company_amount", "company_open_amount", "document_no",
             "document_on", "due_on", "changed_at")  # fmt: skip
    assert len(found) > 300
    assert found == given(played, "item", *names)


def test_journals_have_their_lines_and_no_main_line(played: Wire) -> None:
    on_customers = {"type": any_of("_journal"), "accountType": any_of("_accountsReceivable")}
    rows = played.rows("Transaction", on_customers, "entity fxAmount internalId line mainLine")
    assert rows
    for row in rows:
        assert (row["line"], row["mainLine"]) == (0, False)
        reference = played.make("RecordRef", type="journalEntry", internalId=row["internalId"])
        first, second = played.ask("get", reference).record.lineList.line
        assert (first.account.name, first.entity.internalId) == ("1100 Accounts Receivable", row["entity"])
        assert (first.line, second.line, second.account.name) == (0, 1, "4000 Sales")
        assert row["fxAmount"] == (first.debit or -first.credit) == (second.credit or -second.debit)


def test_payments_are_records_and_voided_ones_say_so(played: Wire) -> None:
    found = {
        record.internalId: (record.subsidiary.internalId, record.customer.internalId, exact(money(record)),
                            record.tranDate.date())
        for record in records(played, "_customerPayment", "_customerDeposit", "_customerRefund")
    }  # fmt: skip
    expected = given(played, "payment", "company", "customer", "amount", "received_on")
    assert found == {key: row for key, row in expected.items() if not key.endswith("|void")}
    voided = {record.internalId for record in records(played, "_customerPayment") if record.status == "Voided"}
    assert {f"{key}|void" for key in voided} == set(expected) - set(found)
    assert voided
    assert voided == set(ids(played, {"type": any_of("_customerPayment"), "voided": {"searchValue": True}}))


def money(record: Any) -> float:
    """Return what came in."""
    return float(-record.total if type(record).__name__ == "CustomerRefund" else record.payment)


def ids(wire: Wire, basic: Any) -> list[str]:
    """Return the ids of what is found."""
    found = wire.search("Transaction", basic).recordList
    return [record.internalId for record in (found.record if found else [])]


def test_allocations_are_the_lists_of_what_was_applied(played: Wire) -> None:
    found = {}
    for record in records(played, "_customerPayment", "_creditMemo", "_customerDeposit"):
        lists = record.applyList
        applied = [] if lists is None else (lists.apply if "apply" in lists else lists.customerDepositApply)
        for each in applied:
            found[f"{record.internalId}|0|{each.doc}|{each.line}"] = (str(each.doc), exact(each.amount))
    assert len(found) > 100
    assert found == given(played, "allocation", "item", "amount")


def test_customers_stand_in_their_subsidiaries(played: Wire) -> None:
    customers = {each.internalId: each for each in played.search("Customer").recordList.record}
    relations = played.search("CustomerSubsidiaryRelationship").recordList.record
    found = {
        (each.subsidiary.internalId, each.entity.internalId): customers[each.entity.internalId].lastModifiedDate
        for each in relations
    }
    rows = played.simulator.given("customer")
    assert found == {(row["company"], row["key"]): row["changed_at"] for row in rows}


def test_what_remains_comes_to_what_is_open(played: Wire) -> None:
    sums: dict[tuple[str, str], Decimal] = {}
    for row in open_lines(played):
        sign = 1 if row["type"] in ("_invoice", "_journal") else -1
        name = row["subsidiary"], row["entity"]
        sums[name] = sums.get(name, Decimal(0)) + sign * exact(row.get("amountRemaining", 0))
    expected: dict[tuple[str, str], Decimal] = {}
    for row in played.simulator.given("item"):
        name = row["company"], row["customer"]
        expected[name] = expected.get(name, Decimal(0)) + row["company_open_amount"]
    assert {name: total for name, total in sums.items() if total} == {
        name: total for name, total in expected.items() if total
    }


def types(wsdl: Wsdl) -> dict[str, dict[str, str]]:
    """Return the elements of each type of the real schema, with their types."""
    root = wsdl.etree.parse(str(WSDL)).getroot()
    return {
        kind.get("name"): {each.get("name"): each.get("type") for each in kind.iter(f"{XSD}element")}
        for kind in root.iter(f"{XSD}complexType") if kind.get("name")
    }  # fmt: skip


FILTERS = {
    "ref": "MultiSelect", "enum": "EnumMultiSelect", "number": "Double", "long": "Long", "bool": "Boolean",
    "date": "Date", "stamp": "Date", "text": "String", "textnumber": "TextNumber",
}  # fmt: skip
ROWS = {**FILTERS, "ref": "Select", "enum": "EnumSelect", "language": "EnumSelect"}


@pytest.mark.parametrize("name", sorted(source.name for source in SOURCES.values()))
def test_what_can_be_searched_is_of_the_real_schema(name: str, wsdl: Wsdl) -> None:
    known = types(wsdl)
    source = next(each for each in SOURCES.values() if each.name == name)
    parts = {"basic": source.basic, **source.joins}
    wrong = []
    for part, fields in parts.items():
        by, rows = (known[f"{name}Search{end}"][part].partition(":")[2] for end in ("", "Row"))
        wrong += [
            f"{part}.{field}" for field, asked in fields.filters.items()
            if known[by].get(field) != f"n4:Search{FILTERS[asked.kind.partition('.')[0]]}Field"
        ]  # fmt: skip
        wrong += [
            f"{part}.{field} (column)" for field, asked in fields.columns.items()
            if known[rows].get(field) != f"n4:SearchColumn{ROWS[asked.kind.partition('.')[0]]}Field"
        ]  # fmt: skip
    assert wrong == []


@pytest.mark.parametrize(
    ("enum", "kind", "beside"),
    [("type", "TransactionType", set()), ("status", "TransactionStatus", {"_paymentVoided"}),
     ("account", "AccountType", set()), ("link", "TransactionLinkType", set()), ("country", "Country", set()),
     ("hold", "CustomerCreditHoldOverride", set()), ("stage", "CustomerStage", set())],
)  # fmt: skip
def test_words_are_of_the_real_schema(enum: str, kind: str, beside: set[str], wsdl: Wsdl) -> None:
    root = wsdl.etree.parse(str(WSDL)).getroot()
    known = {
        word.get("value") for each in root.iter(f"{XSD}simpleType") if each.get("name") == kind
        for word in each.iter(f"{XSD}enumeration")
    }  # fmt: skip
    assert set(ENUMS[enum].values()) - known == beside
