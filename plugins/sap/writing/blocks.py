"""Dunning blocks: of a customer in its dunning data, of one item by a change of its journal entry.

The change is asynchronous: that SAP took a message says nothing of what becomes of it. So the item is looked at until
the block is seen there; until the site's patience has run out it may still come, and after that a person looks.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from duehook.core.connecting.writing import Refusal, Writer
from duehook.core.errors import ConnectorError
from duehook.core.hookspecs import Applied, Command
from duehook.core.wire import ReplyLost
from duehook.core.wire.odata import equal
from duehook.core.wire.retry import rest
from duehook.plugins.sap import entities
from duehook.plugins.sap.settings import JournalEntrySettings
from duehook.plugins.sap.site import SapSite
from duehook.plugins.sap_lines.lines import KEY, LineKey, read

from .journal_entries import MONITOR, JournalEntryChange, name_of
from .states import objection

BLOCK: Final = "DunningBlockingReason"
_LINE: Final = entities.ITEM.only(f"{' '.join(KEY)} Customer {BLOCK}")
_FIRST: Final = 0.5  # seconds before the first look; each next one waits twice as long
_LONGEST: Final = 8.0


class ByItem:
    """Hands a command about one item to the writer for items, and any other to the writer for customers."""

    def __init__(self, customers: Writer, items: Writer | None = None) -> None:
        """Take both; None where the site cannot write to an item."""
        self._customers, self._items = customers, items

    def preview(self, command: Command) -> str:
        """Say what would change."""
        return self._of(command).preview(command)

    def apply(self, command: Command) -> Applied:
        """Do it once."""
        return self._of(command).apply(command)

    def verify(self, command: Command) -> Applied:
        """Look whether it is there."""
        return self._of(command).verify(command)

    def _of(self, command: Command) -> Writer:
        if command.item is None:
            return self._customers
        if self._items is None:
            what = command.kind.replace("_", " ")
            raise Refusal(f"unsupported: this SAP connection cannot {what} of one item ({command.item})")
        return self._items


class ItemBlockWriter:
    """Sets and lifts the dunning block of one item."""

    def __init__(self, site: SapSite, asked: JournalEntrySettings) -> None:
        """Take the site and what its settings say of the service that changes items."""
        self._site, self._asked = site, asked
        self.service = JournalEntryChange(site, asked)

    def preview(self, command: Command) -> str:
        """Say from what to what the block would change."""
        held, wish = self._held(command), self._wish(command)
        return f"change {BLOCK} of item {command.item} from {held or 'nothing'} to {wish or 'nothing'}"

    def apply(self, command: Command) -> Applied:
        """Send it unless it is so already, or others have set what must stay; then look whether it comes."""
        held, wish = self._held(command), self._wish(command)
        if held == wish:
            return Applied("already", "it was there", previous=held)
        wrong = objection(command, held)
        if wrong:
            raise Refusal(wrong, held)
        try:
            self.service.block(command, _key(command), wish or self._asked.lifted_as)
        except ReplyLost as error:
            return self._may_come(command, error.message, held)
        return self._awaited(command, held)

    def verify(self, command: Command) -> Applied:
        """Look whether the item has it; that it has not does not say that it will not."""
        try:
            held = self._held(command)
        except Refusal as error:  # it was there when it was sent: what is shown to us no more may have the block
            return self._may_come(command, error.message, None)
        if held == self._wish(command):
            return Applied("done", "it is there")
        return self._may_come(command, f"the item has {held or 'no block'}", held)

    def _awaited(self, command: Command, previous: str | None) -> Applied:
        for pause in _pauses(self._asked.look_seconds):
            rest(pause, time.sleep)
            try:
                found = self._held(command)
            except ConnectorError as error:
                return self._may_come(command, f"SAP took it; looking at it failed: {error.message}", previous)
            if found == self._wish(command):
                return Applied("done", "written and read back", previous, name_of(command))
        return self._may_come(command, "SAP took it and has not carried it out yet", previous)

    def _may_come(self, command: Command, why: str, previous: str | None) -> Applied:
        told = f"{why}; {MONITOR} shows what became of message {name_of(command)}"
        wait = timedelta(minutes=self._asked.patience_minutes)
        return Applied("unknown", told, previous, name_of(command), wait)

    def _held(self, command: Command) -> str | None:
        """Return the item's block; Refusal where SAP has no such item of the customer."""
        key = _key(command)
        of_item = self._site.lines(equal(KEY, key), companies=[key[0]])
        found = self._site.items.rows(_LINE, of_item, top=1)
        if not found or found[0]["Customer"] != command.customer:
            raise Refusal(f"SAP has no item {command.item} of customer {command.customer}")
        return found[0].get(BLOCK) or None

    def _wish(self, command: Command) -> str | None:
        value = command.body.get("value")
        return (self._asked.reason or str(value)) if value else None


def _key(command: Command) -> LineKey:
    key = read(command.item or "")
    if key is None or key[0] != command.company:
        raise Refusal(f"{command.item} names no item of company code {command.company}")
    return key


def _pauses(seconds: float) -> Iterator[float]:
    """Yield how long to wait before each look, that many seconds in all; one look at least."""
    pause, left = _FIRST, seconds
    while pause < left:
        yield pause
        left -= pause
        pause = min(pause * 2, _LONGEST)
    yield max(left, 0.0)
