"""Writes into NetSuite: notes, holds, promises and disputes, each by its own writer, whichever way they go."""

from __future__ import annotations

from collections.abc import Iterable

from duehook.core.connecting.writing import Writer, Writers, WritingTarget
from duehook.core.hookspecs import CommandKind, Finding

from .account import ERP
from .settings import NetsuiteSettings
from .site import NetsuiteSite
from .writing.body import DisputeWriter, PromiseWriter
from .writing.check import target
from .writing.customers import current_hold
from .writing.holds import HOLDS, HoldWriter
from .writing.notes import NoteWriter
from .writing.place import WrittenSite


class NetsuiteTarget(WritingTarget):
    """Notes, holds, promises and disputes through the record API, or by SuiteTalk's update and upsert."""

    def __init__(self, settings: NetsuiteSettings, name: str = "netsuite") -> None:
        """Take the connection's settings, and its name for the messages."""
        self._site = _site_of(settings, name)
        super().__init__(writers_of(self._site))

    def check(self) -> Iterable[Finding]:
        """Try what is written to, on the customer that the settings name for that."""
        return target(self._site, self)

    def current_hold(self, company: str, customer: str) -> str | None:
        """Return the hold of the customer."""
        return current_hold(self._site, company, customer)

    def close(self) -> None:
        """Hang up."""
        self._site.close()


def _site_of(settings: NetsuiteSettings, name: str) -> WrittenSite:
    if settings.read_by == "soap":
        from .soap.site import SoapSite

        return SoapSite(settings, name)
    return NetsuiteSite(settings, name)


def writers_of(site: WrittenSite) -> Writers:
    """Return the writers of what an account's settings let be written."""
    settings, found = site.settings, dict[CommandKind, Writer]()
    if settings.notes is not None:
        found["add_note"] = NoteWriter(site, settings.notes)
    if settings.hold is not None:
        found |= dict.fromkeys(HOLDS, HoldWriter(site, settings.hold))
    if settings.promise is not None:
        found["set_promise"] = PromiseWriter(site, settings.promise)
    if settings.dispute is not None:
        found["set_dispute"] = DisputeWriter(site, settings.dispute)
    return Writers(ERP, found)
