"""Entries of money as payments, and detailed entries as allocations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from duehook.core.connecting.odata_rows import required
from duehook.core.errors import BadRecord
from duehook.core.field_mapping import Patch
from duehook.core.records import AllocationKind
from duehook.core.wire.odata.readable import expect_readable
from duehook.plugins.business_central.company import Company
from duehook.plugins.business_central.entities import STAMP
from duehook.plugins.business_central.settings import CodeLists
from duehook.plugins.business_central.values import word

from .items import is_money
from .rows import Row, Source, stamp_of

INITIAL: Final = "Initial Entry"


class CashMapping:
    """Makes payments of entries, and allocations of detailed ones."""

    def __init__(self, codes: CodeLists, patch: Patch | None = None) -> None:
        """Take the code lists, and what the site's own file does to a payment."""
        self._kinds: Mapping[str, AllocationKind] = codes.allocation_by_type
        self._patch = patch

    def payment(self, one: Company, row: Source, reversal_of: str | None, reversed_on: date | None) -> Row:
        """Return the payment that an entry is; a refund is a negative one."""
        expect_readable(row)
        in_company = row.get("Amount_LCY")
        made = {
            "company": one.id,
            "key": str(row["Entry_No"]),
            "customer": required(row, "Customer_No"),
            "currency": row.get("Currency_Code") or one.currency,
            "amount": -required(row, "Original_Amount", "Amount"),
            "unapplied_amount": -required(row, "Remaining_Amount"),
            "company_currency": one.currency,
            "company_amount": -in_company if in_company is not None else None,
            "received_on": required(row, "Document_Date", "Posting_Date"),
            "posted_on": row.get("Posting_Date"),
            "method": row.get("Payment_Method_Code"),
            "reference": row.get("External_Document_No"),
            "reversal_of": reversal_of,
            "reversed_on": reversed_on,
            "changed_at": stamp_of(row, STAMP),
        }
        if self._patch is not None:
            self._patch({"CustomerLedgerEntries": row}, made)
        return made

    def allocation(self, one: Company, row: Source, other: Source | None) -> Row:
        """Return what a detailed entry takes off its item; `other` is the entry that was applied to it."""
        expect_readable(row)
        paid = other is not None and is_money(other) and other["Entry_No"] != row["Cust_Ledger_Entry_No"]
        kind = self._kind(row)
        if kind == "cash" and not paid:
            kind = "credit"
        in_company = row.get("Amount_LCY")
        return {
            "company": one.id,
            "key": str(row["Entry_No"]),
            "item": str(required(row, "Cust_Ledger_Entry_No")),
            "payment": str(row["Applied_Cust_Ledger_Entry_No"]) if paid else None,
            "kind": kind,
            "currency": row.get("Currency_Code") or one.currency,
            "amount": -required(row, "Amount"),
            "company_amount": -in_company if in_company is not None else None,
            "allocated_on": required(row, "Posting_Date"),
        }

    def _kind(self, row: Source) -> AllocationKind:
        kind = word(row.get("Entry_Type"))
        found = self._kinds.get(kind)
        if found is None:
            raise BadRecord(f"the entry type {kind!r} is not in codes.allocation_by_type.", fix="say there what it is.")
        return found


def settles(row: Source) -> bool:
    """Say whether a detailed entry takes something off: not the entry's own amount, nor a gain of the exchange rate."""
    amount: Any = row.get("Amount")
    return word(row.get("Entry_Type")) != INITIAL and amount != 0
