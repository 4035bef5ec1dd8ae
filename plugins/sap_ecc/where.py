"""Conditions as RFC_READ_TABLE takes them: words of Open SQL in lines of at most 72 characters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final, Literal

LONGEST: Final = 72
MOST: Final = 200  # comparisons in one question
WIDEST: Final = 5_000  # numbers that the ranges of one question may span
SPARSE: Final = 3  # how many numbers a range may span for each that is wanted
_WORDS: Final = 4 * MOST  # of one question: a comparison has three, and one that joins it to the next
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


def any_named(column: str, values: Iterable[str]) -> Iterator[Where]:
    """Ask for these values by as few questions as may be: numbers that lie close together are asked for as a range.

    What comes may hold others of that range, which the caller leaves out.
    """
    parts: list[Where] = []
    terms = width = 0
    for first, last, span in _ranges(sorted({value for value in values if value})):
        count = 1 if first == last else 2
        if parts and (terms + count > MOST or width + span > WIDEST):
            yield either(*parts)
            parts, terms, width = [], 0, 0
        parts.append(
            compare(column, "=", first)
            if first == last
            else both(compare(column, ">=", first), compare(column, "<=", last))
        )
        terms, width = terms + count, width + span
    if parts:
        yield either(*parts)


def _ranges(values: Sequence[str]) -> Iterator[tuple[str, str, int]]:
    """Yield the first and the last of each range, and how many numbers it spans."""
    first = last = ""
    count = span = 0
    for value in values:
        width = int(value) - int(first) + 1 if _alike(first, value) else 0
        if 0 < width <= min(SPARSE * (count + 1), WIDEST):
            last, count, span = value, count + 1, width
            continue
        if count:
            yield first, last, span
        first, last, count, span = value, value, 1, 1
    if count:
        yield first, last, span


def _alike(one: str, other: str) -> bool:
    """Say whether two values are numbers that sort as they count."""
    return len(one) == len(other) and (one + other).isascii() and (one + other).isdecimal()


def together(questions: Iterable[Where]) -> Iterator[Where]:
    """Ask several questions as one where they are short."""
    held: list[Where] = []
    for each in questions:
        if held and sum(map(len, held)) + len(each) > _WORDS:
            yield either(*held)
            held = []
        held.append(each)
    if held:
        yield either(*held)


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
