"""Allocations: what receipts and credit memos were applied to, by instalment.

Unsure until a pod is at hand: that an application that was undone stays beside one of the opposite amount, so that
both are read whatever IsLatestApplication says; and that the amount is in the currency that stands beside it, the
instalment's. What names no instalment (on account, an activity) pairs nothing.
"""

from __future__ import annotations

from typing import Final

from duehook.core.errors import BadRecord
from duehook.core.hookspecs import Row
from duehook.plugins.oracle_fusion import values
from duehook.plugins.oracle_fusion.values import Source

KEY: Final = "ApplicationId"
RECEIPT: Final = "StandardReceiptId"
CREDIT_MEMO: Final = "CreditMemoId"


def allocation(row: Source, company: str, changed: str) -> Row:
    """Return an application as an allocation; `changed` is the attribute that says when it changed."""
    on = values.day(row, "ApplicationDate")
    if on is None:
        raise BadRecord("ApplicationDate is empty.")
    of_money = row.get(RECEIPT) is not None
    return {
        "company": company,
        "key": values.number_of(row, KEY),
        "item": values.number_of(row, "ReferenceInstallmentId"),
        "payment": values.number_of(row, RECEIPT) if of_money else None,
        "kind": "cash" if of_money else "credit",
        "currency": values.required(row, "EnteredCurrency"),
        "amount": values.needed(row, "ApplicationAmount"),
        "allocated_on": on,
        "posted_on": values.day(row, "AccountingDate"),
        "changed_at": values.instant(row, changed),
    }
