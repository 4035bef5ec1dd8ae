"""What a program is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from .site import Site

Record = Mapping[str, str]


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
