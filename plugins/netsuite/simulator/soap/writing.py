"""The operations that write: add, update and upsert, one record or a list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from xml.etree.ElementTree import Element

from duehook.plugins.netsuite.simulator.problem import Refused
from duehook.plugins.netsuite.simulator.records.fields import HOLDS
from duehook.plugins.netsuite.simulator.records.notes import Notes
from duehook.plugins.netsuite.simulator.records.service import Records
from duehook.plugins.netsuite.simulator.tables.codes import RECORD_OF

from .envelope import Asked
from .faults import Failed, too_many_records, unreadable
from .names import CORE, MESSAGES, TYPE, local, tag
from .reading import Reading, gone, is_id, locked, reference, right_of
from .records import notes
from .records.custom import named
from .records.transactions import NAMES, RECORDS
from .status import status
from .values import number, read_boolean, read_instant, stored

MOST: Final = {"add": 200, "update": 100, "upsert": 100}  # records of a list
_WRITABLE: Final = {
    "customer": {"creditLimit": "creditlimit", "creditHoldOverride": "creditholdoverride", "terms": "terms",
                 "comments": "comments"},
    "transaction": {"memo": "memo"},
}  # fmt: skip
_HOLDS: Final = {f"_{code.lower()}": code for code in HOLDS}
_UPDATED: Final = ("customer", *(NAMES[kind] for kind in RECORD_OF))
_CUSTOM: Final = "customFieldList"


@dataclass(frozen=True)
class Writing:
    """Writes records of an account; `permit` raises Failed for a right that the role has not."""

    reading: Reading
    permit: Callable[[str], None]

    def answer(self, asked: Asked) -> Element:
        """Answer a writing operation; raises Fault for no record, and for a list that is too long."""
        verb = asked.operation.removesuffix("List")
        records = asked.body.findall(tag(MESSAGES, "record"))
        ignoring = _ignores_read_only(asked.header)
        if not records:
            raise unreadable(f"{asked.operation} has no record.")
        if verb == asked.operation:
            return self._response(verb, records[0], ignoring=ignoring)
        if len(records) > MOST[verb]:
            raise too_many_records(MOST[verb])
        listed = Element(tag(MESSAGES, "writeResponseList"))
        listed.append(status())
        listed.extend(self._response(verb, record, ignoring=ignoring) for record in records)
        return listed

    def _response(self, verb: str, record: Element, *, ignoring: bool) -> Element:
        response = Element(tag(MESSAGES, "writeResponse"))
        try:
            kind, key, external = self._write(verb, record, ignoring=ignoring)
            response.append(status())
            response.append(reference(kind, key, external, tag(MESSAGES, "baseRef")))
        except Refused as refused:
            said = refused.detail.removeprefix("Error while accessing a resource. ")
            self._failed(response, record, Failed(refused.code, said))
        except Failed as failed:
            self._failed(response, record, failed)
        return response

    @staticmethod
    def _failed(response: Element, record: Element, failed: Failed) -> None:
        """Say what failed, and of which record, where the request named one."""
        response.append(status(failed))
        key, external = record.get("internalId"), record.get("externalId")
        if key or external:
            response.append(reference(_kind(record), key, external, tag(MESSAGES, "baseRef")))

    def _write(self, verb: str, record: Element, *, ignoring: bool) -> tuple[str, str, str | None]:
        kind = _kind(record)
        if notes.RECORDS.get(kind) == self.reading.service.notes.record:
            return self._write_note(verb, record, kind)
        if kind not in _UPDATED or verb != "update":
            raise Failed("INSUFFICIENT_PERMISSION", f"You do not have permissions to {verb} records of type {kind}.")
        self.permit(right_of(kind))
        key, service = record.get("internalId", ""), self.reading.service
        found = _found(service, kind, key)
        if (kind.lower(), int(key)) in service.locked:
            raise locked()
        service.save(kind.lower(), int(key), self._cells(record, kind, ignoring=ignoring))
        return kind, key, found.get("externalid")

    def _write_note(self, verb: str, record: Element, kind: str) -> tuple[str, str, str | None]:
        held, external = self.reading.service.notes, record.get("externalId")
        known = _known(held, record)
        if verb == "add" and known:
            said = "A record with the same external ID already exists."
            raise Failed("DUP_RCRD", said)
        if verb == "update" and not known:
            raise gone()
        if verb == "upsert" and not external:
            raise Failed("EXTERNALID_REQD", "An external ID is required to upsert a record.")
        key = known["id"] if known else f"eid:{external}" if external else ""
        made = held.written(key, notes.said(held, record, self.reading.context))
        self.reading.service.keep()
        return kind, str(made["id"]), made.get("externalId")

    def _cells(self, record: Element, kind: str, *, ignoring: bool) -> dict[str, Any]:
        writable = _WRITABLE["transaction" if kind in RECORDS else "customer"]
        cells: dict[str, Any] = {}
        for child in record:
            name = local(child.tag)
            if name == "nullFieldList":
                cells |= self._cleared(child, writable)
            elif name == _CUSTOM and kind in RECORDS:
                cells |= dict(self._custom(each) for each in child)
            elif name in writable:
                cells[writable[name]] = _value(name, child)
            elif not ignoring:
                said = f"You do not have permission to set a value for element {name}: the field is read-only."
                raise Failed("INSUFFICIENT_FLD_PERMISSION", said)
        return cells

    def _cleared(self, names: Element, writable: dict[str, str]) -> dict[str, None]:
        found: dict[str, None] = {}
        for child in names:
            name = (child.text or "").strip()
            column = writable.get(name) or (name if name in self.reading.customs else None)
            if column is None or name == "creditHoldOverride":
                raise Failed("INVALID_KEY_OR_REF", f"The field {name} cannot be set to null.")
            found[column] = None
        return found

    def _custom(self, field: Element) -> tuple[str, Any]:
        custom = named(field, self.reading.customs)
        if custom is None or local(field.get(TYPE, "")) != f"{custom.kind}CustomFieldRef":
            said = f"Custom field key {field.get('scriptId') or field.get('internalId')} is not valid."
            raise Failed("INVALID_CSTM_FIELD_REF", said)
        text = field.findtext(tag(CORE, "value"), "")
        try:
            if custom.kind == "Date":
                return custom.script, stored(read_instant(text, self.reading.context.zone))[:11] + " 00:00:00"
            plain = {"Double": float, "Long": int}.get(custom.kind)
            return custom.script, plain(text) if plain else text
        except ValueError:
            raise Failed("CSTM_FIELD_VALUE_REQD", f"{text} is no value of {custom.script}.") from None


def _known(held: Notes, record: Element) -> dict[str, Any] | None:
    """Return the note that a record names, by its own id or by its external id."""
    key, external = record.get("internalId"), record.get("externalId")
    return held.found(key) if key else held.found(f"eid:{external}") if external else None


def _kind(record: Element) -> str:
    """Return what a reference calls a record of this type."""
    name = local(record.get(TYPE, ""))
    return f"{name[:1].lower()}{name[1:]}"


def _found(service: Records, kind: str, key: str) -> dict[str, Any]:
    try:
        return service.row(kind.lower(), key if is_id(key) else "")
    except Refused:
        raise gone() from None


def _value(name: str, child: Element) -> Any:
    """Return what a request writes into a field, as the tables hold it; raises Failed."""
    text = (child.text or "").strip()
    if name == "creditHoldOverride":
        if text not in _HOLDS:
            raise Failed("INVALID_KEY_OR_REF", f"Invalid creditHoldOverride reference key {text}.")
        return _HOLDS[text]
    if name == "terms":
        key = child.get("internalId", "")
        return int(key) if key.isdigit() else key
    if name == "creditLimit":
        try:
            return float(number(text))
        except ValueError:
            raise Failed("INVALID_NUMBER", f"{text} is no amount of creditLimit.") from None
    return child.text or ""


def _ignores_read_only(header: Element) -> bool:
    text = header.findtext(f"{tag(MESSAGES, 'preferences')}/{tag(MESSAGES, 'ignoreReadOnlyFields')}", "false")
    try:
        return read_boolean(text)
    except ValueError:
        raise unreadable(f"Invalid boolean value {text}.") from None
