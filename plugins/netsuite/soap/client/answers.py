"""What SuiteTalk answers, as plain rows: numbers and dates stay the text that came, so that no cent is lost."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError, fromstring

from duehook.core.errors import ConnectorGarbled
from duehook.core.wire import Reply

Row = dict[str, Any]
ENVELOPE: Final = "{http://schemas.xmlsoap.org/soap/envelope/}"
_TYPE: Final = "{http://www.w3.org/2001/XMLSchema-instance}type"
_FIX: Final = "it is asked again by the next run; see whether a proxy stands in between."


@lru_cache(maxsize=2048)
def local(tag: str) -> str:
    """Return a name without its namespace; the same few come again and again."""
    return tag.rpartition("}")[2]


def parsed(reply: Reply) -> Element:
    """Return what stands in the body of an envelope. ConnectorGarbled for what is none, or brings a DTD."""
    body = reply.body
    if b"<!DOCTYPE" in body or b"\x00" in body[:100]:
        raise _garbled(reply, "a document type")
    try:
        found = fromstring(body).find(f"{ENVELOPE}Body")
    except (ParseError, ValueError, LookupError):
        raise _garbled(reply, "what is no XML") from None
    if found is None or not len(found):
        raise _garbled(reply, "what is no envelope")
    return found[0]


def child(element: Element | None, name: str) -> Element | None:
    """Return the first child of this name, in whatever namespace."""
    if element is None:
        return None
    return next((each for each in element if local(each.tag) == name), None)


def children(element: Element | None, name: str) -> list[Element]:
    """Return the children of this name."""
    return [] if element is None else [each for each in element if local(each.tag) == name]


def said(element: Element | None, name: str) -> str:
    """Return the text of a child, nothing where there is none."""
    found = child(element, name)
    return (found.text or "").strip() if found is not None else ""


def complaint(element: Element) -> str:
    """Return what an answer says of why it is no success."""
    details = children(child(element, "status"), "statusDetail")
    return "; ".join(said(each, "message") for each in details) or "nothing is said of it"


def number(element: Element, name: str) -> int:
    """Return a whole number that an answer must have."""
    try:
        return int(said(element, name))
    except ValueError:
        raise ConnectorGarbled(f"SuiteTalk answered without {name}; nothing of it was kept.", fix=_FIX) from None


def rows(result: Element) -> Iterator[Row]:
    """Yield the rows of an advanced search: a column's value under its name, `<join>.<name>` for a join's."""
    for found in children(child(result, "searchRowList"), "searchRow"):
        row: Row = {}
        for part in found:
            name = local(part.tag)
            before = "" if name == "basic" else f"{name}."
            for column in part:
                _take(column, before, row)
        yield row


def _take(column: Element, before: str, row: Row) -> None:
    name = local(column.tag)
    if name == "customFieldList":
        for each in column:
            row[f"{before}{each.get('scriptId') or ''}"] = value(child(each, "searchValue"))
        return
    for each in column:  # a label may stand before the value
        if local(each.tag) == "searchValue":
            row.setdefault(before + name, value(each))
            return
    row.setdefault(before + name, None)


def value(element: Element | None) -> str | None:
    """Return a value as text; of a reference its id."""
    if element is None:
        return None
    if (key := element.get("internalId")) is not None:
        return key
    return element.text or None


def record(element: Element | None) -> Row | None:
    """Return a record's fields by name; its lists stay elements, its own fields stand under their script ids."""
    if element is None:
        return None
    found: Row = {"internalId": element.get("internalId"), "recordType": local_type(element)}
    for field in element:
        name = local(field.tag)
        if name == "customFieldList":
            found |= {each.get("scriptId") or "": value(child(each, "value")) for each in field}
        elif len(field) and field.get("internalId") is None:
            found[name] = field
        else:
            found[name] = value(field)
    return found


def local_type(element: Element) -> str:
    """Return the type that an element says it is."""
    return (element.get(_TYPE) or "").rpartition(":")[2]


def _garbled(reply: Reply, what: str) -> ConnectorGarbled:
    if reply.is_html:
        what = "a web page"
    return ConnectorGarbled(f"{reply.url} answered {reply.status} with {what}: {reply.excerpt()}", fix=_FIX)
