"""$filter: what an expression asks of a row. Anything that is not understood is an error, as the ERPs do it."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from functools import reduce
from typing import Any, Final

from duehook.core.testing.odata.errors import bad_request
from duehook.core.testing.odata.model import EntityType, Field
from duehook.core.testing.odata.table import Row

from .literals import LiteralValue, Token, Version, literal, tokens

Predicate = Callable[[Row], bool]
Orderable = Callable[[Any, Any], bool]
Equal = Mapping[str, frozenset[Any]]
_COMPARISONS: Final[Mapping[str, Orderable]] = {
    "eq": operator.eq, "ne": operator.ne,
    "gt": operator.gt, "ge": operator.ge, "lt": operator.lt, "le": operator.le,
}  # fmt: skip
_FLIPPED: Final = {"gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}
_LEAST: Final = datetime(1, 1, 1, tzinfo=UTC)
_MOMENTS: Final = frozenset({"Edm.DateTime", "Edm.Date", "Edm.DateTimeOffset"})


@dataclass(frozen=True)
class Dialect:
    """How one ERP speaks OData.

    `functions` are those that $filter knows. `wildcards`: `eq '*x*'` is a pattern. `ignore_case`: text is
    compared without case. `blank_is_least`: a date that is not set is before every other, as ABAP's
    00000000 is; else it is neither before nor after one. `expand_depth` is how deep $expand may go.
    """

    version: Version
    functions: frozenset[str] = frozenset()
    wildcards: bool = False
    ignore_case: bool = False
    blank_is_least: bool = False
    expand_depth: int = 1


@dataclass(frozen=True)
class Filter:
    """A $filter: `matches` says of a row whether it is meant.

    `fields` are those it looks at; `equal` the values of which a row must have one, where that is plain. `parts`
    are what must all be true, where there is more than one.
    """

    text: str
    matches: Predicate
    fields: frozenset[str] = frozenset()
    equal: Equal = field(default_factory=dict)
    parts: Sequence[Filter] = ()

    @property
    def shared(self) -> tuple[Filter, Filter] | None:
        """Return what the pages of a listing have in common, and what differs: where each goes on from."""
        if len(self.parts) < 2 or self.parts[-1].equal:
            return None
        first, predicates = self.parts[:-1], [part.matches for part in self.parts[:-1]]
        equal = reduce(_narrowed, (part.equal for part in first))
        text = " and ".join(part.text for part in first)
        together = Filter(text, lambda row: all(each(row) for each in predicates), self.fields, equal)
        return together, self.parts[-1]


def read_filter(text: str, of: EntityType, dialect: Dialect) -> Filter:
    """Read a $filter over a type's fields. Raises ODataError."""
    parser = _Parser(tokens(text, dialect.version), of, dialect)
    matches, equal = parser.whole()
    return Filter(text, matches, frozenset(parser.seen), equal, parser.parts)


_Part = tuple[Predicate, Equal]


class _Parser:
    """Recursive descent: or, and, not, comparison."""

    def __init__(self, words: list[Token], of: EntityType, dialect: Dialect) -> None:
        self._words, self._of, self._dialect = _bare(words), of, dialect
        self._place = 0
        self.seen: set[str] = set()
        self.parts: list[Filter] = []

    def whole(self) -> _Part:
        found = self._any(top=True)
        if self._next() is not None:
            raise bad_request(f"Invalid filter: '{self._words[self._place].text}' was not expected")
        return found

    def _next(self) -> Token | None:
        return self._words[self._place] if self._place < len(self._words) else None

    def _take(self) -> Token:
        word = self._next()
        if word is None:
            raise bad_request("Invalid filter: it ends too early")
        self._place += 1
        return word

    def _took(self, *texts: str) -> bool:
        word = self._next()
        if word is None or word.kind not in ("name", "mark") or word.text not in texts:
            return False
        self._place += 1
        return True

    def _must(self, text: str) -> None:
        if not self._took(text):
            raise bad_request(f"Invalid filter: '{text}' is missing")

    def _any(self, *, top: bool = False) -> _Part:
        first, equal = self._all(top=top)
        found = [first]
        while self._took("or"):
            other, more = self._all()
            found.append(other)
            equal = {name: values | more[name] for name, values in equal.items() if name in more}
            self.parts = [] if top else self.parts
        return (first if len(found) == 1 else _any_of(found)), equal

    def _all(self, *, top: bool = False) -> _Part:
        first, equal = self._part(top=top)
        while self._took("and"):
            one, (other, more) = first, self._part(top=top)
            first, equal = _both(one, other), _narrowed(equal, more)
        return first, equal

    def _part(self, *, top: bool) -> _Part:
        if not top:
            return self._not()
        begun, before, self.seen = self._place, self.seen, set()
        found = self._not()
        text = " ".join(word.text for word in self._words[begun : self._place])
        self.parts.append(Filter(text, found[0], frozenset(self.seen), found[1]))
        self.seen |= before
        return found

    def _not(self) -> _Part:
        if self._took("not"):
            found, _ = self._not()
            return lambda row: not found(row), {}
        if self._took("("):
            inner = self._any()
            self._must(")")
            return inner
        return self._comparison()

    def _comparison(self) -> _Part:
        left = self._take()
        if left.kind == "name" and self._took("("):
            return self._truth(self._function(left.text)), {}
        sign = self._take()
        if sign.text not in _COMPARISONS:
            raise bad_request(f"Invalid filter: '{sign.text}' is no operator here")
        right = self._take()
        one, other = literal(left, self._dialect.version), literal(right, self._dialect.version)
        if one is not None and other is None:
            return self._compared(self._field(right), _FLIPPED.get(sign.text, sign.text), one)
        if other is None or one is not None:
            raise bad_request("Invalid filter: one side of a comparison must be a property, the other a value")
        return self._compared(self._field(left), sign.text, other)

    def _field(self, word: Token) -> Field:
        if word.kind != "name" or word.text not in self._of.fields:
            raise bad_request(f"Invalid filter: '{word.text}' is no property of '{self._of.name}'")
        self.seen.add(word.text)
        return self._of.fields[word.text]

    def _compared(self, left: Field, sign: str, right: LiteralValue) -> _Part:
        if not right.fits(left):
            raise bad_request(
                f"Invalid filter: incompatible types for '{sign}': {left.type} and {right.type or right.kind}"
            )
        if right.kind == "enum" and sign not in ("eq", "ne"):
            raise bad_request(f"Invalid filter: '{sign}' is not possible with {left.type}")
        if right.kind == "string":
            right = replace(right, value=left.told(right.value))
        loose = right.kind == "string" and (self._dialect.ignore_case or self._dialect.wildcards)
        plain = sign == "eq" and left.type not in _MOMENTS and not loose and right.kind != "null"
        equal = {left.name: frozenset({right.value})} if plain else {}
        return _comparison(left, sign, right, self._dialect), equal

    def _function(self, name: str) -> Predicate:
        if name not in self._dialect.functions:
            raise bad_request(f"Invalid filter: the function '{name}' is not supported")
        first = self._take()
        self._must(",")
        second = self._take()
        self._must(")")
        if name == "substringof":
            first, second = second, first
        looked_at, wanted = self._field(first), literal(second, self._dialect.version)
        if looked_at.type != "Edm.String" or wanted is None or wanted.kind != "string":
            raise bad_request(f"Invalid filter: '{name}' is about a text and a piece of it")
        return _piece(name, _taking(looked_at, self._dialect), _text(wanted.value, self._dialect))

    def _truth(self, found: Predicate) -> Predicate:
        """Read the `eq true` behind a function, which V2 has often."""
        for sign in ("eq", "ne"):
            if self._took(sign):
                wanted = literal(self._take(), self._dialect.version)
                if wanted is None or wanted.kind != "boolean":
                    raise bad_request("Invalid filter: a function is true or false")
                return found if (sign == "eq") == wanted.value else lambda row: not found(row)
        return found


def _narrowed(one: Equal, other: Equal) -> Equal:
    """Return what a row must have that fits both."""
    both = {name: one[name] & other[name] for name in one.keys() & other.keys()}
    return {**one, **other, **both}


def _bare(words: list[Token]) -> list[Token]:
    """Return an expression without the brackets around all of it."""
    while len(words) > 2 and _closed_by(words) == len(words) - 1:
        words = words[1:-1]
    return words


def _closed_by(words: list[Token]) -> int:
    """Return the place of the bracket that ends the one at the beginning; -1 where there is none."""
    depth = 0
    for place, word in enumerate(words):
        depth += {"(": 1, ")": -1}.get(word.text, 0) if word.kind == "mark" else 0
        if depth == 0:
            return place if place else -1
    return -1


def _comparison(left: Field, sign: str, right: LiteralValue, dialect: Dialect) -> Predicate:
    take, compare = _taking(left, dialect), _COMPARISONS[sign]
    if right.kind == "null":
        return lambda row: (row.get(left.name) is None) == (sign == "eq")
    value = _text(right.value, dialect) if right.kind == "string" else right.value
    if right.kind == "string" and dialect.wildcards and "*" in value and sign in ("eq", "ne"):
        pattern = re.compile(".*".join(re.escape(part) for part in value.split("*")), re.DOTALL)
        return lambda row: (pattern.fullmatch(take(row)) is not None) == (sign == "eq")
    if sign == "eq":
        return _Equal(left.name, take, value)
    if sign == "ne":
        return lambda row: compare(take(row), value)
    return lambda row: (held := take(row)) is not None and compare(held, value)


@dataclass(frozen=True)
class _Equal:
    """Asks for one value of a field."""

    field: str
    take: Callable[[Row], Any]
    value: Any

    def __call__(self, row: Row) -> bool:
        return bool(self.take(row) == self.value)


def _any_of(found: Sequence[Predicate]) -> Predicate:
    """Ask for any of these; many values of one field, as a connector asks for keys, are looked for at once."""
    first, plain = found[0], [each for each in found if isinstance(each, _Equal)]
    if isinstance(first, _Equal) and [each.field for each in plain] == [first.field] * len(found):
        take, values = first.take, frozenset(each.value for each in plain)
        return lambda row: take(row) in values
    return reduce(lambda one, other: lambda row: one(row) or other(row), found)


def _both(one: Predicate, other: Predicate) -> Predicate:
    return lambda row: one(row) and other(row)


def _piece(name: str, take: Callable[[Row], Any], wanted: str) -> Predicate:
    if name == "startswith":
        return lambda row: take(row).startswith(wanted)
    if name == "endswith":
        return lambda row: take(row).endswith(wanted)
    return lambda row: wanted in take(row)


def _text(value: str, dialect: Dialect) -> str:
    return value.casefold() if dialect.ignore_case else value


def _taking(looked_at: Field, dialect: Dialect) -> Callable[[Row], Any]:
    """Return what takes a field's value from a row so that it can be compared."""
    name, initial = looked_at.name, looked_at.initial
    if looked_at.type in _MOMENTS:
        least = _LEAST if dialect.blank_is_least else None
        return lambda row: least if (held := row.get(name)) is None else moment(held)
    if looked_at.type == "Edm.String" and dialect.ignore_case:
        return lambda row: (row.get(name) or "").casefold()
    if looked_at.type == "Edm.String":
        return lambda row: row.get(name) or ""
    return lambda row: row.get(name, initial)


def moment(held: Any) -> datetime:
    """Return a day as its midnight, UTC; an instant as it is."""
    return held if isinstance(held, datetime) else datetime.combine(held, time(), UTC)
