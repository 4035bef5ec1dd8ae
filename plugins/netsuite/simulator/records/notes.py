"""Notes and phone calls on customers and transactions: an external id makes one, or changes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from duehook.plugins.netsuite.simulator.problem import Refused
from duehook.plugins.netsuite.simulator.tables.account import Account

from .fields import LONG, NOTE, PHONE_CALL, Field

FIRST_ID: Final = 7001
FIELDS: Final[Mapping[str, tuple[Field, ...]]] = {"note": NOTE, "phonecall": PHONE_CALL}
TEXT_OF: Final = {"note": "note", "phonecall": "message"}
CUSTOMER_OF: Final = {"note": "entity", "phonecall": "company"}


@dataclass(frozen=True)
class Notes:
    """The notes of an account, oldest first; `kept` is the list that survives a restart. `record` is which it has."""

    account: Account
    record: str
    kept: list[dict[str, Any]]

    def found(self, key: str) -> dict[str, Any] | None:
        """Return a note by its id, or by `eid:` and its external id."""
        field = "externalId" if key.startswith("eid:") else "id"
        wanted = key.removeprefix("eid:")
        return next((note for note in self.kept if note.get(field) == wanted), None)

    def written(self, key: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Make a note, or change the one that has this external id; raises Refused."""
        before = self.found(key) if key else None
        values = {**(before or {}), **self._read(body)}
        self._look(values)
        if before is None:
            values["id"] = str(FIRST_ID + len(self.kept))
            values |= {"externalId": key.removeprefix("eid:")} if key else {}
            self.kept.append(values)
            return values
        before.update(values)
        return before

    def shown(self, note: Mapping[str, Any]) -> dict[str, Any]:
        """Return a note as the record API gives it."""
        return {name: {"id": held, "refName": held} if self._is_select(name) else held for name, held in note.items()}

    def of_customer(self, customer: str) -> list[str]:
        """Return the texts on a customer and its transactions."""
        text = TEXT_OF[self.record]
        return [str(note.get(text, "")) for note in self.kept if self._customer(note) == customer]

    def _read(self, body: Mapping[str, Any]) -> dict[str, Any]:
        known = {field.name: field for field in FIELDS[self.record]}
        values: dict[str, Any] = {}
        for name, value in body.items():
            field = known.get(name)
            if field is None:
                raise unknown_field(name)
            if name not in ("id", "externalId"):
                values[name] = str(value) if name in LONG else _plain(field, value)
        return values

    def _look(self, values: Mapping[str, Any]) -> None:
        if self.record == "phonecall" and not values.get("title"):
            raise user_error("Please enter value(s) for: Subject")
        named = [CUSTOMER_OF[self.record], "transaction"]
        if not any(values.get(name) for name in named):
            raise user_error(f"Please enter value(s) for: {named[0].title()}")
        for name, table in zip(named, ("customer", "transaction"), strict=True):
            held = values.get(name)
            if held and not (str(held).isdigit() and self.account.database.row(table, int(held))):
                said = f"Invalid Field Value {held} for the following field: {name}"
                raise Refused(400, f"Error while accessing a resource. {said}", "INVALID_KEY_OR_REF", errorPath=name)

    def _customer(self, note: Mapping[str, Any]) -> str | None:
        if note.get(CUSTOMER_OF[self.record]):
            return str(note[CUSTOMER_OF[self.record]])
        row = self.account.database.row("transaction", int(note["transaction"]))
        return str(row["entity"]) if row else None

    def _is_select(self, name: str) -> bool:
        return any(field.name == name and field.kind == "select" for field in FIELDS[self.record])


def _plain(field: Field, value: Any) -> Any:
    """Return a value as it is kept: an id of a select, a date as it was written."""
    read = field.read(value)
    return str(read) if field.kind == "select" else value


def unknown_field(name: str) -> Refused:
    """Refuse a field that a record has not."""
    said = f"Error while accessing a resource. Unknown field name '{name}'."
    return Refused(400, said, "NONEXISTENT_FIELD", errorPath=name)


def user_error(said: str) -> Refused:
    """Refuse what the account's own rules refuse."""
    return Refused(400, f"Error while accessing a resource. {said}.", "USER_ERROR")
