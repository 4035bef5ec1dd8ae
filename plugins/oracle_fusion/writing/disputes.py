"""Disputes: a request for an invoice, which goes through approval. No call is told from its twin, nor read again.

What shows a dispute is the amount on the instalments: while one stands there, no other is raised.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from duehook.core.connecting.writing import Refusal, amount_of, marker, read_back
from duehook.core.errors import BadRecord
from duehook.core.hookspecs import Applied, Command
from duehook.plugins.oracle_fusion import values
from duehook.plugins.oracle_fusion.resources import DISPUTES
from duehook.plugins.oracle_fusion.site import ERP, FusionSite

from .invoices import Instalment, Invoices

LONGEST: Final = 1000  # signs of InternalComments
SECTION: Final = "Total"


class DisputeWriter:
    """Raises a dispute for an invoice."""

    def __init__(self, site: FusionSite) -> None:
        """Take the site."""
        self._site, self._invoices = site, Invoices(site)

    def preview(self, command: Command) -> str:
        """Say what would be raised, and what is disputed now."""
        instalment = self._invoices.of(command)
        number, now = values.text(instalment.document.row, "TransactionNumber"), _disputed(instalment)
        return f"dispute {amount_of(command.body)} of {number}, of which {now} is disputed now: {_comment(command)}"

    def apply(self, command: Command) -> Applied:
        """Raise the dispute, unless it is there; another's amount stays."""
        instalment, amount = self._invoices.of(command), amount_of(command.body)
        now = _disputed(instalment)
        if now == amount:
            return Applied("already", "that amount is disputed", previous=str(now))
        if now:
            raise Refusal(f"another dispute is there: {now}", str(now))
        made = self._site.service.post(DISPUTES, self._wish(command, instalment, amount))
        return read_back(lambda: self._is_there(command), ERP, reference=values.text(made, "RequestNumber"))

    def verify(self, command: Command) -> Applied:
        """Look whether the amount is disputed."""
        there = self._is_there(command)
        return Applied("done", "it is there") if there else Applied("refused", "it is not there")

    def _is_there(self, command: Command) -> bool:
        return _disputed(self._invoices.of(command)) == amount_of(command.body)

    def _wish(self, command: Command, instalment: Instalment, amount: Decimal) -> dict[str, Any]:
        reason = str(command.body.get("reason") or "")
        named = self._site.settings.codes.dispute_reason.get(reason) or self._site.settings.dispute_reason or reason
        return {
            "CustomerTransactionId": int(instalment.transaction),
            "BillToCustomerNumber": command.customer,
            "DisputeAmount": amount,
            "DisputeSection": SECTION,
            **({"DisputeReason": named} if named else {}),
            "InternalComments": _comment(command),
        }


def _disputed(instalment: Instalment) -> Decimal:
    """Return what of the whole invoice is disputed: a request is about the invoice."""
    try:
        parts = [values.amount(part, "DisputeAmount") for part in instalment.document.parts]
    except BadRecord as error:
        raise Refusal(error.message) from None
    return sum((abs(each) for each in parts if each), values.NOTHING)


def _comment(command: Command) -> str:
    return f"{marker(command)} {' '.join(str(command.body.get('text') or '').split())}".rstrip()[:LONGEST]
