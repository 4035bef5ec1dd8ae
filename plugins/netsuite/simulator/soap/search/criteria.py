"""What a search asks for, as conditions of SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Final, NamedTuple
from xml.etree.ElementTree import Element

from duehook.plugins.netsuite.simulator.soap.faults import Failed
from duehook.plugins.netsuite.simulator.soap.names import CORE, TYPE, local, tag
from duehook.plugins.netsuite.simulator.soap.records.custom import Custom, named
from duehook.plugins.netsuite.simulator.soap.values import read_boolean

from .dates import moments
from .enums import ENUMS
from .source import Asked, Part, Source
from .transactions import TRANSACTION

_VALUE, _VALUE2 = tag(CORE, "searchValue"), tag(CORE, "searchValue2")
_COMPARED: Final = {
    "equalTo": "=", "greaterThan": ">", "greaterThanOrEqualTo": ">=", "lessThan": "<", "lessThanOrEqualTo": "<=",
}  # fmt: skip
_LIKE: Final = {"is": "{}", "contains": "%{}%", "startsWith": "{}%", "hasKeywords": "%{}%"}
_NOT: Final = {
    "isNot": "is", "doesNotContain": "contains", "doesNotStartWith": "startsWith", "notEqualTo": "equalTo",
    "notBetween": "between", **{f"not{name[0].upper()}{name[1:]}": name for name in _COMPARED},
}  # fmt: skip
_LONGEST: Final = 18  # digits of an internal id
_FAR: Final = 2**63 - 1
NONE: Final = "@NONE@"  # the reference that stands for no reference


class Condition(NamedTuple):
    """A condition of SQL, and its values."""

    sql: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Criteria:
    """Reads what a search asks for; `day` is today, as the account's zone counts days."""

    zone: tzinfo
    today: str
    customs: Mapping[str, Custom]

    def read(self, search: Element, source: Source) -> list[Condition]:
        """Return the conditions of a search with its joins; raises Failed."""
        found: list[Condition] = []
        for joined in search:
            name = local(joined.tag)
            if name != "basic" and name not in source.joins:
                said = f"The search {source.name} of this account knows no join {name}."
                raise Failed("INVALID_SEARCH_JOIN_ID", said)
            found += self.of_basic(joined, source.basic if name == "basic" else source.joins[name], source.name)
        return found

    def of_basic(self, basic: Element, part: Part, name: str) -> Iterator[Condition]:
        """Yield the conditions of one part of a search."""
        for field in basic:
            if local(field.tag) == "customFieldList" and part is TRANSACTION.basic:
                yield from (self._custom(each) for each in field)
                continue
            asked = part.filters.get(local(field.tag))
            if asked is None:
                said = f"The search {name} of this account is not asked by {local(field.tag)}."
                raise Failed("INVALID_SEARCH_FIELD_NAME", said)
            yield self.condition(asked, field)

    def condition(self, asked: Asked, field: Element) -> Condition:
        """Return the condition that a field of a search makes."""
        kind = asked.kind.partition(".")[0]
        try:
            if kind in ("date", "stamp"):
                return Condition(*moments(asked, field, self.zone, self.today))
            return _KINDS[kind](asked, field, field.get("operator", ""))
        except ValueError as error:
            said = f"{local(field.tag)} cannot be searched for the value {error}."
            raise Failed("INVALID_SEARCH_VALUE", said) from None

    def _custom(self, field: Element) -> Condition:
        custom = named(field, self.customs)
        if custom is None or local(field.get(TYPE, "")) != f"Search{custom.kind}CustomField":
            said = f"Custom field {field.get('scriptId') or field.get('internalId')} cannot be searched so."
            raise Failed("INVALID_CSTM_FIELD_REF", said)
        kind = custom.value_kind
        return self.condition(Asked(kind, f"t.{custom.script}"), field)


def _values(field: Element) -> list[Element]:
    return [child for child in field if child.tag == _VALUE]


def _texts(field: Element) -> list[str]:
    return [(child.text or "").strip() for child in field if child.tag in (_VALUE, _VALUE2)]


def _wrong_operator(field: Element, operator: str) -> Failed:
    said = f"Search operator {operator or '(none)'} is not valid for {local(field.tag)}."
    return Failed("WS_INVALID_SEARCH_OPERATN", said)


def _one_of(asked: Asked, values: Sequence[Any], field: Element, operator: str) -> Condition:
    """Return a condition of a list; a value of None is what has none."""
    if operator not in ("anyOf", "noneOf"):
        raise _wrong_operator(field, operator)
    known = [value for value in values if value is not None]
    sql = f"({asked.sql}) IN ({', '.join('?' * len(known))})"
    if None in values:
        sql = f"{sql} OR ({asked.sql}) IS NULL"
    return Condition(f"({sql})" if operator == "anyOf" else f"NOT COALESCE({sql}, 0)", tuple(known))


def _references(asked: Asked, field: Element, operator: str) -> Condition:
    found: list[Any] = []
    for value in _values(field):
        key = value.get("internalId") or value.get("externalId")
        if key is None:
            raise Failed("INVALID_KEY_OR_REF", f"A value of {local(field.tag)} names no record.")
        found.append(None if key == NONE else int(key) if key.isdecimal() and len(key) <= _LONGEST else key)
    return _one_of(asked, found, field, operator)


def _words(asked: Asked, field: Element, operator: str) -> Condition:
    codes: dict[str, list[str]] = {}
    for code, name in ENUMS[asked.kind.partition(".")[2]].items():
        codes.setdefault(name, []).append(code)
    named = _texts(field)
    for word in named:
        if not word.startswith("_"):
            raise ValueError(word)
    return _one_of(asked, [code for word in named for code in codes.get(word, [])], field, operator)


def _numbers(asked: Asked, field: Element, operator: str) -> Condition:
    plain, texts = _NOT.get(operator, operator), _texts(field)
    if operator in ("empty", "notEmpty"):
        return Condition(f"({asked.sql}) IS {'NOT ' if operator == 'notEmpty' else ''}NULL", ())
    wanted = 2 if plain == "between" else 1
    if plain not in (*_COMPARED, "between"):
        raise _wrong_operator(field, operator)
    if len(texts) < wanted:
        raise ValueError("(none)")
    numbers = tuple(_whole(text) if asked.kind == "long" else float(text) for text in texts[:wanted])
    sql = f"({asked.sql}) BETWEEN ? AND ?" if wanted == 2 else f"({asked.sql}) {_COMPARED[plain]} ?"
    return Condition(f"NOT ({sql})" if operator in _NOT else sql, numbers)


def _whole(text: str) -> int:
    """Return an xsd:long."""
    return max(-_FAR, min(_FAR, int(text)))


def _number_texts(asked: Asked, field: Element, operator: str) -> Condition:
    """Compare a text that mostly is a number, such as a purchase order's."""
    if operator == "equalTo":
        return Condition(f"({asked.sql}) = ?", tuple(_texts(field)[:1]))
    return _numbers(Asked("number", f"CAST({asked.sql} AS REAL)"), field, operator)


def _text(asked: Asked, field: Element, operator: str) -> Condition:
    plain = _NOT.get(operator, operator)
    if operator in ("empty", "notEmpty"):
        return Condition(f"COALESCE({asked.sql}, '') {'=' if operator == 'empty' else '!='} ''", ())
    if plain not in _LIKE:
        raise _wrong_operator(field, operator)
    text = (_texts(field) or [""])[0].lower()
    for sign in "\\%_":
        text = text.replace(sign, f"\\{sign}")
    sql = f"LOWER(COALESCE({asked.sql}, '')) LIKE ? ESCAPE '\\'"
    return Condition(f"NOT ({sql})" if operator in _NOT else sql, (_LIKE[plain].format(text),))


def _boolean(asked: Asked, field: Element, operator: str) -> Condition:
    wanted = read_boolean((_texts(field) or [""])[0])
    return Condition(f"COALESCE({asked.sql}, 'F') = ?", ("T" if wanted else "F",))


_KINDS: Final[Mapping[str, Callable[[Asked, Element, str], Condition]]] = {
    "ref": _references,
    "enum": _words,
    "number": _numbers,
    "long": _numbers,
    "textnumber": _number_texts,
    "text": _text,
    "bool": _boolean,
}
