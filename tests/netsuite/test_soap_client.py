"""The wire to SuiteTalk: signatures, the WSDL, faults and statuses, limits, and what is no answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from duehook.core.errors import ConnectorDown, ConnectorError, ConnectorGarbled, ConnectorRefused
from duehook.core.wire import ReplyLost, Stale
from duehook.core.wire.reply import Reply
from duehook.core.wire.retry import resting_by
from duehook.plugins.netsuite.settings import NetsuiteSettings
from duehook.plugins.netsuite.soap.client.passport import Passport
from duehook.plugins.netsuite.soap.client.schema import file_of

from .soapy import Soapy, body, values
from .suitetalk import ENVELOPE

Connect = Callable[..., Soapy]
TOKEN = {
    "account": "1234567-sb1", "timezone": "America/Los_Angeles", "consumer_key": "ck", "consumer_secret": "cs",
    "token_id": "tk", "token_secret": "ts", "read_by": "soap",
}  # fmt: skip
FAULT = """<soapenv:Fault><faultcode>soapenv:Server.userException</faultcode><faultstring>Said so.</faultstring><detail>
<f:{kind} xmlns:f="urn:faults_2025_2.platform.webservices.netsuite.com"><f:code>{code}</f:code></f:{kind}></detail>
</soapenv:Fault>"""
STATUS = """<msg:updateResponse><msg:writeResponse><core:status isSuccess="false"><core:statusDetail type="ERROR">
<core:code>{code}</core:code><core:message>Said so.</core:message></core:statusDetail></core:status>
</msg:writeResponse></msg:updateResponse>"""


def answered(found: str, status: int = 200) -> Callable[[Any, Reply], Reply]:
    """Return what gives this body in the place of each answer to a message."""
    text = ENVELOPE.format(header="", body=found).encode()

    def change(call: Any, reply: Reply) -> Reply:
        return reply if call.method == "GET" else replace(reply, body=text, status=status)

    return change


def faulted(kind: str, code: str = "CODE", status: int = 500) -> Callable[[Any, Reply], Reply]:
    return answered(FAULT.format(kind=kind, code=code), status)


def hold(account: Soapy) -> None:
    """Write a hold."""
    account.target._site.service.patch("customer", "1001", {"creditHoldOverride": {"id": "ON"}})


class TestPassport:
    def test_the_signature_is_of_account_key_token_nonce_and_time(self) -> None:
        settings = NetsuiteSettings.model_validate(TOKEN)
        passport = Passport(settings, lambda: datetime.fromtimestamp(1770000000, UTC))
        assert passport.signature("abcdefgh12", 1770000000) == "90KRpCCWQZ4L3p/TqB4f5KNZfIv6ybOQpNrYhmy9qLM="

    def test_its_parts_name_the_account_as_tokens_do_and_the_algorithm(self) -> None:
        passport = Passport(NetsuiteSettings.model_validate(TOKEN), lambda: datetime.fromtimestamp(1770000000, UTC))
        one, other = passport.parts(), passport.parts()
        assert [one[name] for name in ("account", "consumerKey", "token", "timestamp")] == [
            "1234567_SB1", "ck", "tk", 1770000000,
        ]  # fmt: skip
        assert one["signature"]["algorithm"] == "HMAC-SHA256"
        assert one["nonce"] != other["nonce"]

    def test_a_try_again_is_signed_anew(self, soapy: Connect) -> None:
        account = soapy()
        account.source("item").upper_bound()
        account.simulator.faults.set("status", status=503)
        with resting_by(lambda seconds: None):
            account.source("item").upper_bound()
        nonces = [values(_header(sent), "nonce")[0] for sent in account.heard.sent]
        assert len(set(nonces)) == len(nonces) == 3

    def test_no_secret_stands_in_a_message(self, soapy: Connect) -> None:
        account = soapy()
        account.source("item").upper_bound()
        assert b"simulated-consumer-secret" not in account.heard.sent[0]
        assert b"simulated-token-secret" not in account.heard.sent[0]

    def test_a_wrong_token_is_refused_once(self, soapy: Connect) -> None:
        account = soapy({"token_secret": "another"})
        with pytest.raises(ConnectorRefused, match="Invalid login attempt") as told:
            account.source("item").upper_bound()
        assert "correct the token of the connection" in str(told.value)
        assert account.heard.operations() == ["getServerTime"]

    def test_soap_goes_with_a_token_alone(self) -> None:
        oauth2 = {"client_id": "c", "certificate_id": "i", "private_key_file": "f", "sign_in": "oauth2"}
        with pytest.raises(ValidationError, match="SOAP knows no OAuth 2.0"):
            NetsuiteSettings.model_validate({**TOKEN, **oauth2})


class TestWsdl:
    def test_it_is_asked_for_once_a_process(self, soapy: Connect) -> None:
        account = soapy()
        for stream in ("company", "item", "payment"):
            account.pages(stream)
        assert len([url for url in account.heard.urls if url.endswith("/wsdl/v2025_2_0/netsuite.wsdl")]) == 1

    def test_a_folder_keeps_it(self, soapy: Connect, tmp_path: Path) -> None:
        folder = tmp_path / "kept"
        account = soapy({"wsdl_folder": str(folder)})
        account.rows("company")
        assert [each.name for each in folder.iterdir()] == ["wsdl_v2025_2_0_netsuite.wsdl"]

    def test_a_folder_that_holds_it_is_read(self, soapy: Connect, tmp_path: Path) -> None:
        (tmp_path / "wsdl_v2025_2_0_netsuite.wsdl").write_text("no WSDL")
        with pytest.raises(ConnectorGarbled, match="is no WSDL that can be read"):
            soapy({"wsdl_folder": str(tmp_path)}).rows("company")

    def test_a_folder_that_cannot_be_written_is_told(self, soapy: Connect, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(ConnectorRefused, match="correct `wsdl_folder`"):
            soapy({"wsdl_folder": str(tmp_path / "file" / "folder")}).rows("company")

    def test_schemas_are_kept_under_names_that_tell_them_apart(self) -> None:
        urls = [
            f"https://webservices.netsuite.com/xsd/{group}/v2025_2_0/employees.xsd"
            for group in ("lists", "transactions")
        ]
        assert [file_of(url) for url in urls] == [
            "xsd_lists_v2025_2_0_employees.xsd", "xsd_transactions_v2025_2_0_employees.xsd",
        ]  # fmt: skip


class TestFaults:
    @pytest.mark.parametrize(
        ("kind", "error", "fix"),
        [
            ("invalidCredentialsFault", ConnectorRefused, "correct the token"),
            ("insufficientPermissionFault", ConnectorRefused, "SOAP Web Services"),
            ("invalidVersionFault", ConnectorRefused, "read_by: suiteql"),
            ("exceededRecordCountFault", ConnectorRefused, "page_size"),
            ("exceededUsageLimitFault", ConnectorDown, "calls_at_once"),
            ("unexpectedErrorFault", ConnectorDown, "look why"),
        ],
    )
    def test_each_fault_has_its_meaning(self, kind: str, error: type[ConnectorError], fix: str, soapy: Connect) -> None:
        account = soapy()
        account.heard.change = faulted(kind)
        with pytest.raises(error, match=r"answered 500: Said so\. \(CODE\)") as told:
            account.source("item").upper_bound()
        assert fix in str(told.value)

    def test_a_reading_that_is_blocked_waits_and_is_asked_again(self, soapy: Connect) -> None:
        account, waited = soapy(), list[float]()
        account.heard.change = faulted("exceededConcurrentRequestLimitFault", "WS_REQUEST_BLOCKED")
        with resting_by(waited.append), pytest.raises(ConnectorDown, match="WS_REQUEST_BLOCKED"):
            account.source("item").upper_bound()
        assert len(waited) == 3
        assert account.heard.operations() == ["getServerTime"] * 4

    def test_a_write_that_is_blocked_was_not_carried_out_and_is_not_sent_again(self, soapy: Connect) -> None:
        account = soapy()
        account.heard.change = faulted("exceededConcurrentRequestLimitFault", "WS_REQUEST_BLOCKED")
        with pytest.raises(ConnectorDown) as told:
            hold(account)
        assert not isinstance(told.value, ReplyLost)
        assert account.heard.operations() == ["update"]

    @pytest.mark.parametrize("change", [faulted("unexpectedErrorFault"), answered("<a/>", 502), answered("", 200)])
    def test_a_write_whose_answer_is_lost_or_senseless_may_have_happened(self, change: Any, soapy: Connect) -> None:
        account = soapy()
        account.heard.change = change
        with pytest.raises(ReplyLost):
            hold(account)

    @pytest.mark.parametrize("status", [400, 401, 403, 404])
    def test_a_write_that_is_turned_away_did_not_happen(self, status: int, soapy: Connect) -> None:
        account = soapy()
        account.heard.change = faulted("unexpectedErrorFault", status=status)
        with pytest.raises(ConnectorRefused, match=f"answered {status}"):
            hold(account)


class TestStatuses:
    @pytest.mark.parametrize(
        ("code", "error"),
        [
            ("RCRD_HAS_BEEN_CHANGED", Stale), ("INSUFFICIENT_PERMISSION", ConnectorRefused),
            ("CONCURRENCY_LIMIT_EXCEEDED", ConnectorDown), ("UNEXPECTED_ERROR", ReplyLost),
            ("INVALID_KEY_OR_REF", ConnectorRefused),
        ],
    )  # fmt: skip
    def test_a_status_that_is_no_success_is_an_error(
        self, code: str, error: type[ConnectorError], soapy: Connect
    ) -> None:
        account = soapy()
        account.heard.change = answered(STATUS.format(code=code))
        with pytest.raises(error, match=rf"update: Said so\. \({code}\)"):
            hold(account)


class TestSenselessAnswers:
    @pytest.mark.parametrize(
        "text",
        [b"", b"<a", b"<a/>", b"<html><body>Sign in</body></html>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
         ENVELOPE.format(header="", body="").encode(), b"\xff\xfe<\x00a\x00"],
    )  # fmt: skip
    def test_what_is_no_envelope_is_garbled(self, text: bytes, soapy: Connect) -> None:
        account = soapy()
        account.heard.change = lambda call, reply: reply if call.method == "GET" else replace(reply, body=text)
        with pytest.raises(ConnectorGarbled):
            account.source("item").upper_bound()

    def test_a_clock_that_says_nothing_is_garbled(self, soapy: Connect) -> None:
        account = soapy()
        account.heard.change = answered(
            "<msg:getServerTimeResponse><core:getServerTimeResult/></msg:getServerTimeResponse>"
        )
        with pytest.raises(ConnectorGarbled, match="says no time"):
            account.source("item").upper_bound()


def _header(envelope: bytes) -> Any:
    from xml.etree.ElementTree import fromstring

    assert body(envelope) is not None
    return fromstring(envelope)[0]
