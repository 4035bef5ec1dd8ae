"""SOAP envelopes: a request read without trusting it, and an answer written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError, SubElement, TreeBuilder, XMLParser, XMLPullParser, tostring

from .faults import Fault, unreadable
from .names import MESSAGES, SOAP, TYPE, local, tag

_DECLARATION: Final = b'<?xml version="1.0" encoding="UTF-8"?>\n'
MOST: Final = 100 * 1024 * 1024  # bytes that a request may have


@dataclass(frozen=True)
class Asked:
    """A request: the operation's element, whose types have their full names, and the header."""

    operation: str
    body: Element
    header: Element

    @property
    def what(self) -> str:
        """Say what it is about: the type of the search, record or reference; nothing where there is none."""
        first = next(iter(self.body), None)
        return "" if first is None else first.get("type") or local(first.get(TYPE, ""))


class _Plain(TreeBuilder):
    """Builds nothing, and refuses a document type: no entity is ever declared."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise unreadable("DOCTYPE is not allowed.")


def read(raw: bytes) -> Asked:
    """Read a request; raises Fault."""
    try:
        checked = XMLParser(target=_Plain())
        checked.feed(raw)
        checked.close()
        return _asked(_typed(raw))
    except ParseError as error:
        raise unreadable(str(error)) from None


def size_fits(raw: bytes) -> bool:
    """Say whether a request is not too long."""
    return len(raw) <= MOST


def answer(operation: str, content: Iterable[Element]) -> bytes:
    """Return the answer to an operation."""
    envelope, body = _envelope()
    SubElement(body, tag(MESSAGES, f"{operation}Response")).extend(content)
    return _document(envelope)


def refusal(fault: Fault) -> bytes:
    """Return the answer that is a fault."""
    envelope, body = _envelope()
    body.append(fault.element())
    return _document(envelope)


def _document(envelope: Element) -> bytes:
    written: bytes = tostring(envelope, "utf-8")
    return _DECLARATION + written


def _envelope() -> tuple[Element, Element]:
    envelope = Element(tag(SOAP, "Envelope"))
    header = SubElement(envelope, tag(SOAP, "Header"))
    info = SubElement(header, tag(MESSAGES, "documentInfo"))
    SubElement(info, tag(MESSAGES, "nsId")).text = "WEBSERVICES_1234567_SB1_112320261452293"
    return envelope, SubElement(envelope, tag(SOAP, "Body"))


def _typed(raw: bytes) -> Element:
    """Return the document, each xsi:type with the namespace that its prefix stands for."""
    reader: XMLPullParser[Any] = XMLPullParser(("start-ns", "end-ns", "start"))
    reader.feed(raw)
    reader.close()
    known: list[tuple[str, str]] = []
    root: Element | None = None
    events: Iterable[tuple[str, Any]] = reader.read_events()  # type: ignore[assignment]
    for event, found in events:
        if event == "start-ns":
            known.append(found)
        elif event == "end-ns":
            known.pop()
        else:
            root = found if root is None else root
            _resolve(found, dict(known))
    if root is None:
        raise unreadable("Premature end of file.")
    return root


def _resolve(element: Element, known: dict[str, str]) -> None:
    named = element.get(TYPE)
    if named is None:
        return
    prefix, _, name = named.strip().rpartition(":")
    if prefix not in known:
        raise unreadable(f'The prefix "{prefix}" of the type "{named}" is not bound.')
    element.set(TYPE, tag(known[prefix], name))


def _asked(root: Element) -> Asked:
    body, header = root.find(tag(SOAP, "Body")), root.find(tag(SOAP, "Header"))
    if root.tag != tag(SOAP, "Envelope") or body is None or len(body) != 1:
        raise unreadable("The document is no SOAP 1.1 envelope with one operation.")
    operation = body[0]
    if operation.tag != tag(MESSAGES, local(operation.tag)):
        raise unreadable(f"{operation.tag} is no operation of this endpoint.")
    return Asked(local(operation.tag), operation, Element("none") if header is None else header)
