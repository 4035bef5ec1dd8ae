"""What others wrote into M3 over the book's rows, kept as JSON in the simulator's file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


class Written:
    """Fields over rows, by table and key.

    Beside a field stands what the book held when it was written: when the book's people change that, theirs is true.
    """

    def __init__(self, kept: dict[str, Any]) -> None:
        """Keep them in that mapping."""
        self._kept: dict[str, dict[str, Any]] = kept.setdefault("written", {})

    def put(self, table: str, key: str, name: str, *, value: str, book: str) -> None:
        """Write a field, over what the book holds."""
        self._kept.setdefault(table, {}).setdefault(key, {})[name] = [value, book]

    def over(self, table: str, key: str, name: str, book: str) -> str:
        """Return a field: what was written, while the book still holds what it held then, else the book's."""
        rows = self._kept.get(table)
        held = rows.get(key, {}).get(name) if rows else None
        return str(held[0]) if held and held[1] == book else book

    def forget(self, table: str, key: str, name: str) -> None:
        """Drop what was written into a field, for a user of M3 writes it now."""
        self._kept.get(table, {}).get(key, {}).pop(name, None)

    def stamp(self, table: str, key: str, at: int) -> None:
        """Note when a row was written, and once more how often."""
        row = self._kept.setdefault(table, {}).setdefault(key, {})
        row["*"] = [at, row.get("*", [0, 0])[1] + 1]

    def stamped(self, table: str, key: str) -> tuple[int, int]:
        """Return when a row was last written, and how often; 0 and 0 for one that never was."""
        at, count = self._kept.get(table, {}).get(key, {}).get("*", (0, 0))
        return at, count

    def stamps(self, table: str) -> Iterator[tuple[str, int]]:
        """Yield when each row of a table was last written."""
        return ((key, row["*"][0]) for key, row in self._kept.get(table, {}).items() if "*" in row)
