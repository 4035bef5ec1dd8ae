"""What a change does to a line of the ledger, or why it does not."""

from __future__ import annotations

from typing import Any, Final

from duehook.core.testing.sap_ledger.lines import LineKey
from duehook.plugins.sap.simulator.codes import DUNNING_BLOCKS
from duehook.plugins.sap.simulator.ledger.cube import Cube

from .message import ItemChange

BLOCK: Final = "DunningBlockingReasonCode"
_FILE: Final = "item_blocks"


class ItemChanges:
    """Dunning blocks that were written over those of the book; one that a user sets since outdoes them."""

    def __init__(self, kept: dict[str, Any], cube: Cube) -> None:
        """Take what was written before, and the lines to show it on."""
        self._kept, self._cube = kept, cube
        for text, (code, over) in self._written.items():
            company, year, document, line = text.split("|")
            cube.blocks[(company, year, document, line)] = (code, over)

    def act(self, change: ItemChange) -> str | None:
        """Change a line; return what stands against it."""
        row = self._cube.table.get(change.key)
        if row is None or row.get("FinancialAccountType") != "D":
            return f"Document {change.key[2]} {change.key[0]} {change.key[1]} has no customer line {change.key[3]}"
        others = [name for name in change.values if name != BLOCK]
        if others:
            return f"Field {others[0]} cannot be changed (field status)"
        if BLOCK not in change.values:
            return None
        code = change.values[BLOCK].strip()
        if code not in DUNNING_BLOCKS:
            return f"Entry {code} does not exist in T040S (check entry)"
        self._put(change.key, code)
        return None

    def _put(self, key: LineKey, code: str) -> None:
        row: Any = self._cube.table.get(key)
        over = row.line.item.dunning_block or ""
        self._cube.blocks[key] = (code, over)
        self._written["|".join(key)] = [code, over]
        self._cube.changed_on[row.line.item.key] = self._cube.book.day
        self._cube.table.touch()

    @property
    def _written(self) -> dict[str, Any]:
        found: dict[str, Any] = self._kept.setdefault(_FILE, {})
        return found
