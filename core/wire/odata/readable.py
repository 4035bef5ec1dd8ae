"""Rows of which a value cannot be read: refused one by one, and shown as they came."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .dialect import Unreadable


def expect_readable(*rows: Mapping[str, Any]) -> None:
    """Raise BadRecord for the first value that is not what its field holds."""
    for row in rows:
        for value in row.values():
            if type(value) is Unreadable:
                raise value.refuse()


def shown(*rows: Mapping[str, Any]) -> dict[str, Any]:
    """Return rows as a person looks at them: what they hold, as it came."""
    found: dict[str, Any] = {}
    for row in rows:
        for name, held in row.items():
            if held is not None and not name.startswith("@"):
                found[name] = str(held.value if isinstance(held, Unreadable) else held)
    return found
