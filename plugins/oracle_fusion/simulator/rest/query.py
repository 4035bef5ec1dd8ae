"""The `q` of a request: read, checked against what may be asked for, and made into a test of a row."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from duehook.plugins.oracle_fusion.simulator.problem import Refused
from duehook.plugins.oracle_fusion.simulator.site.table import Row

from .words import Word, unreadable, words

Test = Callable[[Row], bool]
Kinds = Mapping[str, str]  # string, number, integer, date or datetime, by the name of the attribute
_COMPARED: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": lambda held, asked: bool(held == asked), "!=": lambda held, asked: bool(held != asked),
    "<": lambda held, asked: bool(held < asked), "<=": lambda held, asked: bool(held <= asked),
    ">": lambda held, asked: bool(held > asked), ">=": lambda held, asked: bool(held >= asked),
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What must hold: the test, and the conditions that hold in any case, by attribute, sign and values."""

    test: Test
    certain: Sequence[tuple[str, str, tuple[Any, ...]]] = ()


def read(expression: str, kinds: Kinds, version: int) -> Asked:
    """Read a `q`; version 1 of the framework knows comparisons alone. Raises Refused."""
    if not expression.strip():
        return Asked(lambda row: True)
    reader = _Reader(expression, kinds, bare=version == 1)
    if version == 1 and any(word.sort == "key" or word.said in "()," for word in reader.words[:-1]):
        raise unreadable(expression)
    asked = reader.all_of()
    if reader.next.sort != "end":
        raise unreadable(expression)
    return asked


class _Reader:
    """Reads one expression from its front."""

    def __init__(self, expression: str, kinds: Kinds, *, bare: bool) -> None:
        self.expression, self.kinds = expression, kinds
        self._values = ("text", "number", "name") if bare else ("text", "number")
        self.words = words(expression)
        self._place = 0

    @property
    def next(self) -> Word:
        """The word that comes next."""
        return self.words[self._place]

    def all_of(self) -> Asked:
        """Read what `;` joins, and `and` and `or` between."""
        found = [self._any_of()]
        while self._took(";"):
            if self.next.sort != "end":
                found.append(self._any_of())
        return _all(found)

    def _any_of(self) -> Asked:
        found = [self._each_of()]
        while self._took("or"):
            found.append(self._each_of())
        if len(found) == 1:
            return found[0]
        tests = [each.test for each in found]
        return Asked(lambda row: any(test(row) for test in tests))

    def _each_of(self) -> Asked:
        found = [self._one()]
        while self._took("and"):
            found.append(self._one())
        return _all(found)

    def _one(self) -> Asked:
        if self._took("("):
            inner = self.all_of()
            self._must(")")
            return inner
        name = self._take("name")
        if name not in self.kinds:
            raise Refused(400, f"The attribute {name} is not queryable in this resource.", name)
        if self._took("is"):
            wanted = not self._took("not")
            self._must("null")
            return Asked(_on(name, lambda held: (held is None) is wanted, nulls=True))
        turned = self._took("not")
        made = self._condition(name)
        return Asked(lambda row: not made.test(row)) if turned else made

    def _condition(self, name: str) -> Asked:
        if self._took("in"):
            values = self._listed(name)
            return Asked(_on(name, lambda held: held in values), [(name, "in", tuple(values))])
        if self._took("between"):
            first = self._value(name)
            self._must("and")
            last = self._value(name)
            return Asked(_on(name, lambda held: first <= held <= last), [(name, ">=", (first,)), (name, "<=", (last,))])
        if self._took("like"):
            pattern = re.compile(re.escape(self._take("text")).replace("%", ".*").replace("_", "."), re.DOTALL)
            return Asked(_on(name, lambda held: bool(pattern.fullmatch(str(held)))))
        sign = {"<>": "!="}.get(self.next.said, self.next.said)
        if self.next.sort != "sign" or sign not in _COMPARED:
            raise unreadable(self.expression)
        self._place += 1
        compare, value = _COMPARED[sign], self._value(name)
        return Asked(_on(name, lambda held: compare(held, value)), [(name, sign, (value,))])

    def _listed(self, name: str) -> list[Any]:
        self._must("(")
        values = [self._value(name)]
        while self._took(","):
            values.append(self._value(name))
        self._must(")")
        return values

    def _value(self, name: str) -> Any:
        word, kind = self.next, self.kinds[name]
        if word.sort not in self._values:
            raise unreadable(self.expression)
        self._place += 1
        try:
            return _READ[kind](word.said)
        except ValueError:
            raise Refused(400, f"The value {word.said} is not valid for the attribute {name} ({kind}).", name) from None

    def _took(self, said: str) -> bool:
        if self.next.sort in ("key", "sign") and self.next.said == said:
            self._place += 1
            return True
        return False

    def _must(self, said: str) -> None:
        if not self._took(said):
            raise unreadable(self.expression)

    def _take(self, sort: str) -> str:
        word = self.next
        if word.sort != sort:
            raise unreadable(self.expression)
        self._place += 1
        return word.said


def _all(found: Sequence[Asked]) -> Asked:
    if len(found) == 1:
        return found[0]
    tests = [each.test for each in found]
    return Asked(lambda row: all(test(row) for test in tests), [pair for each in found for pair in each.certain])


def _on(name: str, holds: Callable[[Any], bool], *, nulls: bool = False) -> Test:
    """Return the test of an attribute, or of a child's in any of the children; nothing is like null, as in SQL."""
    child, _, field = name.rpartition(".")

    def seen(held: Any) -> bool:
        return holds(held) if held is not None or nulls else False

    if child:
        return lambda row: any(seen(each.get(field)) for each in row.get(child, ()))
    return lambda row: seen(row.get(name))


def _number(said: str) -> float:
    return float(said) if "." in said else int(said)


def _day(said: str) -> str:
    return datetime.fromisoformat(said[:10]).date().isoformat()


def _instant(said: str) -> str:
    at = datetime.fromisoformat(said)
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return at.replace(microsecond=0).isoformat()


_READ: Final[Mapping[str, Callable[[str], Any]]] = {
    "string": str, "integer": int, "number": _number, "date": _day, "datetime": _instant,
}  # fmt: skip
