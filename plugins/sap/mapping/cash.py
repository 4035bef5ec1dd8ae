"""Documents of payments as payments, and their lines that refer to items as allocations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from duehook.core.records import AllocationKind
from duehook.plugins.sap.settings import CodeLists

from .lines import Kinds, Referring, checked, key_of, reference_of, required, signed, written
from .lines import Row as Line

Row = dict[str, Any]
_AMOUNTS = ("AmountInTransactionCurrency", "AmountInCompanyCodeCurrency")


class CashMapping:
    """Makes payments and allocations of the lines of payment documents."""

    def __init__(self, codes: CodeLists) -> None:
        """Take the code lists."""
        self._reasons: Mapping[str, AllocationKind] = codes.allocation_by_reason
        self.kinds = Kinds(frozenset(codes.payment_document_types), frozenset(codes.netting_document_types))

    def payment(self, lines: Sequence[Line], referring: Referring) -> Row:
        """Return the payment that a whole document is; its lines come in their order."""
        first = lines[0]
        money = [line for line in lines if not checked(line, "PaymentDifferenceReason")]
        own = [line for line in lines if reference_of(line) is None and not line.get("IsCleared")]
        left = sum((signed(line, _AMOUNTS[0]) + referring.of(key_of(line))[0] for line in own), Decimal(0))
        document = "|".join(key_of(first)[:3])
        back = checked(first, "ReverseDocument") if checked(first, "IsReversal") else None
        return {
            "company": first["CompanyCode"],
            "key": document,
            "customer": required(first, "Customer"),
            "currency": required(first, "TransactionCurrency"),
            "amount": sum((_cash(line, _AMOUNTS[0]) for line in money), Decimal(0)),
            "unapplied_amount": -left,
            "company_currency": first.get("CompanyCodeCurrency"),
            "company_amount": sum((_cash(line, _AMOUNTS[1]) for line in money), Decimal(0)),
            "received_on": required(first, "DocumentDate"),
            "posted_on": checked(first, "PostingDate"),
            "reference": first.get("DocumentReferenceID"),
            "reversal_of": f"{first['CompanyCode']}|{checked(first, 'ReverseDocumentFiscalYear')}|{back}"
            if back
            else None,
        }

    def allocations(self, line: Line) -> Iterator[Row]:
        """Yield what a line takes off its item: money or a reduction, and the discount beside it."""
        of = reference_of(line)
        if of is None or not self.kinds.reduces(line):
            return
        key = key_of(line)
        row = {
            "company": line["CompanyCode"],
            "key": written(key),
            "item": written(of),
            "payment": "|".join(key[:3]),
            "kind": self._kind(line),
            "currency": required(line, "TransactionCurrency"),
            "amount": _cash(line, _AMOUNTS[0]),
            "company_amount": _cash(line, _AMOUNTS[1]),
            "allocated_on": required(line, "PostingDate"),
            "posted_on": checked(line, "PostingDate"),
            "reason": checked(line, "PaymentDifferenceReason"),
        }
        yield row
        discount = _discount(line, _AMOUNTS[0])
        if discount:
            company = _discount(line, _AMOUNTS[1])
            yield row | {
                "key": f"{written(key)}|discount",
                "kind": "discount",
                "amount": discount,
                "company_amount": company,
            }

    def _kind(self, line: Line) -> AllocationKind:
        reason = checked(line, "PaymentDifferenceReason")
        if reason:
            return self._reasons.get(reason, "deduction")
        return "credit" if line.get("AccountingDocumentType") in self.kinds.netting else "cash"


def _cash(line: Line, amount: str) -> Decimal:
    """Return what came in by a line: what it takes off, less the discount it grants."""
    return -signed(line, amount) - _discount(line, amount)


_DISCOUNTS = {_AMOUNTS[0]: "CashDiscountAmount", _AMOUNTS[1]: "CashDiscountAmtInCoCodeCrcy"}


def _discount(line: Line, amount: str) -> Decimal:
    """Return the discount that a line grants, with the sign of what it takes off."""
    granted: Decimal = abs(checked(line, _DISCOUNTS[amount]) or Decimal(0))
    return granted if signed(line, amount) < 0 else -granted
