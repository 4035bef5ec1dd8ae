"""A piece of SQL with its values, and how pieces are joined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple


class Sql(NamedTuple):
    """A text with the values of its question marks."""

    text: str
    values: tuple[Any, ...] = ()


def equal(names: Sequence[str], values: Sequence[Any]) -> Sql:
    """Return the condition that all these columns have these values."""
    return Sql("(" + " AND ".join(f"{name} = ?" for name in names) + ")", tuple(values))


def behind(names: Sequence[str], values: Sequence[Any]) -> Sql:
    """Return the condition "behind this key", its first column bare so that an index serves."""
    text = f"{names[-1]} > ?"
    found: tuple[Any, ...] = (values[-1],)
    for name, value in zip(reversed(names[:-1]), reversed(values[:-1]), strict=True):
        text, found = f"{name} > ? OR ({name} = ? AND ({text}))", (value, value, *found)
    return Sql(f"({names[0]} >= ? AND ({text}))", (values[0], *found))


def any_of(conditions: Sequence[Sql]) -> Sql:
    """Return the conditions joined by OR."""
    return _joined(" OR ", conditions)


def all_of(conditions: Sequence[Sql]) -> Sql:
    """Return the conditions joined by AND."""
    return _joined(" AND ", conditions)


def _joined(word: str, conditions: Sequence[Sql]) -> Sql:
    values: tuple[Any, ...] = ()
    for condition in conditions:
        values += condition.values
    text = word.join(condition.text for condition in conditions)
    return Sql(f"({text})" if word == " OR " else text, values)
