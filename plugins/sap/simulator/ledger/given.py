"""What the cube gives beside what all ledgers of SAP give: payment methods, sales orders and dispute cases."""

from __future__ import annotations

from typing import Any

from duehook.core.testing.sap_ledger.given import GivenLines
from duehook.core.testing.sap_ledger.lines import Line
from duehook.plugins.sap.simulator.client import Client
from duehook.plugins.sap.simulator.codes import DISPUTE_REASONS, METHODS

Row = dict[str, Any]


class CubeGiven(GivenLines):
    """What a connector shall make of a client's lines."""

    def __init__(self, client: Client) -> None:
        """Take the client."""
        super().__init__(client.cube)
        self.client = client

    def more(self, own: Line) -> Row:
        """Return an item's payment method, its sales order, and the dispute case about it."""
        item = own.item
        return {
            "payment_method": METHODS.get(item.payment_method),
            "sales_order": str(item.sales_order) if item.sales_order else None,
            "dunning_block": self.client.cube.block(own),
            **self._dispute(own),
        }

    def _dispute(self, own: Line) -> Row:
        case = self.client.disputes.of(own.key) if self.client.disputes else None
        if case is None:
            return {}
        reason = str(case.get("CaseReason", ""))
        return {"disputed_amount": case.get("DisputedAmount"), "dispute_reason": DISPUTE_REASONS.get(reason, reason)}
