"""Notes and phone calls as records, and what a request says of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement

from duehook.plugins.netsuite.simulator.records.notes import Notes
from duehook.plugins.netsuite.simulator.soap.faults import Failed
from duehook.plugins.netsuite.simulator.soap.names import COMMUNICATION, CORE, SCHEDULING, local, tag
from duehook.plugins.netsuite.simulator.soap.values import read_instant, written

from .shape import Context, Shape, fields

NOTE: Final = Shape("Note", COMMUNICATION, "", fields(
    "title noteType:ref.none direction noteDate:date note entity:ref.customer transaction:ref.transaction"
))  # fmt: skip
CALL: Final = Shape("PhoneCall", SCHEDULING, "", fields(
    "message company:ref.customer contact:ref.contact transaction:ref.transaction title startDate:date "
    "completedDate:date phone status"
))  # fmt: skip
SHAPES: Final[Mapping[str, Shape]] = {"note": NOTE, "phonecall": CALL}
RECORDS: Final = {"note": "note", "phoneCall": "phonecall"}  # what a reference calls it: what the account's notes are
_WORDS: Final = {"direction": ("_incoming", "_outgoing"), "status": ("_scheduled", "_completed")}


def element(notes: Notes, note: Mapping[str, Any], context: Context) -> Element:
    """Return a note as its record."""
    shape = SHAPES[notes.record]
    made = shape.begin(note["id"], note.get("externalId"))
    for field in shape.fields:
        held = note.get(field.name)
        if held is None:
            continue
        name = tag(shape.namespace, field.name)
        if field.kind.startswith("ref."):
            SubElement(made, name, {"internalId": str(held)})
        else:
            text = (
                written(read_instant(held, context.zone).replace(tzinfo=context.zone)) if field.kind == "date" else held
            )
            SubElement(made, name).text = text
    return made


def said(notes: Notes, record: Element, context: Context) -> dict[str, Any]:
    """Return what a request writes into a note, as the record API writes it; raises Failed."""
    shape = SHAPES[notes.record]
    kinds = {tag(shape.namespace, field.name): field for field in shape.fields}
    found: dict[str, Any] = {}
    for child in record:
        if child.tag == tag(CORE, "nullFieldList"):
            continue
        field = kinds.get(child.tag)
        if field is None:
            raise Failed("INVALID_FIELD_FOR_RCRD_TYP", f"{local(child.tag)} is no field of {shape.name} here.")
        found[field.name] = _value(field.name, field.kind, child, context)
    return found


def _value(name: str, kind: str, child: Element, context: Context) -> Any:
    text = child.text or ""
    if kind.startswith("ref."):
        return {"id": child.get("internalId", "")}
    if kind == "date":
        try:
            at = read_instant(text, context.zone)
        except ValueError:
            raise Failed("INVALID_DATE", f"Invalid date {text} of {name}.") from None
        return at.date().isoformat() if name != "noteDate" else written(at.replace(tzinfo=context.zone))
    if name in _WORDS:
        if text not in _WORDS[name]:
            raise Failed("INVALID_KEY_OR_REF", f"Invalid {name} reference key {text}.")
        return {"id": text}
    return text
