"""Dispute cases opened for items, found again by the reference that they bear."""

from __future__ import annotations

from duehook.core.connecting.writing import read_back
from duehook.core.hookspecs import Applied, Command
from duehook.core.wire.odata import Row
from duehook.plugins.sap.reading.disputes import Disputes, item_of
from duehook.plugins.sap.settings import DisputeSettings


class DisputeWriter:
    """Opens a case, unless one about the item is open."""

    def __init__(self, disputes: Disputes, names: DisputeSettings) -> None:
        """Take the service's cases and their names."""
        self._disputes, self._names = disputes, names

    def preview(self, command: Command) -> str:
        """Say which case would be opened."""
        return (
            f"open a dispute case of {command.body.get('amount')} about {command.item} of customer {command.customer}"
        )

    def apply(self, command: Command) -> Applied:
        """Open the case."""
        mine = self._disputes.made_by(command)
        if mine is not None:
            return Applied("already", "the case was there", reference=self._number(mine))
        there = self._disputes.open_about(item_of(command))
        if there is not None:
            return Applied("refused", f"another case about it is open: {self._number(there)}")
        if not self._disputes.has_item(command):
            return Applied("refused", f"SAP has no item {command.item} of customer {command.customer}")
        self._disputes.make(command)
        return read_back(lambda: self._disputes.made_by(command) is not None, "SAP")

    def verify(self, command: Command) -> Applied:
        """Look for the case."""
        mine = self._disputes.made_by(command)
        if mine is None:
            return Applied("refused", "the case is not there")
        return Applied("done", "the case is there", reference=self._number(mine))

    def _number(self, case: Row) -> str:
        return str(case.get(self._names.key) or "")
