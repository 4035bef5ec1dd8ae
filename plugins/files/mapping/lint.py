"""Load a mapping file and tell all its faults at once, each as file:line:col."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import ValidationError

from duehook.core.field_mapping.canonical import OPEN, Kind, fields_of, has, kind_of, required, words_of
from duehook.core.money import is_currency
from duehook.core.records import Stream
from duehook.core.yaml_source import Document, Steps, check, closest, read_file

from .beside import beside_streams, stray
from .form import Column, Format, refusal
from .model import Mapping, StreamMapping, Value
from .values import Unreadable, amount_reader, date_reader, whole

STREAMS: Final[tuple[Stream, ...]] = get_args(Stream)
_ONLY: Final[AnyMapping[str, tuple[Kind, ...]]] = {
    "round": ("amount",),
    "negate": ("amount", "whole"),
    "zero_when": ("amount",),
    "decimal": ("amount",),
    "thousands": ("amount",),
    "implied_decimals": ("amount",),
    "date": ("date", "instant"),
    "split": ("list",),
}


@dataclass(frozen=True)
class Loaded:
    """A mapping that is well, with its document for places and a digest that changes with its content."""

    mapping: Mapping
    document: Document
    digest: str


def load_mapping(path: Path) -> Loaded:
    """Read a mapping file. Raises ConfigError when it is no YAML, BadFile with every other fault."""
    document = read_file(path, missing="write one; docs/how-to/import-csv.md shows how.")
    mapping = check(document, Mapping)
    streams = document.data.get("streams") if isinstance(document.data, AnyMapping) else None
    for name, written in streams.items() if isinstance(streams, AnyMapping) else ():
        _stream(document, name, written, mapping)
    if mapping is not None:
        stray(document, ("format",), mapping.format, mapping.format)
        beside_streams(document, mapping)
    document.raise_problems()
    assert mapping is not None
    return Loaded(mapping, document, hashlib.sha256(path.read_bytes()).hexdigest()[:16])


def _stream(document: Document, name: str, written: Any, mapping: Mapping | None) -> None:
    at: Steps = ("streams", name)
    if name not in STREAMS:
        document.report(at, f"{name!r} is nothing that can be imported", closest(name, STREAMS), key=True)
        return
    fields = written.get("fields") if isinstance(written, AnyMapping) else None
    if not isinstance(fields, AnyMapping):
        return
    stream: Stream = name
    for missing in (field for field in required(stream) if field not in fields):
        hint = f"write {missing}: a column, or {missing}: {{constant: …}}"
        document.report((*at, "fields"), f"{name} lacks the field {missing}", hint, key=True)
    form = _format(document, stream, mapping)
    for field, given in fields.items():
        _field(document, stream, field, (given, form))
    _aliases(document, stream, written.get("one_per_key"), fields)
    if mapping is not None:
        _columns(document, stream, mapping.streams[stream], form)


def _format(document: Document, stream: Stream, mapping: Mapping | None) -> Format:
    """Return how the stream's files are written; tell where its own words do not go with those for all."""
    if mapping is None:
        return Format()
    at: Steps = ("streams", stream, "format")
    try:
        found = mapping.format_of(stream)
    except ValidationError as error:
        told = error.errors()[0]["msg"].removeprefix("Value error, ")
        document.report(at, f"together with the `format` for all streams: {told}", key=True)
        return Format()
    own = mapping.streams[stream].format
    stray(document, at if own else ("format",), own or mapping.format, found)
    if lacking := found.lacks():
        document.report(at if own else ("format",), lacking, key=True)
    return found


def _field(document: Document, stream: Stream, field: str, given: tuple[Any, Format]) -> None:
    at: Steps = ("streams", stream, "fields", field)
    kind = kind_of(stream, field)
    if kind is None:
        document.report(at, f"{stream} has no field {field!r}", _meant(stream, field), key=True)
        return
    try:
        value = Value.model_validate(given[0])
    except ValidationError:
        return  # the model has told it at its place
    for option in (option for option, kinds in _ONLY.items() if (value.as_ or kind) not in kinds):
        if option in value.model_fields_set:
            document.report((*at, option), f"`{option}` is for {' and '.join(_ONLY[option])}; {field} is {kind}")
    _words(document, stream, field, value)
    _constant(document, at, (value.as_ or kind, value, given[1]))


def _columns(document: Document, stream: Stream, mapping: StreamMapping, form: Format) -> None:
    """Check the names of columns where the form or the mapping itself says which there can be."""
    at: Steps = ("streams", stream)
    named: list[tuple[Steps, Iterable[Column]]] = [
        *(((*at, "fields", name), value.named()) for name, value in mapping.fields.items()),
        *(((*at, "skip", place, "column"), [skip.column]) for place, skip in enumerate(mapping.skip)),
    ]
    if mapping.one_per_key is not None:
        latest = enumerate(mapping.one_per_key.latest_by)
        named += [((*at, "one_per_key", "latest_by", place), value.named()) for place, value in latest]
    if mapping.control is not None and mapping.control.column is not None:
        named.append(((*at, "control", "column"), [mapping.control.column]))
    for where, columns in named:
        for told in filter(None, (refusal(column, form) for column in columns)):
            document.report(where, told)


def _meant(stream: Stream, field: str) -> str | None:
    inner = [name for name in fields_of(stream) if name.startswith(f"{field}.")]
    if inner:
        return f"write {inner[0]}: …"
    open_names = [name for name in OPEN if has(stream, name)]
    if field in open_names:
        return f"write {field}.NAME: … with a name of your own"
    hint = closest(field, [*fields_of(stream)])
    keep = f"; to keep a column that has no field, write extra.{field}" if "extra" in open_names else ""
    return f"{hint}{keep}"


def _words(document: Document, stream: Stream, field: str, value: Value) -> None:
    """Check words that a field is limited to, and currencies, wherever they are written out."""
    at: Steps = ("streams", stream, "fields", field)
    words = words_of(stream, field)
    is_money = field.endswith("currency")
    for path, word in _written(value):
        if words and word not in words:
            document.report((*at, *path), f"{field} cannot be {word!r}", closest(word, words))
        elif is_money and not is_currency(word):
            document.report((*at, *path), f"{word!r} is no ISO 4217 currency", "write one such as EUR")


def _written(value: Value) -> list[tuple[Steps, str]]:
    found: list[tuple[Steps, str]] = [
        (("codes", code), word) for code, word in (value.codes or {}).items() if word is not None
    ]
    found += [(("default",), value.default)] if value.default is not None else []
    return found + ([(("constant",), value.constant)] if value.constant is not None and not value.codes else [])


def _constant(document: Document, at: Steps, read: tuple[Kind, Value, Format]) -> None:
    """Read what is written out as the field will."""
    kind, value, form = read
    for path, text in _written(value):
        try:
            if kind == "amount":
                amount_reader(value.decimal or form.decimal, form.thousands, value.implied_decimals or 0)(text)
            elif kind == "whole":
                whole(text)
            elif kind == "date":
                date_reader(value.date or form.date)(text)
        except Unreadable as error:
            document.report((*at, *path), str(error))


def _aliases(document: Document, stream: Stream, written: Any, fields: AnyMapping[str, Any]) -> None:
    named = written.get("aliases") if isinstance(written, AnyMapping) else None
    if named is not None and named not in fields:
        at = ("streams", stream, "one_per_key", "aliases")
        document.report(at, f"{named!r} is no field of this mapping", closest(str(named), fields))
