"""What a connector reads of a service: entity sets, their fields with the kind of value, and their keys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Self

Kind = Literal["text", "day", "time", "instant", "amount", "flag", "whole"]
Row = dict[str, Any]


@dataclass(frozen=True)
class Field:
    """One property of an entity and what its values are.

    day: a date without a time, whatever the wire makes of it. amount: an exact decimal. whole: an
    integer of up to 64 bits. flag: true or false. instant: a moment. text: everything else, enums too.
    """

    name: str
    kind: Kind = "text"


@dataclass(frozen=True)
class Entity:
    """An entity set as it is addressed, the fields that are selected, and those that make its key."""

    name: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]

    @classmethod
    def of(cls, name: str, key: str, *, more: Iterable[Field] = (), **fields: str) -> Self:
        """Write an entity down in lists of names by kind: `text="Customer CompanyCode", day="NetDueDate"`."""
        made = [Field(each, kind) for kind, names in fields.items() for each in names.split()]  # type: ignore[arg-type]
        return cls(name, (*made, *more), tuple(key.split()))

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        """Return the kind of each field."""
        return {field.name: field.kind for field in self.fields}

    def plus(self, fields: Iterable[Field]) -> Entity:
        """Return the entity with more fields, such as those that a site takes beside the usual ones."""
        more = tuple(each for each in fields if each.name not in self.kinds)
        return Entity(self.name, (*self.fields, *more), self.key) if more else self

    def only(self, names: str) -> Entity:
        """Return the entity with those of its fields alone; KeyError for one that it has not."""
        return Entity(self.name, tuple(Field(name, self.kinds[name]) for name in names.split()), self.key)
