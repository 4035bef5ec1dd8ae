"""Lines with what belongs to them, gathered by as few questions as there are generations of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from .families import Families, Kinds
from .lines import DocumentKey, Line, LineKey, document_of, key_of, reference_of

Lines = list[dict[str, Any]]


class Gathering(ABC):
    """A ledger of customers' lines that can be asked for documents and for what refers to them."""

    kinds: Kinds

    @abstractmethod
    def of_documents(self, documents: Iterable[DocumentKey]) -> Lines:
        """Return all lines of these documents."""

    @abstractmethod
    def naming(self, documents: Collection[tuple[str, str]]) -> Lines:
        """Return the lines that refer to documents of these company codes and numbers, whatever their year."""

    @abstractmethod
    def referring(self, cleared_since: date | None) -> Lines:
        """Return all lines that refer to another and are open, or were cleared since a day where one is given."""

    def at_keys(self, keys: Iterable[LineKey]) -> Lines:
        """Return the lines of these keys, as they are now."""
        wanted = set(keys)
        return [line for line in self.of_documents({key[:3] for key in wanted}) if key_of(line) in wanted]

    def referring_to(self, keys: Iterable[LineKey]) -> Lines:
        """Return the payments' lines that refer to these."""
        wanted = set(keys)
        found = self.naming({(key[0], key[2]) for key in wanted})
        return [line for line in found if self.kinds.pays(line) and reference_of(line) in wanted]

    def families(self, lines: Iterable[dict[str, Any]]) -> Families:
        """Gather lines with what they refer to and what refers to them, until nothing new comes."""
        held = {key_of(line): line for line in lines}
        new = held
        while new:
            above = self.targets(new.values(), held)
            below = {key_of(line): line for line in self.referring_to(new)}
            new = {key: line for key, line in {**above, **below}.items() if key not in held}
            held = {**held, **new}
        return Families.of(self.kinds, held.values())

    def open_families(self, cleared_since: date | None = None) -> Lines:
        """Return all open lines that refer to others with those others, however long ago these were cleared.

        `cleared_since` has the lines beside them that were cleared since then.
        """
        held = {key_of(line): line for line in self.referring(cleared_since)}
        new = {key: line for key, line in held.items() if not line.get("IsCleared")}
        while new:
            new = self.targets(new.values(), held)
            held |= new
        return list(held.values())

    def targets(self, lines: Iterable[Line], held: Mapping[LineKey, Any]) -> dict[LineKey, dict[str, Any]]:
        """Return what these payments' lines refer to and is not yet held."""
        wanted = {of for line in lines if self.kinds.pays(line) and (of := reference_of(line)) is not None}
        return {key_of(line): line for line in self.at_keys(wanted - held.keys())}

    def payments(self, documents: Iterable[DocumentKey]) -> dict[DocumentKey, Lines]:
        """Return the lines of those documents that are payments."""
        found: dict[DocumentKey, Lines] = {}
        for line in self.of_documents(documents):
            if self.kinds.pays(line):
                found.setdefault(document_of(line), []).append(line)
        return found
