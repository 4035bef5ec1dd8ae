"""Records by SuiteTalk: what is read by id, the lists of an account, and what is written; over the real WSDL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from duehook.core.testing.contract.scenes.acts import issue, pay
from duehook.plugins.netsuite.simulator.tables.names import payment_id

from .suitetalk import CORE, Talker, Wire, Wsdl, any_of
from .test_simulator_soap_searches import issued, refused

UPSERT = """<msg:upsert><msg:record xmlns:comm="urn:communication_2025_2.general.webservices.netsuite.com"
xsi:type="comm:Note" externalId="OUT-8841"><comm:title>Call</comm:title><comm:noteDate>2026-03-02T09:30:00.000-08:00
</comm:noteDate><comm:note>{}</comm:note><comm:entity internalId="1001"/></msg:record></msg:upsert>"""


@pytest.fixture
def own(talking: Callable[..., Talker], wsdl: Wsdl) -> Wire:
    """Give an account that has fields of its own on invoices."""
    return Wire(talking(custom_fields=True), wsdl)


def read(wire: Wire, kind: str, **ids: Any) -> Any:
    """Get one record that there is."""
    found = wire.ask("get", wire.make("RecordRef", type=kind, **ids))
    assert found.status.isSuccess, found.status
    return found.record


def failure(response: Any) -> tuple[str, str]:
    """Return code and words of a response that failed."""
    return refused(response)


def test_a_record_is_read_by_its_type_and_id(wire: Wire) -> None:
    assert read(wire, "customer", internalId="1001").addressbookList.addressbook[0].defaultBilling
    assert read(wire, "currency", internalId="4").symbol == "EUR"
    assert read(wire, "term", internalId="3").name == "2 % 10 days, net 30"
    assert read(wire, "subsidiary", internalId="2").country == "_germany"


@pytest.mark.parametrize(
    ("kind", "key", "code"),
    [
        ("customer", "99999999", "RCRD_DSNT_EXIST"),
        ("invoice", "1001", "RCRD_DSNT_EXIST"),
        ("customer", None, "RCRD_DSNT_EXIST"),
        ("note", "7001", "RCRD_DSNT_EXIST"),
        ("phoneCall", "7001", "INVALID_RCRD_TYPE"),
        ("vendor", "501", "INVALID_RCRD_TYPE"),
    ],
)
def test_what_there_is_not_is_said_in_the_status(kind: str, key: str | None, code: str, wire: Wire) -> None:
    response = wire.ask("get", wire.make("RecordRef", type=kind, internalId=key))
    assert (failure(response)[0], response.record) == (code, None)


def test_each_record_of_a_list_has_its_own_status(wire: Wire) -> None:
    references = [wire.make("RecordRef", type="customer", internalId=key) for key in ("1002", "99999999", "1001")]
    listed = wire.ask("getList", references)
    assert listed.status.isSuccess
    found = [each.record.internalId if each.status.isSuccess else failure(each)[0] for each in listed.readResponse]
    assert found == ["1002", "RCRD_DSNT_EXIST", "1001"]


def test_a_payment_lists_what_it_was_applied_to(wire: Wire) -> None:
    item, key = issued(wire)
    with wire.simulator.act() as book:
        payment = pay(book, item, "60.00")
    found = read(wire, "customerPayment", internalId=str(payment_id(payment)))
    assert (found.payment, found.total, found.applied, found.unapplied) == (60.0, 60.0, 60.0, 0.0)
    assert (found.status, found.customer.internalId) == ("Deposited", item.customer)
    [applied] = found.applyList.apply
    assert (applied.apply, applied.doc, applied.line, applied.type) == (True, key, 0, "Invoice")
    assert (applied.refNum, applied.total, applied.due, applied.amount) == (str(item.document_no), 100.0, 40.0, 60.0)
    invoice = read(wire, "invoice", internalId=str(key))
    assert (invoice.amountPaid, invoice.amountRemaining) == (60.0, 40.0)


def test_days_have_the_midnight_of_the_account_with_its_offset(talking: Callable[..., Talker], wsdl: Wsdl) -> None:
    wire = Wire(talking(timezone="Asia/Tokyo"), wsdl)
    item, key = issued(wire)
    read(wire, "invoice", internalId=str(key))
    document = wsdl.documents[-1]
    written = {each.tag.rpartition("}")[2]: each.text for each in document.iter() if each.text}
    assert written["tranDate"] == f"{item.document_on}T00:00:00.000+09:00"
    assert written["dueDate"] == f"{item.due_on}T00:00:00.000+09:00"
    assert written["total"] == "100.0"


def test_a_date_that_was_spoilt_is_far_off_and_still_a_date(wire: Wire) -> None:
    item, key = issued(wire)
    wire.simulator.spoil(item.key)
    assert read(wire, "invoice", internalId=str(key)).tranDate.year == 18


def test_the_currencies_are_a_list(wire: Wire) -> None:
    found = wire.ask("getAll", wire.make("GetAllRecord", recordType="currency"))
    told = [
        (each.internalId, each.symbol, each.currencyPrecision, each.isBaseCurrency) for each in found.recordList.record
    ]
    assert told == [
        ("1", "USD", "_two", True), ("2", "GBP", "_two", False), ("4", "EUR", "_two", False),
        ("5", "JPY", "_zero", False), ("6", "KWD", None, False),
    ]  # fmt: skip
    assert refused(wire.ask("getAll", wire.make("GetAllRecord", recordType="state")))[0] == "GETALL_RCRD_TYPE_REQD"


def test_what_an_account_tells_of_itself(wire: Wire) -> None:
    assert wire.ask("getServerTime").serverTime.isoformat() == "2026-03-02T15:45:00-08:00"
    urls = wire.ask("getDataCenterUrls", "1234567_SB1").dataCenterUrls
    assert (urls.webservicesDomain, urls.restDomain) == (wire.talker.settings["base_url"],) * 2
    assert wire.ask("getAccountGovernanceInfo").accountConcurrencyLimit == 5
    saved = wire.ask("getSavedSearch", wire.make("GetSavedSearchRecord", searchType="transaction"))
    assert (saved.totalRecords, saved.recordRefList) == (0, None)
    terms = wire.ask(
        "getSelectValue", wire.make("GetSelectValueFieldDescription", recordType="customer", field="terms"), 1
    )
    assert [(each.internalId, each.name) for each in terms.baseRefList.baseRef][:2] == [
        ("1", "Net 14 days"), ("2", "Net 30 days"),
    ]  # fmt: skip


def test_the_accounts_own_fields_are_listed_with_both_ids(own: Wire, wire: Wire) -> None:
    def fields(account: Wire, kind: str = "transactionBodyCustomField") -> dict[str, str]:
        found = account.ask("getCustomizationId", account.make("CustomizationType", getCustomizationType=kind), True)
        refs = found.customizationRefList.customizationRef if found.customizationRefList else []
        return {each.scriptId: each.internalId for each in refs}

    promise = ["custbody_due_promise_date", "custbody_due_promise_amount", "custbody_due_dispute"]
    usual = ["custbody_due_class", "custbody_due_dunning_level", "custbody_due_dunned_on"]
    assert list(fields(own)) == [*usual, *promise]
    assert list(fields(wire)) == usual
    assert fields(own, "entityCustomField") == {}


def test_a_field_of_the_account_tells_of_which_kind_it_is(own: Wire) -> None:
    def kind(**ids: str) -> Any:
        asked = own.make("CustomizationRef", type="transactionBodyCustomField", **ids)
        return own.ask("get", asked)

    found = kind(scriptId="custbody_due_promise_date").record
    assert (found.fieldType, found.scriptId, found.bodySale) == ("_date", "custbody_due_promise_date", True)
    assert kind(internalId="1005").record.fieldType == "_decimalNumber"
    assert failure(kind(scriptId="custbody_other"))[0] == "RCRD_DSNT_EXIST"


def test_what_was_deleted_is_listed_by_day_and_type(wire: Wire) -> None:
    with wire.simulator.act() as book:
        item = issue(book, "10.00")
    name = wire.simulator.account.ledger._name_of(item)
    key = wire.simulator.account.ledger.id_of(item.key)
    wire.simulator.account.ledger._delete(name, wire.simulator.now)

    def deleted(**filters: Any) -> list[tuple[str, str]]:
        found = wire.ask("getDeleted", wire.make("GetDeletedFilter", **filters), 1)
        listed = found.deletedRecordList.deletedRecord if found.deletedRecordList else []
        return [(each.record.type, each.record.internalId) for each in listed]

    since = {"searchValue": "2026-03-02T00:00:00-08:00", "operator": "onOrAfter"}
    assert deleted(deletedDate=since, type=any_of("invoice")) == [("invoice", str(key))]
    assert deleted(type=any_of("customer")) == []
    assert deleted(deletedDate={**since, "operator": "before"}) == []


def updated(wire: Wire, kind: str, key: int | str, **fields: Any) -> Any:
    """Update a record; return the response."""
    return wire.ask("update", wire.make(kind, internalId=str(key), **fields))


def test_a_hold_is_set_and_lifted(wire: Wire) -> None:
    response = updated(wire, "Customer", 1001, creditHoldOverride="_on")
    assert response.status.isSuccess
    assert (response.baseRef.internalId, response.baseRef.type) == ("1001", "customer")
    assert wire.simulator.hold("", "1001") == "ON"
    assert read(wire, "customer", internalId="1001").lastModifiedDate.date() == date(2026, 3, 2)
    updated(wire, "Customer", 1001, creditHoldOverride="_auto", creditLimit=25000, terms={"internalId": "2"})
    found = read(wire, "customer", internalId="1001")
    assert (found.creditHoldOverride, found.creditLimit, found.terms.name) == ("_auto", 25000.0, "Net 30 days")


def test_a_null_field_is_cleared_and_an_absent_one_left(wire: Wire) -> None:
    updated(wire, "Customer", 1001, creditLimit=25000, comments="Kept")
    updated(wire, "Customer", 1001, nullFieldList={"name": ["creditLimit"]})
    found = read(wire, "customer", internalId="1001")
    assert (found.creditLimit, found.comments) == (None, "Kept")
    wrong = updated(wire, "Customer", 1001, nullFieldList={"name": ["companyName"]})
    assert failure(wrong)[0] == "INVALID_KEY_OR_REF"


def test_each_record_of_an_update_list_has_its_own_status(wire: Wire) -> None:
    records = [wire.make("Customer", internalId=key, creditHoldOverride="_off") for key in ("1001", "99999999")]
    listed = wire.ask("updateList", records)
    assert listed.status.isSuccess
    assert [each.status.isSuccess for each in listed.writeResponse] == [True, False]
    assert failure(listed.writeResponse[1]) == ("RCRD_DSNT_EXIST", "That record does not exist.")
    assert wire.simulator.hold("", "1001") == "OFF"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"companyName": "Another"}, "INSUFFICIENT_FLD_PERMISSION"),
        ({"terms": {"internalId": "99"}}, "INVALID_KEY_OR_REF"),
    ],
)
def test_what_cannot_be_written_is_refused(fields: Any, code: str, wire: Wire) -> None:
    assert failure(updated(wire, "Customer", 1001, **fields))[0] == code


def test_a_field_that_is_read_only_is_left_where_that_is_preferred(wire: Wire) -> None:
    record = wire.make("Customer", internalId="1001", companyName="Another", comments="Written")
    assert wire.ask("update", record, preferences={"ignoreReadOnlyFields": True}).status.isSuccess
    found = read(wire, "customer", internalId="1001")
    assert (found.companyName, found.comments) == ("Alder Tools Inc.", "Written")


def test_a_value_that_no_schema_knows_is_refused(talker: Talker) -> None:
    body = '<msg:update><msg:record xsi:type="rel:Customer" internalId="1001">{}</msg:record></msg:update>'
    response = talker.answer(body.format("<rel:creditHoldOverride>ON</rel:creditHoldOverride>"))
    assert [each.text for each in response.iter(f"{CORE}code")] == ["INVALID_KEY_OR_REF"]
    response = talker.answer(body.format("<rel:creditLimit>much</rel:creditLimit>"))
    assert [each.text for each in response.iter(f"{CORE}code")] == ["INVALID_NUMBER"]


def test_other_records_are_neither_made_nor_replaced(wire: Wire) -> None:
    assert failure(wire.ask("add", wire.make("Customer", companyName="New")))[0] == "INSUFFICIENT_PERMISSION"
    assert failure(wire.ask("update", wire.make("Vendor", internalId="501")))[0] == "INSUFFICIENT_PERMISSION"


def custom(wire: Wire, kind: str, script: str, value: Any) -> Any:
    """Return a custom field as a request gives it."""
    return wire.make(f"{kind}CustomFieldRef", scriptId=script, value=value)


def test_promises_and_disputes_are_fields_of_the_account(own: Wire) -> None:
    item, key = issued(own)
    fields = [
        custom(own, "Date", "custbody_due_promise_date", "2026-03-20T00:00:00-07:00"),
        custom(own, "Double", "custbody_due_promise_amount", 80.5),
        custom(own, "String", "custbody_due_dispute", "price"),
    ]
    assert updated(own, "Invoice", key, customFieldList={"customField": fields}).status.isSuccess
    listed = read(own, "invoice", internalId=str(key)).customFieldList.customField
    held = {each.scriptId: each.value for each in listed}
    assert held["custbody_due_promise_date"].isoformat() == "2026-03-20T00:00:00-07:00"
    assert (held["custbody_due_promise_amount"], held["custbody_due_dispute"]) == (80.5, "price")
    assert own.simulator.seen("set_promise", "", "", item.key)["custbody_due_promise_amount"] == 80.5
    updated(own, "Invoice", key, nullFieldList={"name": ["custbody_due_dispute"]})
    listed = read(own, "invoice", internalId=str(key)).customFieldList.customField
    assert "custbody_due_dispute" not in {each.scriptId for each in listed}


def test_the_accounts_own_fields_are_searched_and_given_as_columns(own: Wire) -> None:
    _, key = issued(own)
    dispute = custom(own, "String", "custbody_due_dispute", "price")
    updated(own, "Invoice", key, customFieldList={"customField": [dispute]})
    wanted = own.make("SearchStringCustomField", scriptId="custbody_due_dispute", searchValue="price", operator="is")
    basic = {"mainLine": {"searchValue": True}, "customFieldList": {"customField": [wanted]}}
    assert [each.internalId for each in own.search("Transaction", basic).recordList.record] == [str(key)]
    column = own.make("SearchColumnStringCustomField", scriptId="custbody_due_dispute")
    row = own.make("TransactionSearchRowBasic", customFieldList={"customField": [column]})
    columns = own.make("TransactionSearchRow", basic=row)
    advanced = own.make("TransactionSearchAdvanced", criteria=own.criteria("Transaction", basic), columns=columns)
    found = own.ask("search", advanced).searchRowList.searchRow[0].basic.customFieldList.customField[0]
    assert (found.scriptId, found.searchValue) == ("custbody_due_dispute", "price")


def test_a_field_that_the_account_has_not_is_refused(own: Wire, wire: Wire) -> None:
    for account, kind, script in (
        (wire, "String", "custbody_due_dispute"),
        (own, "Double", "custbody_due_dispute"),
        (own, "String", "custbody_other"),
    ):
        _, key = issued(account)
        fields = {"customField": [custom(account, kind, script, 1)]}
        assert failure(updated(account, "Invoice", key, customFieldList=fields))[0] == "INVALID_CSTM_FIELD_REF"


def note(wire: Wire, text: str, **more: Any) -> Any:
    """Return a note on a customer."""
    fields = {"title": "Call", "note": text, "entity": {"internalId": "1001"}, "direction": "_outgoing", **more}
    return wire.make("Note", **fields)


def test_an_external_id_makes_a_note_and_then_changes_it(wire: Wire) -> None:
    for text in ("Called.", "Called; pays on Friday."):
        response = wire.ask("upsert", note(wire, text, externalId="OUT-8841", noteDate="2026-03-02T09:30:00-08:00"))
        assert response.status.isSuccess
        reference = response.baseRef
        assert (reference.internalId, reference.externalId, reference.type) == ("7001", "OUT-8841", "note")
    assert wire.simulator.notes("1001") == ["Called; pays on Friday."]
    found = read(wire, "note", externalId="OUT-8841")
    assert (found.internalId, found.note, found.direction) == ("7001", "Called; pays on Friday.", "_outgoing")
    assert (found.entity.internalId, found.noteDate.isoformat()) == ("1001", "2026-03-02T09:30:00-08:00")


def test_a_note_as_it_goes_over_the_wire(talker: Talker) -> None:
    text = '50 % &lt;b&gt;off&lt;/b&gt; &amp; "K\u00f6ln"\u2028'
    body = talker.post(UPSERT.format(text)).text
    assert (
        '<platformMsgs:writeResponse><platformCore:status isSuccess="true" />'
        '<platformMsgs:baseRef xsi:type="platformCore:RecordRef" internalId="7001" externalId="OUT-8841" type="note" />'
        "</platformMsgs:writeResponse>"
    ) in body
    assert talker.simulator.notes("1001") == ['50 % <b>off</b> & "Köln"\u2028']


def test_a_note_that_is_added_twice_is_there_once_where_it_has_an_external_id(wire: Wire) -> None:
    assert wire.ask("add", note(wire, "Once", externalId="OUT-1")).status.isSuccess
    assert failure(wire.ask("add", note(wire, "Twice", externalId="OUT-1")))[0] == "DUP_RCRD"
    for _ in range(2):
        assert wire.ask("addList", [note(wire, "Again")]).writeResponse[0].status.isSuccess
    assert wire.simulator.notes("1001") == ["Once", "Again", "Again"]
    assert failure(wire.ask("upsert", note(wire, "Who?")))[0] == "EXTERNALID_REQD"


def test_a_note_on_nobody_is_refused(wire: Wire) -> None:
    nobody = {"internalId": "99999999"}
    assert failure(wire.ask("upsert", note(wire, "x", externalId="1", entity=nobody)))[0] == "INVALID_KEY_OR_REF"
    assert failure(wire.ask("upsert", note(wire, "x", externalId="1", entity=None)))[0] == "USER_ERROR"
    assert wire.simulator.notes("1001") == []


def test_where_the_account_has_phone_calls_these_are_the_notes(talking: Callable[..., Talker], wsdl: Wsdl) -> None:
    wire = Wire(talking(notes="phonecall"), wsdl)
    assert failure(wire.ask("upsert", note(wire, "x", externalId="1")))[0] == "INSUFFICIENT_PERMISSION"
    call = wire.make(
        "PhoneCall", externalId="OUT-1", title="Call", message="Called.", company={"internalId": "1001"},
        status="_completed", completedDate="2026-03-02T00:00:00-08:00",
    )  # fmt: skip
    for _ in range(2):
        assert wire.ask("upsertList", [call]).writeResponse[0].status.isSuccess
    assert wire.simulator.notes("1001") == ["Called."]
    found = read(wire, "phoneCall", externalId="OUT-1")
    assert (found.status, found.completedDate.date(), found.title) == ("_completed", date(2026, 3, 2), "Call")


def test_a_record_that_is_saved_meanwhile_has_changed_under_the_write(wire: Wire) -> None:
    erp = wire.simulator
    erp.meanwhile(lambda: erp.user_sets_hold("", "1001", "OFF"), erp.writes("set_credit_hold"))
    assert failure(updated(wire, "Customer", 1001, creditHoldOverride="_on")) == (
        "RCRD_HAS_BEEN_CHANGED", "Record has been changed.",
    )  # fmt: skip
    assert erp.hold("", "1001") == "OFF"
    assert updated(wire, "Customer", 1001, creditHoldOverride="_on").status.isSuccess


def test_a_record_that_a_workflow_locked_is_found_by_a_search_alone(wire: Wire) -> None:
    wire.simulator.records.locked.add(("customer", 1001))
    locked = ("USER_ERROR", "This record has been locked by a user defined workflow.")
    assert failure(wire.ask("get", wire.make("RecordRef", type="customer", internalId="1001"))) == locked
    assert failure(updated(wire, "Customer", 1001, creditLimit=1)) == locked
    assert len(wire.search("Customer").recordList.record) == 20


def test_a_role_may_not_write_what_it_may_not_see(wire: Wire) -> None:
    wire.simulator.deny("customer")
    assert failure(updated(wire, "Customer", 1001, creditLimit=1))[0] == "INSUFFICIENT_PERMISSION"
    reference = wire.make("RecordRef", type="customer", internalId="1001")
    assert failure(wire.ask("get", reference))[0] == "INSUFFICIENT_PERMISSION"
