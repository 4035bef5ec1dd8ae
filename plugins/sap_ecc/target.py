"""Writes into ECC: whatever the site has a function module for, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from duehook.core.connecting.writing import Writer, Writers, WritingTarget
from duehook.core.hookspecs import CommandKind, Finding

from . import check
from .settings import READERS, EccSettings
from .site import EccSite
from .writing.marked import MarkedWriter
from .writing.states import StateWriter, current_hold

STATES: Final[tuple[CommandKind, ...]] = (
    "set_credit_hold", "release_credit_hold", "set_dunning_block", "set_dunning_level",
)  # fmt: skip
MARKED: Final[tuple[CommandKind, ...]] = ("add_note", "set_promise", "set_dispute")


class EccTarget(WritingTarget):
    """What can be written by the functions that the settings name."""

    def __init__(self, settings: EccSettings, name: str = "sap_ecc") -> None:
        """Take the connection's settings, and its name for the messages."""
        self._site = EccSite(settings, name)
        super().__init__(Writers("SAP ECC", self._by_kind(settings)))

    def _by_kind(self, settings: EccSettings) -> Mapping[CommandKind, Writer]:
        functions = settings.functions
        writers: dict[CommandKind, Writer] = {}
        for kind in STATES:
            function = getattr(functions, kind)
            if function is not None:
                writers[kind] = StateWriter(self._site, function)
        for kind in MARKED:
            function = getattr(functions, kind)
            if function is not None:
                writers[kind] = MarkedWriter(self._site, function, getattr(functions, READERS[kind]))
        return writers

    def check(self) -> Iterable[Finding]:
        """Try the readers among the site's functions; nothing is written."""
        return check.target(self._site)

    def current_hold(self, company: str, customer: str) -> str | None:
        """Return the hold that governs the customer."""
        return current_hold(self._site, company, customer)

    def close(self) -> None:
        """Hang up."""
        self._site.close()
