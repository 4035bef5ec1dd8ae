"""Payment schedules of an extract as the rows that REST would give of them: then they are mapped alike."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from duehook.core.errors import BadRecord
from duehook.core.hookspecs import Row
from duehook.plugins.oracle_fusion import values
from duehook.plugins.oracle_fusion.settings import FusionSettings
from duehook.plugins.oracle_fusion.values import Source

from .items import BALANCE, Document

MONEY: Final = "PMT"
CREDIT: Final = "CM"
CLASS: Final = "PaymentScheduleClass1"
ID: Final = "PaymentScheduleId"
CHANGED: Final = "LastUpdateDate"
_PARTS: Final = {
    "InstallmentId": ID, "InstallmentSequenceNumber": "TermsSequenceNumber", "InstallmentDueDate": "DueDate",
    "OriginalAmount": "AmountDueOriginal", "InstallmentBalanceDue": "AmountDueRemaining",
    "AccountedBalanceDue": "AcctdAmountDueRemaining", "DisputeAmount": "AmountInDispute",
    "InstallmentClosedDate": "ActualDateClosed",
}  # fmt: skip
_AMOUNTS: Final = ("OriginalAmount", "InstallmentBalanceDue", "AccountedBalanceDue")


class ScheduleMapping:
    """Makes documents and receipts of payment schedules."""

    def __init__(self, settings: FusionSettings, account: Callable[[str], str | None]) -> None:
        """Take the settings, and what tells the number of an account by its id."""
        self._settings, self._columns, self._account = settings, settings.columns, account
        self._units = {unit.org_id: unit.name for unit in settings.business_units if unit.org_id}

    def unit(self, row: Source) -> str | None:
        """Return the business unit of a schedule, None for one that is not read."""
        return self._units.get(values.text(row, "OrgId") or "")

    def document(self, row: Source) -> Document:
        """Return an instalment's schedule as a document with that one instalment."""
        is_credit = values.text(row, CLASS) == CREDIT
        part: Row = {name: row.get(column) for name, column in _PARTS.items()}
        if is_credit and self._settings.credit_memo_sign == "positive":  # of REST alone
            part |= {name: _turned(row, _PARTS[name]) for name in _AMOUNTS}
        return Document(self._common(row, "BillToCustomerNumber"), [part], is_credit)

    def receipt(self, row: Source) -> Row:
        """Return a schedule of money as a receipt."""
        turned = {"Amount": _turned(row, "AmountDueOriginal"), "UnappliedAmount": _turned(row, "AmountDueRemaining")}
        return {
            **self._common(row, "CustomerAccountNumber"),
            **turned,
            "StandardReceiptId": row.get("CashReceiptId"),
            "ReceiptNumber": row.get("TrxNumber"),
            "ReceiptDate": row.get("TrxDate"),
            "Currency": row.get("InvoiceCurrencyCode"),
            BALANCE: _turned(row, "AcctdAmountDueRemaining"),
        }

    def _common(self, row: Source, account: str) -> Row:
        columns = self._columns
        named: dict[str | None, Any] = {
            columns.posted: row.get("GlDate"), columns.conversion_rate: row.get("ExchangeRate"),
            columns.changed: row.get(CHANGED), columns.credit_memo_currency: row.get("InvoiceCurrencyCode"),
        }  # fmt: skip
        return {
            "BusinessUnit": self.unit(row),
            "TransactionNumber": row.get("TrxNumber"),
            "TransactionDate": row.get("TrxDate"),
            "InvoiceCurrencyCode": row.get("InvoiceCurrencyCode"),
            account: self._account(values.text(row, "CustomerId") or ""),
            **{name: held for name, held in named.items() if name},
        }


def _turned(row: Source, name: str) -> Any:
    """Return an amount with the other sign; one that cannot be read as it is, for the mapping to tell."""
    try:
        found = values.amount(row, name)
    except BadRecord:
        return row.get(name)
    return None if found is None else -found + Decimal(0)
