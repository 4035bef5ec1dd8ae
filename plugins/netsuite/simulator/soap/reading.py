"""The operations that read records by their ids, and the lists that an account has beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement

from duehook.plugins.netsuite.simulator.records.service import Records

from .envelope import Asked
from .faults import Failed, too_many_records
from .names import CORE, MESSAGES, TYPE, local, qualified, tag
from .records import masters, notes, transactions
from .records.custom import Custom, field_record, named
from .records.masters import MASTERS
from .records.shape import Context
from .status import status

MOST: Final = 1000  # records that getList reads at once
_LONGEST: Final = 18  # digits of an internal id
FIELD: Final = "transactionBodyCustomField"
RIGHTS: Final = {"customerSubsidiaryRelationship": "customer", "contactRole": "contact"}


@dataclass
class Reading:
    """Reads records of an account; `permit` raises Failed for a right that the role has not."""

    service: Records
    context: Context
    customs: Mapping[str, Custom]
    permit: Callable[[str], None] = field(default=lambda right: None)

    def records(self, record: str, keys: Sequence[int], *, lists: bool) -> list[Element]:
        """Return some records in their order, those that are gone left out; transactions where no type is named."""
        if record and record not in transactions.RECORDS:
            shape = MASTERS[record]
            rows = masters.loaded(shape, keys, self.context)
            return [masters.element(shape, row, self.context, lists=lists) for row in rows]
        rows = [
            row for row in transactions.loaded(keys, self.context)
            if not record or row["type"] == transactions.RECORDS[record]
        ]  # fmt: skip
        return transactions.elements(rows, self.customs, self.context, lists=lists)

    def get(self, asked: Asked) -> Element:
        """Answer get."""
        reference = asked.body.find(tag(MESSAGES, "baseRef"))
        return self._response(Element("none") if reference is None else reference)

    def get_list(self, asked: Asked) -> Element:
        """Answer getList; raises Fault."""
        references = asked.body.findall(tag(MESSAGES, "baseRef"))
        if len(references) > MOST:
            raise too_many_records(MOST)
        listed = Element(tag(MESSAGES, "readResponseList"))
        listed.append(status())
        listed.extend(self._response(each) for each in references)
        return listed

    def get_all(self, asked: Asked) -> Element:
        """Answer getAll: the currencies."""
        wanted = asked.body.find(tag(MESSAGES, "record"))
        result = Element(tag(CORE, "getAllResult"))
        kind = "" if wanted is None else wanted.get("recordType", "")
        if kind != "currency":
            raise Failed("GETALL_RCRD_TYPE_REQD", f"This account gives no list of all {kind or '(none)'}.")
        self.permit("currency")
        keys = [row["id"] for row in self.context.database.rows("SELECT id FROM currency ORDER BY id")]
        result.append(status())
        SubElement(result, tag(CORE, "totalRecords")).text = str(len(keys))
        SubElement(result, tag(CORE, "recordList")).extend(self.records("currency", keys, lists=True))
        return result

    def customization_ids(self, asked: Asked) -> Element:
        """Answer getCustomizationId: the account's own body fields."""
        wanted = asked.body.find(tag(MESSAGES, "customizationType"))
        body = wanted is not None and wanted.get("getCustomizationType") == FIELD
        found = list(self.customs.values()) if body else []
        result = Element(tag(CORE, "getCustomizationIdResult"))
        result.append(status())
        SubElement(result, tag(CORE, "totalRecords")).text = str(len(found))
        listed = SubElement(result, tag(CORE, "customizationRefList"))
        for each in found:
            reference = SubElement(listed, tag(CORE, "customizationRef"), {
                "internalId": each.internal, "scriptId": each.script, "type": FIELD,
            })  # fmt: skip
            SubElement(reference, tag(CORE, "name")).text = each.script
        return result

    def _response(self, reference: Element) -> Element:
        response = Element(tag(MESSAGES, "readResponse"))
        try:
            record = self._read(reference)
            response.append(status())
            record.tag = tag(MESSAGES, "record")
            response.append(record)
        except Failed as failed:
            response.append(status(failed))
        return response

    def _read(self, reference: Element) -> Element:
        kind, key = reference.get("type", ""), reference.get("internalId", "")
        if kind == FIELD:
            return self._field(reference)
        if local(reference.get(TYPE, "")) not in ("RecordRef", "") or not kind:
            raise Failed("INVALID_GET_REF", "The reference names no type of record.")
        if notes.RECORDS.get(kind) == self.service.notes.record:
            note = self.service.notes.found(key or f"eid:{reference.get('externalId', '')}")
            if note is None:
                raise gone()
            return notes.element(self.service.notes, note, self.context)
        if kind not in MASTERS and kind not in transactions.RECORDS:
            raise Failed("INVALID_RCRD_TYPE", f"This account has no record {kind}.")
        self.permit(right_of(kind))
        return self.one(kind, key)

    def _field(self, reference: Element) -> Element:
        custom = named(reference, self.customs)
        if custom is None:
            raise gone()
        return field_record(custom)

    def one(self, kind: str, key: str) -> Element:
        """Return one record; raises Failed where there is none, or where a workflow locked it."""
        found = self.records(kind, [int(key)], lists=True) if is_id(key) else []
        if not found:
            raise gone()
        if (kind.lower(), int(key)) in self.service.locked:
            raise locked()
        return found[0]


def is_id(text: str) -> bool:
    """Say whether a text can be an internal id."""
    return text.isdecimal() and len(text) <= _LONGEST


def right_of(kind: str) -> str:
    """Return which right a record is seen by."""
    return "transaction" if kind in transactions.RECORDS else RIGHTS.get(kind, kind)


def gone() -> Failed:
    """Say that there is no such record."""
    return Failed("RCRD_DSNT_EXIST", "That record does not exist.")


def locked() -> Failed:
    """Say that a workflow keeps a record for itself."""
    return Failed("USER_ERROR", "This record has been locked by a user defined workflow.")


def reference(kind: str, key: Any, external: str | None, name: str) -> Element:
    """Return a reference to a record, as an element of this name."""
    ids = {"internalId": str(key)} if key else {}
    ids |= {"externalId": external} if external else {}
    return Element(name, {TYPE: qualified(CORE, "RecordRef"), **ids, "type": kind})
