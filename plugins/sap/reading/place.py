"""Where a reading of the cube stands, and what it asks for."""

from __future__ import annotations

from dataclasses import dataclass

from duehook.core.wire.odata import Where, any_of
from duehook.plugins.sap_lines import place

from .cube import OPEN

STAMPS = ("LastChangeDate", "AccountingDocumentCreationDate", "ClearingDate", "ClearingCreationDate")
FIRST = place.FIRST


@dataclass(frozen=True)
class Place(place.Place):
    """A reading's place in the cube."""

    def wanted(self, *stamps: str) -> Where:
        """Ask for what is open or young enough by its `stamps` at first, for what is stamped since then later."""
        if self.since is not None:
            return any_of(*(Where.field(name, "ge", self.since) for name in STAMPS))
        return any_of(OPEN, *(Where.field(stamp, "ge", self.history_from) for stamp in stamps))
