"""The two versions on the wire: envelopes, and how values are written into addresses and bodies."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import InvalidOperation
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

from duehook.core.errors import BadRecord, ConnectorGarbled

from .fields import Entity, Kind, Row
from .values import V2_DECODERS, V4_DECODERS, v2_value


class Envelope(NamedTuple):
    """One page as it came: its rows, where the server says that more are, and how many there are in all."""

    rows: list[Row]
    following: str | None
    total: int | None


class Dialect(ABC):
    """One version of OData."""

    name: ClassVar[str]
    accept: ClassVar[str]
    count_option: ClassVar[tuple[str, str]]
    headers: ClassVar[Mapping[str, str]] = MappingProxyType({})
    batch_headers: ClassVar[Mapping[str, str]] = MappingProxyType({})

    @abstractmethod
    def envelope(self, answer: Any) -> Envelope:
        """Take a page apart; ConnectorGarbled when it is none."""

    @abstractmethod
    def entity(self, answer: Any) -> Row:
        """Return the one row of an answer."""

    @abstractmethod
    def etag(self, row: Row) -> str | None:
        """Return the version that the row came with."""

    @abstractmethod
    def literal(self, value: Any, kind: Kind) -> str:
        """Write a value into a filter or a key."""

    @abstractmethod
    def decoder(self, kind: Kind) -> Callable[[Any], Any] | None:
        """Return what makes a Python value of one that is not null and not blank; None where it is one already.

        A date that stands for none becomes None.
        """

    @abstractmethod
    def body(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Write values as JSON for a request."""

    def decode(self, entity: Entity, rows: Sequence[Row]) -> None:
        """Turn the rows' values into Python's, in place; blank and missing ones into None.

        A value that cannot be read becomes an `Unreadable`, so that its row alone is set aside.
        """
        texts, others = self._columns(entity)
        for row in rows:  # row by row, for what lies close together is read fastest
            for name in texts:
                if row.get(name, "") == "":
                    row[name] = None
            for name, decoded in others:
                value = row.get(name)
                try:
                    if isinstance(value, str):
                        row[name] = decoded[value]
                    else:
                        row[name] = None if value is None else decoded.decode(value)
                except (ValueError, TypeError, OverflowError, InvalidOperation):
                    row[name] = Unreadable(name, value)

    def _columns(self, entity: Entity) -> tuple[list[str], list[tuple[str, _Decoded]]]:
        """Return the fields that hold what they are, and the others with what makes Python's values of theirs."""
        decoders = {kind: self.decoder(kind) for kind in {*entity.kinds.values()}}
        decoded = {kind: _Decoded(decode) for kind, decode in decoders.items() if decode is not None}
        texts = [name for name, kind in entity.kinds.items() if kind not in decoded]
        return texts, [(name, decoded[kind]) for name, kind in entity.kinds.items() if kind in decoded]


class _Decoded(dict[str, Any]):
    """What texts of one kind were decoded to: within a page, days and amounts come again and again."""

    def __init__(self, decode: Callable[[Any], Any]) -> None:
        super().__init__({"": None})
        self.decode = decode

    def __missing__(self, text: str) -> Any:
        found = self[text] = self.decode(text)
        return found


@dataclass(frozen=True)
class Unreadable:
    """A value that is not what its field holds."""

    field: str
    value: Any

    def refuse(self) -> BadRecord:
        """Return the error that sets its row aside."""
        return BadRecord(f"{self.field} holds {str(self.value)[:80]!r}, which cannot be read.")


class V2(Dialect):
    """OData 2.0 as the SAP Gateway speaks it."""

    name = "v2"
    accept = "application/json"
    count_option = ("$inlinecount", "allpages")

    def envelope(self, answer: Any) -> Envelope:
        """Take `{"d": {"results": […], "__next": …, "__count": "7"}}` apart."""
        held = answer.get("d") if isinstance(answer, dict) else None
        rows = held if isinstance(held, list) else held.get("results") if isinstance(held, dict) else None
        found = _rows(rows)
        if found is None:
            raise _no_page(self.name, answer)
        rest = held if isinstance(held, dict) else {}
        count = rest.get("__count")
        return Envelope(found, rest.get("__next"), _count(count))

    def entity(self, answer: Any) -> Row:
        """Return what stands in `{"d": {…}}`."""
        held = answer.get("d") if isinstance(answer, dict) else None
        if not isinstance(held, dict) or "results" in held:
            raise _no_page(self.name, answer)
        return held

    def etag(self, row: Row) -> str | None:
        """Return `__metadata.etag`."""
        return (row.get("__metadata") or {}).get("etag")

    def literal(self, value: Any, kind: Kind) -> str:
        """Write `'O''Neil'`, `datetime'2026-09-30T00:00:00'`, `12.50M`, `true`."""
        if kind == "day":
            return f"datetime'{value.isoformat()}T00:00:00'"
        if kind == "instant":
            return f"datetimeoffset'{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}'"
        if kind == "time":
            return f"time'PT{value:%HH%MM%SS}'"
        if kind == "amount":
            return f"{value}M"
        return _plain(value, kind)

    def decoder(self, kind: Kind) -> Callable[[Any], Any] | None:
        """Read `/Date(ms)/` as a day or an instant, `PT11H30M05S` as a time, decimals from their text."""
        return V2_DECODERS.get(kind)

    def decode(self, entity: Entity, rows: Sequence[Row]) -> None:
        """Let go of what each row says of itself, which is as long as what it holds, and read the rest."""
        for row in rows:
            row.pop("__metadata", None)
        super().decode(entity, rows)

    def body(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Write days as `/Date(ms)/` and decimals as text."""
        return {name: v2_value(value) for name, value in values.items()}


class V4(Dialect):
    """OData 4.0; `days_at_noon` is F&O's way of writing a day as an instant at midday."""

    name = "v4"
    accept = "application/json;odata.metadata=minimal"
    count_option = ("$count", "true")
    headers = MappingProxyType({"OData-Version": "4.0", "OData-MaxVersion": "4.0"})
    batch_headers = MappingProxyType({"Prefer": "odata.continue-on-error"})  # else the first fault ends a $batch

    def __init__(self, *, days_at_noon: bool = False) -> None:
        """Say how the service writes a day."""
        self._days_at_noon = days_at_noon

    def envelope(self, answer: Any) -> Envelope:
        """Take `{"value": […], "@odata.nextLink": …, "@odata.count": 7}` apart."""
        rows = answer.get("value") if isinstance(answer, dict) else None
        found = _rows(rows)
        if found is None:
            raise _no_page(self.name, answer)
        count = answer.get("@odata.count")
        return Envelope(found, answer.get("@odata.nextLink"), _count(count))

    def entity(self, answer: Any) -> Row:
        """Return the row itself."""
        if not isinstance(answer, dict) or "value" in answer:
            raise _no_page(self.name, answer)
        return answer

    def etag(self, row: Row) -> str | None:
        """Return `@odata.etag`."""
        return row.get("@odata.etag")

    def literal(self, value: Any, kind: Kind) -> str:
        """Write `'O''Neil'`, `2026-09-30`, `2026-09-30T12:00:00Z`, `12.50`, `true`."""
        if kind == "day":
            return f"{value.isoformat()}T12:00:00Z" if self._days_at_noon else str(value.isoformat())
        if kind == "instant":
            return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        return _plain(value, kind)

    def decoder(self, kind: Kind) -> Callable[[Any], Any] | None:
        """Read days by their date part alone, whatever time and zone stand behind it."""
        return V4_DECODERS.get(kind)

    def body(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Write days as the service writes them."""
        return {name: self._value(value) for name, value in values.items()}

    def _value(self, value: Any) -> Any:
        if isinstance(value, datetime):
            return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        if isinstance(value, date):
            return self.literal(value, "day")
        return value


def _plain(value: Any, kind: Kind) -> str:
    if kind == "flag":
        return "true" if value else "false"
    if kind in {"whole", "amount"}:
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


def _rows(given: Any) -> list[Row] | None:
    return given if isinstance(given, list) and all(isinstance(row, dict) for row in given) else None


def _count(told: Any) -> int | None:
    """Return a count, which some services write as text."""
    try:
        return None if told is None else int(told)
    except (ValueError, TypeError):
        raise ConnectorGarbled(
            f"The service counts {str(told)[:80]!r} rows, which is no number.", fix="it is asked again by the next run."
        ) from None


def _no_page(name: str, answer: Any) -> ConnectorGarbled:
    shown = json.dumps(answer, default=str)[:200]
    return ConnectorGarbled(
        f"The service answered JSON that is no OData {name} page: {shown}",
        fix="check that the address is that of the service, and its version.",
    )
