"""Payments: receipts, and the reversal that takes one back."""

from __future__ import annotations

from typing import Final

from duehook.core.errors import BadRecord
from duehook.core.field_mapping import Patch
from duehook.core.hookspecs import Row
from duehook.plugins.oracle_fusion import values
from duehook.plugins.oracle_fusion.fields import RECEIPT
from duehook.plugins.oracle_fusion.settings import FusionSettings
from duehook.plugins.oracle_fusion.values import Source

BACK: Final = "|rev"
REVERSED: Final = "reversed"


class CashMapping:
    """Makes payments of receipts."""

    def __init__(self, settings: FusionSettings, patch: Patch | None = None) -> None:
        """Take the settings, and what the site's own file does to each row."""
        self._columns, self._currencies, self._patch = settings.columns, settings.currencies, patch

    def rows(self, row: Source) -> list[Row]:
        """Return a receipt, and behind it what took it back."""
        made = self._payment(row)
        if (values.text(row, "State") or "").lower() != REVERSED:
            return [made]
        on = values.day(row, self._columns.reversed)
        made["reversed_on"] = on or made["posted_on"] or made["received_on"]
        return [made, self._back(made)]

    def _payment(self, row: Source) -> Row:
        unit, currency = values.required(row, "BusinessUnit"), values.required(row, "Currency")
        received = values.day(row, "ReceiptDate")
        if received is None:
            raise BadRecord("ReceiptDate is empty.")
        amount, own = values.needed(row, "Amount"), self._currencies[unit]
        made: Row = {
            "company": unit,
            "key": values.number_of(row, "StandardReceiptId"),
            "customer": values.required(row, "CustomerAccountNumber"),
            "currency": currency,
            "amount": amount,
            "received_on": received,
            "posted_on": values.day(row, self._columns.posted),
            "unapplied_amount": values.amount(row, "UnappliedAmount"),
            "company_currency": own,
            "company_amount": amount if currency == own else values.amount(row, self._columns.accounted),
            "method": values.text(row, "ReceiptMethod"),
            "reference": values.text(row, "ReceiptNumber"),
            "changed_at": values.instant(row, self._columns.changed),
        }
        if self._patch is not None:
            self._patch({RECEIPT: row}, made)
        return made

    @staticmethod
    def _back(made: Row) -> Row:
        """Return the negative payment that a reversal is, linked to what it takes back."""
        company_amount, on = made["company_amount"], made["reversed_on"]
        return {
            **made,
            "key": f"{made['key']}{BACK}",
            "amount": -made["amount"],
            "company_amount": None if company_amount is None else -company_amount,
            "unapplied_amount": None,
            "received_on": on,
            "posted_on": on,
            "reversal_of": made["key"],
            "reversed_on": None,
        }
