"""Reminders: the stop of an invoice, and how many it has had; set to a value, never counted up."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import date
from typing import Any

from duehook.core.connecting.writing import Refusal, read_back
from duehook.core.hookspecs import Applied, Command
from duehook.plugins.infor_m3 import entities, values
from duehook.plugins.infor_m3.entities import Transaction
from duehook.plugins.infor_m3.mapping.items import Document, stop_of
from duehook.plugins.infor_m3.site import ERP, M3Site

from .invoices import Invoices


class ReminderWriter(ABC):
    """Writes the same into each invoice of a command that does not have it yet."""

    transaction: Transaction

    def __init__(self, site: M3Site) -> None:
        """Take the site."""
        self._site, self._invoices = site, Invoices(site)

    @abstractmethod
    def wanted(self, command: Command) -> dict[str, str]:
        """Return the fields that are written."""

    @abstractmethod
    def held(self, row: Mapping[str, str]) -> str | None:
        """Return what an invoice holds of it."""

    @abstractmethod
    def is_there(self, command: Command, row: Mapping[str, str]) -> bool:
        """Say whether an invoice holds what is wanted."""

    @abstractmethod
    def expect_ours(self, command: Command, row: Mapping[str, str]) -> None:
        """Refuse to write over what must stay."""

    def preview(self, command: Command) -> str:
        """Say which fields of which invoices would be written."""
        numbers = ", ".join(document.key.number for document in self._missing(command)) or "none"
        fields = ", ".join(f"{name}={held}" for name, held in self.wanted(command).items())
        return f"write {fields} by {self.transaction.title} into invoices of customer {command.customer}: {numbers}"

    def apply(self, command: Command) -> Applied:
        """Write it where it is not there."""
        documents = self._invoices.all(command)
        previous = next((held for each in documents if (held := self.held(each.row or {}))), None)
        left = [each for each in documents if not self.is_there(command, each.row or {})]
        if not left:
            return Applied("already", "it was there", previous=previous)
        for document in left:
            self.expect_ours(command, document.row or {})
        self._site.service.write_all([(self.transaction, self._change(command, document)) for document in left])
        return read_back(lambda: not self._missing(command), ERP, previous=previous)

    def _change(self, command: Command, document: Document) -> dict[str, str]:
        key = {name: held for name, held in document.key.asked.items() if name in self.transaction.inputs}
        return {**key, **self.wanted(command)}

    def verify(self, command: Command) -> Applied:
        """Look whether each invoice holds it."""
        missing = self._missing(command)
        return Applied("refused", "it is not there") if missing else Applied("done", "it is there")

    def _missing(self, command: Command) -> list[Document]:
        return [each for each in self._invoices.all(command) if not self.is_there(command, each.row or {})]


class StopWriter(ReminderWriter):
    """Stops reminders of an invoice, in Duehook's name, and lifts that stop again."""

    transaction = entities.STOP_REMINDERS

    def wanted(self, command: Command) -> dict[str, str]:
        """Return the stop, who set it, and until when."""
        value, until = _stop(command), _day(command.body.get("until"))
        found = {"RMBL": value, "BLBY": self._site.settings.stop_user if value != "0" else ""}
        return found | ({"BLDT": values.written(until)} if until else {})

    def held(self, row: Mapping[str, str]) -> str | None:
        """Return the stop."""
        return stop_of(row)

    def is_there(self, command: Command, row: Mapping[str, str]) -> bool:
        """Say whether the invoice has the stop, by whomever."""
        return (stop_of(row) or "0") == _stop(command)

    def expect_ours(self, command: Command, row: Mapping[str, str]) -> None:
        """Refuse to change a stop that another set."""
        held, by = stop_of(row), values.text(row, "BLBY")
        if held is not None and by != self._site.settings.stop_user and command.body.get("expect") != held:
            raise Refusal(f"reminders of invoice {row.get('CINO')} were stopped by {by or 'a user of M3'}", held)


class LevelWriter(ReminderWriter):
    """Says how many reminders an invoice has had, and when the last one was."""

    transaction = entities.UPDATE_INVOICE

    def wanted(self, command: Command) -> dict[str, str]:
        """Return the count, and the day where the command says it."""
        level, on = _level(command), _day(command.body.get("on"))
        return {"RMQT": str(level)} | ({"LRDT": values.written(on)} if on else {})

    def held(self, row: Mapping[str, str]) -> str | None:
        """Return the count."""
        return values.text(row, "RMQT")

    def is_there(self, command: Command, row: Mapping[str, str]) -> bool:
        """Say whether the invoice has the count, and the day."""
        on = _day(command.body.get("on"))
        held, last = values.sure(values.whole, row, "RMQT"), values.sure(values.day, row, "LRDT")
        return held == _level(command) and on in {None, last}

    def expect_ours(self, command: Command, row: Mapping[str, str]) -> None:
        """Nothing must stay: the count is whose letter went last."""


def _stop(command: Command) -> str:
    """Return the stop as M3 has it: one digit; another's word for a block is 1."""
    value: Any = command.body.get("value")
    if value is None or value == "":
        return "0"
    return value if len(str(value)) == 1 and str(value).isdigit() else "1"


def _level(command: Command) -> int:
    level = command.body.get("level")
    if not isinstance(level, int) or not 0 <= level <= 9:
        raise Refusal(f"{level!r} is no number of reminders that M3 takes: 0 to 9")
    return level


def _day(held: Any) -> date | None:
    if not held:
        return None
    try:
        return date.fromisoformat(str(held))
    except ValueError:
        raise Refusal(f"{held!r} is no day") from None
