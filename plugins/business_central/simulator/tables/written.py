"""What users and clients wrote over what the book says, kept over a restart."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

Row = dict[str, Any]
STAMPS: Final = ("SystemModifiedAt", "lastModifiedDateTime")


class Written:
    """Fields by the name of their row. A field gives way when the book says something else of it than it did then."""

    def __init__(self, kept: dict[str, Any]) -> None:
        """Take what was kept: {name: {"at": stamp, field: [written, the book's]}}."""
        self._kept = kept

    def say(self, name: str, values: Mapping[str, Any], row: Row, *, at: datetime) -> None:
        """Write fields over a row that the book gives so."""
        held = self._kept.setdefault(name, {})
        held |= {field: [_text(value), _text(row[field])] for field, value in values.items()}
        held["at"] = at.isoformat()

    def over(self, name: str, row: Row) -> Row:
        """Return a row with what was written over it; what has given way is forgotten."""
        held = self._kept.get(name)
        if held is None:
            return row
        for field in [each for each in held if each != "at"]:
            written, before = held[field]
            if before == _text(row[field]):
                row[field] = _like(row[field], written)
            else:
                del held[field]
        for stamp in STAMPS:
            if stamp in row:
                row[stamp] = max(row[stamp], datetime.fromisoformat(held["at"]))
        return row


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _like(sample: Any, text: str) -> Any:
    """Read what was kept as the row's own field is."""
    if isinstance(sample, Decimal):
        return Decimal(text)
    return date.fromisoformat(text) if isinstance(sample, date) else text
