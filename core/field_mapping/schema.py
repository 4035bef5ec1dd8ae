"""What a connector declares: the streams, fields and code lists that a site may map, and what the ERP has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from duehook.core.records import Stream

from .canonical import Kind

SourceKind = Kind | Literal["flag"]
Form = Literal["text", "country", "language", "term", "collector"]


@dataclass(frozen=True)
class Entity:
    """One table or entity set: its fields with their kinds, None where a kind is not known.

    `closed` says that it has no others: its metadata were read. `prefix` is what all its fields
    begin with, by which one that is not known is told to be its.
    """

    name: str
    fields: Mapping[str, SourceKind | None]
    closed: bool = False
    prefix: str = ""

    def may_have(self, name: str) -> bool:
        """Say whether a field of this name, without the entity's, can be its."""
        if name in self.fields:
            return True
        return not self.closed and bool(self.prefix) and name.startswith(self.prefix) and name != self.prefix


@dataclass(frozen=True)
class StreamSchema:
    """What may be mapped of one stream: {canonical field: where the connector takes it from, in words}.

    A canonical field that is not among `fields` is the connector's own (keys, amounts): it cannot be
    mapped. The first entity is meant where a field's name alone leaves it open.
    """

    entities: tuple[Entity, ...]
    fields: Mapping[str, str]


@dataclass(frozen=True)
class CodeList:
    """One list of the ERP's codes. `words` are what a code may mean, where not any text will do."""

    words: frozenset[str] = frozenset()
    form: Form = "text"


# Lists that every connector has; FieldMapping.patch applies them.
COMMON: Final[Mapping[str, CodeList]] = {
    "hold": CodeList(),
    "collector": CodeList(form="collector"),
    "terms": CodeList(form="term"),
}


@dataclass(frozen=True)
class Schema:
    """All that a file may map. `kinds` are those that the connector can read a source field as."""

    streams: Mapping[Stream, StreamSchema]
    codes: Mapping[str, CodeList] = field(default_factory=dict)
    kinds: frozenset[SourceKind] = frozenset({"text", "date", "amount", "whole", "flag"})

    @property
    def lists(self) -> dict[str, CodeList]:
        """Return every code list by name."""
        return {**COMMON, **self.codes}

    def entities(self) -> Iterator[Entity]:
        """Yield the entities of all streams, one that several have once."""
        yield from {each.name: each for stream in self.streams.values() for each in stream.entities}.values()
