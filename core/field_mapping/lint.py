"""Load a site's field mapping against a connector's schema and tell all its faults at once, as file:line:col."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

from pydantic import ValidationError

from duehook.core.records import Stream
from duehook.core.yaml_source import Document, Steps, check, closest, read_file

from .canonical import OPEN, Kind, can_be_none, has, kind_of, words_of
from .codes import REFUSE, Codes
from .mapping import FieldMapping
from .model import FieldsFile, Value
from .nearest import meant
from .patch import Filled, Taken
from .schema import Entity, Schema, SourceKind, StreamSchema
from .written import constant_of, fault_of_word, lists_of

# What a source field of a known kind can never be read as; texts are tried row by row.
_NEVER: Final[Mapping[Kind, frozenset[SourceKind]]] = {
    "date": frozenset({"amount", "whole", "flag"}),
    "instant": frozenset({"date", "amount", "whole", "flag"}),
    "amount": frozenset({"date", "instant", "flag"}),
    "whole": frozenset({"date", "instant", "flag"}),
}
_EXTRA: Final = f"{OPEN[0]}."


def load(file: Path, schema: Schema) -> FieldMapping:
    """Read a file. Raises ConfigError when it is no YAML or not there, BadFile with every other fault."""
    document = read_file(file, missing="write one; docs/how-to/map-fields.md shows how.")
    check(document, FieldsFile)
    lint = _Lint(document, schema)
    streams = {stream: tuple(lint.stream(stream)) for stream in schema.streams}
    lint.other_streams()
    lists = lists_of(document, schema, _part(document.data, "codes"))
    document.raise_problems()
    return FieldMapping(file.name, hashlib.sha256(file.read_bytes()).hexdigest()[:16], streams, lists)


class _Lint:
    """Reads the parts of one file that name fields."""

    def __init__(self, document: Document, schema: Schema) -> None:
        self._document, self._schema = document, schema

    def other_streams(self) -> None:
        """Tell the streams that the connector does not let a file map."""
        for part in ("fields", "extra"):
            for name in _part(self._document.data, part):
                at: Steps = (part, name)
                if name not in self._schema.streams:
                    self._report(at, f"{name!r} cannot be mapped", closest(name, self._schema.streams), key=True)
                elif part == "extra" and not has(cast(Stream, name), OPEN[0]):
                    self._report(at, f"{name} has no extra fields", key=True)

    def stream(self, stream: Stream) -> Iterator[Filled]:
        """Yield what the file fills of a stream, as far as it is well."""
        for target, given in _part(self._document.data, "fields", stream).items():
            at: Steps = ("fields", stream, target)
            if self._is_known(stream, target, at):
                yield from self._filled(stream, target, given, at)
        for name, given in _part(self._document.data, "extra", stream).items():
            at = ("extra", stream, name)
            if not name.strip() or "." in name:
                self._report(at, f"{name!r} is no name for an extra field", "write a word", key=True)
            elif given is not None:
                yield from self._filled(stream, f"{_EXTRA}{name}", given, at)

    def _is_known(self, stream: Stream, target: str, at: Steps) -> bool:
        fields = self._schema.streams[stream].fields
        outer, dot, inner = target.partition(".")
        if (target in fields and target not in OPEN) or (outer in fields and outer in OPEN and dot and inner):
            return True
        if kind_of(stream, target) is not None and not target.startswith(_EXTRA):
            hint = "these can be mapped: " + ", ".join(sorted(fields))
            self._report(at, f"{target} is the connector's own and cannot be mapped", hint, key=True)
        elif target.startswith(_EXTRA):
            self._report(at, f"{target!r} does not stand here", f"write it under extra: {stream}:", key=True)
        else:
            self._report(at, f"{stream} has no field {target!r}", self._field_meant(target, fields), key=True)
        return False

    @staticmethod
    def _field_meant(target: str, fields: Mapping[str, str]) -> str | None:
        if target in OPEN and target in fields:
            return f"write {target}.NAME: … with a name of your own"
        return closest(target, fields)

    def _filled(self, stream: Stream, target: str, given: Any, at: Steps) -> Iterator[Filled]:
        kind: Kind = kind_of(stream, target) or "text"
        if given is None:
            if has(stream, target) and not can_be_none(stream, target):
                self._report(at, f"{stream} cannot do without {target}", "name a source field or a constant")
            yield Filled(target, kind)
            return
        try:
            value = Value.model_validate(given)
        except ValidationError:
            return  # the model has told it at its place
        if value.constant is not None:
            yield Filled(target, kind, constant=constant_of(self._document, at, stream, (target, kind, value.constant)))
            return
        codes = self._codes(stream, target, value, at)
        taken = tuple(self._taken(stream, value, (target, kind), at))
        yield Filled(target, kind, taken, codes=codes)

    def _codes(self, stream: Stream, target: str, value: Value, at: Steps) -> Codes | None:
        words = words_of(stream, target)
        if value.codes is None:
            if words:
                hint = f"write {target}: {{from: …, codes: {{CODE: {min(words)}}}}}"
                self._report(at, f"{target} is one of {', '.join(sorted(words))}; say what the ERP's codes mean", hint)
            return None
        for code, word in value.codes.items():
            self._word(stream, target, word, (*at, "codes", code))
        default = value.default if "default" in value.model_fields_set else REFUSE
        if default not in {REFUSE, "keep"} or (default == "keep" and words):
            self._word(stream, target, default, (*at, "default"))
        return Codes(value.codes, default, f"`codes` of {target} ({self._document.where(at)})")

    def _word(self, stream: Stream, target: str, word: str | None, at: Steps) -> None:
        fault = fault_of_word(stream, target, word)
        if fault is not None:
            self._report(at, *fault)

    def _taken(self, stream: Stream, value: Value, target: tuple[str, Kind], at: Steps) -> Iterator[Taken]:
        for name, path in self._named(value, at):
            found = self._entity(self._schema.streams[stream], name, path)
            if found is not None:
                entity, field = found
                kind = self._kind(entity.fields.get(field), value, target, path)
                yield Taken(entity.name, field, kind, self._document.where(path))

    def _named(self, value: Value, at: Steps) -> Iterator[tuple[str, Steps]]:
        """Yield each source field with its place: it is written plainly, in a list, or behind `from`."""
        outer = (*at, "from") if (*at, "from") in self._document.values else at
        for index, name in enumerate(value.from_ or ()):
            yield name, ((*outer, index) if (*outer, index) in self._document.values else outer)

    def _kind(self, known: SourceKind | None, value: Value, target: tuple[str, Kind], at: Steps) -> SourceKind:
        """Return what a source field is read as, and tell where it cannot be."""
        name, kind = target
        if value.as_ is not None and value.as_ not in self._schema.kinds:
            self._report(at, f"this ERP's fields cannot be read as {value.as_}", closest("", self._schema.kinds))
        if value.codes is not None:
            return "flag" if known == "flag" else "text"
        if name.partition(".")[0] in OPEN:
            return value.as_ or known or "text"
        wanted: SourceKind = "text" if kind == "list" else kind
        if value.as_ is not None and value.as_ != wanted:
            self._report(at, f"{name} is {wanted}, so that it cannot be read as {value.as_}", "leave `as` out")
        if known is not None and known in _NEVER.get(kind, ()):
            self._report(at, f"{name} is {kind}, and this source field is {known}", "name another field")
        return wanted

    def _entity(self, stream: StreamSchema, name: str, at: Steps) -> tuple[Entity, str] | None:
        """Find a source field's entity: by the name before the dot, by what is known, by its prefix, else the first."""
        before, dot, field = name.rpartition(".")
        if dot:
            named = next((each for each in stream.entities if each.name == before), None)
            if named is None:
                self._report(
                    at, f"{before!r} is not read here", closest(before, [each.name for each in stream.entities])
                )
                return None
            return self._in(named, field, at)
        found = next((each for each in stream.entities if each.may_have(name)), None)
        if found is None and not stream.entities[0].prefix and not stream.entities[0].closed:
            found = stream.entities[0]
        if found is None:
            told = " or ".join(each.name for each in stream.entities)
            known = [known for each in stream.entities for known in each.fields]
            self._report(at, f"{told} of this ERP has no field {name!r}", meant(name, known))
            return None
        return found, name

    def _in(self, entity: Entity, field: str, at: Steps) -> tuple[Entity, str] | None:
        if entity.may_have(field) or not (entity.prefix or entity.closed):
            return entity, field
        self._report(at, f"{entity.name} of this ERP has no field {field!r}", meant(field, entity.fields))
        return None

    def _report(self, at: Steps, message: str, hint: str | None = None, *, key: bool = False) -> None:
        self._document.report(at, message, hint, key=key)


def _part(data: Any, *path: str) -> Mapping[str, Any]:
    """Return a mapping of the file, empty where there is none of it."""
    for step in path:
        data = data.get(step) if isinstance(data, Mapping) else None
    return data if isinstance(data, Mapping) else {}
