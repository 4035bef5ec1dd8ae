"""What each kind of writing does, and what they share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from duehook.core.errors import ConnectorError
from duehook.core.hookspecs import Applied, Command

OURS: Final = "dh:"


def mark_of(command: Command) -> str:
    """Return the mark that a command leaves where it wrote: 15 signs, as many as a user reference takes."""
    return f"{OURS}{command.mark}"


class Writer(Protocol):
    """Writes some kinds of command. `apply` and `verify` may raise any ConnectorError."""

    def preview(self, command: Command) -> str:
        """Say what `apply` would change."""

    def apply(self, command: Command) -> Applied:
        """Look, do it once, and read it back; ReplyLost where nobody can say whether it was done."""

    def verify(self, command: Command) -> Applied:
        """Look whether it is there: done, or refused."""


def read_back(there: Callable[[], bool], *, previous: str | None = None, reference: str | None = None) -> Applied:
    """Say that it was done, once it is seen there."""
    try:
        found = there()
    except ConnectorError:
        return Applied("done", "AIS said so; reading it back failed", previous, reference)
    if found:
        return Applied("done", "written and read back", previous, reference)
    return Applied("unknown", "AIS said that it was written, but it cannot be found", previous, reference)
