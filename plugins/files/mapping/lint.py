"""Load a mapping file and tell all its faults at once, each as file:line:col."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import ValidationError

from duehook.core.records import Stream
from duehook.core.table_mapping.lint import check_fields
from duehook.core.table_mapping.writing import Column
from duehook.core.yaml_source import Document, Steps, check, closest, read_file

from .beside import beside_streams, stray
from .form import Format, refusal
from .model import Mapping, StreamMapping

STREAMS: Final[tuple[Stream, ...]] = get_args(Stream)


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
    form = _format(document, stream, mapping)
    check_fields(document, stream, fields, form)
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


def _aliases(document: Document, stream: Stream, written: Any, fields: AnyMapping[str, Any]) -> None:
    named = written.get("aliases") if isinstance(written, AnyMapping) else None
    if named is not None and named not in fields:
        at = ("streams", stream, "one_per_key", "aliases")
        document.report(at, f"{named!r} is no field of this mapping", closest(str(named), fields))
