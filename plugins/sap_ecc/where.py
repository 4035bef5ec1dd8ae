"""Conditions as RFC_READ_TABLE takes them: words of Open SQL in lines of at most 72 characters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final, Literal

LONGEST: Final = 72
Sign = Literal["=", "<>", ">=", "<=", ">", "<"]
Where = tuple[str, ...]  # the words of a condition, none of which may be broken over two lines
NOTHING: Final[Where] = ()


def compare(column: str, sign: Sign, value: str | date) -> Where:
    """Ask how a column compares with a value."""
    text = value.strftime("%Y%m%d") if isinstance(value, date) else value
    return (column, sign, "'" + text.replace("'", "''") + "'")


def both(*parts: Where) -> Where:
    """Ask that all hold; nothing asks nothing."""
    return _joined("AND", [part for part in parts if part])


def either(*parts: Where) -> Where:
    """Ask that one of them holds."""
    return _joined("OR", list(parts))


def one_of(column: str, values: Iterable[str]) -> Where:
    """Ask for any of these values."""
    return either(*(compare(column, "=", value) for value in values))


def lines(where: Where) -> list[dict[str, str]]:
    """Return it as OPTIONS."""
    found: list[str] = []
    for word in where:
        if found and len(found[-1]) + 1 + len(word) <= LONGEST:
            found[-1] += f" {word}"
        else:
            found.append(word)
    return [{"TEXT": line} for line in found]


def _joined(word: str, parts: Sequence[Where]) -> Where:
    if len(parts) == 1:
        return parts[0]
    made: list[str] = []
    for part in parts:
        made += [word] if made else []
        made += ["(", *part, ")"] if len(part) > 3 else part
    return tuple(made)
