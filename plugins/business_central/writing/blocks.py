"""Dunning blocks: On_Hold of an item's entry, or of all open entries of the customer; another's code stays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from duehook.core.connecting.versions import patch
from duehook.core.connecting.writing import Refusal, read_back
from duehook.core.hookspecs import Applied, Command
from duehook.core.wire.odata import Entity, Found, Where, all_of
from duehook.core.wire.odata.changes import Change
from duehook.plugins.business_central import entities
from duehook.plugins.business_central.site import ERP, BusinessCentralSite

_ENTRY: Final = Entity.of(
    entities.ENTRY.name, "Entry_No", text="Customer_No On_Hold", whole="Entry_No", flag="Open"
)  # fmt: skip


class BlockWriter:
    """Sets and lifts On_Hold, entry by entry: what is done stays done where another breaks off."""

    def __init__(self, site: BusinessCentralSite, code: str) -> None:
        """Take the site, and the code that a block is written as."""
        self._site, self._code = site, code

    def preview(self, command: Command) -> str:
        """Say how many entries would change, and to what."""
        left = self._left(command)
        return f"set On_Hold of {len(left)} entries of customer {command.customer} to {self._wanted(command) or 'none'}"

    def apply(self, command: Command) -> Applied:
        """Write On_Hold where it is not yet as it shall be."""
        left = self._left(command)
        if not left:
            return Applied("already", "it was there")
        for change in left:
            patch(change)
        return read_back(lambda: not self._left(command), ERP)

    def verify(self, command: Command) -> Applied:
        """Look whether all entries are as they shall be."""
        left = self._left(command)
        return Applied("refused", f"{len(left)} entries are not yet") if left else Applied("done", "it is there")

    def _wanted(self, command: Command) -> str:
        return self._code if command.body.get("value") else ""

    def _left(self, command: Command) -> list[Change]:
        """Return the changes that are to be made; Refusal where nothing of the customer may be changed."""
        entity = self._site.entries(self._site.company(command.company), _ENTRY)
        found, wanted = self._entries(entity, command), self._wanted(command)
        held = {each.row["Entry_No"]: each.row.get("On_Hold") or "" for each in found}
        free = [each for each in found if held[each.row["Entry_No"]] in {"", self._code}]
        if not free:
            others = next(iter(held.values()), None)
            raise Refusal(f"no open entry of customer {command.customer} is without another's On_Hold", others)
        key = "Entry_No"
        changes = [Change(self._site.service, entity, {key: each.row[key]}, {"On_Hold": wanted}, each) for each in free]
        return [change for change in changes if not change.is_there]

    def _entries(self, entity: Entity, command: Command) -> Sequence[Found]:
        service, item = self._site.service, command.item
        mine = Where.field("Customer_No", "eq", command.customer)
        if item is None:
            where = all_of(mine, Where.field("Open", "eq", value=True))
        elif item.isascii() and item.isdigit():
            where = all_of(mine, Where.field("Entry_No", "eq", int(item)))
        else:
            raise Refusal(f"{item} is no ledger entry")
        return service.versions(entity, where, order=entity.key)
