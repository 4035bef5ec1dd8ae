"""What M3 says when it does not do what it is asked for."""

from __future__ import annotations

from typing import Final

INVALID, MISSING, UNKNOWN, EXISTS = "01", "02", "03", "04"
NOT_ALLOWED: Final = "XAU0008"
_SAID: Final = {
    INVALID: "is invalid", MISSING: "must be entered", UNKNOWN: "does not exist", EXISTS: "already exists",
}  # fmt: skip


class Nok(Exception):
    """M3 says no; the message is filled up with blanks, as M3 fills it."""

    def __init__(self, message: str, *, code: str, field: str = "") -> None:
        super().__init__(message)
        self.message, self.code, self.field = f"{message:<60}", code, field


def nok(name: str, kind: str, what: str) -> Nok:
    """Return what M3 says of a field: its family's letters, and what is wrong in the last two digits."""
    return Nok(f"{what} {_SAID[kind]}", code=f"W{name[:2]}01{kind}", field=name)
