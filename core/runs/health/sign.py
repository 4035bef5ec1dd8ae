"""One thing that the doctor looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["ok", "note", "warning", "error"]


@dataclass(frozen=True)
class Sign:
    """What was found. `code` stays the same for monitoring; `fix` is a command or what to write."""

    code: str
    severity: Severity
    text: str
    fix: str | None = None


def ok(code: str, text: str) -> Sign:
    """Say that all is well."""
    return Sign(code, "ok", text)


def note(code: str, text: str, fix: str | None = None) -> Sign:
    """Say what may be worth knowing."""
    return Sign(code, "note", text, fix)


def warning(code: str, text: str, fix: str) -> Sign:
    """Say what somebody should look at."""
    return Sign(code, "warning", text, fix)


def error(code: str, text: str, fix: str) -> Sign:
    """Say what keeps Duehook from its work, or will soon."""
    return Sign(code, "error", text, fix)
