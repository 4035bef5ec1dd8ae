"""What F&O's values mean: no date, and values that are not what their field holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from duehook.core.wire.odata.dialect import Unreadable

NO_DATE: Final = date(1900, 1, 1)  # what F&O writes where there is none, at midnight or at noon


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
