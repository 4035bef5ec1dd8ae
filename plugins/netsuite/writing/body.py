"""Promises and disputes: custom body fields of the document, whose names the settings say.

NetSuite has no field for either; whether the fields are there is told by the metadata catalogue.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from duehook.core.connecting.writing import Refusal, amount_of, day_of, marker, read_back
from duehook.core.errors import ConnectorRefused
from duehook.core.hookspecs import Applied, Command
from duehook.plugins.netsuite import tables
from duehook.plugins.netsuite.account import ERP
from duehook.plugins.netsuite.mapping.disputes import written
from duehook.plugins.netsuite.reading.masters import read_id
from duehook.plugins.netsuite.settings import DisputeFields, PromiseFields

from .place import WrittenSite


class BodyWriter(ABC):
    """Writes some body fields of the document that a command is about."""

    def __init__(self, site: WrittenSite) -> None:
        """Take the site."""
        self._site = site

    def preview(self, command: Command) -> str:
        """Say which fields would change from what to what."""
        kind, record = self._document(command)
        wanted = self._wanted(command, record)
        said = ", ".join(f"{name} from {_plain(record.get(name))} to {value}" for name, value in wanted.items())
        return f"change {kind} {_id(command)} of customer {command.customer}: {said}"

    def apply(self, command: Command) -> Applied:
        """Change the fields, unless they are so."""
        kind, record = self._document(command)
        wanted = self._wanted(command, record)
        previous = self._previous(record)
        if _holds(record, wanted):
            return Applied("already", "it was there", previous=previous)
        self._expect_free(record)
        self._site.service.patch(kind, str(_id(command)), {name: _sent(value) for name, value in wanted.items()})
        return read_back(lambda: self._is_there(command), ERP, previous=previous)

    def verify(self, command: Command) -> Applied:
        """Look whether the fields are so."""
        there = self._is_there(command)
        return Applied("done", "it is there") if there else Applied("refused", "it is not there")

    @abstractmethod
    def _wanted(self, command: Command, record: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of the fields, given the record; what is a list's member is a `Listed`."""

    @abstractmethod
    def _previous(self, record: Mapping[str, Any]) -> str | None:
        """Return what stands in the fields."""

    @abstractmethod
    def _expect_free(self, record: Mapping[str, Any]) -> None:
        """Refuse to write over what must stay."""

    def _is_there(self, command: Command) -> bool:
        _, record = self._document(command)
        return _holds(record, self._wanted(command, record))

    def _document(self, command: Command) -> tuple[str, Mapping[str, Any]]:
        """Return the record of the document that a command is about, which must be the customer's, and its type."""
        number = _id(command)
        row = self._site.document(number)
        if row and (str(row.get("entity")), str(row.get("subsidiary"))) == (command.customer, command.company):
            kind, _ = tables.RECORDS[str(row["doctype"])]
            record = self._site.service.record(kind, str(number))
            if record is None:
                raise ConnectorRefused(f"{ERP} finds {kind} {number}, and does not show it as a record")
            return kind, record
        raise Refusal(f"{ERP} shows no document {number} of customer {command.customer} in {command.company}")


class PromiseWriter(BodyWriter):
    """Says until when a document is promised, and how much; what was promised before is replaced and told."""

    def __init__(self, site: WrittenSite, fields: PromiseFields) -> None:
        """Take the site, and the fields."""
        super().__init__(site)
        self._fields = fields

    def _wanted(self, command: Command, record: Mapping[str, Any]) -> dict[str, Any]:
        wanted: dict[str, Any] = {self._fields.date_field: day_of(command.body).isoformat()}
        if self._fields.amount_field:
            wanted[self._fields.amount_field] = amount_of(command.body)
        return wanted

    def _previous(self, record: Mapping[str, Any]) -> str | None:
        return _text(record.get(self._fields.date_field))

    def _expect_free(self, record: Mapping[str, Any]) -> None:
        """Let any promise be replaced: promises are kept here, and the fields show the last one."""


class DisputeWriter(BodyWriter):
    """Says that a document is in dispute: in words with our marker, or as a member of the field's list."""

    def __init__(self, site: WrittenSite, fields: DisputeFields) -> None:
        """Take the site, and the field."""
        super().__init__(site)
        self._field = fields.field

    def _wanted(self, command: Command, record: Mapping[str, Any]) -> dict[str, Any]:
        body = command.body
        reason = str(body.get("reason") or "")
        listed = self._site.settings.codes.dispute_value.get(reason)
        if listed is not None:
            return {self._field: Listed(listed)}
        return {self._field: written(amount_of(body), reason, str(body.get("text") or ""), marker(command))}

    def _previous(self, record: Mapping[str, Any]) -> str | None:
        return _text(record.get(self._field))

    def _expect_free(self, record: Mapping[str, Any]) -> None:
        held = self._previous(record)
        if held and "#DH-" not in held:
            raise Refusal(f"a user of {ERP} says there: {held[:80]}", held)


class Listed(str):
    """The internal id of a member of a list."""

    __slots__ = ()


def _id(command: Command) -> int:
    """Return the transaction that an item's key names."""
    number = read_id((command.item or "").partition("|")[0])
    if number is None:
        kept = f"{ERP} keeps a {command.kind[4:]} by document"
        raise Refusal(f"{command.item or 'no item'} names none, and {kept}")
    return number


def _sent(value: Any) -> Any:
    return {"id": str(value)} if isinstance(value, Listed) else value


def _holds(record: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return all(_is(record.get(name), value) for name, value in wanted.items())


def _is(held: Any, wanted: Any) -> bool:
    if isinstance(wanted, Decimal):
        try:
            return held is not None and Decimal(str(held)) == wanted
        except InvalidOperation:
            return False
    return _text(held) == str(wanted)


def _text(held: Any) -> str | None:
    """Return what a field holds as text; of a member of a list its id, of a date its day."""
    found = held.get("id") if isinstance(held, Mapping) else held
    return str(found) if found not in (None, "") else None


def _plain(held: Any) -> str:
    return _text(held) or "nothing"
