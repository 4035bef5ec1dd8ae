"""What a program is asked for, and what it says when it cannot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from .site import Site

Record = Mapping[str, str]
INVALID, MISSING, UNKNOWN, EXISTS = "01", "02", "03", "04"
NOT_ALLOWED: Final = "XAU0008"


class Nok(Exception):
    """M3 says no; the message is filled up with blanks, as M3 fills it."""

    def __init__(self, message: str, *, code: str, field: str = "") -> None:
        super().__init__(message)
        self.message, self.code, self.field = f"{message:<60}", code, field


@dataclass
class Asked:
    """A call of a transaction: its inputs without blanks, and the outputs that are wanted."""

    site: Site
    program: str
    transaction: str
    values: dict[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    division: str = ""

    def get(self, name: str) -> str:
        """Return an input, blank where it was not given."""
        return self.values.get(name, "")


Handler = Callable[[Asked], Iterable[Record]]


def nok(name: str, kind: str, what: str) -> Nok:
    """Return what M3 says of a field: its family's letters, and what is wrong in the last two digits."""
    said = {INVALID: "is invalid", MISSING: "must be entered", UNKNOWN: "does not exist", EXISTS: "already exists"}
    return Nok(f"{what} {said[kind]}", code=f"W{name[:2]}01{kind}", field=name)
