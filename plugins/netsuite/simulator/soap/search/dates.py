"""Dates that a search asks for: before, after, on and within."""

from __future__ import annotations

from datetime import datetime, time, timedelta, tzinfo
from typing import Final
from xml.etree.ElementTree import Element

from duehook.plugins.netsuite.simulator.soap.faults import Failed
from duehook.plugins.netsuite.simulator.soap.names import CORE, local, tag
from duehook.plugins.netsuite.simulator.soap.values import read_instant, stored

from .source import Asked

_DAYS: Final = {"yesterday": -1, "today": 0, "tomorrow": 1}  # of the dates that have a name
_NOT: Final = {
    "notAfter": "after", "notBefore": "before", "notOn": "on", "notOnOrAfter": "onOrAfter",
    "notOnOrBefore": "onOrBefore", "notWithin": "within",
}  # fmt: skip


def moments(asked: Asked, field: Element, zone: tzinfo, today: str) -> tuple[str, tuple[str, ...]]:
    """Return the condition of a date, and its values; raises Failed, and ValueError for what is no date."""
    operator = field.get("operator", "")
    if operator in ("empty", "notEmpty"):
        return f"({asked.sql}) IS {'NOT ' if operator == 'notEmpty' else ''}NULL", ()
    bounds = _bounds(field, zone, today)
    if asked.kind == "date":
        bounds = [(_midnight(first), _midnight(last)) for first, last in bounds]
    sql, values = _compared(asked.sql, _NOT.get(operator, operator), bounds, field)
    return (f"NOT ({sql})" if operator in _NOT else sql), tuple(stored(value) for value in values)


def _compared(
    sql: str, operator: str, bounds: list[tuple[datetime, datetime]], field: Element
) -> tuple[str, tuple[datetime, ...]]:
    (first, last), (_, end) = bounds[0], bounds[-1]
    if operator == "after":
        return f"{sql} > ?", (last,)
    if operator == "onOrAfter":
        return f"{sql} >= ?", (first,)
    if operator == "before":
        return f"{sql} < ?", (first,)
    if operator == "onOrBefore":
        return f"{sql} <= ?", (last,)
    if operator == "on":
        return f"{sql} >= ? AND {sql} < ?", (_midnight(first), _midnight(first) + timedelta(days=1))
    if operator == "within" and len(bounds) > 1:
        return f"{sql} >= ? AND {sql} <= ?", (first, end)
    said = f"Search operator {operator or '(none)'} is not valid for {local(field.tag)}."
    raise Failed("WS_INVALID_SEARCH_OPERATN", said)


def _bounds(field: Element, zone: tzinfo, today: str) -> list[tuple[datetime, datetime]]:
    """Return what is asked for: each a moment, or a day from its first to its last second."""
    named = field.findtext(tag(CORE, "predefinedSearchValue"))
    if named is not None:
        if named not in _DAYS:
            raise ValueError(f"{named}: of the named dates this account knows {', '.join(_DAYS)}")
        first = datetime.fromisoformat(f"{today}T00:00:00+00:00") + timedelta(days=_DAYS[named])
        return [(first, first + timedelta(days=1, seconds=-1))]
    texts = [field.findtext(tag(CORE, name)) for name in ("searchValue", "searchValue2")]
    found = [read_instant(text, zone) for text in texts if text is not None]
    if not found:
        raise ValueError("(none)")
    return [(at, at) for at in found]


def _midnight(at: datetime) -> datetime:
    return datetime.combine(at.date(), time(), at.tzinfo)
