"""The canonical fields that a mapping may fill, read from the records, with the kind of each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import NoneType
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import BaseModel

from duehook.core.records import RECORDS, Stream
from duehook.core.yaml_source import parts

Kind = Literal["text", "date", "amount", "whole", "instant", "list"]
OPEN: Final = ("extra", "categories")  # fields that take any name behind a dot
_KINDS: Final[tuple[tuple[type, Kind], ...]] = (
    (datetime, "instant"),
    (date, "date"),
    (Decimal, "amount"),
    (int, "whole"),
    (str, "text"),
)


@cache
def fields_of(stream: Stream) -> dict[str, Kind]:
    """Return the stream's fields with their kinds, those of an address behind a dot."""
    return dict(_fields(RECORDS[stream], ""))


@cache
def required(stream: Stream) -> tuple[str, ...]:
    """Return the fields that a row cannot do without."""
    return tuple(name for name, info in RECORDS[stream].model_fields.items() if info.is_required())


@cache
def can_be_none(stream: Stream, field: str) -> bool:
    """Say whether a row may have None in this field of its own; a list is empty instead."""
    info = RECORDS[stream].model_fields.get(field)
    found = parts(info.annotation) if info else []
    return any(each is NoneType or get_origin(each) is tuple for each in found)


@cache
def words_of(stream: Stream, field: str) -> frozenset[str]:
    """Return the words a field is limited to; empty when any text will do."""
    info = RECORDS[stream].model_fields.get(field)
    found = parts(info.annotation) if info else []
    inner = [part for each in found if get_origin(each) is tuple for part in parts(get_args(each)[0])]
    return frozenset(word for each in (*found, *inner) if get_origin(each) is Literal for word in get_args(each))


def kind_of(stream: Stream, field: str) -> Kind | None:
    """Return the kind of a field, None when there is no such field."""
    outer, dot, inner = field.partition(".")
    if dot and inner and outer in OPEN and has(stream, outer):
        return "text"
    return fields_of(stream).get(field)


def has(stream: Stream, field: str) -> bool:
    """Say whether the stream's record has this field of its own."""
    return field in RECORDS[stream].model_fields


def _fields(model: type[BaseModel], before: str) -> Iterator[tuple[str, Kind]]:
    for name, info in model.model_fields.items():
        for part in parts(info.annotation):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from _fields(part, f"{before}{name}.")
            elif (kind := _kind(part)) is not None:
                yield before + name, kind


def _kind(part: Any) -> Kind | None:
    if get_origin(part) is Literal:
        return "text"
    if get_origin(part) is tuple:
        return "list" if _kind(parts(get_args(part)[0])[0]) == "text" else None
    return next((kind for known, kind in _KINDS if isinstance(part, type) and issubclass(part, known)), None)
