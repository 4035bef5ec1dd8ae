"""Writes into SAP: notes, holds, dunning data and disputes, each by its own writer.

A change goes with the version (ETag) of what was looked at: who changed it meanwhile wins, and it is looked
at again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from duehook.core.errors import ConnectorDown, ConnectorError, ConnectorGarbled, ConnectorRefused
from duehook.core.hookspecs import Applied, Command, CommandKind, Finding
from duehook.core.wire import ReplyLost
from duehook.core.wire.odata import Stale

from . import check
from .reading.disputes import Disputes
from .settings import SapSettings
from .site import SapSite
from .writing.disputes import DisputeWriter
from .writing.notes import NoteWriter
from .writing.states import DUNNING, HOLDS, StateWriter, can_hold
from .writing.writer import Writer

TRIES: Final = 3


class SapTarget:
    """What can be written through the services that a site has."""

    def __init__(self, settings: SapSettings, name: str = "sap") -> None:
        """Take the connection's settings, and its name for the messages."""
        self._site = SapSite(settings, name)
        self._states = StateWriter(self._site)
        self._writers = self._writers_of(settings)
        self.capabilities: frozenset[CommandKind] = frozenset(self._writers)

    def _writers_of(self, settings: SapSettings) -> Mapping[CommandKind, Writer]:
        writers: dict[CommandKind, Writer] = dict.fromkeys(DUNNING, self._states)
        if can_hold(settings):
            writers |= dict.fromkeys(HOLDS, self._states)
        if settings.notes is not None:
            writers["add_note"] = NoteWriter(self._site, settings.notes)
        if self._site.disputes is not None:
            writers["set_dispute"] = DisputeWriter(Disputes(self._site, self._site.disputes), settings.dispute)
        return writers

    def check(self) -> Iterable[Finding]:
        """Try the token that every change needs."""
        return check.target(self._site)

    def preview(self, command: Command) -> str:
        """Say what `apply` would change."""
        writer = self._writers.get(command.kind)
        return writer.preview(command) if writer else _unsupported(command).message

    def apply(self, command: Command) -> Applied:
        """Do it once."""
        writer = self._writers.get(command.kind)
        if writer is None:
            return _unsupported(command)
        for _ in range(TRIES):
            try:
                return writer.apply(command)
            except Stale:
                continue  # somebody was quicker: look again
            except ReplyLost as error:
                return Applied("unknown", error.message)
            except ConnectorRefused as error:
                return Applied("refused", error.message)
            except ConnectorGarbled as error:  # a senseless answer to a write is a ReplyLost, so this was to a read
                raise ConnectorDown(f"{error.message} Nothing was written.", fix=error.fix) from error
        return Applied(
            "refused", f"customer {command.customer} was changed by others while it was written, {TRIES} times"
        )

    def verify(self, command: Command) -> Applied:
        """Look whether it is there."""
        writer = self._writers.get(command.kind)
        if writer is None:
            return _unsupported(command)
        try:
            return writer.verify(command)
        except ConnectorError as error:
            return Applied("unknown", error.message)

    def current_hold(self, company: str, customer: str) -> str | None:
        """Return the hold that governs the customer."""
        return self._states.current_hold(company, customer)

    def close(self) -> None:
        """Hang up."""
        self._site.close()


def _unsupported(command: Command) -> Applied:
    return Applied("refused", f"unsupported: this SAP connection cannot {command.kind.replace('_', ' ')}.")
