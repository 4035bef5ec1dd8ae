"""Writes into M3: notes, the customer stop, reminders, promises and disputes, each by its own writer."""

from __future__ import annotations

from collections.abc import Iterable

from duehook.core.connecting.writing import Writer, Writers, WritingTarget
from duehook.core.hookspecs import CommandKind, Finding

from . import check
from .settings import M3Settings
from .site import ERP, M3Site
from .writing.disputes import DisputeWriter
from .writing.holds import HoldWriter
from .writing.notes import BlockNoteWriter, NoteWriter
from .writing.promises import PromiseWriter
from .writing.reminders import LevelWriter, StopWriter


class M3Target(WritingTarget):
    """What a connection may write into M3."""

    def __init__(self, settings: M3Settings, name: str = "infor_m3") -> None:
        """Take the connection's settings, and its name for the messages."""
        self._site = M3Site(settings, name)
        self._holds = HoldWriter(self._site)
        super().__init__(Writers(ERP, self._by_kind()))

    def _by_kind(self) -> dict[CommandKind, Writer]:
        site, settings = self._site, self._site.settings
        found: dict[CommandKind, Writer] = {
            "set_dunning_block": StopWriter(site),
            "set_dunning_level": LevelWriter(site),
        }
        if settings.notes is not None:
            by_text = settings.notes.mode == "AddText"
            found["add_note"] = NoteWriter(site, settings.notes) if by_text else BlockNoteWriter(site, settings.notes)
        if settings.stop_code is not None:
            found |= dict.fromkeys(("set_credit_hold", "release_credit_hold"), self._holds)
        if settings.promise is not None:
            found["set_promise"] = PromiseWriter(site)
        if settings.dispute_category is not None:
            found["set_dispute"] = DisputeWriter(site, settings.dispute_category)
        return found

    def check(self) -> Iterable[Finding]:
        """Try what is written to, without writing."""
        return check.target(self._site, self.capabilities)

    def current_hold(self, company: str, customer: str) -> str | None:
        """Return the customer stop, which holds in every division."""
        return self._holds.current(customer)

    def close(self) -> None:
        """Hang up."""
        self._site.close()
