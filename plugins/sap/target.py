"""Writes into SAP: notes, holds, dunning data and disputes, each by its own writer.

A change goes with the version (ETag) of what was looked at: who changed it meanwhile wins, and it is looked
at again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from duehook.core.connecting.writing import Writer, Writers, WritingTarget
from duehook.core.hookspecs import CommandKind, Finding

from . import check
from .reading.disputes import Disputes
from .settings import SapSettings
from .site import SapSite
from .writing.blocks import ByItem, ItemBlockWriter
from .writing.disputes import DisputeWriter
from .writing.notes import NoteWriter
from .writing.states import HOLDS, StateWriter, can_hold


class SapTarget(WritingTarget):
    """What can be written through the services that a site has."""

    def __init__(self, settings: SapSettings, name: str = "sap") -> None:
        """Take the connection's settings, and its name for the messages."""
        self._site = SapSite(settings, name)
        self._states = StateWriter(self._site)
        asked = settings.journal_entry_change
        self._blocks = ItemBlockWriter(self._site, asked) if asked is not None else None
        super().__init__(Writers("SAP", self._by_kind(settings)))

    def _by_kind(self, settings: SapSettings) -> Mapping[CommandKind, Writer]:
        writers: dict[CommandKind, Writer] = {
            "set_dunning_block": ByItem(self._states, self._blocks), "set_dunning_level": ByItem(self._states),
        }  # fmt: skip
        if can_hold(settings):
            writers |= dict.fromkeys(HOLDS, self._states)
        if settings.notes is not None:
            writers["add_note"] = NoteWriter(self._site, settings.notes)
        if self._site.disputes is not None:
            writers["set_dispute"] = DisputeWriter(Disputes(self._site, self._site.disputes), settings.dispute)
        return writers

    def check(self) -> Iterable[Finding]:
        """Try the token that every change needs, and what changes journal entries, where the settings name it."""
        yield from check.target(self._site)
        if self._blocks is not None:
            yield from self._blocks.service.check()

    def current_hold(self, company: str, customer: str) -> str | None:
        """Return the hold that governs the customer."""
        return self._states.current_hold(company, customer)

    def close(self) -> None:
        """Hang up."""
        self._site.close()
