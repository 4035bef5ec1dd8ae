"""A client of SuiteTalk: envelopes written by hand, and zeep over the real WSDL where that is here."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
import requests
import zeep
from lxml import etree

from duehook.plugins.netsuite.simulator import NetsuiteSimulator

from .simulated import START

WSDL = Path(__file__).parents[3] / "shared" / "data" / "netsuite" / "netsuite_2025_2_reconstructed.wsdl"
PORT = "/services/NetSuitePort_2025_2"
CORE = "{urn:core_2025_2.platform.webservices.netsuite.com}"
FAULTS = "{urn:faults_2025_2.platform.webservices.netsuite.com}"
SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
XSD = "{http://www.w3.org/2001/XMLSchema}"
BINDING = "{urn:platform_2025_2.webservices.netsuite.com}NetSuiteBinding"
ENVELOPE = """<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xmlns:msg="urn:messages_2025_2.platform.webservices.netsuite.com"
    xmlns:core="urn:core_2025_2.platform.webservices.netsuite.com"
    xmlns:common="urn:common_2025_2.platform.webservices.netsuite.com"
    xmlns:rel="urn:relationships_2025_2.lists.webservices.netsuite.com"
    xmlns:sales="urn:sales_2025_2.transactions.webservices.netsuite.com">
  <soapenv:Header>{header}</soapenv:Header>
  <soapenv:Body>{body}</soapenv:Body>
</soapenv:Envelope>"""
PASSPORT = """<msg:tokenPassport><core:account>{account}</core:account>
<core:consumerKey>{consumer_key}</core:consumerKey><core:token>{token_id}</core:token><core:nonce>{nonce}</core:nonce><core:timestamp>{timestamp}</core:timestamp>
<core:signature algorithm="{algorithm}">{signature}</core:signature></msg:tokenPassport>"""
TIME = "<msg:getServerTime/>"


@dataclass
class Talker:
    """A client of one account, as its settings say."""

    simulator: NetsuiteSimulator
    settings: Mapping[str, str]
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.session.trust_env = False

    def passport(self, **other: str) -> dict[str, str]:
        """Return the parts of a tokenPassport; `other` are wrong parts of it, or of what it is signed with."""
        parts = {"nonce": secrets.token_hex(10), "timestamp": str(int(time.time())), **self.settings, **other}
        names = ("account", "consumer_key", "token_id", "nonce", "timestamp")
        base = "&".join(parts[name] for name in names).encode()
        key = f"{parts['consumer_secret']}&{parts['token_secret']}".encode()
        signature = base64.b64encode(hmac.new(key, base, hashlib.sha256).digest()).decode()
        return {"algorithm": "HMAC-SHA256", "signature": signature, **parts}

    def post(self, body: str, header: str | None = None, path: str = PORT) -> requests.Response:
        """Send a request, signed unless a header says otherwise."""
        signed = PASSPORT.format(**self.passport()) if header is None else header
        return self.send(ENVELOPE.format(header=signed, body=body), path)

    def send(self, document: str, path: str = PORT) -> requests.Response:
        """Send a document."""
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}
        url = f"{self.settings['base_url']}{path}"
        return self.session.post(url, data=document.encode(), headers=headers, timeout=30)

    def answer(self, body: str) -> Element:
        """Return the result of an operation that is answered."""
        answer = self.post(body)
        assert answer.status_code == 200, answer.text
        return fromstring(answer.content).find(f"{SOAP}Body")[0][0]  # type: ignore[index]


def fault(answer: requests.Response) -> tuple[str, str, str]:
    """Return kind, code and words of a fault."""
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "text/xml; charset=utf-8")
    told = fromstring(answer.content).find(f"{SOAP}Body/{SOAP}Fault")
    assert told is not None
    detail = told.find("detail")
    assert detail is not None
    assert told.findtext("faultcode") == "soapenv:Server.userException"
    kind = detail[0].tag.removeprefix(FAULTS)
    return kind, detail[0].findtext(f"{FAULTS}code", ""), told.findtext("faultstring", "")


@dataclass
class Wsdl:
    """The real WSDL as zeep reads it, and its schema as libxml2 does: both look at whatever goes over the wire."""

    client: Any
    schema: Any
    etree: Any
    names: dict[str, str]
    documents: list[Any] = field(default_factory=list)

    def make(self, name: str, /, **fields: Any) -> Any:
        """Return a value of a type of the schema."""
        return self.client.get_type(self.names[name])(**fields)

    def egress(self, envelope: Any, headers: Any, operation: Any, options: Any) -> Any:
        """Look at a request."""
        self._look(envelope)
        return envelope, headers

    def ingress(self, envelope: Any, headers: Any, operation: Any) -> Any:
        """Look at an answer."""
        self._look(envelope)
        return envelope, headers

    def _look(self, envelope: Any) -> None:
        self.documents = [*self.documents[-9:], envelope]
        for parts in (envelope.find(f"{SOAP}Header"), envelope.find(f"{SOAP}Body")):
            for part in () if parts is None else parts:
                if part.tag != f"{SOAP}Fault":
                    self.schema.assertValid(self.etree.ElementTree(self.etree.fromstring(self.etree.tostring(part))))


@dataclass
class Wire:
    """An account spoken to by zeep."""

    talker: Talker
    wsdl: Wsdl

    def __post_init__(self) -> None:
        self.service = self.wsdl.client.create_service(BINDING, f"{self.talker.settings['base_url']}{PORT}")

    @property
    def simulator(self) -> NetsuiteSimulator:
        """Return the account."""
        return self.talker.simulator

    def make(self, name: str, /, **fields: Any) -> Any:
        """Return a value of a type of the schema."""
        return self.wsdl.make(name, **fields)

    def ask(self, operation: str, *arguments: Any, preferences: Mapping[str, Any] | None = None) -> Any:
        """Carry out an operation; return its result."""
        parts = self.talker.passport()
        signature = {"_value_1": parts["signature"], "algorithm": "HMAC-SHA256"}
        element = self.wsdl.client.get_element
        messages = "{urn:messages_2025_2.platform.webservices.netsuite.com}"
        headers = [element(f"{messages}tokenPassport")(
            account=parts["account"], consumerKey=parts["consumer_key"], token=parts["token_id"],
            nonce=parts["nonce"], timestamp=int(parts["timestamp"]), signature=signature,
        )]  # fmt: skip
        if preferences:
            kind = "searchPreferences" if operation.startswith("search") else "preferences"
            headers.append(element(f"{messages}{kind}")(**preferences))
        body = getattr(self.service, operation)(*arguments, _soapheaders=headers).body
        return body[next(iter(body))]

    def search(self, name: str, basic: Mapping[str, Any] | None = None, **preferences: Any) -> Any:
        """Search for records by the fields of `basic`."""
        return self.ask("search", self.criteria(name, basic), preferences=preferences)

    def criteria(self, name: str, basic: Mapping[str, Any] | None = None, **joins: Any) -> Any:
        """Return a search of records."""
        return self.make(f"{name}Search", basic=self.make(f"{name}SearchBasic", **(basic or {})), **joins)

    def rows(self, name: str, basic: Mapping[str, Any], columns: str, **joins: tuple[str, str]) -> list[dict[str, Any]]:
        """Return the rows of an advanced search: what each column holds, under its name or `<join>.<name>`."""
        result = self.ask("search", self.advanced(name, basic, columns, **joins))
        assert result.status.isSuccess, result.status
        return [plain(row) for row in (result.searchRowList.searchRow if result.searchRowList else [])]

    def advanced(self, name: str, basic: Mapping[str, Any], columns: str, **joins: tuple[str, str]) -> Any:
        """Return an advanced search; a join is given as the type of its columns and their names."""
        wanted = {"basic": (name, columns), **joins}
        parts = {
            part: self.make(f"{kind}SearchRowBasic", **{column: [{}] for column in listed.split()})
            for part, (kind, listed) in wanted.items()
        }
        row = self.make(f"{name}SearchRow", **parts)
        return self.make(f"{name}SearchAdvanced", criteria=self.criteria(name, basic), columns=row)


def plain(row: Any) -> dict[str, Any]:
    """Return the values of a row, references as their ids, by their columns."""
    found: dict[str, Any] = {}
    for part in row:
        for name in row[part] or ():
            for column in row[part][name] or () if name != "customFieldList" else ():
                value = column.searchValue
                held = value.internalId if hasattr(value, "internalId") else value
                found[name if part == "basic" else f"{part}.{name}"] = held
    return found


def any_of(*values: str) -> dict[str, Any]:
    """Return what a list field is searched for."""
    return {"searchValue": list(values), "operator": "anyOf"}


def of_ids(*keys: int | str) -> dict[str, Any]:
    """Return what a reference is searched for."""
    return {"searchValue": [{"internalId": str(key)} for key in keys], "operator": "anyOf"}


@pytest.fixture
def talking(tmp_path: Path) -> Iterator[Callable[..., Talker]]:
    """Give a function that starts an account that is read by SOAP, and returns a client of it."""
    running: list[NetsuiteSimulator] = []

    def start(**options: Any) -> Talker:
        folder = str(tmp_path / f"soap{len(running)}")
        usual = {"folder": folder, "customers": 20, "items": 0, "start_on": START, "read_by": "soap"}
        running.append(NetsuiteSimulator({**usual, **options}))
        return Talker(running[-1], running[-1].start())

    yield start
    for each in running:
        each.stop()


@pytest.fixture
def talker(talking: Callable[..., Talker]) -> Talker:
    """Give a client of an account with some customers and next to no documents."""
    return talking()


@pytest.fixture(scope="session")
def wsdl(tmp_path_factory: pytest.TempPathFactory) -> Wsdl:
    """Give the real WSDL; leave the test out where it is not here."""
    if not WSDL.exists():
        pytest.skip(f"{WSDL.name} is not here: the wire cannot be held against the real schema")
    document = corrected()
    folder = tmp_path_factory.mktemp("schema")
    document.write(str(folder / WSDL.name))
    client = zeep.Client(str(folder / WSDL.name), settings=zeep.Settings(strict=True, xml_huge_tree=True))  # type: ignore[no-untyped-call]
    names = {kind.qname.localname: kind.qname.text for kind in client.wsdl.types.types if kind.qname is not None}
    found = Wsdl(client, schema(etree, document, folder), etree, names)
    client.plugins.append(found)
    return found


def corrected() -> Any:
    """Return the WSDL, the status of a response being the core's: so recordings of the real wire have it.

    It was rebuilt from descriptions of types that do not tell whether an element is another schema's.
    """
    document = etree.parse(str(WSDL))
    parts = {part.get("targetNamespace"): part for part in document.getroot().iter(f"{XSD}schema")}
    core, messages = (parts[f"urn:{name}_2025_2.platform.webservices.netsuite.com"] for name in ("core", "messages"))
    etree.SubElement(core, f"{XSD}element", name="status", type="n4:Status")
    for element in messages.iter(f"{XSD}element"):
        if (element.get("name"), element.get("type")) == ("status", "n4:Status"):
            del element.attrib["name"], element.attrib["type"]
            element.set("ref", "n4:status")
    return document


def schema(etree: Any, document: Any, folder: Path) -> Any:
    """Return the schema that stands in the WSDL, all its parts together."""
    parts = list(document.getroot().iter(f"{XSD}schema"))
    files = {part.get("targetNamespace"): f"{number}.xsd" for number, part in enumerate(parts)}
    for part in parts:
        for other in part.findall(f"{XSD}import"):
            other.set("schemaLocation", files[other.get("namespace")])
        etree.ElementTree(part).write(str(folder / files[part.get("targetNamespace")]))
    whole = etree.Element(f"{XSD}schema")
    for namespace, file in files.items():
        etree.SubElement(whole, f"{XSD}import", namespace=namespace, schemaLocation=file)
    etree.ElementTree(whole).write(str(folder / "whole.xsd"))
    return etree.XMLSchema(etree.parse(str(folder / "whole.xsd")))


@pytest.fixture
def wire(wsdl: Wsdl, talker: Talker) -> Wire:
    """Give an account with next to no documents, spoken to by zeep."""
    return Wire(talker, wsdl)
