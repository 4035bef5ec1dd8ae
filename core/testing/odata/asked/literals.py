"""The literals of OData URLs, V2's and V4's: taken apart, and written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final, Literal
from urllib.parse import quote, unquote_plus

from duehook.core.testing.odata.errors import ODataError, bad_request
from duehook.core.testing.odata.model import Field

Version = Literal[2, 4]
Kind = Literal["string", "number", "boolean", "datetime", "datetimeoffset", "date", "time", "guid", "null", "enum"]
_TOKEN: Final = re.compile(
    r"""(?P<space>\s+)
    |(?P<typed>(?:datetimeoffset|datetime|time|guid)'[^']*')
    |(?P<enum>[A-Za-z_]\w*(?:\.\w+)+'(?:[^']|'')*')
    |(?P<string>'(?:[^']|'')*')
    |(?P<instant>\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d))
    |(?P<day>\d{4}-\d\d-\d\d(?![\w-]))
    |(?P<clock>\d\d:\d\d:\d\d(?:\.\d+)?)
    |(?P<guid>[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})
    |(?P<number>[+-]?\d+(?:\.\d+)?[MmDdFfLl]?(?!\w))
    |(?P<name>[A-Za-z_@$][\w.]*(?:/[A-Za-z_$][\w.]*)*)
    |(?P<mark>[(),=;:*])""",
    re.VERBOSE,
)
_OLD: Final = {"typed"}
_NEW: Final = {"enum", "instant", "day", "clock", "guid"}
_TIME: Final = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?")
TAKEN_BY: Final[Mapping[Kind, frozenset[str]]] = {
    "string": frozenset({"Edm.String"}),
    "number": frozenset({"Edm.Decimal", "Edm.Double", "Edm.Byte", "Edm.Int16", "Edm.Int32", "Edm.Int64"}),
    "boolean": frozenset({"Edm.Boolean"}),
    "datetime": frozenset({"Edm.DateTime"}),
    "datetimeoffset": frozenset({"Edm.DateTimeOffset"}),
    "date": frozenset({"Edm.Date", "Edm.DateTime"}),
    "time": frozenset({"Edm.Time", "Edm.TimeOfDay"}),
    "guid": frozenset({"Edm.Guid"}),
}


@dataclass(frozen=True)
class Token:
    """One word of an expression: a mark, a name or a literal as it stands."""

    kind: str
    text: str


@dataclass(frozen=True)
class LiteralValue:
    """A literal's meaning; `type` is the full name of an enumeration."""

    kind: Kind
    value: Any
    type: str = ""

    def fits(self, field: Field) -> bool:
        """Say whether it may be compared with a field."""
        if self.kind == "null":
            return True
        if self.kind == "enum":
            return self.type == field.type
        return field.type in TAKEN_BY[self.kind]


def tokens(text: str, version: Version) -> list[Token]:
    """Take an expression apart. Raises ODataError for what is no word of this version."""
    found: list[Token] = []
    place = 0
    while place < len(text):
        read = _TOKEN.match(text, place)
        if read is None or read.lastgroup in (_NEW if version == 2 else _OLD):
            raise bad_request(f"Invalid token '{text[place : place + 20]}' at position {place}")
        place = read.end()
        if read.lastgroup != "space":
            found.append(Token(str(read.lastgroup), read.group()))
    return found


def literal(token: Token, version: Version) -> LiteralValue | None:
    """Return what a token means as a literal; None for one that is a name or a mark. Raises ODataError."""
    try:
        return _literal(token.kind, token.text, version)
    except (ValueError, ArithmeticError):
        raise bad_request(f"Invalid literal {token.text}") from None


def _literal(kind: str, text: str, version: Version) -> LiteralValue | None:
    if kind == "string":
        return LiteralValue("string", text[1:-1].replace("''", "'"))
    if kind == "number":
        return LiteralValue("number", _number(text, version))
    if kind == "name" and text in ("true", "false"):
        return LiteralValue("boolean", text == "true")
    if kind == "name" and text == "null":
        return LiteralValue("null", None)
    if kind == "enum":
        type, _, member = text.partition("'")
        return LiteralValue("enum", member[:-1].replace("''", "'"), type)
    if kind == "typed":
        return _typed(text)
    if kind in ("instant", "day", "clock", "guid"):
        return _plain(kind, text)
    return None


def _number(text: str, version: Version) -> Decimal:
    if text[-1].isalpha():
        if version == 4:
            raise ValueError(text)
        text = text[:-1]
    return Decimal(text)


def _typed(text: str) -> LiteralValue:
    """Read one of V2's prefixed literals."""
    prefix, _, inner = text[:-1].partition("'")
    if prefix == "guid":
        return LiteralValue("guid", inner.lower())
    if prefix == "time":
        return LiteralValue("time", duration(inner))
    if prefix == "datetimeoffset":
        return LiteralValue("datetimeoffset", datetime.fromisoformat(inner).astimezone(UTC))
    if "T" not in inner:
        raise ValueError(inner)
    return LiteralValue("datetime", datetime.fromisoformat(inner).replace(tzinfo=UTC))


def _plain(kind: str, text: str) -> LiteralValue:
    """Read one of V4's literals, which have no prefix."""
    if kind == "instant":
        return LiteralValue("datetimeoffset", datetime.fromisoformat(text).astimezone(UTC))
    if kind == "day":
        return LiteralValue("date", datetime.combine(date.fromisoformat(text), time(), UTC))
    if kind == "clock":
        return LiteralValue("time", time.fromisoformat(text))
    return LiteralValue("guid", text.lower())


def duration(text: str) -> time:
    """Read V2's time of day, `PT11H30M05S`; ValueError for anything else."""
    read = _TIME.fullmatch(text)
    if read is None:
        raise ValueError(text)
    hours, minutes, seconds = (int(part or 0) for part in read.groups())
    return time(hours, minutes, seconds)


def in_url(field: Field, value: Any, version: Version) -> str:
    """Write a value of a field as a URL's key has it, percent-encoded."""
    if isinstance(value, str):
        plain = value if value.isascii() and value.isalnum() else quote(value.replace("'", "''"), safe="")
        doubled = f"'{plain}'"
        if field.type == "Edm.String":
            return doubled
        if field.type == "Edm.Guid":
            return f"guid'{value}'" if version == 2 else value
        return field.type + doubled
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return _moment_in_url(field, value, version)
    if isinstance(value, time):
        return f"time'PT{value:%HH%MM%SS}'" if version == 2 else value.isoformat()
    return f"{value}M" if version == 2 and isinstance(value, Decimal) else str(value)


def _moment_in_url(field: Field, value: date, version: Version) -> str:
    moment = value if isinstance(value, datetime) else datetime.combine(value, time())
    if version == 2:
        prefix, end = ("datetimeoffset", "Z") if field.type == "Edm.DateTimeOffset" else ("datetime", "")
        return f"{prefix}'{quote(f'{moment:%Y-%m-%dT%H:%M:%S}{end}', safe='')}'"
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if field.type == "Edm.DateTimeOffset" else f"{moment:%Y-%m-%d}"


def as_stored(found: LiteralValue, field: Field) -> Any:
    """Return a literal's value as rows hold it in a key field. Raises ODataError for one of another type."""
    if not found.fits(field):
        raise ODataError(400, f"Invalid key value for property '{field.name}'")
    if field.type in ("Edm.DateTime", "Edm.Date"):
        return found.value.date()
    if found.kind == "number" and field.type != "Edm.Decimal":
        return int(found.value)
    return field.told(found.value) if found.kind == "string" else found.value


def parameters_of(query: str) -> dict[str, str]:
    """Return the parameters of a URL, decoded."""
    pairs = (part.partition("=") for part in query.split("&") if part)
    return {unquote_plus(name): unquote_plus(value) for name, _, value in pairs}
