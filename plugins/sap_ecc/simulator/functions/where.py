"""The condition in OPTIONS: lines of 72 characters in the words of Open SQL, put into SQLite's.

A token ends with its line: a literal that is broken over two lines is none. What stands behind the 72nd character
of a line is cut off, as a field of that length cuts it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Final

from duehook.plugins.sap_ecc.simulator.tables.schema import Column, Value

LINE: Final = 72
_TOKENS: Final = re.compile(r"\s*('(?:[^']|'')*'|<=|>=|<>|[=<>(),]|[^\s'=<>(),]+)")
_SIGNS: Final = {
    "EQ": "=", "NE": "<>", "GT": ">", "LT": "<", "GE": ">=", "LE": "<=",
    "=": "=", "<>": "<>", ">": ">", "<": "<", ">=": ">=", "<=": "<=",
}  # fmt: skip
_END: Final = ""


class NoCondition(ValueError):
    """The lines are no condition on the table."""


@dataclass
class Condition:
    """A condition in SQL, and the values in it."""

    sql: str = ""
    values: list[Value] = field(default_factory=list)


def condition(lines: Iterable[str], columns: Mapping[str, Column]) -> Condition:
    """Read OPTIONS; NoCondition for what Open SQL would not take."""
    reader = _Reader([token for line in lines for token in _tokens(line[:LINE])], columns)
    if not reader.left:
        return Condition()
    sql = reader.either()
    if reader.left:
        raise NoCondition(f"{reader.left[0]} is not expected")
    return Condition(sql, reader.values)


def _tokens(line: str) -> list[str]:
    found, at = [], 0
    while line[at:].strip():
        match = _TOKENS.match(line, at)
        if match is None:
            raise NoCondition("a literal does not end in its line")
        found.append(match[1])
        at = match.end()
    return found


class _Reader:
    """Reads tokens from the left; `left` are those that are still to be read."""

    def __init__(self, left: list[str], columns: Mapping[str, Column]) -> None:
        self.left, self.columns = left, columns
        self.values: list[Value] = []

    def either(self) -> str:
        parts = [self._all()]
        while self._is("OR"):
            parts.append(self._all())
        return f"({' OR '.join(parts)})"

    def _all(self) -> str:
        parts = [self._one()]
        while self._is("AND"):
            parts.append(self._one())
        return f"({' AND '.join(parts)})"

    def _one(self) -> str:
        if self._is("NOT"):
            return f"NOT {self._one()}"
        if self._is("("):
            inner = self.either()
            self._must(")")
            return inner
        return self._compared()

    def _compared(self) -> str:
        column = self.columns.get(self._next().upper())
        if column is None:
            raise NoCondition("a column is not there")
        negated = "NOT " if self._is("NOT") else ""
        word = self._next().upper()
        if word in _SIGNS and not negated:
            return f'"{column.name}" {_SIGNS[word]} {self._value(column)}'
        if word == "LIKE":
            return f'"{column.name}" {negated}LIKE {self._value(column)}'
        if word == "BETWEEN":
            low = self._value(column)
            self._must("AND")
            return f'"{column.name}" {negated}BETWEEN {low} AND {self._value(column)}'
        if word == "IN":
            return f'"{column.name}" {negated}IN ({", ".join(self._list(column))})'
        raise NoCondition(f"{word} compares nothing")

    def _list(self, column: Column) -> list[str]:
        self._must("(")
        found = [self._value(column)]
        while self._is(","):
            found.append(self._value(column))
        self._must(")")
        return found

    def _value(self, column: Column) -> str:
        text = self._next()
        if text.startswith("'"):
            text = text[1:-1].replace("''", "'")
        elif not re.fullmatch(r"-?\d+", text):
            raise NoCondition(f"{text} is no literal")
        self.values.append(_number(text, column) if column.is_number else text.rstrip(" "))
        return "?"

    def _next(self) -> str:
        return self.left.pop(0) if self.left else _END

    def _is(self, word: str) -> bool:
        if self.left and self.left[0].upper() == word:
            self.left.pop(0)
            return True
        return False

    def _must(self, word: str) -> None:
        if not self._is(word):
            raise NoCondition(f"{word} is missing")


def _number(text: str, column: Column) -> int:
    sign = "-" if text.rstrip().endswith("-") else ""
    try:
        return int(Decimal(sign + text.strip().rstrip("-")).scaleb(column.decimals))
    except InvalidOperation:
        raise NoCondition(f"{text} is no number") from None
