"""Values as V2 and V4 write them in JSON, and as they are read from what a client sends.

Numbers never go through float: what is written is the text of the Decimal.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any, Final

from .asked.literals import Version, duration
from .errors import bad_request
from .model import Field

Encoder = Callable[[Any], str]
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = re.compile(r"/Date\((-?\d+)(?:[+-]\d{1,4})?\)/")
_WHOLE: Final = frozenset({"Edm.Byte", "Edm.Int16", "Edm.Int32", "Edm.Int64"})


def encoder(field: Field, version: Version) -> Encoder:
    """Return what writes a field's values as JSON."""
    if field.type == "Edm.Decimal":
        return _decimal(field.scale, quoted=version == 2)
    if field.type == "Edm.Int64" and version == 2:
        return lambda value: f'"{value}"'
    if field.type in _WHOLE or field.type == "Edm.Double":
        return str
    if field.type == "Edm.Boolean":
        return lambda value: "true" if value else "false"
    if field.type in _MOMENTS:
        return _MOMENTS[field.type][version]
    return text


def text(value: Any) -> str:
    """Write a text as JSON."""
    return "null" if value is None else encode_basestring(value)


def _decimal(scale: int | None, *, quoted: bool) -> Encoder:
    shape = "f" if scale is None else f".{scale}f"
    return lambda value: f'"{value:{shape}}"' if quoted else f"{value:{shape}}"


@lru_cache(maxsize=50_000)
def _old_moment(value: date | None) -> str:
    return "null" if value is None else f'"/Date({milliseconds(value)})/"'


def _old_instant(value: date | None) -> str:
    return "null" if value is None else f'"/Date({milliseconds(value)}+0000)/"'


def _old_clock(value: time | None) -> str:
    return f'"PT{value or time():%HH%MM%SS}"'


def _new_day(value: date | None) -> str:
    return "null" if value is None else f'"{value.isoformat()[:10]}"'  # strftime writes the year 1 as 1


@lru_cache(maxsize=50_000)
def _new_instant(value: date | None) -> str:
    return "null" if value is None else f'"{as_moment(value):%Y-%m-%dT%H:%M:%SZ}"'


def _new_clock(value: time | None) -> str:
    return "null" if value is None else f'"{value.isoformat()}"'


_MOMENTS: Final[dict[str, dict[int, Encoder]]] = {
    "Edm.DateTime": {2: _old_moment, 4: _new_day},
    "Edm.Date": {2: _old_moment, 4: _new_day},
    "Edm.DateTimeOffset": {2: _old_instant, 4: _new_instant},
    "Edm.Time": {2: _old_clock, 4: _new_clock},
    "Edm.TimeOfDay": {2: _old_clock, 4: _new_clock},
}


def as_moment(value: date) -> datetime:
    """Return a day as its midnight, UTC; an instant as it is."""
    return value if isinstance(value, datetime) else datetime.combine(value, time(), UTC)


def milliseconds(value: date) -> int:
    """Return the milliseconds from 1970 to a day or instant."""
    return (as_moment(value) - _EPOCH) // timedelta(milliseconds=1)


def decode(field: Field, sent: Any, version: Version) -> Any:
    """Return what a client sent for a field as rows hold it. Raises ODataError."""
    if sent is None:
        return field.initial if field.type == "Edm.String" else None
    try:
        found = _decode(field, sent, version)
    except (ValueError, TypeError, OverflowError, InvalidOperation):
        raise bad_request(f"Property '{field.name}' has invalid value '{sent}'", target=field.name) from None
    if field.length and isinstance(found, str) and len(found) > field.length:
        raise bad_request(
            f"Property '{field.name}' has invalid value '{found}': at most {field.length} characters",
            target=field.name,
        )
    return found


def _decode(field: Field, sent: Any, version: Version) -> Any:
    if field.type == "Edm.Boolean":
        return _of(bool, sent)
    if field.type == "Edm.Decimal":
        return Decimal(_of((str, Decimal, int), sent))
    if field.type in _WHOLE:
        return int(_of((str, int), sent))
    if field.type in ("Edm.DateTime", "Edm.Date"):
        return _moment(_of(str, sent), version).date()
    if field.type == "Edm.DateTimeOffset":
        return _moment(_of(str, sent), version)
    if field.type in ("Edm.Time", "Edm.TimeOfDay"):
        return duration(_of(str, sent)) if version == 2 else time.fromisoformat(_of(str, sent))
    return field.told(_of(str, sent))


def _of(types: type | tuple[type, ...], sent: Any) -> Any:
    if not isinstance(sent, types) or (isinstance(sent, bool) and types is not bool):
        raise TypeError(sent)
    return sent


def _moment(sent: str, version: Version) -> datetime:
    read = _MS.fullmatch(sent)
    if read and version == 2:
        return _EPOCH + timedelta(milliseconds=int(read.group(1)))
    found = datetime.fromisoformat(sent)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
