"""Check and discover: what may be asked is said to be so, what may not is named by program and transaction."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from duehook.core.hookspecs import Finding
from duehook.plugins.infor_m3.sources import M3Contacts, M3Customers, M3Invoices, M3Payments
from duehook.plugins.infor_m3.target import M3Target

from .connector_ledger import StubLedger
from .connector_stub import Asked, Refused, Rows, Stub, settings_of, stubbed

PERSON = {"CNPE": "P1", "ERTP": "1", "EMRE": "Y1", "RFTP": "AP", "EMAL": "ap@y1.example", "TX50": "Ann", "VIPX": "gold"}
WRITES = [
    "CRS610MI/ChgFinancial", "CRS610MI/AddText", "ARS201MI/UpdPmtReminStop", "ARS201MI/UpdCustInv",
    "CUSEXTMI/AddFieldValue", "CUSEXTMI/ChgFieldValue", "CUSEXTMI/ChgFieldValueEx", "ARS251MI/AddInfoCat",
]  # fmt: skip
ALL: dict[str, Any] = {"promise": "cusextmi", "dispute_category": "900"}


@pytest.fixture
def stub() -> Iterator[Stub]:
    with stubbed() as served:
        ledger = StubLedger(served)
        ledger.add("90001", "100.00")
        customer = {"CUNO": "Y1", "CUNM": "Acme AB", "STAT": "20", "TEPY": "N30", "CUCD": "EUR", "CFC3": "XYZ"}
        served.answers |= {
            "GENERAL/GetUserInfo": lambda asked: [{"ZZUSID": "DUEHOOK", "ZDCONO": "100"}],
            "CRS610MI/LstByNumber": lambda asked: [customer],
            "CRS610MI/GetFinancial": lambda asked: [{"CUNO": asked["CUNO"], "BLCD": "0"}],
            "CRS610MI/GetBasicData": nobody,
            "CRS618MI/Lst": lambda asked: [PERSON],
            "CRS111MI/List": lambda asked: [],
            "ARS200MI/GetCashDiscInfo": nobody,
            "CRS075MI/List": lambda asked: [{"TEPY": "N30", "LNCD": "", "TX15": "30 days", "TEPD": "30", "TEFM": "0"}],
            "CRS075MI/Get": nobody,
            "CRS055MI/SelExchangeRate": lambda asked: [],
            "CRS980MI/LstTxtBlocks": nobody,
            "CRS980MI/SltTxtBlock": nobody,
            "CUSEXTMI/GetFieldValue": nobody,
            "CUSEXTMI/GetFieldValueEx": nobody,
            "ARS251MI/LstInfo": nobody,
            **dict.fromkeys(WRITES, keyless),
        }
        yield served


def nobody(asked: Asked) -> Rows:
    raise Refused("XXX0003", "Record does not exist")


def keyless(asked: Asked) -> Rows:
    assert not {"CUNO", "PYNO", "FILE", "YEA4", "PARM"} & set(asked), "a check must not say what shall be changed"
    raise Refused("WCU0102", "Customer number must be entered", "CUNO")


def unauthorized(asked: Asked) -> Rows:
    raise Refused("XAU0008", "Not authorized for company 100")


def findings(stub: Stub, **more: Any) -> list[Finding]:
    settings = settings_of(stub, **{**ALL, **more})
    kinds = (M3Customers, M3Contacts, M3Invoices, M3Payments, M3Target)
    return [each for kind in kinds for each in kind(settings).check()]


def test_nothing_is_wrong_with_an_m3_in_order(stub: Stub) -> None:
    assert [each for each in findings(stub) if not each.ok] == []


@pytest.mark.parametrize(
    "name",
    ["GENERAL/GetUserInfo", "GENERAL/GetServerTime", "CRS610MI/LstByNumber", "CRS610MI/GetFinancial",
     "CRS610MI/GetBasicData", "CRS618MI/Lst", "CRS075MI/List", "CRS075MI/Get", "CRS055MI/SelExchangeRate",
     "ARS200MI/LstInvByDivi", "ARS200MI/GetInvTotInfo", "ARS200MI/GetInvoice", "EXPORTMI/Select",
     "CRS980MI/LstTxtBlocks", "CRS980MI/SltTxtBlock", "CUSEXTMI/GetFieldValue", "CUSEXTMI/GetFieldValueEx",
     "ARS251MI/LstInfo", *WRITES],
)  # fmt: skip
def test_a_transaction_that_is_not_allowed_is_named_with_what_to_ask_for(name: str, stub: Stub) -> None:
    stub.answers[name] = unauthorized
    wrong = [each for each in findings(stub) if not each.ok and each.severity == "error"]
    title = name.replace("/", " ")
    assert [each for each in wrong if title in f"{each.subject} {each.message}" and each.advice]


def test_what_is_not_read_by_exportmi_is_asked_by_lists(stub: Stub) -> None:
    stub.answers["ARS200MI/LstInvoiceTrans"] = unauthorized
    assert [each.subject for each in findings(stub, exportmi=False) if not each.ok] == ["ARS200MI LstInvoiceTrans"]


def test_people_of_another_employer_type_are_noticed(stub: Stub) -> None:
    wrong = [each for each in findings(stub, **{"contacts.employer_type": "7"}) if not each.ok]
    assert [(each.severity, each.message) for each in wrong] == [
        ("warning", "no contact has the employer type 7; there is 1")
    ]


def test_divisions_and_codes_are_discovered_and_nobodys_name_is_shown(stub: Stub) -> None:
    settings = settings_of(stub)
    found = [each for kind in (M3Customers, M3Contacts, M3Invoices) for each in kind(settings).discover()]
    assert {(each.kind, each.name) for each in found} >= {
        ("company", "AAA"), ("customer status", "20"), ("contact type", "AP"), ("employer type", "1"),
        ("transaction code", "10"),
    }  # fmt: skip
    shown = " ".join(sample for each in found for sample in each.samples)
    assert "Acme" not in shown
    assert "ap@y1.example" not in shown
    assert [each.text for each in found if each.kind == "company"] == ["AAA, EUR"]
