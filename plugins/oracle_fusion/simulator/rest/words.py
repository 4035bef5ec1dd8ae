"""The words of a row-match expression: names, operators, texts in quotes, numbers and brackets."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from duehook.plugins.oracle_fusion.simulator.problem import Refused

_WORD: Final = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")|(?P<number>-?\d+(?:\.\d+)?(?![\w-]))"
    r"|(?P<name>[A-Za-z_][\w.]*)|(?P<sign><>|!=|<=|>=|=|<|>|\(|\)|,|;))"
)


class Word(NamedTuple):
    """A word: its sort (text, number, name, sign, or end) and what it says."""

    sort: str
    said: str


def words(expression: str) -> list[Word]:
    """Return the words of an expression; raises Refused for what is none."""
    found: list[Word] = []
    place = 0
    rest = expression.rstrip()
    while place < len(rest):
        met = _WORD.match(rest, place)
        if met is None:
            raise unreadable(expression)
        sort = str(met.lastgroup)
        said = met.group(sort)
        if sort == "text":
            said = said[1:-1].replace(said[0] * 2, said[0])
        elif sort == "name" and said.lower() in _KEYS:
            sort, said = "key", said.lower()
        found.append(Word(sort, said))
        place = met.end()
    return [*found, Word("end", "")]


_KEYS: Final = ("and", "or", "in", "between", "like", "is", "not", "null")


def unreadable(expression: str) -> Refused:
    """Refuse an expression that cannot be read."""
    return Refused(400, f"URL request parameter q is not a query expression: {expression}", "q")
