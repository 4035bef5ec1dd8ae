"""The cells of a raw row as texts, as a mapping reads them, and those that are reckoned of others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from math import prod
from typing import Any, Final

from duehook.core.table_mapping.cells import Cells
from duehook.core.wire.sql import RawRow
from duehook.plugins.sql_ledgers.template.model import JOIN, Made, Part

_BLANK: Final = " \x00\t\r\n"  # low values of an EBCDIC file come as NULs


def text_of(value: Any) -> str:
    """Return what a cell says: nothing where it is NULL, no blanks around it, a whole number without a point."""
    kind = type(value)  # what a driver gives most, before what it may give
    if kind is str:
        found: str = value.strip(_BLANK)
        return found
    if value is None:
        return ""
    if kind is int:
        return str(value)
    return _rare_text(value)


def _rare_text(value: Any) -> str:
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
        self._part, self._place = part, {name: at for at, name in enumerate(self.names)}
        self._made = list(self._makers(part.cells))

    def only(self, wanted: Iterable[str]) -> Callable[[RawRow], Cells]:
        """Return what gives these cells alone, all others being empty: it costs as much as they are."""
        named = set(wanted)
        for name, cell in reversed(self._part.cells.items()):  # one may be made of those before it
            named |= {*cell.of} if name in named else set()
        made = [name for name in self._part.cells if name in named]
        read = named - self._part.cells.keys()
        places, makers = [self._place[name] for name in read], list(self._makers(made))
        at_made = [self._place[name] for name in made]

        def cells_of(raw: RawRow) -> Cells:
            cells = [""] * len(self.names)
            for at in places:
                cells[at] = text_of(raw[at])
            for at, make in zip(at_made, makers, strict=True):
                cells[at] = make(cells)
            return cells

        return cells_of

    def _makers(self, names: Iterable[str]) -> Iterator[Callable[[Cells], str]]:
        for made in map(self._part.cells.__getitem__, names):
            yield _maker(made, [self._place[name] for name in made.of])

    def __call__(self, raw: RawRow) -> Cells:
        """Return the cells of a row."""
        cells = list(map(text_of, raw))
        for make in self._made:
            cells.append(make(cells))
        return cells


def _maker(made: Made, places: Sequence[int]) -> Callable[[Cells], str]:
    if made.join:
        ending = f"{JOIN}{made.ending}" if made.ending else ""
        return lambda cells: _joined([cells[at] for at in places], ending)

    if made.scaled:
        amount, decimals = places
        return lambda cells: _scaled(cells[amount], cells[decimals])
    can_lack = [name in made.by for name in made.of]

    def make(cells: Cells) -> str:
        found = [cells[at] or ("1" if optional else "") for at, optional in zip(places, can_lack, strict=True)]
        if not all(found):
            return ""
        try:
            return format(_reckoned(made, list(map(Decimal, found))), "f")
        except ArithmeticError:
            return "?"  # which no amount is, and is told as such

    return make


def _scaled(amount: str, decimals: str) -> str:
    if not amount or not decimals:
        return ""
    try:
        return format(Decimal(amount).scaleb(_power(decimals)), "f")
    except ArithmeticError:
        return "?"


@lru_cache(maxsize=100)
def _power(decimals: str) -> int:
    return -int(Decimal(decimals))


def _reckoned(made: Made, numbers: Sequence[Decimal]) -> Decimal:
    if not made.product:
        return sum(numbers, Decimal(0))
    count = len(made.product) + len(made.by)
    return prod(numbers[:count], start=Decimal(1)) / prod(numbers[count:], start=Decimal(1))


def _joined(cells: Sequence[str], ending: str) -> str:
    """Return a key; nothing where none of its parts is filled."""
    return JOIN.join(cells) + ending if any(cells) else ""
