"""The mark by which what a command wrote is found again."""

from __future__ import annotations

from typing import Final

from duehook.core.hookspecs import Command

OURS: Final = "dh:"


def mark_of(command: Command) -> str:
    """Return the mark that a command leaves where it wrote: 15 signs, as many as a user reference takes."""
    return f"{OURS}{command.mark}"
