"""Function modules as SOAP services: one address each, names in capitals, tables as lists of item.

A table comes back only where it was sent, empty or not. An exception of the module is a fault with its name; what
the system cannot do is a fault without.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from duehook.core.testing.simulator import Reply
from duehook.plugins.sap_ecc.simulator.functions.engine import Engine
from duehook.plugins.sap_ecc.simulator.functions.module import AbapError, Fields, Module, Values
from duehook.plugins.sap_ecc.simulator.tables.schema import NO_DAY, Column

ENVELOPE: Final = "http://schemas.xmlsoap.org/soap/envelope/"
FUNCTIONS: Final = "urn:sap-com:document:sap:rfc:functions"
XML: Final = "text/xml; charset=utf-8"
_CONTROLS: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ROWS: Final = re.compile(rb"(<DATA>)(.*)(</DATA>)", re.DOTALL)
_END: Final = b"</item>"


def answered(engine: Engine, name: str, body: bytes, session: str) -> Reply:
    """Answer a SOAP request to a module's address."""
    try:
        asked = _asked(body)
    except (ElementTree.ParseError, ValueError) as wrong:
        return fault("CX_SOAP_CORE", f"XML Parser: {wrong}", sender=True)
    if asked.tag != f"{{{FUNCTIONS}}}{name}":
        return fault("CX_SOAP_CORE", f"Unknown operation {asked.tag}", sender=True)
    module = engine.modules[name]
    try:
        sent = _values(module, asked)
        found = engine.call(name, sent, session)
    except AbapError as wrong:
        return fault(wrong.key, wrong.message, sender=not wrong.is_runtime, module="" if wrong.is_runtime else name)
    kept = {each: value for each, value in found.items() if each not in module.tables or each in sent}
    return Reply(_enveloped(f"<rfc:{name}.Response{_NS}>{_body(module, kept)}</rfc:{name}.Response>"), 200, XML)


def fault(key: str, message: str, *, sender: bool = False, module: str = "", status: int = 500) -> Reply:
    """Word a fault; one that a module raised says its exception's name."""
    detail = f"<Name>{escape(key)}</Name><Text>{escape(message)}</Text>"
    if module:
        detail += "<Message><ID>SR</ID><Number>000</Number></Message>"
        detail = f"<rfc:{module}.Exception{_NS}>{detail}</rfc:{module}.Exception>"
    else:
        detail = f"<rfc:Error{_NS}>{detail}</rfc:Error>"
    who = "Client" if sender else "Server"
    return Reply(
        _enveloped(
            f"<soap-env:Fault><faultcode>soap-env:{who}</faultcode>"
            f'<faultstring xml:lang="en">{escape(message)}</faultstring><detail>{detail}</detail></soap-env:Fault>'
        ),
        status,
        XML,
    )


def shrunk(reply: Reply) -> Reply:
    """Return an answer with half of the rows of DATA."""

    def half(found: re.Match[bytes]) -> bytes:
        rows = found[2].split(_END)[:-1]
        return found[1] + b"".join(row + _END for row in rows[: len(rows) // 2]) + found[3]

    return Reply(_ROWS.sub(half, reply.body), reply.status, reply.content_type, reply.headers)


_NS: Final = f' xmlns:rfc="{FUNCTIONS}"'


def _asked(body: bytes) -> ElementTree.Element:
    if b"<!DOCTYPE" in body:
        raise ValueError("DTD is prohibited")
    envelope = ElementTree.fromstring(body)
    found = envelope.find(f"{{{ENVELOPE}}}Body")
    if envelope.tag != f"{{{ENVELOPE}}}Envelope" or found is None or len(found) != 1:
        raise ValueError("no SOAP body with one operation")
    return found[0]


def _values(module: Module, asked: ElementTree.Element) -> Values:
    """Return the parameters that were sent: text, or the rows of a table."""
    found: Values = {}
    for each in asked:
        if each.tag not in {*module.imports, *module.exports, *module.tables}:
            raise AbapError("CX_ST_MATCH_ELEMENT", f"Element {each.tag} was not expected", is_runtime=True)
        rows = [{field.tag: field.text or "" for field in item} for item in each.iter("item")]
        found[each.tag] = rows if each.tag in module.tables else each.text or ""
    return found


def _body(module: Module, values: Mapping[str, Any]) -> str:
    return "".join(_parameters(module, values))


def _parameters(module: Module, values: Mapping[str, Any]) -> Iterator[str]:
    for name, value in values.items():
        shape = module.tables.get(name) or module.exports.get(name)
        if isinstance(value, list):
            yield f"<{name}>{''.join(_items(shape, value))}</{name}>"
        elif isinstance(shape, Column):
            yield f"<{name}>{_text(shape, value)}</{name}>"
        elif shape is not None:
            yield f"<{name}>{_structure(shape, value)}</{name}>"


def _items(shape: Any, rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for row in rows:
        yield f"<item>{_structure(shape, row)}</item>"


def _structure(shape: Fields, row: Mapping[str, Any]) -> str:
    return "".join(f"<{name}>{_text(shape[name], value)}</{name}>" for name, value in row.items())


def _text(column: Column, value: Any) -> str:
    """Write a value as XML has it: a day with hyphens, a number with its sign in front."""
    if column.type == "D":
        text = str(value or NO_DAY)
        return f"{text[:4]}-{text[4:6]}-{text[6:]}"
    if column.is_number:
        return decimal_text(column, value)
    return escape(_CONTROLS.sub("#", str(value))).replace("\r", "&#13;")


def decimal_text(column: Column, value: Any) -> str:
    """Write a packed number of whole last decimals with its point."""
    number = int(value or 0)
    digits = str(abs(number)).rjust(column.decimals + 1, "0")
    whole = f"{digits[: -column.decimals]}.{digits[-column.decimals :]}" if column.decimals else digits
    return f"-{whole}" if number < 0 else whole


def _enveloped(body: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><soap-env:Envelope xmlns:soap-env="{ENVELOPE}"><soap-env:Header/>'
        f"<soap-env:Body>{body}</soap-env:Body></soap-env:Envelope>"
    ).encode()
