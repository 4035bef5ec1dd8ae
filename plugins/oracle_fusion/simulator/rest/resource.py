"""The resources: their attributes with their kinds, their children, and where their rows are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from duehook.plugins.oracle_fusion.simulator.site.applications import MEMOS, RECEIPTS
from duehook.plugins.oracle_fusion.simulator.site.documents import INSTALLMENTS, MEMO_INSTALLMENTS
from duehook.plugins.oracle_fusion.simulator.site.table import Row, Table

Today = Callable[[], date]
FSCM: Final = "fscmRestApi"
CRM: Final = "crmRestApi"


def kind_of(name: str) -> str:
    """Return the kind of an attribute, which its name tells."""
    if name in ("CreationDate", "LastUpdateDate"):
        return "datetime"
    if name.endswith(("Id", "SequenceNumber", "InstallmentNumber", "DaysLate")):
        return "integer"
    if name.endswith("Date"):
        return "date"
    amount = name.endswith(("Amount", "Due", "Rate", "Credited", "Adjusted")) or name in _AMOUNTS
    return "number" if amount else "string"


_AMOUNTS: Final = ("AmountPaid",)


@dataclass(frozen=True)
class Child:
    """A child resource: its attributes and, of a parent's row, its rows."""

    key: str
    attributes: Sequence[str]
    rows: Callable[[Row], Sequence[Row]]
    create: Callable[[Row, Any], Row] | None = None
    inside: bool = True  # it is expanded with its parent, and asked for in the parent's `q`


@dataclass(frozen=True)
class Resource:
    """A resource; `few` of its attributes may be asked for in some releases, `blind` is one that is only written to."""

    name: str
    table: Table
    attributes: Sequence[str]
    children: Mapping[str, Child] = field(default_factory=dict)
    create: Callable[[Any], Row] | None = None
    few: bool = False
    root: str = FSCM
    blind: bool = False

    def kinds(self) -> dict[str, str]:
        """Return the kinds of what may stand in a `q`."""
        found = {name: kind_of(name) for name in self.attributes if self.queryable(name)}
        for name, child in self.children.items():
            if child.inside and not self.few:
                found |= {f"{name}.{each}": kind_of(each) for each in child.attributes}
        return found

    def queryable(self, name: str) -> bool:
        """Say whether an attribute may stand in a `q`."""
        return not self.few or name not in _BALANCES


_BALANCES: Final = ("InvoiceBalanceAmount", "TransactionBalanceDue", "UnappliedAmount")
_INSTALLMENT: Final = (
    "InstallmentId", "InstallmentSequenceNumber", "InstallmentDueDate", "OriginalAmount", "PaymentDaysLate",
    "InstallmentBalanceDue", "AccountedBalanceDue", "AmountPaid", "InstallmentAmountCredited",
    "InstallmentAmountAdjusted", "PendingAdjustmentAmount", "InstallmentStatus", "InstallmentClosedDate",
    "InstallmentGLClosedDate", "DisputeAmount", "DisputeDate", "CreationDate", "LastUpdateDate",
)  # fmt: skip
_HEADER: Final = (
    "CustomerTransactionId", "TransactionNumber", "TransactionDate", "AccountingDate", "BusinessUnit",
    "TransactionSource", "TransactionType", "ConversionRateType", "ConversionRate", "EnteredAmount",
    "BillToCustomerName", "BillToCustomerNumber", "BillToSite", "CreationDate", "LastUpdateDate",
)  # fmt: skip
INVOICE: Final = (*_HEADER, "DueDate", "InvoiceCurrencyCode", "InvoiceBalanceAmount", "InvoiceStatus", "PaymentTerms",
                  "PurchaseOrder", "Comments")  # fmt: skip
MEMO: Final = (*_HEADER, "CreditMemoCurrency", "TransactionBalanceDue", "CreditMemoStatus", "CreditMemoComments")
RECEIPT: Final = (
    "StandardReceiptId", "ReceiptNumber", "ReceiptDate", "AccountingDate", "BusinessUnit", "ReceiptMethod", "Amount",
    "Currency", "ConversionRateType", "ConversionRate", "AccountedAmount", "UnappliedAmount", "State", "Status",
    "CustomerName", "CustomerAccountNumber", "CustomerSite", "ReversalDate", "CreationDate", "LastUpdateDate",
)  # fmt: skip
SCHEDULE: Final = (
    "InstallmentId", "InstallmentNumber", "InstallmentStatus", "TransactionId", "TransactionNumber", "TransactionClass",
    "TransactionType", "TransactionDate", "AccountingDate", "PaymentScheduleDueDate", "PaymentDaysLate",
    "TotalOriginalAmount", "TotalBalanceAmount", "EnteredCurrency", "PurchaseOrder", "BillToSiteNumber",
    "ReceiptMethod",
)  # fmt: skip
_APPLICATION: Final = (
    "ApplicationId", "ApplicationDate", "ApplicationAmount", "ApplicationStatus", "AccountingDate",
    "ReferenceInstallmentId", "ReferenceTransactionId", "ReferenceTransactionNumber",
    "EnteredCurrency", "IsLatestApplication", "CreationDate", "LastUpdateDate",
)  # fmt: skip
RECEIPT_APPLICATION: Final = (*_APPLICATION, "StandardReceiptId", "ReceiptNumber", "ProcessStatus")
MEMO_APPLICATION: Final = (*_APPLICATION, "CreditMemoId", "CreditMemoNumber", "CreditMemoStatus")
ACTIVITY: Final = ("AccountId", "AccountNumber", "CustomerId", "CustomerName", "CreationDate", "LastUpdateDate")
PARTY: Final = ("PartyId", "PartyNumber", "OrganizationName", "EmailAddress", "RawPhoneNumber", "CreationDate",
                "LastUpdateDate")  # fmt: skip
ADDRESS: Final = (
    "AddressId", "AddressNumber", "AddressLine1", "AddressLine2", "AddressLine3", "AddressLine4", "City", "PostalCode",
    "State", "Country", "PrimaryFlag",
)  # fmt: skip
PROMISE: Final = (
    "PromiseDetailId", "PromiseStatus", "BillToCustomerAccount", "BusinessUnit", "TransactionNumber",
    "InstallmentNumber", "Currency", "PromiseAmount", "PromiseBalanceAmount", "PromiseDate", "PaymentMethod",
    "PaymentAccount", "CreationDate", "LastUpdateDate",
)  # fmt: skip
REFERENCE: Final = ("RemittanceReferenceId", "ReceiptMatchBy", "ReferenceNumber", "ReferenceAmount")


def installments(name: str, today: Today) -> Child:
    """Return the child that has a transaction's instalments, with how late each is today."""
    return Child("InstallmentId", _INSTALLMENT, lambda row: [
        {**part, "PaymentDaysLate": days_late(part["InstallmentDueDate"], part["InstallmentBalanceDue"], today())}
        for part in row[name]
    ])  # fmt: skip


_OF_ACCOUNT: Final = {
    "transactionPaymentSchedules": ("InstallmentId", SCHEDULE),
    RECEIPTS: ("ApplicationId", RECEIPT_APPLICATION),
    MEMOS: ("ApplicationId", MEMO_APPLICATION),
}


def days_late(due: str | None, balance: float, today: date) -> int | None:
    """Return for how many days an instalment has been late, negative before it is due; None of what is settled."""
    return (today - date.fromisoformat(due)).days if due and balance else None


def invoices(table: Table, today: Today) -> Resource:
    """Return the debit items."""
    return Resource("receivablesInvoices", table, INVOICE, {INSTALLMENTS: installments(INSTALLMENTS, today)})


def memos(table: Table, today: Today, *, with_installments: bool) -> Resource:
    """Return the credit memos; a site may have no instalments of them."""
    children = {MEMO_INSTALLMENTS: installments(MEMO_INSTALLMENTS, today)} if with_installments else {}
    return Resource("receivablesCreditMemos", table, MEMO, children)


def receipts(table: Table, references_of: Callable[[Row], Sequence[Row]]) -> Resource:
    """Return the standard receipts, with what the payer said that they are for."""
    references = {"remittanceReferences": Child("RemittanceReferenceId", REFERENCE, references_of, inside=False)}
    return Resource("standardReceipts", table, RECEIPT, references)


def activities(table: Table, children: Mapping[str, Callable[[Row], Sequence[Row]]]) -> Resource:
    """Return the accounts with their payment schedules, and with what was applied, by the names of the children."""
    found = {name: Child(*_OF_ACCOUNT[name], rows, inside=False) for name, rows in children.items()}
    return Resource("receivablesCustomerAccountActivities", table, ACTIVITY, found)


def parties(table: Table) -> Resource:
    """Return the organizations, which are found by their PartyNumber."""
    child = Child("AddressId", ADDRESS, lambda row: row["Address"])
    return Resource("hubOrganizations", table, PARTY, {"Address": child}, root=CRM)
