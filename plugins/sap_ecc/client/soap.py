"""Function modules by SOAP: zeep writes the envelopes, the wire's own session sends them."""

from __future__ import annotations

from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from io import BytesIO
from operator import itemgetter
from typing import Any, Final

from duehook.core.errors import ConnectorError, ConnectorGarbled, ConnectorRefused
from duehook.core.redaction import one_line, redact
from duehook.core.wire import Call, RateBudget, Reply, ReplyLost, WireOptions, WireSession
from duehook.core.wire.reply import SENSELESS
from duehook.core.wire.sign_in import Basic
from duehook.plugins.sap_ecc.settings import EccSettings

from .calling import Answer, Column, FunctionCall
from .faults import KEYS, FunctionFault
from .wsdl import NAMESPACE, wsdl

LARGEST: Final = 256 * 1024 * 1024
ROW: Final = "WA"  # the one column of DATA
_CHUNK: Final = 1024 * 1024
_STANDING: Final = 500  # rows that stand in the tree at a time
_ENVELOPE: Final = "{http://schemas.xmlsoap.org/soap/envelope/}"


class SoapTransport:
    """The functions that a site has published in SOAMANAGER, each at its own address."""

    def __init__(
        self, settings: EccSettings, name: str, *, clock: Callable[[], float], sleep: Callable[[float], None]
    ) -> None:
        """Take the connection's settings and its name for the messages."""
        self._settings = settings
        budget = RateBudget(
            settings.calls_per_second, at_once=settings.calls_at_once, burst=settings.calls_at_once,
            clock=clock, sleep=sleep,
        )  # fmt: skip
        options = WireOptions(
            connect_seconds=settings.connect_seconds, read_seconds=settings.read_seconds, budget=budget, sleep=sleep,
            verify=settings.ca_file or True, address_in=f"`base_url` of connection {name}", largest=LARGEST,
        )  # fmt: skip
        self._wire = WireSession([settings.base_url or ""], options)
        password = settings.password.get_secret_value() if settings.password else ""
        self._sign_in = Basic(settings.user or "", password)
        self._known: dict[Any, Any] = {}

    def call(self, call: FunctionCall) -> Answer:
        """Send the call; what came back, or what the function raised."""
        reply = self._wire.send(self._sent(call))
        try:
            return Answer(_values(call.function, reply), _said_at(reply))
        except FunctionFault:
            raise
        except ConnectorError as error:  # it was sent, whatever came back
            if call.reads:
                raise
            raise ReplyLost(f"{error.message} The write was sent and may have taken effect.") from error

    def clock(self) -> datetime:
        """Return the server's own time, from the head of an answer."""
        fields = [{"FIELDNAME": "BUKRS"}]
        parameters: dict[str, Any] = {"QUERY_TABLE": "T001", "ROWCOUNT": "1", "OPTIONS": [], "FIELDS": fields}
        reply = self._wire.send(self._sent(FunctionCall(self._settings.read_table, parameters, {"DATA": ("WA",)})))
        _values(self._settings.read_table, reply)
        return reply.said_at()

    def close(self) -> None:
        """Hang up."""
        self._wire.close()

    def _sent(self, call: FunctionCall) -> Call:
        body = self._envelope(call)
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""', "Accept": "text/xml"}
        headers |= self._sign_in.headers()
        params = {"sap-client": self._settings.client} if self._settings.client else {}
        url = self._address(call.function)
        return Call("POST", url, data=body, headers=headers, params=params, reads=call.reads, accept={500})

    def _envelope(self, call: FunctionCall) -> bytes:
        """Return the call as it goes over the wire. The tables' rows are put in here: a condition has hundreds."""
        client = self._client(call)  # says what to do where zeep is not installed
        from lxml import etree

        singles = {name: held for name, held in call.parameters.items() if isinstance(held, str)}
        rows = {name: held for name, held in call.parameters.items() if not isinstance(held, str)}
        tables: dict[str, Any] = {name: {"item": []} for name in rows.keys() | call.tables.keys()}
        envelope = client.create_message(client.service, "call", **tables, **singles)
        for name, held in rows.items():
            table = envelope.find(f".//{name}")
            for row in held:
                item = etree.SubElement(table, "item")
                for column, text in row.items():
                    etree.SubElement(item, column).text = text
        return bytes(etree.tostring(envelope, xml_declaration=True, encoding="utf-8"))

    def _address(self, function: str) -> str:
        soap, name = self._settings.soap, function.lower()
        service, binding = (each.replace("{name}", name) for each in (soap.service, soap.binding))
        client = self._settings.client or "000"
        return f"{(self._settings.base_url or '').rstrip('/')}{soap.path}/{name}/{client}/{service}/{binding}"

    def _client(self, call: FunctionCall) -> Any:
        """Return zeep over a description of our own; ConnectorRefused where it is not installed."""
        try:
            import zeep
        except ImportError:
            told = "zeep, which speaks SOAP, is not installed."
            raise ConnectorRefused(told, fix="pip install 'duehook[sap_ecc]'.") from None
        shape: dict[str, Any] = {**call.tables}
        for name, held in call.parameters.items():
            shape[name] = None if isinstance(held, str) else tuple(sorted({column for row in held for column in row}))
        known = (call.function, tuple(sorted(shape.items(), key=itemgetter(0))))
        if known not in self._known:
            described = wsdl(call.function, dict(sorted(shape.items())), self._address(call.function))
            self._known[known] = zeep.Client(BytesIO(described.encode()))  # type: ignore[no-untyped-call]
        return self._known[known]


def _values(function: str, reply: Reply) -> Mapping[str, Any]:
    """Return what a function gave back; FunctionFault for an exception of its."""
    if reply.is_html:
        told = f"{reply.url} answered {reply.status} with a web page instead of data: {reply.excerpt()}"
        raise ConnectorGarbled(told, fix="check the address; a proxy or a sign-in page may stand in between.")
    body, data = _body(function, reply)
    fault = body.find(f"{_ENVELOPE}Fault")
    if fault is not None:
        raise _fault(function, fault)
    given = body.find(f"{{{NAMESPACE}}}{function}.Response")
    if given is None:
        raise reply.fault() or _garbled(function, reply)
    return {**{_plain(each.tag): _read(each) for each in given}, **data}


def _body(function: str, reply: Reply) -> tuple[Any, Mapping[str, Column]]:
    """Return the envelope's body, and the table of one column, whose rows are taken off it while they are read."""
    from lxml import etree

    try:
        _expect_utf8(reply.body)
        events = etree.iterparse(
            BytesIO(reply.body), events=("end",), tag=ROW, huge_tree=True, resolve_entities=False, no_network=True
        )
        data = _taken(events)
        body = events.root.find(f"{_ENVELOPE}Body")
    except (etree.LxmlError, ValueError) as error:
        raise reply.fault() or _garbled(function, reply) from error
    if body is None or events.root.getroottree().docinfo.doctype:
        raise reply.fault() or _garbled(function, reply)
    return body, data


def _taken(events: Iterable[tuple[str, Any]]) -> dict[str, Column]:
    """Take up the table of one column: it may have very many rows, and a tree of them all would be large."""
    texts, cell = list[str](), None
    for _, cell in events:
        texts.append(cell.text or "")
        if not len(texts) % _STANDING:
            item, table = _around(cell)
            del table[: table.index(item)]  # behind it may stand some that are read already and come next
    if cell is None:
        return {}
    _, table = _around(cell)
    del table[:]
    return {_plain(table.tag): Column(ROW, texts)}


def _around(cell: Any) -> tuple[Any, Any]:
    """Return the row of a cell, and its table. ValueError for one that stands in none."""
    item = cell.getparent()
    table = None if item is None else item.getparent()
    if table is None:
        raise ValueError(f"{ROW} stands in no table")
    return item, table


def _expect_utf8(body: bytes) -> None:
    """Raise ValueError for an answer of another encoding that does not say so."""
    decoder = getincrementaldecoder("utf-8")()
    for start in range(0, len(body), _CHUNK):
        decoder.decode(body[start : start + _CHUNK])
    decoder.decode(b"", final=True)


def _garbled(function: str, reply: Reply) -> ConnectorGarbled:
    told = f"{reply.url} answered {reply.status} with what is no envelope of {function}: {reply.excerpt()}"
    return ConnectorGarbled(told, fix=SENSELESS)


def _fault(function: str, fault: Any) -> FunctionFault:
    """Return the exception that a fault bears: by its name in the detail, else by what its text begins with."""
    said = one_line(redact(" ".join("".join(fault.itertext()).split())))[:200]
    names = [each.text or "" for each in fault.iter() if _plain(each.tag) == "Name"]
    key = next((name for name in names if name), "") or next((each for each in KEYS if each in said), "a fault")
    return FunctionFault(function, key, said)


def _read(element: Any) -> Any:
    """Return a parameter's value: a table's rows, a structure's fields, or a text."""
    if not len(element):
        return element.text or ""
    if _plain(element[0].tag) == "item":
        return [_read(each) if len(each) else {} for each in element]
    return {_plain(each.tag): _read(each) for each in element}


def _plain(tag: Any) -> str:
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _said_at(reply: Reply) -> datetime | None:
    return reply.said_at() if reply.headers.get("Date") else None
