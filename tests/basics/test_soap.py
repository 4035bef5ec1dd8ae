"""SOAP of the core: envelopes by a WSDL that is a file, and messages that are taken, refused, or nobody knows."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from duehook.core.errors import ConnectorError, ConnectorRefused
from duehook.core.testing.simulator import Reply, Request, SimulatorServer
from duehook.core.wire import ReplyLost, WireOptions, WireSession
from duehook.core.wire.sign_in import Basic, Bearer, Token
from duehook.core.wire.soap import SoapDescription, SoapService

WSDL = """<?xml version="1.0"?>
<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
 xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:tns="urn:bell" targetNamespace="urn:bell">
<types><xsd:schema targetNamespace="urn:bell"><xsd:element name="Ring"><xsd:complexType><xsd:sequence>
 <xsd:element name="Bell"><xsd:complexType><xsd:sequence><xsd:element name="Tone" type="xsd:string"/></xsd:sequence>
 </xsd:complexType></xsd:element></xsd:sequence></xsd:complexType></xsd:element></xsd:schema></types>
<message name="Ring"><part name="Ring" element="tns:Ring"/></message>
<portType name="Bell"><operation name="Ring_In"><input message="tns:Ring"/></operation></portType>
<binding name="Bell" type="tns:Bell"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>
<operation name="Ring_In"><soap:operation soapAction="urn:bell/Ring"/><input><soap:body use="literal"/></input>
</operation></binding>
<service name="Bell"><port name="Bell" binding="tns:Bell"><soap:address location="https://bell.example/ring"/></port>
</service></definitions>"""
ENVELOPE = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{}</s:Body></s:Envelope>'
FAULT = "<s:Fault><faultcode>s:{}</faultcode><faultstring>no such bell</faultstring></s:Fault>"


class TestDescription:
    """What a file says, and messages by it."""

    @pytest.fixture
    def described(self, tmp_path: Path) -> SoapDescription:
        file = tmp_path / "bell.wsdl"
        file.write_text(WSDL)
        return SoapDescription.read(file, extra="duehook[soap]")

    def test_it_names_operations_addresses_and_what_a_message_is_made_of(self, described: SoapDescription) -> None:
        assert (described.operations, described.addresses) == (["Ring_In"], ["https://bell.example/ring"])
        assert described.action("Ring_In") == "urn:bell/Ring"
        found = [described.parts("Ring_In", *path) for path in ((), ("Bell",), ("Bell", "Tone"), ("Rope", "Tone"))]
        assert found == [["Bell"], ["Tone"], [], []]

    def test_an_envelope_bears_its_action_and_its_id(self, described: SoapDescription) -> None:
        made = described.envelope("Ring_In", {"Bell": {"Tone": "a"}}, message_id="urn:uuid:1").decode()
        wsa = 'xmlns:wsa="http://www.w3.org/2005/08/addressing"'
        assert f"<wsa:Action {wsa}>urn:bell/Ring</wsa:Action><wsa:MessageID {wsa}>urn:uuid:1</wsa:MessageID>" in made
        assert '<ns0:Ring xmlns:ns0="urn:bell"><Bell><Tone>a</Tone></Bell></ns0:Ring>' in made

    @pytest.mark.parametrize("message", [{"Rope": 1}, {}, {"Bell": {"Length": 3}}])
    def test_what_it_does_not_allow_is_refused_before_anything_is_sent(
        self, described: SoapDescription, message: dict[str, Any]
    ) -> None:
        with pytest.raises(ConnectorRefused, match="does not allow Ring_In so"):
            described.envelope("Ring_In", message, message_id="1")

    def test_an_operation_that_it_has_not_is_refused_with_those_that_it_has(self, described: SoapDescription) -> None:
        with pytest.raises(ConnectorRefused, match="no operation Toll; it has Ring_In"):
            described.action("Toll")

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("<html>Sign in</html>", "is no WSDL that can be read"),
            ("", "is no WSDL that can be read"),
            (f"<!DOCTYPE x>{WSDL[21:]}", "is no WSDL that can be read"),
            (WSDL.replace("<types>", '<import namespace="urn:x" location="http://127.0.0.1:9/x"/><types>'),
             "imports http://127.0.0.1:9/x, which is not fetched"),
        ],
    )  # fmt: skip
    def test_a_file_that_is_no_whole_wsdl_is_refused_with_what_to_do(
        self, tmp_path: Path, text: str, told: str
    ) -> None:
        file = tmp_path / "bell.wsdl"
        file.write_text(text)
        with pytest.raises(ConnectorRefused, match=told) as caught:
            SoapDescription.read(file, extra="duehook[soap]")
        assert caught.value.fix

    def test_without_zeep_it_says_how_to_install_it(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "zeep", None)
        with pytest.raises(
            ConnectorRefused, match="zeep, which makes the messages of SOAP, is not installed"
        ) as caught:
            SoapDescription.read(tmp_path / "bell.wsdl", extra="duehook[soap]")
        assert caught.value.fix == "pip install 'duehook[soap]'."

    def test_a_file_that_is_not_there_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(ConnectorRefused, match="No such file"):
            SoapDescription.read(tmp_path / "none.wsdl", extra="duehook[soap]")


class Bell:
    """A service that gives prepared answers and counts the messages."""

    def __init__(self) -> None:
        self.answers: list[Reply] = []
        self.asked: list[Request] = []
        self.server = SimulatorServer(self.answer)
        self.url = self.server.start()

    def answer(self, request: Request) -> Reply:
        self.asked.append(request)
        return self.answers.pop(0)

    def service(self, sign_in: Any = None) -> SoapService:
        wire = WireSession([self.url], WireOptions(sleep=lambda seconds: None))
        fixes = {403: "ask for the scenario."}
        return SoapService(wire, f"{self.url}/ring", sign_in or Basic("u", "p"), {"sap-client": "100"}, fixes)

    def tell(self, *answers: Reply, sign_in: Any = None) -> None:
        self.answers = list(answers)
        self.service(sign_in).tell(b"<x/>", "urn:bell/Ring")


@pytest.fixture
def bell() -> Iterator[Bell]:
    found = Bell()
    yield found
    found.server.stop()


def xml(body: str, status: int = 200) -> Reply:
    return Reply(body.encode(), status, "text/xml; charset=utf-8")


class TestService:
    """One message, sent once."""

    @pytest.mark.parametrize("answer", [xml("", 202), xml("", 200), xml(" \n"), xml(ENVELOPE.format(""))])
    def test_a_message_is_taken_where_nothing_is_said_to_it(self, bell: Bell, answer: Reply) -> None:
        bell.tell(answer)
        (asked,) = bell.asked
        assert (asked.method, asked.path, asked.query, asked.body) == ("POST", "/ring", "sap-client=100", b"<x/>")
        assert asked.headers["SOAPAction"] == '"urn:bell/Ring"'
        assert asked.headers["Content-Type"] == "text/xml; charset=utf-8"

    @pytest.mark.parametrize(
        ("answer", "told"),
        [
            (Reply(b"<html>Sign in</html>", 200, "text/html"), "a web page"),
            (xml("{}"), "what is no answer to a message"),
            (xml(ENVELOPE.format("<Rung/>")), "what is no answer to a message"),
            (xml("<!DOCTYPE x [<!ENTITY e 'e'>]><x>&e;</x>"), "what is no answer to a message"),
            (xml("", 500), "answered 500"),
            (xml(ENVELOPE.format(FAULT.format("Server")), 500), "no such bell"),
            (xml("", 503), "answered 503"),
        ],
    )
    def test_any_other_answer_says_that_nobody_knows_and_it_is_not_sent_again(
        self, bell: Bell, answer: Reply, told: str
    ) -> None:
        with pytest.raises(ReplyLost, match=told):
            bell.tell(answer)
        assert len(bell.asked) == 1

    @pytest.mark.parametrize(
        ("answer", "told", "fix"),
        [
            (xml(ENVELOPE.format(FAULT.format("Client")), 500), "no such bell", None),
            (xml("locked", 401), "answered 401: locked", "correct the user and password of the connection."),
            (xml("no", 403), "answered 403: no", "ask for the scenario."),
            (xml("", 400), "answered 400", "check the address and the version of the other side."),
        ],
    )
    def test_what_is_refused_is_told_in_the_services_own_words(
        self, bell: Bell, answer: Reply, told: str, fix: str | None
    ) -> None:
        with pytest.raises(ConnectorRefused, match=told) as caught:
            bell.tell(answer)
        assert (caught.value.fix, len(bell.asked)) == (fix, 1)

    def test_a_token_that_ran_out_is_renewed_once_for_nothing_was_taken(self, bell: Bell) -> None:
        tokens = iter(["old", "new"])
        sign_in = Bearer(lambda: Token(next(tokens), 600), lambda: 0.0)
        bell.tell(xml("", 401), xml("", 202), sign_in=sign_in)
        assert [asked.headers["Authorization"] for asked in bell.asked] == ["Bearer old", "Bearer new"]

    def test_its_address_is_reached_without_a_message(self, bell: Bell) -> None:
        bell.answers = [xml("", 405), xml("", 404)]
        assert bell.service().reach() == 405
        with pytest.raises(ConnectorError, match="404"):
            bell.service().reach()
        assert [asked.method for asked in bell.asked] == ["GET", "GET"]
