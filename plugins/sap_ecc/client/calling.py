"""What a transport does, whichever it is: call a function module by name with its parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

Table = Sequence[Mapping[str, str]]
Parameters = Mapping[str, "str | Table"]


@dataclass(frozen=True)
class FunctionCall:
    """A call: single values as text, tables as rows; `tables` are empty ones that must be sent to be returned."""

    function: str
    parameters: Parameters
    tables: Mapping[str, Sequence[str]] = field(default_factory=dict)
    reads: bool = True


@dataclass(frozen=True)
class Column:
    """A table of one column, as its texts: DATA of RFC_READ_TABLE may have very many rows."""

    name: str
    texts: list[str]


@dataclass(frozen=True)
class Answer:
    """What came back: parameters by name, tables as lists; `at` is the server's clock, where the answer told it."""

    values: Mapping[str, Any]
    at: datetime | None = None

    def table(self, name: str) -> list[Mapping[str, Any]]:
        """Return a table's rows; a structure is a table of one row."""
        held = self.values.get(name)
        if isinstance(held, Column):
            return [{held.name: text} for text in held.texts]
        if isinstance(held, Mapping):
            return [held]
        return [row for row in held or () if isinstance(row, Mapping)] if not isinstance(held, str) else []

    def column(self, name: str, column: str) -> list[str]:
        """Return a table's one column."""
        held = self.values.get(name)
        if isinstance(held, Column) and held.name == column:
            return held.texts
        return [str(row.get(column, "")) for row in self.table(name)]


class Transport(Protocol):
    """Calls function modules of one system and client."""

    def call(self, call: FunctionCall) -> Answer:
        """Call once; FunctionFault for an exception of the function, ReplyLost where a write may have happened."""

    def clock(self) -> datetime:
        """Return the server's own time."""

    def close(self) -> None:
        """Hang up."""
