"""Conditions of a reading, written in the dialect's own literals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

from .dialect import Dialect
from .fields import Entity

CHUNK: Final = 40  # values in one question: its address stays under what proxies let through
_Value = TypeVar("_Value")
Compare = Literal["eq", "ne", "gt", "ge", "lt", "le"]


@dataclass(frozen=True)
class Where:
    """A condition; `text` writes it for an entity in a dialect.

    All of no conditions lets everything through, any of none lets nothing: that is not even asked.
    """

    parts: tuple[Any, ...] = ()
    joined_by: Literal["and", "or", "is", "as written"] = "and"

    @classmethod
    def field(cls, name: str, compare: Compare, value: Any) -> Where:
        """Compare a field with a value."""
        return cls((name, compare, value), "is")

    @classmethod
    def written(cls, text: str) -> Where:
        """Take a condition as a person wrote it into the settings."""
        return cls((text,), "as written")

    @property
    def is_nothing(self) -> bool:
        """Say whether no row can be what is asked for."""
        if self.joined_by == "or":
            return all(part.is_nothing for part in self.parts)
        return self.joined_by == "and" and any(part.is_nothing for part in self.parts)

    def text(self, entity: Entity, dialect: Dialect) -> str:
        """Return what stands behind $filter=, not yet escaped."""
        if self.joined_by == "as written":
            return f"({self.parts[0]})"
        if self.joined_by == "is":
            name, compare, value = self.parts
            return f"{name} {compare} {dialect.literal(value, entity.kinds.get(name, 'text'))}"
        texts = [text for part in self.parts if (text := part.text(entity, dialect))]
        joined = f" {self.joined_by} ".join(texts)
        return f"({joined})" if len(texts) > 1 else joined


def all_of(*parts: Where | None) -> Where:
    """Ask for all of them; those that are None are left out."""
    return Where(tuple(part for part in parts if part is not None), "and")


def any_of(*parts: Where) -> Where:
    """Ask for any of them."""
    return Where(parts, "or")


def one_of(name: str, values: Iterable[Any]) -> Where:
    """Ask for any of these values; OData's `in` is not understood everywhere."""
    return any_of(*(Where.field(name, "eq", value) for value in values))


def in_parts(values: Sequence[_Value]) -> Iterator[Sequence[_Value]]:
    """Yield values in order, as many at once as one question takes."""
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]


def equal(names: Sequence[str], values: Sequence[Any]) -> Where:
    """Ask for what has each of these values in its field."""
    return all_of(*(Where.field(name, "eq", value) for name, value in zip(names, values, strict=True)))


def after(key: Sequence[str], last: Sequence[Any]) -> Where:
    """Ask for what stands behind a key in the order of its fields.

    (a, b) behind (1, 2) is `a gt 1 or (a eq 1 and b gt 2)`: pages that follow each other by key neither
    miss nor repeat a row when others come and go between them, which $skip does.
    """
    steps = [
        all_of(
            *equal(key[:place], last[:place]).parts,
            Where.field(key[place], "gt", last[place]),
        )
        for place in range(len(key))
    ]
    return any_of(*steps)
