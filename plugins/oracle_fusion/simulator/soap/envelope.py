"""SOAP envelopes of the service: a request read without trusting it, an answer and a fault written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError, SubElement, TreeBuilder, XMLParser, fromstring, tostring

from duehook.core.testing.simulator import Reply

SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
SERVICE: Final = "http://xmlns.oracle.com/apps/financials/receivables/customers/customerProfileService/"
TYPES: Final = f"{SERVICE}types/"
ERRORS: Final = "http://xmlns.oracle.com/adf/svc/errors/"
INSTANCE: Final = "http://www.w3.org/2001/XMLSchema-instance"
XML: Final = "text/xml;charset=UTF-8"
_NIL: Final = f"{{{INSTANCE}}}nil"


class Fault(Exception):
    """A request that is refused: the code of its message, its words, and the attributes that are wrong."""

    def __init__(self, code: str, message: str, *, attribute: str = "") -> None:
        """Say what is refused."""
        super().__init__(message)
        self.code, self.message, self.attribute = code, message, attribute

    def reply(self) -> Reply:
        """Return the answer."""
        envelope, body = _envelope()
        fault = SubElement(body, _tag(SOAP, "Fault"))
        SubElement(fault, "faultcode").text = "env:Server"
        SubElement(fault, "faultstring").text = self.message
        told = SubElement(SubElement(fault, "detail"), _tag(ERRORS, "ServiceErrorMessage"))
        for name, said in (("code", self.code), ("message", self.message), ("severity", "SEVERITY_ERROR")):
            SubElement(told, _tag(ERRORS, name)).text = said
        if self.attribute:
            inner = SubElement(told, _tag(ERRORS, "detail"))
            SubElement(inner, _tag(ERRORS, "message")).text = self.message
            SubElement(inner, _tag(ERRORS, "attributeName")).text = self.attribute
        return Reply(_document(envelope), 500, XML)


@dataclass(frozen=True)
class Asked:
    """An operation, and the cells of the profile that it names: what is nil is None, what is not there is not said."""

    operation: str
    cells: Mapping[str, str | None]


class _Plain(TreeBuilder):
    """Builds nothing, and refuses a document type: no entity is ever declared."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise Fault("env:Client", "DOCTYPE is not allowed.")


def read(raw: bytes) -> Asked:
    """Read a request; raises Fault."""
    try:
        checked = XMLParser(target=_Plain())
        checked.feed(raw)
        checked.close()
        root = fromstring(raw)
    except ParseError as error:
        raise Fault("env:Client", f"The document is not well-formed: {error}.") from None
    body = root.find(_tag(SOAP, "Body"))
    operation = next(iter(body), None) if body is not None else None
    if operation is None or not operation.tag.startswith(f"{{{TYPES}}}"):
        raise Fault("env:Client", "Unknown method.")
    profile = operation.find(_tag(TYPES, "customerProfile"))
    if profile is None:
        raise Fault("env:Client", "The request has no customerProfile.")
    return Asked(_local(operation), {_local(each): _cell(each) for each in profile})


def answer(operation: str, cells: Mapping[str, Any]) -> Reply:
    """Return the answer to an operation: the profile as it is now."""
    envelope, body = _envelope()
    result = SubElement(SubElement(body, _tag(TYPES, f"{operation}Response")), _tag(TYPES, "result"))
    # The prefix of the type must be declared where a reader of the document looks for it.
    result.set("xmlns:cps", SERVICE)
    result.set(f"{{{INSTANCE}}}type", "cps:CustomerProfileResult")
    value = SubElement(result, _tag(SERVICE, "Value"))
    for name, held in cells.items():
        cell = SubElement(value, _tag(SERVICE, name))
        if held is None:
            cell.set(_NIL, "true")
        else:
            cell.text = str(held)
    return Reply(_document(envelope), 200, XML)


def _envelope() -> tuple[Element, Element]:
    envelope = Element(_tag(SOAP, "Envelope"))
    SubElement(envelope, _tag(SOAP, "Header"))
    return envelope, SubElement(envelope, _tag(SOAP, "Body"))


def _document(envelope: Element) -> bytes:
    written: bytes = tostring(envelope, "utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + written


def _cell(element: Element) -> str | None:
    return None if element.get(_NIL) in ("true", "1") else (element.text or "").strip()


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _tag(namespace: str, name: str) -> str:
    return f"{{{namespace}}}{name}"
