"""A file that is well: what it asks the ERP for, and what it makes of a row."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from duehook.core.records import Stream
from duehook.core.yaml_source import Problem

from .canonical import OPEN
from .codes import Codes
from .nearest import meant
from .patch import Filled, Patch, Read, Row, Taken, collector_names, compiled, hold_text, net_days, together
from .schema import SourceKind


@dataclass(frozen=True)
class CodesOf:
    """One list of the file: its codes, its default, and where it stands."""

    listed: Mapping[str, Any]
    default: Any
    where: str


@dataclass(frozen=True)
class FieldMapping:
    """What one site's file says; without a file it is empty and changes nothing.

    `digest` changes with the file's content and is empty without one: a position of another digest
    belongs to rows that were mapped otherwise.
    """

    name: str = ""
    digest: str = ""
    streams: Mapping[Stream, Sequence[Filled]] = field(default_factory=dict)
    lists: Mapping[str, CodesOf] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """Say what it maps, such as `item (2 fields, 1 extra), 3 code lists`."""
        told = [f"{stream} ({_counted(filled)})" for stream, filled in self.streams.items() if filled]
        if self.lists:
            told.append(f"{len(self.lists)} code list{'s' * (len(self.lists) > 1)}")
        return ", ".join(told) or "nothing"

    def taken(self) -> Iterator[Taken]:
        """Yield every source field that the file names, as often as it does."""
        for filled in self.streams.values():
            for each in filled:
                yield from each.taken

    def source_fields(self, entity: str) -> dict[str, SourceKind]:
        """Return the fields that the file takes from an entity, each with the kind it is read as."""
        found: dict[str, SourceKind] = {}
        for each in self.taken():
            if each.entity == entity:
                found.setdefault(each.field, each.kind)
        return found

    def missing(self, entity: str, present: Collection[str]) -> list[Problem]:
        """Return a problem, with its place in the file, for each field that the entity does not have."""
        return [
            Problem(each.where, f"{entity} of this ERP has no field {each.field!r}", meant(each.field, present))
            for each in dict.fromkeys(self.taken())
            if each.entity == entity and each.field not in present
        ]

    def codes(self, name: str, usual: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a code list: the usual one, what the file lists over it, and the file's default.

        Of a code that is in neither, `codes[code]` and `codes.get(code)` do what the default says.
        """
        own = self.lists.get(name)
        return usual if own is None else Codes({**usual, **own.listed}, own.default, f"codes.{name} ({own.where})")

    def patch(self, stream: Stream, read: Read) -> Patch | None:
        """Return what is done to each mapped row of a stream, given its raw row; None for nothing.

        Raises BadRecord for a row whose source fields cannot be read, or whose code is refused.
        """
        steps = compiled(stream, self.streams.get(stream, ()), read)
        return together(steps + [(name, step) for name, step in self._common(stream)])

    @property
    def terms(self) -> list[Row]:
        """Return the payment terms that the file says, for an ERP that does not give any."""
        return [{"key": code, **({"text": ""} | dict(term))} for code, term in self._listed("terms").items() if term]

    def _common(self, stream: Stream) -> Iterator[tuple[str, Patch]]:
        if stream == "customer" and "hold" in self.lists:
            yield "hold", hold_text(self._codes("hold"))
        if stream == "customer" and "collector" in self.lists:
            yield "collector", collector_names(self._codes("collector"))
        if stream == "payment_term" and "terms" in self.lists:
            yield "terms", net_days(self._codes("terms"))

    def _listed(self, name: str) -> Mapping[str, Any]:
        return self.lists[name].listed if name in self.lists else {}

    def _codes(self, name: str) -> Codes:
        own = self.lists[name]
        return Codes(own.listed, own.default, f"codes.{name} ({own.where})")


def _counted(filled: Sequence[Filled]) -> str:
    extra = sum(each.target.startswith(f"{OPEN[0]}.") for each in filled)
    fields = len(filled) - extra
    told = [f"{fields} field{'s' * (fields != 1)}"] if fields else []
    return ", ".join([*told, *([f"{extra} extra"] if extra else [])])


NO_MAPPING: Final = FieldMapping()
