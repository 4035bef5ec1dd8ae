"""The grammar of EXPORTMI's QERY: `columns from TABLE where column = 1 and column like 'A%'`, joined by `and` alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from .refusal import Nok

Literal = str | Decimal
_TOKEN: Final = re.compile(
    r"\s*(?:('(?:[^']|'')*')|([A-Za-z_][A-Za-z0-9_#]*)|(-?\d+(?:\.\d+)?)|(<>|!=|<=|>=|[=<>(),]))"
)
_WHOLE: Final = re.compile(r"\s*(?P<columns>.+?)\s+from\s+(?P<table>\w+)\s*(?:\s+where\s+(?P<where>.+))?", re.I | re.S)
COMPARED: Final = ("=", "<>", "!=", "<", ">", "<=", ">=")


@dataclass(frozen=True)
class Condition:
    """A column, how it is compared (`in`, `between` and `like` too), and with what."""

    column: str
    how: str
    values: tuple[Literal, ...]

    def holds(self, cell: str) -> bool:
        """Say whether a cell fulfils it; one that is no number fulfils nothing that asks for one."""
        held: Literal | None = _number(cell) if isinstance(self.values[0], Decimal) else cell
        return held is not None and _compared(self.how, held, self.values)


@dataclass(frozen=True)
class Query:
    """What is asked of a table."""

    columns: tuple[str, ...]
    table: str
    where: tuple[Condition, ...] = ()


def parse(text: str) -> Query:
    """Read a query; raises Nok for what M3's database would refuse."""
    found = _WHOLE.fullmatch(text)
    if found is None:
        raise refused(f"not understood: {text[:40]}")
    columns = tuple(each.strip().upper() for each in found["columns"].split(","))
    bad = [each for each in columns if not re.fullmatch(r"\w{3,6}", each)]
    if bad:
        raise refused(f"no column is called {bad[0]}")
    where = tuple(_conditions(list(_tokens(found["where"])))) if found["where"] else ()
    return Query(columns, found["table"].upper(), where)


def refused(what: str) -> Nok:
    """Return what M3 says of a query that it cannot carry out."""
    return Nok(f"Query statement: {what}", code="WQE0101", field="QERY")


def _tokens(text: str) -> Iterator[str]:
    at = 0
    while at < len(text.rstrip()):
        found = _TOKEN.match(text, at)
        if found is None:
            raise refused(f"not understood: {text[at : at + 20]}")
        yield found[0].strip()
        at = found.end()


def _conditions(tokens: list[str]) -> Iterator[Condition]:
    while tokens:
        yield _condition(tokens)
        if tokens and _next(tokens).lower() != "and":
            raise refused("conditions are joined by and")


def _condition(tokens: list[str]) -> Condition:
    column, how = _next(tokens).upper(), _next(tokens).lower()
    if how in COMPARED or how == "like":
        return Condition(column, how, (_literal(_next(tokens)),))
    if how == "between":
        low = _literal(_next(tokens))
        if _next(tokens).lower() != "and":
            raise refused("between has an and")
        return Condition(column, how, (low, _literal(_next(tokens))))
    if how != "in" or _next(tokens) != "(":
        raise refused(f"not understood: {column} {how}")
    values = [_literal(_next(tokens))]
    while (sign := _next(tokens)) == ",":
        values.append(_literal(_next(tokens)))
    if sign != ")":
        raise refused("a list ends with )")
    return Condition(column, how, tuple(values))


def _next(tokens: list[str]) -> str:
    if not tokens:
        raise refused("it ends too early")
    return tokens.pop(0)


def _literal(token: str) -> Literal:
    if token.startswith("'"):
        return token[1:-1].replace("''", "'").rstrip()
    number = _number(token)
    if number is None:
        raise refused(f"{token} is no value")
    return number


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text or 0)
    except InvalidOperation:
        return None


def _compared(how: str, held: Literal, values: tuple[Literal, ...]) -> bool:
    first = values[0]
    if how == "like":
        pattern = re.escape(str(first)).replace("%", ".*").replace("_", ".")
        return re.fullmatch(pattern, str(held), re.S) is not None
    if how == "in":
        return held in values
    if type(held) is not type(first):
        return False
    if how == "between":
        return first <= held <= values[1]  # type: ignore[operator]
    results = {"=": held == first, "<>": held != first, "!=": held != first}
    if how in results:
        return results[how]
    return held < first if how == "<" else held > first if how == ">" else _or_equal(how, held, first)  # type: ignore[operator]


def _or_equal(how: str, held: Literal, first: Literal) -> bool:
    return held <= first if how == "<=" else held >= first  # type: ignore[operator]
