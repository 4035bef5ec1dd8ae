"""What was written into SAP from outside: fields over the book's rows, and rows that were created."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from duehook.core.testing.odata import Key

_FILE: Final = "written"


class Written:
    """Values by entity set and key, kept as JSON in the simulator's file."""

    def __init__(self, kept: dict[str, Any]) -> None:
        """Keep them in that mapping."""
        self._kept = kept

    def over(self, name: str, key: Key, row: dict[str, Any]) -> dict[str, Any]:
        """Return a row with what was written over it."""
        held = self._sets.get(name, {}).get(_name(key))
        return row if held is None else row | {each: _read(value) for each, value in held["values"].items()}

    def put(self, name: str, key: Key, values: Mapping[str, Any], *, on: date, created: bool = False) -> None:
        """Write fields of a row, on a day."""
        rows = self._sets.setdefault(name, {})
        held = rows.setdefault(_name(key), {"values": {}, "created": created, "key": list(key)})
        held["values"] |= {each: _written(value) for each, value in values.items()}
        held["on"] = on.isoformat()

    def forget(self, name: str, key: Key, fields: tuple[str, ...], *, since: date | None = None) -> None:
        """Drop what was written into these fields, for a user has set them since; later writes stay."""
        held = self._sets.get(name, {}).get(_name(key))
        if held is None or (since is not None and date.fromisoformat(held["on"]) >= since):
            return
        for field in fields:
            held["values"].pop(field, None)

    def delete(self, name: str, key: Key) -> None:
        """Take a row that was created away."""
        self._sets.get(name, {}).pop(_name(key), None)

    def created(self, name: str) -> Iterator[Key]:
        """Yield the keys of the rows of a set that were created from outside."""
        for held in self._sets.get(name, {}).values():
            if held["created"]:
                yield tuple(held["key"])

    @property
    def _sets(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = self._kept.setdefault(_FILE, {})
        return found


def _name(key: Key) -> str:
    return "|".join(map(str, key))


def _written(value: Any) -> Any:
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return {"number": str(value)} if isinstance(value, Decimal) else value


def _read(held: Any) -> Any:
    if not isinstance(held, dict):
        return held
    return date.fromisoformat(held["day"]) if "day" in held else Decimal(held["number"])
