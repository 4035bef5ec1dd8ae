"""The cells of a raw row as texts, as a mapping reads them, and those that are reckoned of others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from math import prod
from typing import Any, Final

from duehook.core.table_mapping.cells import Cells
from duehook.core.wire.sql import RawRow
from duehook.plugins.sql_ledgers.template.model import JOIN, Made, Part

_BLANK: Final = " \x00\t\r\n"  # low values of an EBCDIC file come as NULs


def text_of(value: Any) -> str:
    """Return what a cell says: nothing where it is NULL, no blanks around it, a whole number without a point."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip(_BLANK)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, date) else str(value)


class CellReader:
    """Turns raw rows into cells, those of the database first and then those that are made."""

    def __init__(self, part: Part, names: Sequence[str]) -> None:
        self.names = (*names, *part.cells)
        place = {name: at for at, name in enumerate(self.names)}
        self._made = [_maker(made, [place[name] for name in made.of]) for made in part.cells.values()]

    def __call__(self, raw: RawRow) -> Cells:
        """Return the cells of a row."""
        cells = [text_of(value) for value in raw]
        for make in self._made:
            cells.append(make(cells))
        return cells


def _maker(made: Made, places: Sequence[int]) -> Callable[[Cells], str]:
    if made.join:
        ending = f"{JOIN}{made.ending}" if made.ending else ""
        return lambda cells: _joined([cells[at] for at in places], ending)

    can_lack = [name in made.by for name in made.of]

    def make(cells: Cells) -> str:
        found = [cells[at] or ("1" if optional else "") for at, optional in zip(places, can_lack, strict=True)]
        if not all(found):
            return ""
        try:
            return format(_reckoned(made, [Decimal(each) for each in found]), "f")
        except ArithmeticError:
            return "?"  # which no amount is, and is told as such

    return make


def _reckoned(made: Made, numbers: Sequence[Decimal]) -> Decimal:
    if made.scaled:
        return numbers[0].scaleb(-int(numbers[1]))
    if not made.product:
        return sum(numbers, Decimal(0))
    count = len(made.product) + len(made.by)
    return prod(numbers[:count], start=Decimal(1)) / prod(numbers[count:], start=Decimal(1))


def _joined(cells: Sequence[str], ending: str) -> str:
    """Return a key; nothing where none of its parts is filled."""
    return JOIN.join(cells) + ending if any(cells) else ""
