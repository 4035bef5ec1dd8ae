"""Promises and disputes: the one row that F&O keeps of a transaction in CustDisputes."""

from __future__ import annotations

from typing import Any, Final

from duehook.core.connecting.versions import patch
from duehook.core.connecting.writing import Refusal, marker, read_back
from duehook.core.hookspecs import Applied, Command, CommandKind
from duehook.core.wire.odata import Entity, Found
from duehook.core.wire.odata.changes import Change, make
from duehook.plugins.d365.mapping.items import read_key
from duehook.plugins.d365.site import AREA, ERP, D365Site

from .wishes import Wish, wish_of

STATUSES: Final[frozenset[CommandKind]] = frozenset({"set_promise", "set_dispute"})


class StatusWriter:
    """Says in CustDisputes that a transaction is promised or disputed. What a user said there stays."""

    def __init__(self, site: D365Site, disputes: Entity) -> None:
        """Take the site, and the set that holds the statuses."""
        self._site, self._entity = site, disputes

    def preview(self, command: Command) -> str:
        """Say which fields would change from what to what."""
        found = self._found(command)
        change = self._change(command, self._wish(command, found), found)
        return f"change {change.entity.name} of customer {command.customer} in {command.company}: {change.words}"

    def apply(self, command: Command) -> Applied:
        """Change the transaction's row, or make it."""
        found = self._found(command)
        previous = found.row.get("Status") if found else None
        if _is_marked(command, found):
            return Applied("already", "it was there", previous=previous)
        wish = self._wish(command, found)
        wish.expect_free(found)
        change = self._change(command, wish, found)
        if found is None:
            make(change.service, change.entity, change.key, change.values)
        else:
            patch(change)
        return read_back(lambda: _is_marked(command, self._found(command)), ERP, previous=previous)

    def verify(self, command: Command) -> Applied:
        """Look for the command's marker."""
        there = _is_marked(command, self._found(command))
        return Applied("done", "it is there") if there else Applied("refused", "it is not there")

    def _change(self, command: Command, wish: Wish, found: Found | None) -> Change:
        service = self._site.service
        if found is None:
            return Change(service, self._entity, self._place(command), wish.values, None)
        key: dict[str, Any] = {AREA: found.row[AREA], "SysRecId": found.row["SysRecId"]}
        return Change(service, self._entity, key, wish.values, found)

    def _wish(self, command: Command, found: Found | None) -> Wish:
        before = str((found.row.get("ReasonComment") if found else None) or "")
        return wish_of(command, marker(command), self._site.settings.codes, before=before)

    def _found(self, command: Command) -> Found | None:
        """Return the row of the command's transaction; F&O has at most one."""
        return self._site.service.row(self._entity, self._place(command))

    def _place(self, command: Command) -> dict[str, Any]:
        return {AREA: command.company, "CustTrans": self._transaction(command)}

    def _transaction(self, command: Command) -> int:
        """Return the record id of the transaction that a command is about, which must be the customer's."""
        read = read_key(command.item or "")
        if read is None:
            kept = f"F&O keeps a {command.kind[4:]} by transaction"
            raise Refusal(f"{command.item or 'no item'} names none, and {kept}")
        key = {AREA: command.company, self._site.transactions.key[1]: read[0]}
        found = self._site.service.row(self._site.transactions, key)
        if found is None or command.customer not in {found.row["OrderAccount"], found.row["AccountNum"]}:
            raise Refusal(f"F&O has no transaction {read[0]} of customer {command.customer} in {command.company}")
        return read[0]


def _is_marked(command: Command, found: Found | None) -> bool:
    return found is not None and marker(command) in str(found.row.get("ReasonComment") or "")
