"""The fields of the record API: what each is called, of which kind it is, and where the tables hold it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Any, Final, Literal

from duehook.plugins.netsuite.simulator.problem import Refused
from duehook.plugins.netsuite.simulator.tables.schema import CUSTOM_FIELDS
from duehook.plugins.netsuite.simulator.tables.values import as_date, as_datetime, day

FieldKind = Literal["string", "number", "boolean", "date", "date-time", "select"]
_LONGEST: Final = 300  # letters of a text field
HOLDS: Final = {"AUTO": "Auto", "ON": "On", "OFF": "Off"}
References = Callable[[str, Any], str | None]  # a column and an id in it: what it is displayed as


@dataclass(frozen=True)
class Field:
    """One field of a record, the column that holds it, and whether a client may write it."""

    name: str
    kind: FieldKind = "string"
    column: str = ""
    writable: bool = False

    @property
    def held_in(self) -> str:
        """Return the column."""
        return self.column or self.name.lower()

    def shown(self, row: Mapping[str, Any], zone: tzinfo, displayed: References) -> Any:
        """Return the value as the record API gives it; None where there is none."""
        held = row.get(self.held_in)
        if held is None:
            return None
        if self.kind == "select":
            name = HOLDS.get(held) or displayed(self.held_in, held) or str(held)
            return {"id": str(held), "refName": name}
        if self.kind == "boolean":
            return held == "T"
        if self.kind == "date":
            on = as_date(held)
            return on.isoformat() if on else None
        if self.kind == "date-time":
            return f"{as_datetime(held).replace(tzinfo=zone).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        return str(held) if self.kind == "string" else float(held)

    def read(self, value: Any) -> Any:
        """Return what a client wrote as the tables hold it; raises Refused."""
        if value is None:
            return None
        try:
            return _READ[self.kind](value)
        except (TypeError, ValueError, KeyError):
            said = f"Invalid value for the resource or sub-resource field '{self.name}'. Provide a valid value."
            raise Refused(400, said, "INVALID_CONTENT", errorPath=self.name) from None

    @property
    def schema(self) -> dict[str, Any]:
        """Return the field as the metadata catalogue describes it."""
        if self.kind == "select":
            parts = {"id": {"type": "string"}, "refName": {"type": "string"}}
            return {"title": self.name, "type": "object", "nullable": True, "properties": parts}
        plain = {"number": "number", "boolean": "boolean"}.get(self.kind, "string")
        found: dict[str, Any] = {"title": self.name, "type": plain, "nullable": True}
        return found | ({"format": self.kind} if self.kind in ("date", "date-time") else {})


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise ValueError(value)
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(value)
    return value


def _select(value: Any) -> int | str:
    found = str(value["id"])
    return int(found) if found.isdigit() else found


_READ: Final[Mapping[FieldKind, Callable[[Any], Any]]] = {
    "string": _text,
    "number": _number,
    "boolean": lambda value: "T" if value is True else "F",
    "date": lambda value: day(date.fromisoformat(value)),
    "date-time": lambda value: day(datetime.fromisoformat(value).date()),
    "select": _select,
}
_COMMON: Final = (Field("id"), Field("externalId"), Field("lastModifiedDate", "date-time"))
CUSTOMER: Final = (
    *_COMMON, Field("entityId"), Field("companyName"), Field("isPerson", "boolean"), Field("firstName"),
    Field("lastName"), Field("email"), Field("phone"), Field("comments", writable=True),
    Field("creditLimit", "number", writable=True), Field("creditHoldOverride", "select", writable=True),
    Field("terms", "select", writable=True), Field("currency", "select"), Field("parent", "select", "parent"),
    Field("entityStatus", "select"), Field("vatRegNumber"), Field("subsidiary", "select"),
    Field("isInactive", "boolean"), Field("dateCreated", "date-time"), Field("balance", "number"),
)  # fmt: skip
TRANSACTION: Final = (
    *_COMMON, Field("tranId"), Field("entity", "select"), Field("tranDate", "date"), Field("dueDate", "date"),
    Field("currency", "select"), Field("exchangeRate", "number"), Field("total", "number", "foreigntotal"),
    Field("amountRemaining", "number"), Field("terms", "select"), Field("memo", writable=True), Field("otherRefNum"),
    Field("status", "select"), Field("subsidiary", "select"), Field("createdDate", "date-time"),
)  # fmt: skip
_KINDS: Final[Mapping[str, FieldKind]] = {"@": "date", "%": "number"}
CUSTOM: Final = tuple(Field(name.lstrip("@%"), _KINDS.get(name[0], "string"), writable=True) for name in CUSTOM_FIELDS)
NOTE: Final = (
    Field("id"), Field("externalId"), Field("title", writable=True), Field("note", writable=True),
    Field("noteDate", "date-time", writable=True), Field("noteType", "select", writable=True),
    Field("direction", "select", writable=True), Field("entity", "select", writable=True),
    Field("transaction", "select", writable=True),
)  # fmt: skip
PHONE_CALL: Final = (
    Field("id"), Field("externalId"), Field("title", writable=True), Field("message", writable=True),
    Field("company", "select", writable=True), Field("contact", "select", writable=True),
    Field("transaction", "select", writable=True), Field("status", "select", writable=True),
    Field("startDate", "date", writable=True), Field("completedDate", "date", writable=True),
    Field("phone", writable=True),
)  # fmt: skip
LONG: Final = ("note", "message")  # texts of any length
