"""Dispute cases as what they say of their items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from duehook.core.wire.odata.dialect import Unreadable

from .lines import LineKey

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Cases:
    """Open dispute cases by the item that they are about."""

    by_item: Mapping[LineKey, Row] = field(default_factory=dict)
    amount: str = ""
    reason: str = ""
    words: Mapping[str, str] = field(default_factory=dict)

    def of(self, key: LineKey) -> dict[str, Any]:
        """Return the fields that a case fills of its item; nothing where there is none."""
        case = self.by_item.get(key)
        if case is None:
            return {}
        amount, reason = case.get(self.amount), case.get(self.reason)
        if isinstance(amount, Unreadable):
            raise amount.refuse()
        return {"disputed_amount": amount, "dispute_reason": self.words.get(reason or "", reason)}
