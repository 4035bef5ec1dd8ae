"""The resources that are read, what tells their rows apart, and how conditions are written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from .settings import FusionSettings

FSCM: Final = "fscmRestApi"
CRM: Final = "crmRestApi"
PROMISES: Final = "collectionPromises"
DISPUTES: Final = "receivablesDisputes"
INSTALLMENT: Final = "InstallmentId"


@dataclass(frozen=True)
class Resource:
    """One REST resource: its id, the child that is read with it, and where its balance and customer stand."""

    name: str
    id: str
    balance: str
    account: str
    child: str | None = None
    api: str = FSCM


def invoices() -> Resource:
    """Return the invoices, and whatever else is a debit."""
    return Resource(
        "receivablesInvoices", "CustomerTransactionId", "InvoiceBalanceAmount", "BillToCustomerNumber",
        "receivablesInvoiceInstallments",
    )  # fmt: skip


def credit_memos(settings: FusionSettings) -> Resource:
    """Return the credit memos, a resource of their own: who forgets it overstates what is owed."""
    return Resource(
        "receivablesCreditMemos", "CustomerTransactionId", settings.columns.credit_memo_balance,
        "BillToCustomerNumber", settings.credit_memo_installments or None,
    )  # fmt: skip


def receipts() -> Resource:
    """Return the receipts."""
    return Resource("standardReceipts", "StandardReceiptId", "UnappliedAmount", "CustomerAccountNumber")


def organizations() -> Resource:
    """Return the parties of customers."""
    return Resource("hubOrganizations", "PartyId", "", "", "Address", CRM)


def promises() -> Resource:
    """Return the promises of Advanced Collections."""
    return Resource(PROMISES, "PromiseDetailId", "", "BillToCustomerAccount", "collectionPromiseDFF")


def activities() -> Resource:
    """Return what stands on each customer account, whatever its class."""
    return Resource(
        "receivablesCustomerAccountActivities", "AccountId", "", "AccountNumber", "transactionPaymentSchedules"
    )


def applied(settings: FusionSettings) -> Resource:
    """Return the same accounts with what their receipts and credit memos were applied to, in one or two children."""
    children = [each for each in (settings.receipt_applications, settings.credit_memo_applications) if each]
    return replace(activities(), child=",".join(children) or None)


def where(name: str, operator: str, value: Any) -> str:
    """Write one condition: numbers and ids bare, texts and instants in quotes."""
    return f"{name}{operator}{literal(value)}"


def is_id(name: str, operator: str, value: str) -> str:
    """Write a condition on an id, which stays text here and is a number there."""
    return f"{name}{operator}{value}"


def among(name: str, literals: Iterable[str]) -> str:
    """Write the condition that an attribute is one of these, each written as it stands in a condition."""
    return f"{name} in ({','.join(literals)})"


def written(at: datetime) -> str:
    """Write an instant as Fusion does, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def together(conditions: Iterable[str], joined_by: str) -> str:
    """Write conditions that must all hold."""
    return joined_by.join(each for each in conditions if each)


def literal(value: Any) -> str:
    """Write a value as it stands in a condition."""
    if isinstance(value, datetime):
        return f"'{written(value)}'"
    if isinstance(value, int):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"
