"""The two transports: envelopes as SAP's SOAP runtime takes them and what it answers, and a library of RFC."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from duehook.core.errors import ConnectorDown, ConnectorGarbled, ConnectorRefused
from duehook.core.testing.simulator import Reply, Request, SimulatorServer
from duehook.core.wire import ReplyLost
from duehook.plugins.sap_ecc.client.calling import FunctionCall
from duehook.plugins.sap_ecc.client.faults import FunctionFault
from duehook.plugins.sap_ecc.client.rfc import RfcTransport
from duehook.plugins.sap_ecc.client.soap import SoapTransport
from duehook.plugins.sap_ecc.settings import EccSettings

from . import answering

ENVELOPE = (
    '<soap-env:Envelope xmlns:soap-env="http://schemas.xmlsoap.org/soap/envelope/"><soap-env:Body>{}</soap-env:Body>'
    "</soap-env:Envelope>"
)
READ = FunctionCall(
    "RFC_READ_TABLE",
    {"QUERY_TABLE": "T001", "OPTIONS": [{"TEXT": "BUTXT = 'A & B'"}], "FIELDS": [{"FIELDNAME": "BUKRS"}]},
    {"DATA": ("WA",)},
)
WRITE = FunctionCall("Z_NOTE", {"TEXT": "Called"}, reads=False)
ANSWER = (
    '<n0:RFC_READ_TABLE.Response xmlns:n0="urn:sap-com:document:sap:rfc:functions"><DATA><item><WA>1000|A &amp; B</WA>'
    "</item><item><WA>2000|C</WA></item></DATA><FIELDS><item><FIELDNAME>BUKRS</FIELDNAME><OFFSET>000000</OFFSET>"
    "<LENGTH>000004</LENGTH></item></FIELDS><OPTIONS/></n0:RFC_READ_TABLE.Response>"
)
FAULT = (
    "<soap-env:Fault><faultcode>soap-env:Server</faultcode><faultstring>Application Error</faultstring><detail>"
    '<n0:RFC_READ_TABLE.Exception xmlns:n0="urn:sap-com:document:sap:rfc:functions"><Name>NOT_AUTHORIZED</Name>'
    "<Text>User not authorized</Text></n0:RFC_READ_TABLE.Exception></detail></soap-env:Fault>"
)


class Server:
    """Gives one answer to everything, and keeps what came."""

    def __init__(self) -> None:
        self.answer = Reply(ENVELOPE.format(ANSWER).encode(), 200, "text/xml; charset=utf-8")
        self.asked: list[Request] = []
        self.server = SimulatorServer(self.handle, clock=lambda: datetime(2026, 3, 2, 9, 30, tzinfo=UTC))

    def handle(self, request: Request) -> Reply:
        self.asked.append(request)
        return self.answer

    def gives(self, body: str, status: int = 200) -> None:
        self.answer = Reply(body.encode(), status, "text/xml; charset=utf-8")


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.server.stop()


@pytest.fixture
def soap(server: Server) -> Iterator[SoapTransport]:
    settings = {"base_url": server.server.start(), "client": "100", "user": "u", "password": "p"}
    transport = SoapTransport(
        EccSettings.model_validate(settings), "erp", clock=lambda: 0.0, sleep=lambda seconds: None
    )
    yield transport
    transport.close()


class TestSoap:
    def test_a_call_goes_to_the_address_of_its_function_with_its_tables_as_items(
        self, server: Server, soap: SoapTransport
    ) -> None:
        soap.call(READ)
        (asked,) = server.asked
        assert asked.path == "/sap/bc/srt/rfc/sap/rfc_read_table/100/rfc_read_table/rfc_read_table"
        assert asked.query == "sap-client=100"
        assert asked.body.decode().partition("<soap-env:Body>")[2] == (
            '<ns0:RFC_READ_TABLE xmlns:ns0="urn:sap-com:document:sap:rfc:functions"><DATA/>'
            "<FIELDS><item><FIELDNAME>BUKRS</FIELDNAME></item></FIELDS>"
            "<OPTIONS><item><TEXT>BUTXT = 'A &amp; B'</TEXT></item></OPTIONS><QUERY_TABLE>T001</QUERY_TABLE>"
            "</ns0:RFC_READ_TABLE></soap-env:Body></soap-env:Envelope>"
        )

    def test_an_answer_is_read_by_its_parameters(self, soap: SoapTransport) -> None:
        answer = soap.call(READ)
        assert answer.table("DATA") == [{"WA": "1000|A & B"}, {"WA": "2000|C"}]
        assert answer.table("OPTIONS") == []
        assert answer.at == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

    def test_a_table_of_very_many_rows_comes_whole_and_in_order(self, server: Server, soap: SoapTransport) -> None:
        rows = "".join(f"<item><WA>{number:04}|A</WA></item>" for number in range(1750))
        few = "<item><WA>1000|A &amp; B</WA></item><item><WA>2000|C</WA></item>"
        server.gives(ENVELOPE.format(ANSWER.replace(few, rows)))
        answer = soap.call(READ)
        assert answer.column("DATA", "WA") == [f"{number:04}|A" for number in range(1750)]
        assert answer.table("FIELDS") == [{"FIELDNAME": "BUKRS", "OFFSET": "000000", "LENGTH": "000004"}]

    def test_a_row_outside_of_any_table_is_no_answer(self, server: Server, soap: SoapTransport) -> None:
        for body in ("<WA>1000</WA>", "<item><WA>1000</WA></item>"):
            server.gives(body)
            with pytest.raises(ConnectorGarbled, match="no envelope of RFC_READ_TABLE"):
                soap.call(READ)

    def test_an_exception_of_the_function_is_told_by_its_name(self, server: Server, soap: SoapTransport) -> None:
        server.gives(ENVELOPE.format(FAULT), 500)
        with pytest.raises(FunctionFault, match="S_TABU_NAM") as raised:
            soap.call(READ)
        assert raised.value.key == "NOT_AUTHORIZED"

    @pytest.mark.parametrize("body", ["", "<a/>", ENVELOPE.format("<b/>"), "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"])
    def test_what_is_no_envelope_is_garbled_and_after_a_write_it_is_lost(
        self, body: str, server: Server, soap: SoapTransport
    ) -> None:
        server.gives(body)
        with pytest.raises(ConnectorGarbled):
            soap.call(READ)
        with pytest.raises(ReplyLost):
            soap.call(WRITE)

    def test_a_failure_of_the_server_is_one_and_no_exception_of_the_function(
        self, server: Server, soap: SoapTransport
    ) -> None:
        server.gives("out of memory", 500)
        with pytest.raises(ConnectorDown, match="500"):
            soap.call(READ)
        with pytest.raises(ReplyLost):
            soap.call(WRITE)

    def test_a_refused_sign_in_is_not_tried_again(self, server: Server, soap: SoapTransport) -> None:
        server.gives("no", 401)
        with pytest.raises(ConnectorRefused):
            soap.call(READ)
        assert len(server.asked) == 1


def rfc(**other: Any) -> RfcTransport:
    settings = {"transport": "rfc", "host": "ecc", "client": "100", "user": "u", "password": "hush", **other}
    return RfcTransport(EccSettings.model_validate(settings), "erp", sleep=lambda seconds: None)


class TestRfc:
    def test_a_library_that_is_not_there_is_named_with_what_to_do(self) -> None:
        with pytest.raises(ConnectorRefused, match="no_such_library") as raised:
            rfc(rfc_library="no_such_library").call(READ)
        assert "transport: soap" in (raised.value.fix or "")

    def test_the_clock_is_what_the_system_says_of_itself(self) -> None:
        ecc = answering.Ecc()
        answering.held.append(ecc)
        assert rfc(rfc_library=answering.__name__).clock() == datetime(2026, 3, 20, 9, 30, tzinfo=UTC)

    def test_a_system_that_does_not_say_its_time_is_refused_and_no_other_clock_is_taken(self) -> None:
        ecc = answering.Ecc()
        ecc.functions["STFC_CONNECTION"] = lambda given: {"RESPTEXT": "hello"}
        answering.held.append(ecc)
        with pytest.raises(ConnectorGarbled, match="hello"):
            rfc(rfc_library=answering.__name__).clock()

    def test_a_reading_that_broke_off_is_tried_again_and_a_write_is_not(self) -> None:
        ecc, tried = answering.Ecc(), []

        def breaks(given: dict[str, Any]) -> dict[str, Any]:
            tried.append(given)
            raise answering.CommunicationError("closed")

        ecc.functions = {"RFC_READ_TABLE": breaks, "Z_NOTE": breaks}
        answering.held.append(ecc)
        with pytest.raises(ConnectorDown):
            rfc(rfc_library=answering.__name__).call(READ)
        assert len(tried) == 3
        with pytest.raises(ReplyLost):
            rfc(rfc_library=answering.__name__).call(WRITE)
        assert len(tried) == 4
