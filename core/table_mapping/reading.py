"""Turn what a mapping says of one field into a function from a row's cells to its value."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from duehook.core.field_mapping.canonical import Kind
from duehook.core.yaml_source import closest

from .cells import Cells, Wrong, amounts_of, days_of, instants_of
from .model import Turn, Value, When
from .values import Unreadable, amount_reader, date_reader, instant_reader, whole
from .writing import Column, Writing

Read = Callable[[Cells], Any]
Test = Callable[[Cells], bool]
ZERO: Final = Decimal(0)


class NoColumn(Exception):
    """A mapping names a column that the file does not have; the message names the one it may mean."""


@dataclass(frozen=True)
class Columns:
    """The columns of one file, and how its cells are written."""

    names: Sequence[str]
    form: Writing

    def at(self, column: Column) -> int:
        """Return the place of a column. Raises NoColumn."""
        if isinstance(column, int):
            if column > len(self.names):
                raise NoColumn(f"there is no column {column}; the file has {len(self.names)}")
            return column - 1
        found = [place for place, name in enumerate(self.names) if name == column]
        if not found:
            raise NoColumn(f"there is no column {column!r}; {closest(column, filter(None, self.names))}")
        if len(found) > 1:
            raise NoColumn(
                f"the column {column!r} is there {len(found)} times; name it by its place, such as {found[0] + 1}"
            )
        return found[0]


def reader_of(value: Value, kind: Kind, columns: Columns) -> Read:
    """Return the function that gives the field's value: None when it is empty, Unreadable when it is wrong."""
    text = _coded(value, _text_of(value, columns))
    convert = _converter(value, kind, columns.form)
    if convert is None:
        return text
    turns = _turns(value.negate, columns) if value.negate else None

    def read(cells: Cells) -> Any:
        found = text(cells)
        if found is None:
            return None
        return -convert(found) if turns is not None and turns(cells) else convert(found)

    return _zeroed(read, test_of(value.zero_when, columns)) if value.zero_when else read


def _turns(negate: Turn | bool, columns: Columns) -> Test:
    """Return the function that says whether a row's sign is to be turned."""
    if not isinstance(negate, Turn):
        return lambda cells: True
    place, values = columns.at(negate.column), frozenset(negate.values)
    others = None if negate.others is None else frozenset(negate.others)

    def turns(cells: Cells) -> bool:
        told = cells[place]
        if others is not None and told not in values and told not in others:
            raise Unreadable(f"{told!r} in column {negate.column!r} is neither in `values` nor in `others` of `negate`")
        return told in values

    return turns


def _zeroed(read: Read, test: Test) -> Read:
    """Give zero in place of what is filled where the test holds."""

    def zeroed(cells: Cells) -> Any:
        found = read(cells)
        return found if found is None or not test(cells) else ZERO

    return zeroed


def test_of(when: When, columns: Columns) -> Test:
    """Return the function that says whether a condition holds for a row."""
    place = columns.at(when.column)
    if when.equals is not None:
        wanted = frozenset(when.equals)
        return lambda cells: cells[place] in wanted
    if when.matches is not None:
        pattern = re.compile(when.matches)
        return lambda cells: pattern.search(cells[place]) is not None
    empty, filled = {"", *columns.form.empty}, bool(when.filled)
    return lambda cells: (cells[place] not in empty) == filled


def origins(value: Value) -> str:
    """Name the columns a value comes from, for people."""
    if value.columns:
        return ", ".join(map(origins, value.columns))
    column = value.column if value.column is not None else value.sign_of
    return f"column {column!r}" if column is not None else f"constant {value.constant!r}"


def _text_of(value: Value, columns: Columns) -> Read:
    if value.constant is not None:
        constant = value.constant
        return lambda cells: constant
    if value.columns is not None:
        return _joined([reader_of(each, each.as_ or "text", columns) for each in value.columns], value.join)
    empty = frozenset({"", *(columns.form.empty if value.empty is None else value.empty)})
    place = columns.at(value.column if value.column is not None else value.sign_of or 0)
    plain = _sound(place, empty) if columns.form.is_typed else _plain(place, empty)
    return plain if value.sign_of is None else _sign(plain, value, columns.form)


def _plain(place: int, empty: frozenset[str]) -> Read:
    def read(cells: Cells) -> str | None:
        text = cells[place]
        return None if text in empty else text

    return read


def _sound(place: int, empty: frozenset[str]) -> Read:
    """Read as text what is not wrong by itself."""

    def read(cells: Cells) -> str | None:
        text = cells[place]
        if isinstance(text, Wrong):
            raise Unreadable(text.why)
        return None if text in empty else text

    return read


def _joined(readers: Sequence[Read], join: str) -> Read:
    """Join the filled parts; None when all of them are empty."""

    def read(cells: Cells) -> str | None:
        found = [part for part in (read(cells) for read in readers) if part is not None]
        return join.join(map(str, found)) or None

    return read


def _sign(text: Read, value: Value, form: Writing) -> Read:
    amount = amounts(form, value)

    def read(cells: Cells) -> str | None:
        found = text(cells)
        if found is None:
            return None
        number = amount(found)
        return "zero" if not number else "positive" if number > 0 else "negative"

    return read


def _coded(value: Value, text: Read) -> Read:
    codes, default = value.codes, value.default
    if codes is None and default is None:
        return text

    def read(cells: Cells) -> Any:
        found = text(cells)
        if found is None or codes is None:
            return default if found is None else found
        if found in codes:
            return codes[found]
        if default is None:
            raise Unreadable(f"the code {found!r} is not in `codes`; add it there, or a `default`")
        return default

    return read


def _converter(value: Value, kind: Kind, form: Writing) -> Callable[[str], Any] | None:
    asked = value.as_ or kind
    if asked == "list":
        split = value.split or ","
        return lambda text: tuple(part.strip() for part in text.split(split) if part.strip())
    convert = _typed(value, asked, form)
    if convert is None or asked == kind:
        return convert
    return lambda text: str(convert(text))  # a text field keeps a number or a day in its plain form


def _typed(value: Value, asked: Kind, form: Writing) -> Callable[[str], Any] | None:
    forms, is_typed = value.date or form.date, form.is_typed
    if asked == "amount":
        return amounts(form, value)
    if asked == "whole":
        return whole
    if asked == "date":
        return days_of(date_reader(forms)) if is_typed else date_reader(forms)
    if asked == "instant":
        read = instant_reader(forms, form.timezone)
        return instants_of(read, form.timezone) if is_typed else read
    return None


def amounts(form: Writing, value: Value | None = None) -> Callable[[str], Decimal]:
    """Return the reader of a column's amounts, by its own words over those of the format."""
    decimal, thousands = (value.decimal, value.thousands) if value else (None, None)
    implied = (value.implied_decimals if value else None) or 0
    read = amount_reader(decimal or form.decimal, form.thousands if thousands is None else thousands, implied)
    return amounts_of(read, implied) if form.is_typed else read
