"""How a field that a site's own file takes from an OData service is read, whatever kind the file reads it as."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from duehook.core.errors import BadRecord
from duehook.core.field_mapping import SourceKind
from duehook.core.hookspecs import Row
from duehook.core.wire.odata.dialect import Unreadable

Raw = Mapping[str, Mapping[str, Any]]  # the rows that one of ours is made of, by set


def read_from(entity: str, field: str, kind: SourceKind) -> Callable[[Raw, Row], Any]:
    """Return what reads a field of a set's row; a date of 1900 or before is none."""
    convert = _CONVERT[kind]

    def read(raw: Raw, row: Row) -> Any:
        value = raw.get(entity, {}).get(field)
        if value is None or value == "":
            return None
        if isinstance(value, Unreadable):
            raise value.refuse()
        try:
            return convert(value)
        except (ValueError, TypeError, InvalidOperation):
            raise BadRecord(f"{field} holds {str(value)[:80]!r}, which is no {kind}.") from None

    return read


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return str(value)


def _date(value: Any) -> date | None:
    found = value.date() if isinstance(value, datetime) else value
    found = found if isinstance(found, date) else date.fromisoformat(str(found)[:10])
    return found if found.year > 1900 else None


def _instant(value: Any) -> datetime | None:
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return found if found.year > 1900 else None


def _amount(value: Any) -> Decimal:
    if isinstance(value, bool):
        raise ValueError("no number")
    found = Decimal(value)
    if not found.is_finite():
        raise ValueError("no number")
    return found


def _whole(value: Any) -> int:
    found = _amount(value)
    if found != int(found):
        raise ValueError("no whole number")
    return int(found)


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value not in {"Yes", "No"}:
        raise ValueError("neither Yes nor No")
    return bool(value == "Yes")


_CONVERT: Final[Mapping[SourceKind, Callable[[Any], Any]]] = {
    "text": _text, "date": _date, "instant": _instant, "amount": _amount, "whole": _whole, "flag": _flag,
}  # fmt: skip
