"""A decision on one item: its code and the parameters that its words need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Self

from .codes import Code, outcome


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of an item in a run. Parameters hold dates and amounts, never day counts.

    Their text is `level;day;amount;detail`, each empty where the code has none: a day that passes
    changes no decision, so a run writes only what really changed.
    """

    item: str
    code: Code
    level: int | None = None
    on: date | None = None
    amount: int | None = None
    detail: str = ""

    @property
    def outcome(self) -> str:
        """Return sent, held or skipped."""
        return outcome(self.code)

    @property
    def parameters(self) -> str:
        """Return the parameters as the books hold them."""
        level, on, amount = ("" if part is None else str(part) for part in (self.level, self.on, self.amount))
        return f"{level};{on};{amount};{self.detail}"

    @classmethod
    def read(cls, item: str, code: str, parameters: str) -> Self:
        """Read a decision from the books."""
        level, on, amount, detail = parameters.split(";", 3)
        return cls(
            item,
            Code(code),
            int(level) if level else None,
            date.fromisoformat(on) if on else None,
            int(amount) if amount else None,
            detail,
        )
