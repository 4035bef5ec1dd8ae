"""What a row must fulfil: asked of AIS, where all conditions of one request must hold, and tried on raw rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from duehook.plugins.jde.reading.reader import Key, RawRow
from duehook.plugins.jde.tables import Column

Operator = Literal[
    "EQUAL", "NOT_EQUAL", "LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL", "LIST", "STR_BLANK", "STR_NOT_BLANK"
]  # fmt: skip
_TRIED: Final[Mapping[Operator, Callable[[Any, Any], bool]]] = {
    "EQUAL": lambda cell, value: bool(cell == value),
    "NOT_EQUAL": lambda cell, value: bool(cell != value),
    "LESS": lambda cell, value: bool(cell < value),
    "LESS_EQUAL": lambda cell, value: bool(cell <= value),
    "GREATER": lambda cell, value: bool(cell > value),
    "GREATER_EQUAL": lambda cell, value: bool(cell >= value),
}


@dataclass(frozen=True)
class Condition:
    """One column, an operator, and the values in the encoding of raw rows."""

    column: Column
    operator: Operator
    values: tuple[Any, ...] = ()

    def fits(self, cell: Any) -> bool:
        """Say whether a number or day of a raw row fulfils it; nothing counts as 0, as JDE writes it."""
        return not isinstance(cell, str) and _TRIED[self.operator](cell or 0, self.values[0])


Conditions = tuple[Condition, ...]


def among(column: Column, values: Iterable[Any]) -> Condition:
    """Return the condition that a cell is one of these values."""
    found = tuple(dict.fromkeys(value.strip() if isinstance(value, str) else value for value in values))
    if len(found) != 1:
        return Condition(column, "LIST", found)
    return Condition(column, "STR_BLANK") if found == ("",) else Condition(column, "EQUAL", found)


def behind(columns: Sequence[Column], key: Key) -> list[Conditions]:
    """Return the key ranges behind a key, in the key's order: one request each, for AIS knows no nested OR."""
    ranges = []
    for place in reversed(range(len(key))):
        same = tuple(among(column, [value]) for column, value in zip(columns, key[:place], strict=False))
        ranges.append((*same, _greater(columns[place], key[place])))
    return ranges


def _greater(column: Column, value: Any) -> Condition:
    if isinstance(value, str) and not value.strip():
        return Condition(column, "STR_NOT_BLANK")
    return Condition(column, "GREATER", (value.strip() if isinstance(value, str) else value,))


def holds(conditions: Conditions, raw: RawRow, places: Mapping[str, int]) -> bool:
    """Say whether a raw row fulfils them all."""
    return all(each.fits(raw[places[each.column.name]]) for each in conditions)
