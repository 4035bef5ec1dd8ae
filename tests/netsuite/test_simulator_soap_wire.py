"""The address of SuiteTalk: sign-in, faults, limits and what is no request; envelopes as they go over the wire."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from duehook.plugins.netsuite.simulator import NetsuiteSimulator
from duehook.plugins.netsuite.simulator.soap import envelope

from .simulated import Caller
from .suitetalk import CORE, ENVELOPE, PASSPORT, PORT, TIME, Talker, fault

INVALID = ("invalidCredentialsFault", "USER_ERROR", "Invalid login attempt.")
CUSTOMERS = '<msg:search><msg:searchRecord xsi:type="rel:CustomerSearch"/></msg:search>'


def test_a_connection_that_is_read_by_soap_says_so(talker: Talker) -> None:
    assert talker.settings["read_by"] == "soap"
    assert set(talker.settings) == {
        "account", "base_url", "timezone", "calls_per_second", "read_by", "consumer_key", "consumer_secret",
        "token_id", "token_secret",
    }  # fmt: skip


@pytest.mark.parametrize("options", [{"read_by": "odbc"}, {"read_by": "soap", "sign_in": "oauth2"}])
def test_soap_goes_with_a_token_alone(options: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="read_by"):
        NetsuiteSimulator({**options, "folder": str(tmp_path)})


def test_the_clock_is_the_accounts_with_its_offset(talker: Talker) -> None:
    result = talker.answer(TIME)
    assert result.tag == f"{CORE}getServerTimeResult"
    assert result.find(f"{CORE}status").attrib == {"isSuccess": "true"}  # type: ignore[union-attr]
    assert result.findtext(f"{CORE}serverTime") == "2026-03-02T15:45:00.000-08:00"


def test_the_answer_is_the_one_that_suitetalk_writes(talker: Talker) -> None:
    body = talker.post(TIME).text
    head, _, rest = body.partition("<soapenv:Body>")
    assert head.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<soapenv:Envelope ')
    assert "<platformMsgs:documentInfo><platformMsgs:nsId>WEBSERVICES_1234567_SB1_" in head
    assert rest == (
        '<platformMsgs:getServerTimeResponse><platformCore:getServerTimeResult>'
        '<platformCore:status isSuccess="true" />'
        "<platformCore:serverTime>2026-03-02T15:45:00.000-08:00</platformCore:serverTime>"
        "</platformCore:getServerTimeResult></platformMsgs:getServerTimeResponse></soapenv:Body></soapenv:Envelope>"
    )  # fmt: skip


def test_a_signature_of_a_known_passport_is_this_one() -> None:
    """HMAC-SHA256 of account&consumerKey&token&nonce&timestamp under consumerSecret&tokenSecret."""
    parts: Any = {
        "account": "1234567_SB1", "consumer_key": "ck", "token_id": "tk", "nonce": "abcdefgh12",
        "timestamp": "1770000000", "consumer_secret": "cs", "token_secret": "ts",
    }  # fmt: skip
    signed = Talker(None, parts).passport(**parts)["signature"]  # type: ignore[arg-type]
    assert signed == "90KRpCCWQZ4L3p/TqB4f5KNZfIv6ybOQpNrYhmy9qLM="


@pytest.mark.parametrize(
    "wrong",
    [
        {"account": "1234567-sb1"},
        {"consumer_key": "another"},
        {"token_id": "another"},
        {"consumer_secret": "another"},
        {"token_secret": "another"},
        {"algorithm": "HMAC-SHA1"},
        {"signature": "bm90aGluZw=="},
        {"timestamp": "now"},
        {"nonce": "short"},
    ],
    ids=str,
)
def test_a_wrong_passport_is_refused_and_nobody_says_why(wrong: dict[str, str], talker: Talker) -> None:
    assert fault(talker.post(TIME, PASSPORT.format(**talker.passport(**wrong)))) == INVALID


@pytest.mark.parametrize("seconds", [-4000, 4000])
def test_a_clock_that_is_an_hour_off_is_refused(seconds: int, talker: Talker) -> None:
    wrong = talker.passport(timestamp=str(int(time.time()) + seconds))
    assert fault(talker.post(TIME, PASSPORT.format(**wrong))) == INVALID


def test_a_clock_may_be_five_minutes_off(talker: Talker) -> None:
    late = talker.passport(timestamp=str(int(time.time()) - 290))
    assert talker.post(TIME, PASSPORT.format(**late)).status_code == 200


def test_a_nonce_serves_once(talker: Talker) -> None:
    header = PASSPORT.format(**talker.passport())
    assert talker.post(TIME, header).status_code == 200
    assert fault(talker.post(TIME, header)) == INVALID


def test_without_a_passport_there_is_no_sign_in(talker: Talker) -> None:
    assert fault(talker.post(TIME, "")) == ("invalidCredentialsFault", "USER_ERROR", "Ambiguous authentication")


def test_without_soap_web_services_a_role_may_nothing(talker: Talker) -> None:
    talker.simulator.deny("SOAP Web Services")
    kind, code, said = fault(talker.post(TIME))
    assert (kind, code) == ("insufficientPermissionFault", "WS_PERMISSION_REQD")
    assert "SOAP Web Services" in said


def test_such_a_role_may_use_no_rest_service(talker: Talker) -> None:
    caller = Caller(talker.simulator, talker.settings)
    for answer in (caller.ask("SELECT id FROM customer"), caller.send("GET", "/services/rest/record/v1/customer/1001")):
        error = answer.json()["o:errorDetails"][0]
        assert (answer.status_code, error["o:errorCode"]) == (403, "INSUFFICIENT_PERMISSION")


def test_a_role_that_reads_by_suiteql_may_use_no_soap(client: Caller) -> None:
    answer = Talker(client.simulator, client.settings).post(TIME)
    assert fault(answer)[:2] == ("insufficientPermissionFault", "WS_PERMISSION_REQD")


def test_another_version_is_no_endpoint_of_the_account(talker: Talker) -> None:
    answer = talker.post(TIME, path="/services/NetSuitePort_2015_1")
    assert fault(answer)[:2] == ("invalidVersionFault", "UNSUPPORTED_WS_VERSION")


@pytest.mark.parametrize(
    "document",
    [
        "",
        "no XML",
        "<open>",
        '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        '<!DOCTYPE a SYSTEM "file:///etc/hosts"><a/>',
        "<a/>",
        ENVELOPE.format(header="", body=""),
        ENVELOPE.format(header="", body="<getServerTime/>"),
        ENVELOPE.format(header="", body='<msg:search xsi:type="nowhere:Search"/>'),
    ],
)
def test_what_is_no_request_is_a_fault_without_a_code(document: str, talker: Talker) -> None:
    kind, code, said = fault(talker.send(document))
    assert (kind, code) == ("{http://xml.apache.org/axis/}hostname", "")
    assert said.startswith("org.xml.sax.SAXException: ")


def test_an_operation_that_the_account_does_not_carry_out_is_an_unexpected_error(talker: Talker) -> None:
    assert fault(talker.post("<msg:asyncSearch/>"))[:2] == ("unexpectedErrorFault", "UNEXPECTED_ERROR")


def test_a_request_beyond_the_limit_at_once_is_blocked(talking: Callable[..., Talker]) -> None:
    talker = talking(concurrency=2)
    talker.simulator.take(2)
    blocked = ("exceededConcurrentRequestLimitFault", "WS_REQUEST_BLOCKED")
    assert fault(talker.post(TIME))[:2] == blocked
    talker.simulator.take(0)
    talker.simulator.faults.set("slow", seconds=0.3, count=2)
    with ThreadPoolExecutor(2) as pool:
        assert [answer.status_code for answer in pool.map(lambda _: talker.post(TIME), range(2))] == [200, 200]


def test_a_request_may_be_so_large_and_no_larger(talker: Talker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(envelope, "MOST", 1000)
    assert fault(talker.post(TIME + " " * 1000))[:2] == ("exceededRequestSizeFault", "USER_ERROR")


def test_a_list_may_be_so_long_and_no_longer(talker: Talker) -> None:
    reference = '<msg:baseRef xsi:type="core:RecordRef" type="customer" internalId="1001"/>'
    asked = f"<msg:getList>{reference * 1001}</msg:getList>"
    assert fault(talker.post(asked))[:2] == ("exceededRecordCountFault", "MAX_RCRDS_EXCEEDED")
    written = f"<msg:addList>{'<msg:record/>' * 201}</msg:addList>"
    assert fault(talker.post(written))[:2] == ("exceededRecordCountFault", "MAX_RCRDS_EXCEEDED")


def test_a_fault_finds_its_requests_by_operation_and_type(talker: Talker) -> None:
    talker.simulator.faults.set("status", "/search/CustomerSearch$", status=503)
    assert talker.post(TIME).status_code == 200
    assert talker.post(CUSTOMERS).status_code == 503
    assert talker.post(CUSTOMERS).status_code == 200
    assert [entry.about for entry in talker.simulator.log] == [
        f"{PORT}/getServerTime", f"{PORT}/search/CustomerSearch", f"{PORT}/search/CustomerSearch",
    ]  # fmt: skip


def test_the_log_says_what_a_search_is_asked_by(talker: Talker) -> None:
    basic = """<sales:basic><common:lastModifiedDate operator="after"><core:searchValue>2026-03-02T00:00:00Z
    </core:searchValue></common:lastModifiedDate><common:type operator="anyOf"><core:searchValue>_invoice
    </core:searchValue><core:searchValue>_journal</core:searchValue></common:type></sales:basic>"""
    basic = basic.replace("\n    ", "")
    search = f'<msg:searchRecord xsi:type="sales:TransactionSearch">{basic}</msg:searchRecord>'
    talker.answer(f"<msg:search>{search}</msg:search>")
    assert talker.simulator.log[-1].about == (
        f"{PORT}/search/TransactionSearch lastModifiedDate type=_invoice,_journal"
    )


@pytest.mark.parametrize(
    ("status", "kind"), [(429, "exceededConcurrentRequestLimitFault"), (500, "unexpectedErrorFault")]
)
def test_a_status_on_the_way_has_a_fault_in_it(status: int, kind: str, talker: Talker) -> None:
    talker.simulator.faults.set("status", status=status)
    answer = talker.post(TIME)
    assert answer.status_code == status
    assert f"platformFaults:{kind}" in answer.text


def test_the_log_keeps_no_key_and_no_signature(talker: Talker) -> None:
    parts = talker.passport()
    talker.post(TIME, PASSPORT.format(**parts))
    logged = talker.simulator.log[-1].body
    assert "getServerTime" in logged
    assert [name for name in ("consumer_key", "token_id", "signature") if parts[name] in logged] == []


def test_a_page_that_loses_rows_looks_like_the_last(talker: Talker) -> None:
    talker.simulator.faults.set("shrink")
    result = talker.answer(CUSTOMERS)
    told = [result.findtext(f"{CORE}{name}") for name in ("totalRecords", "totalPages", "pageIndex")]
    assert told == ["10", "1", "1"]
    assert len(result.findall(f"{CORE}recordList/{CORE}record")) == 10


def test_an_answer_that_is_repeated_is_one_of_the_same_operation(talker: Talker) -> None:
    first = talker.post(CUSTOMERS).text
    talker.post(TIME)
    talker.simulator.faults.set("repeat")
    assert talker.post(CUSTOMERS).text == first


def test_which_requests_read_and_which_write(talking: Callable[..., Talker]) -> None:
    erp = talking().simulator
    assert erp.reads.fits("POST", f"{PORT}/search/TransactionSearch")
    assert erp.reads.fits("POST", f"{PORT}/searchMoreWithId")
    assert erp.reads.fits("POST", f"{PORT}/getList/invoice")
    assert not erp.reads.fits("POST", f"{PORT}/upsert/Note")
    assert erp.writes("add_note").fits("POST", f"{PORT}/upsertList/Note")
    assert erp.writes("set_credit_hold").fits("POST", f"{PORT}/update/Customer")
    assert erp.writes("set_promise").fits("POST", f"{PORT}/update/Invoice")
    assert talking(notes="phonecall").simulator.writes("add_note").fits("POST", f"{PORT}/add/PhoneCall")


@pytest.mark.parametrize("operation", ["search", "update", "add", "upsertList"])
def test_an_operation_without_what_it_is_about_is_no_request(operation: str, talker: Talker) -> None:
    assert fault(talker.post(f"<msg:{operation}/>"))[2].startswith("org.xml.sax.SAXException: ")


@pytest.mark.parametrize("key", ["", "x", "\u00b2", "9" * 30, "-1"])
def test_an_id_may_be_anything_and_names_nothing(key: str, talker: Talker) -> None:
    references = f'<msg:baseRef xsi:type="core:RecordRef" type="customer" internalId="{key}"/>'
    response = talker.answer(f"<msg:get>{references}</msg:get>")
    assert [each.text for each in response.iter(f"{CORE}code")] == ["RCRD_DSNT_EXIST"]
    record = f'<msg:record xsi:type="rel:Customer" internalId="{key}"/>'
    response = talker.answer(f"<msg:update>{record}</msg:update>")
    assert [each.text for each in response.iter(f"{CORE}code")] == ["RCRD_DSNT_EXIST"]
    asked = f'<common:internalId operator="anyOf"><core:searchValue internalId="{key}x"/></common:internalId>'
    search = f'<msg:searchRecord xsi:type="rel:CustomerSearch"><rel:basic>{asked}</rel:basic></msg:searchRecord>'
    assert talker.answer(f"<msg:search>{search}</msg:search>").findtext(f"{CORE}totalRecords") == "0"


def test_a_join_of_a_feature_that_the_account_has_not_is_refused(talker: Talker) -> None:
    columns = "<sales:installmentJoin><common:fxAmount/></sales:installmentJoin>"
    search = f"<sales:columns>{columns}</sales:columns></msg:searchRecord>"
    search = f'<msg:searchRecord xsi:type="sales:TransactionSearchAdvanced">{search}'
    response = talker.answer(f"<msg:search>{search}</msg:search>")
    assert [each.text for each in response.iter(f"{CORE}code")] == ["INVALID_SEARCH_JOIN_ID"]


def test_the_wsdl_is_given_to_anybody_and_names_the_port(talker: Talker) -> None:
    url = talker.settings["base_url"]
    answer = talker.session.get(f"{url}/wsdl/v2025_2_0/netsuite.wsdl", timeout=30)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/xml; charset=utf-8")
    assert f'location="{url}{PORT}"' in answer.text


def test_a_page_size_is_a_search_preference_and_no_other(talker: Talker) -> None:
    sizes = {}
    for name in ("preferences", "searchPreferences"):
        header = PASSPORT.format(**talker.passport())
        header += f"<msg:{name}><msg:pageSize>5</msg:pageSize></msg:{name}>"
        sizes[name] = talker.post(CUSTOMERS, header).text.count("<platformCore:record ")
    assert sizes == {"preferences": 20, "searchPreferences": 5}
