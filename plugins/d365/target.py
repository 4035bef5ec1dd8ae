"""Writes into Finance & Operations: notes, holds, promises and disputes, each by its own writer."""

from __future__ import annotations

from collections.abc import Iterable

from duehook.core.connecting.holding import HOLDS
from duehook.core.connecting.writing import Writer, Writers, WritingTarget
from duehook.core.hookspecs import CommandKind, Finding

from . import check
from .settings import D365Settings
from .site import ERP, D365Site
from .writing.holds import customer_of, hold_of, hold_writer
from .writing.notes import NoteWriter
from .writing.statuses import STATUSES, StatusWriter


class D365Target(WritingTarget):
    """Notes, holds, promises and disputes through the sets that a site has."""

    def __init__(self, settings: D365Settings, name: str = "d365") -> None:
        """Take the connection's settings, and its name for the messages."""
        self._site = D365Site(settings, name)
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


def _writers(site: D365Site) -> Writers:
    found: dict[CommandKind, Writer] = {}
    if site.attachments is not None:
        found["add_note"] = NoteWriter(site, site.attachments)
    if site.settings.hold is not None:
        found |= dict.fromkeys(HOLDS, hold_writer(site, site.settings.hold))
    if site.disputes is not None:
        found |= dict.fromkeys(STATUSES, StatusWriter(site, site.disputes))
    return Writers(ERP, found)
