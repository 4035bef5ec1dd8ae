"""What each kind of writing does, and what they share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from duehook.core.errors import ConnectorError, ConnectorRefused
from duehook.core.hookspecs import Applied, Command
from duehook.core.wire.odata import Entity, Stale
from duehook.plugins.sap.client import SapService


class Writer(Protocol):
    """Writes some kinds of command. All may raise a ConnectorError; `apply` also Stale, to look again."""

    def preview(self, command: Command) -> str:
        """Say what `apply` would change."""

    def apply(self, command: Command) -> Applied:
        """Look, do it once, and read it back."""

    def verify(self, command: Command) -> Applied:
        """Look whether it is there: done, or refused."""


def make(service: SapService, entity: Entity, key: Mapping[str, str], values: Mapping[str, Any]) -> None:
    """Make a row; Stale where somebody else has made it since it was looked for."""
    try:
        service.post(entity, {**key, **values})
    except ConnectorRefused as error:
        if service.row(entity, key) is not None:
            raise Stale(error.message, fix="it is looked at again before it is written.") from error
        raise


def read_back(there: Callable[[], bool], previous: str | None = None) -> Applied:
    """Say that it was done, once it is seen there."""
    try:
        found = there()
    except ConnectorError:
        return Applied("done", "SAP took it; reading it back failed", previous=previous)
    if found:
        return Applied("done", "written and read back", previous=previous)
    return Applied("unknown", "SAP took it, but it cannot be found", previous=previous)
