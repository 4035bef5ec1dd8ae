"""The account's own body fields on transactions, as they stand in a record and are named in a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from xml.etree.ElementTree import Element, SubElement

from duehook.plugins.netsuite.simulator.soap.names import CORE, CUSTOMIZATION, TYPE, qualified, tag
from duehook.plugins.netsuite.simulator.tables.codes import LEVEL_FIELD
from duehook.plugins.netsuite.simulator.tables.schema import Schema

from .shape import WRITTEN, Context

PREFIX: Final = "custbody_"
CustomKind = Literal["String", "Date", "Double", "Long"]
_KINDS: Final[Mapping[str, CustomKind]] = {"text": "String", "date": "Date", "number": "Double"}
_VALUES: Final = {"String": "text", "Date": "date", "Double": "number", "Long": "long"}
_FIELD_TYPES: Final[Mapping[CustomKind, str]] = {
    "String": "_freeFormText", "Date": "_date", "Double": "_decimalNumber", "Long": "_integerNumber",
}  # fmt: skip
_FIRST_ID: Final = 1001


@dataclass(frozen=True)
class Custom:
    """One custom field: its script id, which is its column, its internal id and of which kind it is."""

    script: str
    internal: str
    kind: CustomKind

    @property
    def value_kind(self) -> str:
        """Say how its value is written."""
        return _VALUES[self.kind]


def customs(schema: Schema) -> dict[str, Custom]:
    """Return the custom body fields of an account by their script ids."""
    kinds = schema.kinds("transaction")
    found = [name for name in kinds if name.startswith(PREFIX)]
    return {
        name: Custom(name, str(number), "Long" if name == LEVEL_FIELD else _KINDS[kinds[name]])
        for number, name in enumerate(found, _FIRST_ID)
    }


def field_record(custom: Custom) -> Element:
    """Return a custom body field as the record that describes it."""
    made = Element(tag(CORE, "record"), {
        TYPE: qualified(CUSTOMIZATION, "TransactionBodyCustomField"), "internalId": custom.internal,
    })  # fmt: skip
    texts = {"fieldType": _FIELD_TYPES[custom.kind], "scriptId": custom.script, "label": custom.script}
    for name, text in {**texts, "storeValue": "true", "bodySale": "true"}.items():
        SubElement(made, tag(CUSTOMIZATION, name)).text = text
    return made


def named(element: Element, known: Mapping[str, Custom]) -> Custom | None:
    """Return the custom field that an element of a request names, by script id or by internal id."""
    script, internal = element.get("scriptId"), element.get("internalId")
    return next((each for each in known.values() if script == each.script or internal == each.internal), None)


def add_customs(
    record: Element, namespace: str, row: Mapping[str, Any], known: Mapping[str, Custom], *, context: Context
) -> None:
    """Add customFieldList to a record, where any of its fields has a value."""
    held = [each for each in known.values() if row.get(each.script) is not None]
    if not held:
        return
    listed = SubElement(record, tag(namespace, "customFieldList"))
    for each in held:
        made = SubElement(listed, tag(CORE, "customField"), {
            TYPE: qualified(CORE, f"{each.kind}CustomFieldRef"), "internalId": each.internal, "scriptId": each.script,
        })  # fmt: skip
        SubElement(made, tag(CORE, "value")).text = WRITTEN[each.value_kind](row[each.script], context)
