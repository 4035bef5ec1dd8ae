"""What a site's own file may map of an OData service, and how a field that it takes is read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final, get_args

from duehook.core.errors import BadRecord
from duehook.core.field_mapping import NO_MAPPING, CodeList, FieldMapping, Patch, Schema, SourceKind, StreamSchema, load
from duehook.core.field_mapping import Entity as Named
from duehook.core.field_mapping.schema import Form
from duehook.core.hookspecs import Row
from duehook.core.records import Stream
from duehook.core.wire.odata import Entity, Field
from duehook.core.wire.odata.dialect import Unreadable
from duehook.core.wire.odata.fields import Kind

Raw = Mapping[str, Mapping[str, Any]]  # the rows that one of ours is made of, by set
_KIND_OF: Final[Mapping[Kind, SourceKind]] = {
    "text": "text", "day": "date", "amount": "amount", "whole": "whole", "flag": "flag",
}  # fmt: skip


def schema_of(
    sets: Mapping[Stream, tuple[Entity, ...]], mappable: Mapping[Stream, Mapping[str, str]], *,
    words: Mapping[str, Any], free: Mapping[str, Form], flags: Collection[str] = (),
) -> Schema:  # fmt: skip
    """Return what may be mapped; a set may have fields that are not known here.

    `words` are the code lists that are limited to a Literal's words, `free` the others; `flags` are fields that come
    as text and say yes or no.
    """
    streams = {
        stream: StreamSchema(tuple(_named(entity, flags) for entity in found), mappable[stream])
        for stream, found in sets.items()
    }
    limited = {name: CodeList(frozenset(get_args(each))) for name, each in words.items()}
    return Schema(streams, limited | {name: CodeList(form=form) for name, form in free.items()})


def _named(entity: Entity, flags: Collection[str]) -> Named:
    known: dict[str, SourceKind | None] = {}
    for name, kind in entity.kinds.items():
        known[name] = "flag" if name in flags else _KIND_OF.get(kind)
    return Named(entity.name, known)


def mapping_of(file: str | None, schema: Schema) -> FieldMapping:
    """Return what a connection's mapping file says. Raises ConfigError with all its faults."""
    return load(Path(file), schema) if file else NO_MAPPING


def selected(fields: FieldMapping, entity: Entity, known: Entity | None = None) -> Entity:
    """Return a set with the fields that the file takes of it beside its own, as the service sends them.

    `known` is the set under the name that the file calls it by, where a site publishes it under another.
    """
    more = [name for name in fields.source_fields((known or entity).name) if name not in entity.kinds]
    return replace(entity, fields=(*entity.fields, *(Field(name) for name in more))) if more else entity


def patch_of(fields: FieldMapping, stream: Stream) -> Patch | None:
    """Return what the file does to a mapped row of the stream, given the rows it was made of; None for nothing."""
    return fields.patch(stream, read_from)


def read_from(entity: str, field: str, kind: SourceKind) -> Callable[[Raw, Row], Any]:
    """Return what reads a field of a set's row; a date of 1900 or before is none."""
    convert = _CONVERT[kind]

    def read(raw: Raw, row: Row) -> Any:
        value = raw.get(entity, {}).get(field)
        if value is None or value == "":
            return None
        if isinstance(value, Unreadable):
            raise value.refuse()
        try:
            return convert(value)
        except (ValueError, TypeError, InvalidOperation):
            raise BadRecord(f"{field} holds {str(value)[:80]!r}, which is no {kind}.") from None

    return read


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return str(value)


def _date(value: Any) -> date | None:
    found = value.date() if isinstance(value, datetime) else value
    found = found if isinstance(found, date) else date.fromisoformat(str(found)[:10])
    return found if found.year > 1900 else None


def _instant(value: Any) -> datetime | None:
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return found if found.year > 1900 else None


def _amount(value: Any) -> Decimal:
    if isinstance(value, bool):
        raise ValueError("no number")
    found = Decimal(value)
    if not found.is_finite():
        raise ValueError("no number")
    return found


def _whole(value: Any) -> int:
    found = _amount(value)
    if found != int(found):
        raise ValueError("no whole number")
    return int(found)


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value not in {"Yes", "No"}:
        raise ValueError("neither Yes nor No")
    return bool(value == "Yes")


_CONVERT: Final[Mapping[SourceKind, Callable[[Any], Any]]] = {
    "text": _text, "date": _date, "instant": _instant, "amount": _amount, "whole": _whole, "flag": _flag,
}  # fmt: skip
