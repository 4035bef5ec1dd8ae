"""Each message of SOAP that the connector sends, and each field that it reads, is of the real WSDL.

zeep reads the real WSDL in the place of the account's own and makes the messages; libxml2 holds each against it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from duehook.core.hookspecs import Command
from duehook.core.records import Stream
from duehook.core.testing.contract.scenes.acts import issue, pay
from duehook.core.wire.tapes import taped_by
from duehook.plugins.netsuite.settings import NetsuiteSettings
from duehook.plugins.netsuite.simulator import NetsuiteSimulator
from duehook.plugins.netsuite.soap import words
from duehook.plugins.netsuite.soap.client.schema import WSDL as PLACE
from duehook.plugins.netsuite.soap.client.schema import file_of

from .simulated import START
from .soapy import Heard, Soapy
from .suitetalk import SOAP, WSDL, XSD, Wsdl, corrected

STREAMS: tuple[Stream, ...] = ("company", "payment_term", "customer", "contact", "item", "payment", "allocation")
OPERATIONS = {
    "getServerTime", "getAll", "get", "getList", "getDeleted", "getCustomizationId", "search", "searchMoreWithId",
    "update", "upsert",
}  # fmt: skip
FIELDS = {  # of records, what is read beside the columns of searches
    "Currency": "symbol", "Invoice": "amountRemaining customFieldList", "CreditMemo": "unapplied customFieldList",
    "CustomerPayment": "unapplied customFieldList", "CustomerDeposit": "payment applyList customFieldList",
    "CustomerDepositApplyList": "customerDepositApply", "CustomerDepositApply": "amount",
    "Customer": "creditHoldOverride", "TransactionBodyCustomField": "fieldType", "DeletedRecord": "record",
    "SearchResult": "totalRecords totalPages pageIndex searchId searchRowList", "GetServerTimeResult": "serverTime",
    "GetAllResult": "totalRecords recordList", "GetDeletedResult": "totalPages deletedRecordList",
    "Status": "statusDetail", "StatusDetail": "code message", "ReadResponse": "record",
}  # fmt: skip
SIGNED = {"nonce", "timestamp", "signature"}


def heard(simulator: NetsuiteSimulator, settings: dict[str, Any]) -> Heard:
    """Let a connection do all that it can; return what it sent."""
    account = Soapy(simulator, NetsuiteSettings.model_validate(settings))
    with taped_by(account.heard):
        try:
            use(account)
        finally:
            account.close()
    return account.heard


def use(account: Soapy) -> None:
    """Read, sweep, look up, add up, check, discover and write."""
    with account.simulator.act() as book:
        item = issue(book, "100.00")
        pay(book, item, "40.00")
    for stream in STREAMS:
        source = account.source(stream)
        pages = account.pages(stream)
        account.pages(stream, pages[-1].position)
        list(source.keys(stream))
        rows = [row for page in pages for row in page.rows][:30]
        names = [(row.get("company") or "", row.get("key") or "") for row in rows]
        source.lookup(stream, [*names, ("1", "4711")])
        list(source.totals(source.upper_bound()))
        list(source.check())
        list(source.discover())
    list(account.target.check())
    key, company, customer = str(account.simulator.account.ledger.id_of(item.key)), "1", str(item.customer)
    company = next(row["company"] for row in account.simulator.given("item") if row["key"] == key)
    bodies: dict[Any, dict[str, Any]] = {
        "add_note": {"text": "Called."}, "set_credit_hold": {"value": "ON"},
        "release_credit_hold": {"value": "ON", "restore": "AUTO"},
        "set_promise": {"amount": "60.00", "on": "2026-03-20"}, "set_dispute": {"amount": "5.00", "reason": "price"},
    }  # fmt: skip
    for kind, said in bodies.items():
        done = account.target.apply(Command(kind, f"{kind} {key}", company, customer, key, said))
        assert (kind, done.outcome) == (kind, "done")


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NetsuiteSimulator]:
    """Give an account with documents in several currencies and fields of its own."""
    found = NetsuiteSimulator({
        "folder": str(tmp_path_factory.mktemp("account")), "customers": 30, "items": 80, "start_on": START,
        "read_by": "soap", "custom_fields": True, "instalments": True,
    })  # fmt: skip
    yield found
    found.stop()


@pytest.fixture(scope="module")
def settings(simulator: NetsuiteSimulator) -> dict[str, Any]:
    """Return the settings of a connection that uses whatever there is."""
    more = {**simulator.site_settings, "page_size": 40}
    return {**simulator.start(), **more}


@pytest.fixture(scope="module")
def by_the_real_one(
    wsdl: Wsdl, simulator: NetsuiteSimulator, settings: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Heard:
    """Return what is sent where the account's WSDL is the real one."""
    folder = tmp_path_factory.mktemp("wsdl")
    corrected().write(str(folder / file_of(f"{settings['base_url']}{PLACE}")))
    return heard(simulator, {**settings, "wsdl_folder": str(folder), "companies": ["1", "2", "3", "4"]})


def test_every_operation_is_used_and_every_message_is_of_the_real_schema(by_the_real_one: Heard, wsdl: Wsdl) -> None:
    assert set(by_the_real_one.operations()) == OPERATIONS
    assert len(by_the_real_one.sent) > 150
    for sent in by_the_real_one.sent:
        envelope = wsdl.etree.fromstring(sent)
        for part in (*envelope.find(f"{SOAP}Header"), *envelope.find(f"{SOAP}Body")):
            wsdl.schema.assertValid(wsdl.etree.ElementTree(wsdl.etree.fromstring(wsdl.etree.tostring(part))))


def test_the_real_wsdl_is_never_asked_for_where_a_folder_holds_it(by_the_real_one: Heard) -> None:
    assert [url for url in by_the_real_one.urls if ".wsdl" in url or ".xsd" in url] == []


def test_a_small_wsdl_makes_the_same_messages(
    by_the_real_one: Heard, wsdl: Wsdl, simulator: NetsuiteSimulator, settings: dict[str, Any]
) -> None:
    other = heard(simulator, {**settings, "companies": ["1", "2", "3", "4"]})
    assert shapes(wsdl, other) == shapes(wsdl, by_the_real_one)


def shapes(wsdl: Wsdl, account: Heard) -> set[tuple[tuple[str, str], ...]]:
    """Return the names and types of all elements of each message, in their order, each once where it is repeated.

    Those that only count are left out: behind which id they do differs between two runs.
    """
    found = set()
    for sent in account.sent:
        parts = wsdl.etree.fromstring(sent).iter()
        kind = "{http://www.w3.org/2001/XMLSchema-instance}type"
        names = [(each.tag, (each.get(kind) or "").rpartition(":")[2]) for each in parts]
        found.add(tuple(name for place, name in enumerate(names) if name not in names[:place]))
    return {each for each in found if not each[-1][0].endswith("}internalId")}


@pytest.mark.parametrize("name", FIELDS)
def test_what_is_read_of_records_is_of_the_real_wsdl(name: str, wsdl: Wsdl) -> None:
    kind = wsdl.client.get_type(wsdl.names[name])
    assert set(FIELDS[name].split()) - {field for field, _ in kind.elements} == set()


def enumerated(wsdl: Wsdl, name: str) -> set[str]:
    """Return the words of an enumeration."""
    root = wsdl.etree.parse(str(WSDL)).getroot()
    return {
        word.get("value") for each in root.iter(f"{XSD}simpleType") if each.get("name") == name
        for word in each.iter(f"{XSD}enumeration")
    }  # fmt: skip


def test_types_records_and_holds_are_words_of_the_real_wsdl(wsdl: Wsdl) -> None:
    assert set(words.TYPES) - enumerated(wsdl, "TransactionType") == set()
    assert set(words.RECORDS.values()) - enumerated(wsdl, "RecordType") == set()
    assert set(words.RECORDS.values()) - enumerated(wsdl, "DeletedRecordType") == set()
    holds = {words.word_of(hold) for hold in ("AUTO", "ON", "OFF")}
    assert holds == enumerated(wsdl, "CustomerCreditHoldOverride")
    assert words.RECEIVABLE in enumerated(wsdl, "AccountType")


def test_every_country_and_language_is_known(wsdl: Wsdl) -> None:
    for name, known in (("Country", words.country_of), ("Language", words.language_of)):
        told: list[str] = sorted(enumerated(wsdl, name))
        assert len(told) > 60
        assert [word for word in told if known(word) is None] == []


def test_codes_of_statuses_are_of_the_real_wsdl(wsdl: Wsdl) -> None:
    from duehook.plugins.netsuite.client.errors import CHANGED
    from duehook.plugins.netsuite.soap.client import faults

    known = enumerated(wsdl, "StatusDetailCodeType")
    told = faults.DENIED | faults.BUSY | {CHANGED, "INVALID_SEARCH_MORE", "UNEXPECTED_ERROR", "RCRD_DSNT_EXIST"}
    assert {code for code in told if code not in known} == set()
