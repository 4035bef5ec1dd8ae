"""Promises of Advanced Collections: one a command, looked for before it is made, for no call is told from its twin."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from duehook.core.connecting.writing import amount_of, day_of, marker, read_back
from duehook.core.hookspecs import Applied, Command
from duehook.plugins.oracle_fusion import values
from duehook.plugins.oracle_fusion.client.answers import Row, nested
from duehook.plugins.oracle_fusion.client.service import Asked
from duehook.plugins.oracle_fusion.resources import PROMISES, where
from duehook.plugins.oracle_fusion.site import ERP, FusionSite

from .invoices import Instalment, Invoices

GONE = frozenset({"CANCELLED", "CANCELED", "CLOSED", "BROKEN", "FULFILLED"})


class PromiseWriter:
    """Makes a promise for an instalment."""

    def __init__(self, site: FusionSite) -> None:
        """Take the site."""
        self._site, self._invoices = site, Invoices(site)

    def preview(self, command: Command) -> str:
        """Say what would be made."""
        wish = self._wish(command, self._invoices.of(command))
        return f"make a promise of customer {command.customer}: {_words(wish)}"

    def apply(self, command: Command) -> Applied:
        """Make the promise, unless the same is there."""
        instalment = self._invoices.of(command)
        wish = self._wish(command, instalment)
        there = self._there(wish)
        if there is not None:
            return Applied("already", "the same promise is there", reference=values.text(there, "PromiseDetailId"))
        made = self._site.service.post(PROMISES, wish)
        return read_back(lambda: self._there(wish) is not None, ERP, reference=values.text(made, "PromiseDetailId"))

    def verify(self, command: Command) -> Applied:
        """Look for the promise."""
        there = self._there(self._wish(command, self._invoices.of(command)))
        if there is None:
            return Applied("refused", "it is not there")
        return Applied("done", "it is there", reference=values.text(there, "PromiseDetailId"))

    def _wish(self, command: Command, instalment: Instalment) -> dict[str, Any]:
        row, method = instalment.document.row, self._site.settings.payment_method
        return {
            "BillToCustomerAccount": command.customer,
            "BusinessUnit": command.company,
            "TransactionNumber": values.required(row, "TransactionNumber"),
            "InstallmentNumber": int(values.needed(instalment.part, "InstallmentSequenceNumber")),
            "Currency": values.required(row, "InvoiceCurrencyCode"),
            "PromiseAmount": amount_of(command.body),
            "PromiseDate": day_of(command.body).isoformat(),
            **({"PaymentMethod": method} if method else {}),
            **self._marked(command),
        }

    def _marked(self, command: Command) -> dict[str, Any]:
        """Return the flexfield with the command's mark, where the site has a segment for it."""
        attribute, child = self._site.settings.promise_attribute, self._site.promises.child
        return {child: [{attribute: marker(command)}]} if attribute and child else {}

    def _there(self, wish: dict[str, Any]) -> Row | None:
        """Return the promise with our mark, or where that has no place the one of that instalment, day and amount.

        One that was cancelled or has run out does not count.
        """
        child, attribute = self._site.promises.child or "", self._site.settings.promise_attribute
        conditions = [where("TransactionNumber", "=", wish["TransactionNumber"])]
        for row in self._site.service.every(Asked(self._site.promises, conditions, expand=attribute is not None)):
            marks = [values.text(each, attribute) for each in nested(row, child).rows] if attribute else []
            is_ours = wish[child][0][attribute] in marks if attribute else _is(row, wish)
            if is_ours and (values.text(row, "PromiseStatus") or "").upper() not in GONE:
                return row
        return None


def _is(row: Row, wish: dict[str, Any]) -> bool:
    same = all(values.text(row, name) == wish[name] for name in ("BillToCustomerAccount", "BusinessUnit"))
    on, number = values.day(row, "PromiseDate"), values.amount(row, "InstallmentNumber")
    promised: Decimal | None = values.amount(row, "PromiseAmount")
    at = on.isoformat() if on else None
    return same and (at, number, promised) == (wish["PromiseDate"], wish["InstallmentNumber"], wish["PromiseAmount"])


def _words(wish: dict[str, Any]) -> str:
    amount, number = f"{wish['PromiseAmount']} {wish['Currency']}", wish["TransactionNumber"]
    return f"{amount} on {wish['PromiseDate']} for {number}, instalment {wish['InstallmentNumber']}"
