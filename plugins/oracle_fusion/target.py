"""Writes into Fusion: holds by SOAP, promises, disputes and notes over REST, each by its own writer."""

from __future__ import annotations

from collections.abc import Iterable

from duehook.core.connecting.writing import Writer, Writers, WritingTarget
from duehook.core.hookspecs import CommandKind, Finding

from . import check
from .settings import FusionSettings
from .site import ERP, FusionSite
from .writing.disputes import DisputeWriter
from .writing.holds import HoldWriter
from .writing.notes import NoteWriter
from .writing.promises import PromiseWriter


class FusionTarget(WritingTarget):
    """What a connection may write into Fusion."""

    def __init__(self, settings: FusionSettings, name: str = "oracle_fusion") -> None:
        """Take the connection's settings, and its name for the messages."""
        self._site = FusionSite(settings, name)
        self._holds = HoldWriter(self._site)
        super().__init__(Writers(ERP, self._by_kind()))

    def _by_kind(self) -> dict[CommandKind, Writer]:
        site, settings = self._site, self._site.settings
        found: dict[CommandKind, Writer] = {}
        if settings.holds:
            found |= dict.fromkeys(("set_credit_hold", "release_credit_hold"), self._holds)
        if settings.promises:
            found["set_promise"] = PromiseWriter(site)
        if settings.disputes:
            found["set_dispute"] = DisputeWriter(site)
        if settings.notes is not None:
            found["add_note"] = NoteWriter(site, settings.notes)
        return found

    def check(self) -> Iterable[Finding]:
        """Try what is written to, without writing."""
        return check.target(self._site, self.capabilities)

    def current_hold(self, company: str, customer: str) -> str | None:
        """Return the hold of the account, which holds in every business unit."""
        return self._holds.current(customer)

    def close(self) -> None:
        """Hang up."""
        self._site.close()
