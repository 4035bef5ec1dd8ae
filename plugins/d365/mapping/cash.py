"""Transactions of money as payments, and settlements as allocations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from duehook.core.connecting.odata_rows import required
from duehook.core.field_mapping import Patch
from duehook.core.records import AllocationKind
from duehook.core.wire.odata.readable import expect_readable
from duehook.plugins.d365.settings import CodeLists

from .items import Row, Source, key_of


class CashMapping:
    """Makes payments of transactions, and allocations of settlements."""

    def __init__(self, codes: CodeLists, currencies: Any, *, patch: Patch | None = None) -> None:
        """Take the code lists, and what says a company's currency."""
        self._kinds: Mapping[str, AllocationKind] = codes.allocation_by_type
        self._currency, self._patch = currencies, patch

    def payment(self, row: Source, reversal_of: str | None) -> Row:
        """Return the payment that a transaction is; `reversal_of` is the one that it takes back."""
        expect_readable(row)
        amount: Decimal = required(row, "AmountCur")
        currency = self._currency(row["dataAreaId"])
        taken_back = row.get("CancelledPayment") == "Yes" and amount <= 0
        stamp = row.get("SysModifiedDateTime")
        made: Row = {
            "company": row["dataAreaId"],
            "key": str(row["SysRecId"]),
            "customer": required(row, "AccountNum"),
            "currency": required(row, "CurrencyCode"),
            "amount": -amount,
            "unapplied_amount": required(row, "SettleAmountCur") - amount,
            "company_currency": currency,
            "company_amount": -required(row, "AmountMST") if currency else None,
            "received_on": row.get("DocumentDate") or required(row, "TransDate"),
            "posted_on": row.get("TransDate"),
            "method": row.get("PaymMode"),
            "reference": row.get("PaymReference"),
            "reversal_of": reversal_of,
            "reversed_on": row.get("LastSettleDate") if taken_back else None,
            "changed_at": stamp if isinstance(stamp, datetime) else None,
        }
        if self._patch is not None:
            self._patch({"CustTransactions": row}, made)
        return made

    def allocation(self, settled: Source, item: Source, other: Source | None) -> Row:
        """Return what a settlement takes off an item, given the item's transaction and the other side's."""
        expect_readable(settled, item)
        kind = (other or {}).get("TransType") or ""
        return {
            "company": settled["dataAreaId"],
            "key": str(settled["SysRecId"]),
            "item": key_of(item["SysRecId"], item.get("DueDate")),
            "payment": str(settled["OffsetRecid"]) if self._kinds.get(kind) == "cash" else None,
            "kind": self._kinds.get(kind, "credit"),
            "currency": required(item, "CurrencyCode"),
            "amount": required(settled, "SettleAmountCur"),
            "company_amount": settled.get("SettleAmountMST"),
            "allocated_on": required(settled, "TransDate"),
        }


def takes_back(row: Source) -> bool:
    """Say whether a payment is the negative that takes another back."""
    amount = row.get("AmountCur")
    return row.get("CancelledPayment") == "Yes" and isinstance(amount, Decimal) and amount > 0
