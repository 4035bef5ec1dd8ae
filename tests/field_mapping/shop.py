"""A made-up ERP for the tests: what a connector declares of it, how it is read, and a file against it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from duehook.core.errors import BadRecord
from duehook.core.field_mapping import CodeList, Entity, FieldMapping, Schema, StreamSchema, load
from duehook.core.field_mapping.canonical import words_of
from duehook.core.yaml_source import BadFile

ITEMS = Entity(
    "Items",
    {"Due": "date", "AltDue": "date", "Branch": "text", "Salesman": "text", "Fee": "amount", "Level": "text",
     "Held": "flag", "Pieces": "whole", "Why": "text"},
    closed=True,
)  # fmt: skip
HEADS = Entity("Heads", {"Ref": "text"}, closed=True)
CUSTOMERS = Entity("Customers", {"Name": "text", "City": "text", "Clerk": "text"})
PEOPLE = Entity("People", {"Job": "text"}, prefix="P_")
SCHEMA = Schema(
    {
        "item": StreamSchema(
            (ITEMS, HEADS),
            {"due_on": "Items.Due", "business_unit": "Items.Branch", "reference": "Heads.Ref", "disputed_amount": "",
             "dunning_level": "", "item_class": "Items.Kind", "dunning_block": "", "dispute_reason": ""},
        ),
        "customer": StreamSchema(
            (CUSTOMERS,),
            {"name": "Customers.Name", "collector": "Customers.Clerk", "language": "", "country": "", "currency": "",
             "address.city": "Customers.City", "categories": "", "state": "", "last_dunned_on": "", "credit_limit": ""},
        ),
        "contact": StreamSchema((PEOPLE,), {"purposes": "People.Job", "role": ""}),
    },
    {"item_class": CodeList(words_of("item", "item_class")), "language": CodeList(form="language")},
)  # fmt: skip


def mapping(folder: Path, text: str, schema: Schema = SCHEMA) -> FieldMapping:
    """Write the file and load it."""
    file = folder / "erp-fields.yaml"
    file.write_text(text)
    return load(file, schema)


def faults(folder: Path, text: str, schema: Schema = SCHEMA) -> list[str]:
    """Return what is wrong with the file, each fault as line:col and its words."""
    try:
        mapping(folder, text, schema)
    except BadFile as error:
        return [str(problem).removeprefix(f"{folder}/erp-fields.yaml:") for problem in error.problems]
    return []


def read(entity: str, field: str, kind: str) -> Callable[[Mapping[str, Any], dict[str, Any]], Any]:
    """Read a field of a raw row `{"Due": "2026-01-31"}` as the kind that is asked for."""
    conversions: dict[str, Callable[[Any], Any]]
    conversions = {"date": date.fromisoformat, "amount": Decimal, "whole": int, "flag": bool, "text": str}
    convert = conversions[kind]

    def value(raw: Mapping[str, Any], row: dict[str, Any]) -> Any:
        found = raw.get(field)
        if found is None or found == "":
            return None
        try:
            return convert(found)
        except (ValueError, InvalidOperation):
            raise BadRecord(f"{field} {found!r} is no {kind}") from None

    return value


def patched(found: FieldMapping, stream: Any, raw: Mapping[str, Any], **row: Any) -> dict[str, Any]:
    """Return a mapped row after the file had its say."""
    patch = found.patch(stream, read)
    assert patch is not None
    patch(raw, row)
    return row
