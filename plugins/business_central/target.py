"""Writes into Business Central: holds, and what the published pages take, each by its own writer."""

from __future__ import annotations

from collections.abc import Iterable

from duehook.core.connecting.holding import HOLDS
from duehook.core.connecting.writing import Writer, Writers, WritingTarget
from duehook.core.hookspecs import CommandKind, Finding

from . import check
from .settings import BusinessCentralSettings
from .site import ERP, BusinessCentralSite
from .writing.blocks import BlockWriter
from .writing.entries import disputes, promises
from .writing.holds import customer_of, hold_of, hold_writer
from .writing.notes import NoteWriter


class BusinessCentralTarget(WritingTarget):
    """Holds through API v2.0; notes, promises, disputes and dunning blocks through the pages that a site publishes."""

    def __init__(self, settings: BusinessCentralSettings, name: str = "business_central") -> None:
        """Take the connection's settings, and its name for the messages."""
        self._site = BusinessCentralSite(settings, name)
        super().__init__(_writers(self._site))

    def check(self) -> Iterable[Finding]:
        """Try what is written to, on the customer that the settings name for that."""
        return check.target(self._site, self)

    def current_hold(self, company: str, customer: str) -> str | None:
        """Return the hold of the customer in that company."""
        return hold_of(customer_of(self._site, company, customer))

    def close(self) -> None:
        """Hang up."""
        self._site.close()


def _writers(site: BusinessCentralSite) -> Writers:
    settings = site.settings
    found: dict[CommandKind, Writer] = {}
    if settings.hold is not None:
        found |= dict.fromkeys(HOLDS, hold_writer(site, settings.hold))
    if settings.comments:
        found["add_note"] = NoteWriter(site, settings.comments)
    if settings.ledger_entries and settings.promise:
        found["set_promise"] = promises(site, settings.promise)
    if settings.ledger_entries and settings.dispute:
        found["set_dispute"] = disputes(site, settings.dispute)
    if settings.ledger_entries and settings.on_hold:
        found["set_dunning_block"] = BlockWriter(site, settings.on_hold)
    return Writers(ERP, found)
