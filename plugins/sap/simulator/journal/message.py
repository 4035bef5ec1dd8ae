"""A message as it came: read by hand, element by element in SAP's order, so that nothing unknown slips through."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element, ParseError, fromstring

from duehook.core.testing.sap_ledger.lines import LineKey

from .wsdl import CHANGES, MESSAGE, SFIN

ENVELOPE: Final = "http://schemas.xmlsoap.org/soap/envelope/"
ADDRESSING: Final = "http://www.w3.org/2005/08/addressing"
ITEM: Final = "JournalEntryDebtorCreditorItem"
LONGEST_ID: Final = 35
_KEY: Final = ("AccountingDocument", "CompanyCode", "FiscalYear", "AccountingDocumentItemID")
_HEADER: Final = ("ID", "UUID", "CreationDateTime", "TestDataIndicator", "SenderBusinessSystemID")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?Z")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class Malformed(ValueError):
    """A message that the system does not take."""


@dataclass(frozen=True)
class ItemChange:
    """What shall become of a line's fields; an empty value empties a field."""

    key: LineKey
    values: Mapping[str, str]


@dataclass(frozen=True)
class Message:
    """A message under the names that tell it from others."""

    names: Sequence[str]
    changes: Sequence[ItemChange]


def read(body: bytes) -> Message:
    """Read an envelope. Malformed for what the service does not know, or lacks."""
    if b"<!DOCTYPE" in body:
        raise Malformed("DTD is prohibited")
    try:
        envelope = fromstring(body)
    except (ParseError, ValueError) as wrong:
        raise Malformed(f"XML Parser: {wrong}") from None
    inside = envelope.find(f"{{{ENVELOPE}}}Body")
    if envelope.tag != f"{{{ENVELOPE}}}Envelope" or inside is None or len(inside) != 1:
        raise Malformed("no SOAP 1.1 body with one message")
    if inside[0].tag != f"{{{SFIN}}}{MESSAGE}":
        raise Malformed(f"Unknown message {inside[0].tag}")
    if not _text(envelope, f"{{{ENVELOPE}}}Header/{{{ADDRESSING}}}MessageID").strip():
        raise Malformed("WS-Addressing: MessageID is missing")
    return _message(inside[0])


def _message(element: Element) -> Message:
    parts = _in_order(element, ("MessageHeader", ITEM))
    names = _header(parts["MessageHeader"])
    if not names:
        raise Malformed("MessageHeader has neither ID nor UUID")
    return Message(names, [_change(each) for each in parts.get(ITEM, [])])


def _header(found: Sequence[Element]) -> list[str]:
    held = {name: _text(found[0], name) for name, each in _in_order(found[0], _HEADER).items() if each}
    if not _MOMENT.fullmatch(held.get("CreationDateTime", "")):
        raise Malformed(f"CreationDateTime {held.get('CreationDateTime')!r} is no moment")
    if len(held.get("ID", "")) > LONGEST_ID:
        raise Malformed(f"ID is longer than {LONGEST_ID}")
    if "UUID" in held and not _UUID.fullmatch(held["UUID"]):
        raise Malformed(f"UUID {held['UUID']!r} is none")
    return [held[name] for name in ("ID", "UUID") if held.get(name)]


def _change(element: Element) -> ItemChange:
    changes = tuple(f"{name}Change" for name in CHANGES)
    parts = _in_order(element, ("MessageHeader", "ItemKey", *changes))
    _header(parts["MessageHeader"])
    document, company, year, line = (_text(parts["ItemKey"][0], name) for name in _KEY)
    if not all((document, company, year, line)):
        raise Malformed("ItemKey names no line of a document")
    return ItemChange((company, year, document, line.zfill(3)), dict(_values(parts, changes)))


def _values(parts: Mapping[str, Sequence[Element]], changes: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield what is asked to be changed: a value without its indicator is left as it is."""
    for name in changes:
        for each in parts.get(name, ()):
            field = name.removesuffix("Change")
            _in_order(each, (field, "FieldValueChangeIsRequested"))
            if _text(each, "FieldValueChangeIsRequested") in {"true", "1"}:
                yield field, _text(each, field)


def _in_order(element: Element, names: Sequence[str]) -> dict[str, list[Element]]:
    """Return the children by name. Malformed where one is unknown, or stands behind what it belongs before."""
    found: dict[str, list[Element]] = {}
    last = 0
    for each in element:
        if each.tag not in names or names.index(each.tag) < last:
            raise Malformed(f"Element {each.tag} was not expected in {element.tag}")
        last = names.index(each.tag)
        found.setdefault(each.tag, []).append(each)
    for needed in ("MessageHeader", "ItemKey"):
        if needed in names and needed not in found:
            raise Malformed(f"Element {needed} is missing in {element.tag}")
    return found


def _text(element: Element, path: str) -> str:
    return element.findtext(path) or ""
