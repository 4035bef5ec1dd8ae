"""The rows of a transaction, made of the book: its header and its instalments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from duehook.core.testing.book import Allocation, Book, Item

from .codes import CLASS_OF_KIND, UNITS, amount, installment_id, transaction_id, transaction_type
from .table import Row
from .values import day, stamp

INSTALLMENTS: Final = "receivablesInvoiceInstallments"
MEMO_INSTALLMENTS: Final = "receivablesCreditMemoInstallments"
NO_DAY: Final = "0018-03-02"  # a year typed with two digits
_ADJUSTED: Final = ("write_off", "deduction", "chargeback")


@dataclass(slots=True)
class Extra:
    """What the pod has of a transaction beside the book: disputes by instalment, its stamps, and a flaw."""

    disputed: Mapping[int, int] = field(default_factory=dict)
    disputed_on: str | None = None
    stamp: str = ""
    spoilt: bool = False


def invoice(items: Sequence[Item], book: Book, made: Mapping[str, Sequence[Allocation]], extra: Extra) -> Row:
    """Return the row of a debit item with all its instalments; an incomplete one has none."""
    parts = [_installment(item, made.get(item.key, ()), extra) for item in items if item.posted]
    whole = sum(item.open_minor for item in items)
    head = items[0]
    return {
        **_header(items, book, extra),
        "DueDate": min((part["InstallmentDueDate"] for part in parts if part["InstallmentDueDate"]), default=None),
        "InvoiceCurrencyCode": head.currency,
        "InvoiceBalanceAmount": amount(whole, head.currency) if parts else None,
        "InvoiceStatus": "Complete" if parts else "Incomplete",
        "PaymentTerms": book.terms[head.terms].text,
        "PurchaseOrder": head.purchase_order or None,
        "Comments": head.text or None,
        INSTALLMENTS: parts,
    }


def memo(items: Sequence[Item], book: Book, made: Mapping[str, Sequence[Allocation]], extra: Extra) -> Row:
    """Return the row of a credit memo: its amounts are negative."""
    head = items[0]
    return {
        **_header(items, book, extra),
        "CreditMemoCurrency": head.currency,
        "TransactionBalanceDue": amount(sum(item.open_minor for item in items), head.currency),
        "CreditMemoStatus": "Complete",
        "CreditMemoComments": head.text or None,
        MEMO_INSTALLMENTS: [_installment(item, made.get(item.key, ()), extra) for item in items],
    }


def _header(items: Sequence[Item], book: Book, extra: Extra) -> Row:
    head = items[0]
    customer = book.customers.get(head.customer)
    foreign = head.currency != head.company_currency
    changed_at = max(max(stamp(item.changed_at) for item in items), extra.stamp)
    return {
        "CustomerTransactionId": transaction_id(head),
        "TransactionNumber": str(head.document_no),
        "TransactionDate": NO_DAY if extra.spoilt else day(head.document_on),
        "AccountingDate": day(head.posted_on),
        "BusinessUnit": UNITS[head.company],
        "TransactionSource": f"Series {head.fiscal_year}",
        "TransactionType": transaction_type(head),
        "ConversionRateType": "Corporate" if foreign else None,
        "ConversionRate": head.rate_scaled / 10_000_000 if foreign else None,
        "EnteredAmount": amount(sum(item.amount_minor for item in items), head.currency),
        "BillToCustomerName": customer.name if customer else f"Customer {head.customer}",
        "BillToCustomerNumber": head.customer,
        "BillToSite": f"{head.customer}-1",
        "CreationDate": f"{head.document_on}T06:00:00+00:00",
        "LastUpdateDate": changed_at,
    }


def _installment(item: Item, made: Iterable[Allocation], extra: Extra) -> Row:
    key, currency = installment_id(item), item.currency
    sums = {"cash": 0, "credit": 0, "other": 0}
    last = None
    for each in made:
        sums[each.kind if each.kind in sums else "other"] += each.amount_minor
        last = each
    adjusted = item.open_minor == 0 and last is not None and last.kind in _ADJUSTED
    closed = None if item.open_minor or adjusted or last is None else day(last.allocated_on)
    disputed = _disputed(item, extra.disputed.get(key))
    return {
        "InstallmentId": key,
        "InstallmentSequenceNumber": int(item.instalment),
        "InstallmentDueDate": day(item.due_on),
        "OriginalAmount": amount(item.amount_minor, currency),
        "InstallmentBalanceDue": amount(item.open_minor, currency),
        "AccountedBalanceDue": amount(item.company_open_minor if item.open_minor else 0, item.company_currency),
        "AmountPaid": amount(sums["cash"], currency),
        "InstallmentAmountCredited": amount(sums["credit"], currency),
        "InstallmentAmountAdjusted": amount(sums["other"], currency),
        "PendingAdjustmentAmount": None,
        "InstallmentStatus": "Open" if item.open_minor or adjusted else "Closed",
        "InstallmentClosedDate": closed,
        "InstallmentGLClosedDate": closed,
        "DisputeAmount": amount(disputed, currency) if disputed else None,
        "DisputeDate": extra.disputed_on or day(item.changed_at.date()) if disputed else None,
        "CreationDate": f"{item.document_on}T06:00:00+00:00",
        "LastUpdateDate": max(stamp(item.changed_at), extra.stamp),
    }


def _disputed(item: Item, asked: int | None) -> int:
    """Return what of an item is in dispute: never more than what is open of it."""
    said = asked if asked is not None else item.disputed_minor or 0
    return min(said, item.open_minor) if item.open_minor > 0 else 0


def trx_class(item: Item) -> str:
    """Return the class of an item's payment schedule."""
    return CLASS_OF_KIND[item.kind]


def cells(row: Row, part: Row) -> dict[str, Any]:
    """Return an instalment as transactionPaymentSchedules shows it; the class is told beside it."""
    return {
        "InstallmentId": part["InstallmentId"],
        "InstallmentNumber": part["InstallmentSequenceNumber"],
        "InstallmentStatus": part["InstallmentStatus"],
        "TransactionId": row["CustomerTransactionId"],
        "TransactionNumber": row["TransactionNumber"],
        "TransactionType": row["TransactionType"],
        "TransactionDate": row["TransactionDate"],
        "AccountingDate": row["AccountingDate"],
        "PaymentScheduleDueDate": part["InstallmentDueDate"],
        "TotalOriginalAmount": part["OriginalAmount"],
        "TotalBalanceAmount": part["InstallmentBalanceDue"],
        "EnteredCurrency": row.get("InvoiceCurrencyCode") or row["CreditMemoCurrency"],
        "PurchaseOrder": row.get("PurchaseOrder"),
        "BillToSiteNumber": row["BillToSite"],
        "ReceiptMethod": None,
    }
