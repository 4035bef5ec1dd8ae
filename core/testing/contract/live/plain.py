"""Values of drivers and libraries as JSON, and back: what JSON has no form of stands under a name with a `$`."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

_WRITTEN: Final[tuple[tuple[type, str, Callable[[Any], str]], ...]] = (
    (Decimal, "$decimal", str),
    (datetime, "$moment", datetime.isoformat),
    (date, "$day", date.isoformat),
    (time, "$time", time.isoformat),
    (timedelta, "$seconds", lambda held: str(held.total_seconds())),
    (UUID, "$uuid", str),
    (bytes, "$bytes", lambda held: base64.b64encode(held).decode()),
    (bytearray, "$bytearray", lambda held: base64.b64encode(held).decode()),
)
_READ: Final[Mapping[str, Callable[[str], Any]]] = {
    "$decimal": Decimal,
    "$moment": datetime.fromisoformat,
    "$day": date.fromisoformat,
    "$time": time.fromisoformat,
    "$seconds": lambda text: timedelta(seconds=float(text)),
    "$uuid": UUID,
    "$bytes": base64.b64decode,
    "$bytearray": lambda text: bytearray(base64.b64decode(text)),
    "$other": str,
}


def plain(value: Any) -> Any:
    """Return a value as JSON has it; one of no known kind as its text."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Mapping):
        return {str(name): plain(held) for name, held in value.items()}
    for kind, name, written in _WRITTEN:
        if isinstance(value, kind):
            return {name: written(value)}
    try:
        return [plain(held) for held in value]
    except TypeError:
        return {"$other": str(value)}


def again(held: Any) -> Any:
    """Return the value that `plain` wrote."""
    if isinstance(held, list):
        return [again(each) for each in held]
    if not isinstance(held, dict):
        return held
    if {*held} == {"columns", "rows"}:
        return {"columns": held["columns"], "rows": [tuple(again(row)) for row in held["rows"]]}
    if len(held) == 1:
        ((name, text),) = held.items()
        if name in _READ:
            return _READ[name](text)
    return {name: again(each) for name, each in held.items()}
