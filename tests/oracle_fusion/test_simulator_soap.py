"""The customer profile service: a profile is read, its hold is set, and what is wrong is a fault."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from duehook.plugins.oracle_fusion.simulator import FusionSimulator

from .simulated import SOAP, Caller

S = "{http://xmlns.oracle.com/apps/financials/receivables/customers/customerProfileService/}"
T = "{http://xmlns.oracle.com/apps/financials/receivables/customers/customerProfileService/types/}"
E = "{http://xmlns.oracle.com/adf/svc/errors/}"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


def cells(text: str) -> dict[str, str | None]:
    """Return the cells of the profile that is answered; what is nil is None."""
    value = ElementTree.fromstring(text).find(f".//{S}Value")
    assert value is not None
    return {each.tag.removeprefix(S): None if each.get(NIL) == "true" else each.text for each in value}


def fault(text: str) -> tuple[str | None, str | None, str | None]:
    """Return faultcode, code and message of a fault."""
    root = ElementTree.fromstring(text)
    return root.findtext(".//faultcode"), root.findtext(f".//{E}code"), root.findtext(f".//{E}message")


def test_the_active_profile_of_an_account(client: Caller) -> None:
    customer = client.simulator.book.customers["1001"]
    account = customer.accounts[None]
    answer = client.soap("getActiveCustomerProfile", "<s:AccountNumber>1001</s:AccountNumber>")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/xml;charset=UTF-8")
    limit = account.credit_limit
    assert cells(answer.text) == {
        "AccountNumber": "1001",
        "SiteNumber": None,
        "CustomerAccountId": "100000000001001",
        "CustomerAccountProfileId": "100200000001001",
        "PartyId": "100100000001001",
        "PartyNumber": "CDRM_501001",
        "AccountStatusValue": "Active",
        "ProfileClassName": "DEFAULT",
        "CollectorName": account.collector,
        "CreditAnalystName": account.credit_manager,
        "CreditHold": "N",
        "CreditLimit": None if limit is None else str(limit),
        "CreditCurrencyCode": None if limit is None else customer.currency,
        "PaymentTerms": client.simulator.book.terms[account.terms].text,
        "EffectiveStartDate": "2015-01-01",
        "ObjectVersionNumber": "1",
    }
    result = ElementTree.fromstring(answer.text).find(f".//{T}getActiveCustomerProfileResponse/{T}result")
    assert result is not None


def test_an_update_writes_what_it_names_and_nothing_else(client: Caller) -> None:
    before = cells(client.soap("getActiveCustomerProfile", "<s:AccountNumber>1002</s:AccountNumber>").text)
    written = "<s:AccountNumber>1002</s:AccountNumber><s:CreditHold>Y</s:CreditHold>"
    assert cells(client.soap("updateCustomerProfile", written).text) == {
        **before, "CreditHold": "Y", "ObjectVersionNumber": "2",
    }  # fmt: skip
    assert client.simulator.hold("00001", "1002") == "Y"
    emptied = '<s:AccountNumber>1002</s:AccountNumber><s:CreditLimit xsi:nil="true"/>'
    assert cells(client.soap("updateCustomerProfile", emptied).text)["CreditLimit"] is None


def test_who_names_the_version_that_was_read_does_not_overwrite_another(client: Caller) -> None:
    client.simulator.user_sets_hold("00001", "1002", "Y")
    stale = (
        "<s:AccountNumber>1002</s:AccountNumber><s:CreditHold>N</s:CreditHold>"
        "<s:ObjectVersionNumber>1</s:ObjectVersionNumber>"
    )
    answer = client.soap("updateCustomerProfile", stale)
    assert (answer.status_code, fault(answer.text)[1]) == (500, "25014")
    assert client.simulator.hold("00001", "1002") == "Y"
    answer = client.soap("updateCustomerProfile", stale.replace(">1<", ">2<"))
    assert cells(answer.text)["CreditHold"] == "N"


def test_what_was_written_outlives_a_restart_and_gives_way_to_the_books_own_people(client: Caller) -> None:
    client.soap("updateCustomerProfile", "<s:AccountNumber>1003</s:AccountNumber><s:CreditHold>Y</s:CreditHold>")
    again = FusionSimulator(client.simulator.options)
    again.start()
    assert again.hold("00001", "1003") == "Y"
    with again.act() as book:
        book.set_hold("1003", None)
    assert again.hold("00001", "1003") is None
    again.stop()


def test_a_user_sets_and_lifts_a_hold(client: Caller) -> None:
    client.simulator.user_sets_hold("00001", "1004", "Y")
    asked = "<s:AccountNumber>1004</s:AccountNumber>"
    assert cells(client.soap("getActiveCustomerProfile", asked).text)["CreditHold"] == "Y"
    client.simulator.user_sets_hold("00001", "1004", None)
    assert cells(client.soap("getActiveCustomerProfile", asked).text)["CreditHold"] == "N"


def test_an_account_that_there_is_not_is_a_fault(client: Caller) -> None:
    answer = client.soap("getActiveCustomerProfile", "<s:AccountNumber>99999999</s:AccountNumber>")
    assert answer.status_code == 500
    assert fault(answer.text) == (
        "env:Server",
        "FND:::FND_CMN_RCRD_MSNG",
        "JBO-FND:::FND_CMN_RCRD_MSNG: <MESSAGE><TEXT>The record for Account Number 99999999 doesn't exist."
        "</TEXT></MESSAGE>",
    )


@pytest.mark.parametrize(
    ("operation", "said", "code"),
    [
        ("updateCustomerProfile", "<s:AccountNumber>1001</s:AccountNumber><s:CreditHold>C2</s:CreditHold>", "27024"),
        ("updateCustomerProfile", "<s:AccountNumber>1001</s:AccountNumber><s:Hold>Y</s:Hold>", "27024"),
        ("updateCustomerProfile", "<s:AccountNumber>1001</s:AccountNumber><s:CreditLimit>x</s:CreditLimit>", "27024"),
        ("updateCustomerProfile", "<s:CreditHold>Y</s:CreditHold>", "FND:::FND_CMN_RCRD_MSNG"),
        ("deleteCustomerProfile", "<s:AccountNumber>1001</s:AccountNumber>", "env:Client"),
    ],
)
def test_what_cannot_be_written_is_a_fault(operation: str, said: str, code: str, client: Caller) -> None:
    answer = client.soap(operation, said)
    assert (answer.status_code, fault(answer.text)[1]) == (500, code)
    assert client.simulator.hold("00001", "1001") is None


@pytest.mark.parametrize(
    "body", [b"<a>", b"<a/>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "\u00e9".encode("latin-1")], ids=str
)
def test_what_is_no_envelope_is_a_fault(body: bytes, client: Caller) -> None:
    assert client.send("POST", SOAP, data=body).status_code == 500


def test_the_wsdl_names_operations_fields_and_the_address(client: Caller) -> None:
    answer = client.send("GET", f"{SOAP}?WSDL")
    root = ElementTree.fromstring(answer.text)
    wsdl, xsd = "{http://schemas.xmlsoap.org/wsdl/}", "{http://www.w3.org/2001/XMLSchema}"
    named = [each.get("name") for each in root.findall(f"{wsdl}portType/{wsdl}operation")]
    assert named == ["getActiveCustomerProfile", "updateCustomerProfile"]
    profile = root.find(f".//{xsd}complexType[@name='CustomerProfile']")
    assert profile is not None
    assert "CreditHold" in {each.get("name") for each in profile.iter(f"{xsd}element")}
    assert f'location="{client.settings["base_url"]}{SOAP}"' in answer.text


def test_the_log_and_the_faults_know_an_operation_by_its_name(client: Caller) -> None:
    client.simulator.faults.set("status", client.simulator.writes("set_credit_hold").path, status=503)
    assert client.soap("getActiveCustomerProfile", "<s:AccountNumber>1001</s:AccountNumber>").status_code == 200
    written = "<s:AccountNumber>1001</s:AccountNumber><s:CreditHold>Y</s:CreditHold>"
    assert client.soap("updateCustomerProfile", written).status_code == 503
    assert client.simulator.log[-1].about == f"{SOAP}/updateCustomerProfile"
