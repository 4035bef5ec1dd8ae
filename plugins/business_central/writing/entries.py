"""Promises and disputes: a column each of the item's ledger entry. What a user said there stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from duehook.core.connecting.versions import patch
from duehook.core.connecting.writing import Refusal, day_of, read_back
from duehook.core.hookspecs import Applied, Command
from duehook.core.wire.odata import Entity, Found
from duehook.core.wire.odata.changes import Change
from duehook.core.wire.odata.fields import Field
from duehook.plugins.business_central import entities
from duehook.plugins.business_central.settings import CodeLists
from duehook.plugins.business_central.site import ERP, BusinessCentralSite

LONGEST: Final = 10  # signs of a code
Wish = Callable[[Command], Any]
Gives = Callable[[Any], bool]


class EntryWriter:
    """Writes one column of a ledger entry."""

    def __init__(self, site: BusinessCentralSite, column: Field, *, wish: Wish, gives_way: Gives) -> None:
        """Take the site, the column, what a command wants there, and which values of others give way."""
        self._site, self._column = site, column
        self._wish, self._gives_way = wish, gives_way

    def preview(self, command: Command) -> str:
        """Say what the column would change from and to."""
        change = self._change(command)
        return f"change entry {command.item} of customer {command.customer}: {change.words}"

    def apply(self, command: Command) -> Applied:
        """Write the column, unless a user's value stands there."""
        change = self._change(command)
        held = self._held(change)
        previous = str(held) if held else None
        if change.is_there:
            return Applied("already", "it was there", previous=previous)
        if held and not self._gives_way(held):
            raise Refusal(f"{self._column.name} of entry {command.item} is {previous}", previous)
        patch(change)
        return read_back(lambda: self._change(command).is_there, ERP, previous=previous)

    def verify(self, command: Command) -> Applied:
        """Look whether the column holds it."""
        change = self._change(command)
        if change.is_there:
            return Applied("done", "it is there")
        return Applied("refused", "it is not there", previous=str(self._held(change) or "") or None)

    def _held(self, change: Change) -> Any:
        return change.found.row.get(self._column.name) if change.found else None

    def _change(self, command: Command) -> Change:
        wanted = self._wish(command)
        company = self._site.company(command.company)
        entity = self._site.entries(company, _with(self._column))
        number = command.item or ""
        if not (number.isascii() and number.isdigit()):
            raise Refusal(f"{command.item or 'no item'} is no ledger entry, and {self._column.name} stands on one")
        found: Found | None = self._site.service.row(entity, {"Entry_No": int(number)})
        if found is None or found.row.get("Customer_No") != command.customer:
            raise Refusal(f"Business Central has no entry {number} of customer {command.customer}")
        return Change(self._site.service, entity, {"Entry_No": int(number)}, {self._column.name: wanted}, found)


def promises(site: BusinessCentralSite, column: str) -> EntryWriter:
    """Return what writes a promised day; one that has passed gives way."""

    def is_over(held: Any) -> bool:
        return isinstance(held, date) and held < site.bound().at.date()

    return EntryWriter(site, Field(column, "day"), wish=lambda command: day_of(command.body), gives_way=is_over)


def disputes(site: BusinessCentralSite, column: str) -> EntryWriter:
    """Return what writes a dispute status; none of another gives way."""
    codes: CodeLists = site.settings.codes

    def status(command: Command) -> str:
        reason = str(command.body.get("reason") or "")
        found = codes.status_by_reason.get(reason, reason.upper())
        if not found or len(found) > LONGEST:
            raise Refusal(f"{reason or 'no reason'} is no dispute status; list it in codes.status_by_reason")
        return found

    return EntryWriter(site, Field(column), wish=status, gives_way=lambda held: False)


def _with(column: Field) -> Entity:
    return Entity(
        entities.ENTRY.name,
        (Field("Entry_No", "whole"), Field("Customer_No"), column),
        entities.ENTRY.key,
    )
