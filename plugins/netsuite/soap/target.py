"""Writes into NetSuite by SuiteTalk: the same writers as through the record API, over other messages."""

from __future__ import annotations

from collections.abc import Iterable

from duehook.core.connecting.writing import WritingTarget
from duehook.core.hookspecs import Finding
from duehook.plugins.netsuite.settings import NetsuiteSettings
from duehook.plugins.netsuite.target import writers_of
from duehook.plugins.netsuite.writing.customers import current_hold

from . import check
from .site import SoapSite


class SoapTarget(WritingTarget):
    """Notes, holds, promises and disputes by update and upsert."""

    def __init__(self, settings: NetsuiteSettings, name: str = "netsuite") -> None:
        """Take the connection's settings, and its name for the messages."""
        self._site = SoapSite(settings, name)
        super().__init__(writers_of(self._site))

    def check(self) -> Iterable[Finding]:
        """Try what is written to, on the customer that the settings name for that."""
        return check.target(self._site, self)

    def current_hold(self, company: str, customer: str) -> str | None:
        """Return the hold of the customer."""
        return current_hold(self._site, company, customer)

    def close(self) -> None:
        """Hang up."""
        self._site.close()
