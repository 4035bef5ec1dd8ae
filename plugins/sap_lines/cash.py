"""Documents of payments as payments, and what they take off items as allocations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from duehook.core.field_mapping import Patch
from duehook.core.records import AllocationKind

from .codes import CodeLists
from .families import NOTHING, Families, Kinds
from .lines import (
    COMPANY,
    OWN,
    DocumentKey,
    Line,
    checked,
    document_of,
    key_of,
    required,
    signed,
    written,
)

Row = dict[str, Any]
_DISCOUNTS = {OWN: "CashDiscountAmount", COMPANY: "CashDiscountAmtInCoCodeCrcy"}


class CashMapping:
    """Makes payments and allocations of the lines of payment documents."""

    def __init__(self, codes: CodeLists, patch: Patch | None = None, *, source: str = "") -> None:
        """Take the code lists, and what the site's own file does to a payment, whose lines it calls `source`."""
        self._patch, self._source = patch, source
        self._reasons: Mapping[str, AllocationKind] = codes.allocation_by_reason
        self.kinds = Kinds.of(codes)

    def payment(self, lines: Sequence[Line], families: Families) -> Row:
        """Return the payment that a whole document is; its lines come in their order."""
        first = lines[0]
        money = [line for line in lines if not checked(line, "PaymentDifferenceReason")]
        back = checked(first, "ReverseDocument") if checked(first, "IsReversal") else None
        row = {
            "company": first["CompanyCode"],
            "key": written(document_of(first)),
            "customer": required(first, "Customer"),
            "currency": required(first, "TransactionCurrency"),
            "amount": sum((_cash(line, OWN) for line in money), NOTHING),
            "unapplied_amount": -sum((families.open_of(line)[0] for line in lines if families.is_item(line)), NOTHING),
            "company_currency": first.get("CompanyCodeCurrency"),
            "company_amount": sum((_cash(line, COMPANY) for line in money), NOTHING),
            "received_on": required(first, "DocumentDate"),
            "posted_on": checked(first, "PostingDate"),
            "reference": first.get("DocumentReferenceID"),
            "reversal_of": _reversed(first, back) if back else None,
        }
        if self._patch is not None:
            self._patch({self._source: first}, row)
        return row

    def taken(self, line: Line, families: Families) -> Iterator[Row]:
        """Yield what a payment's line takes off its item: money or a reduction, and the discount beside it."""
        item = families.item_of(line)
        if item is None:
            return
        row = {
            "company": line["CompanyCode"],
            "key": written(key_of(line)),
            "item": written(item),
            "payment": written(document_of(line)),
            "kind": self._kind(line),
            "currency": required(line, "TransactionCurrency"),
            "amount": _cash(line, OWN),
            "company_amount": _cash(line, COMPANY),
            "allocated_on": required(line, "PostingDate"),
            "posted_on": checked(line, "PostingDate"),
            "reason": checked(line, "PaymentDifferenceReason"),
        }
        yield row
        discount = _discount(line, OWN)
        if discount:
            yield _as_discount(row, (discount, _discount(line, COMPANY)))

    def cleared(
        self, item: Line, families: Families, payments: Mapping[DocumentKey, Sequence[Line]], *, again: bool = False
    ) -> Iterator[Row]:
        """Yield what a clearing took off an item beyond what refers to it: all of one that was paid in full.

        SAP writes no reference into the line that pays an invoice in full; both are cleared by one document. A
        clearing that was reset has the allocation of nothing; so has a discount that is none where it may have
        been one when the item was read before (`again`). `payments` are the lines of the clearing documents that
        are payments.
        """
        for by, lines in families.clearings(item):
            yield from self._cleared_by(by, item, lines, paid=payments.get(by, ()), again=again)
        for line in (item, *families.members(key_of(item))):
            if checked(line, "ClearingIsReversed") and not line.get("IsCleared"):
                row = self._clearing(item, line, ()) | {"amount": NOTHING, "company_amount": NOTHING}
                yield from (row, _as_discount(row, (NOTHING, NOTHING)))

    def _cleared_by(
        self, by: DocumentKey, item: Line, lines: Sequence[Line], *, paid: Sequence[Line], again: bool
    ) -> Iterator[Row]:
        """Yield what one document took off an item by clearing these of its lines: money, and the discount granted."""
        own = sum((signed(line, OWN) for line in lines), NOTHING)
        company = sum((signed(line, COMPANY) for line in lines), NOTHING)
        if not own and not company:
            return
        granted = lines[0] is item and any(_discount(line, OWN) for line in paid)
        off = (-_discount(item, OWN), -_discount(item, COMPANY)) if granted else (NOTHING, NOTHING)
        row = self._clearing(item, lines[0], paid) | {"payment": written(by) if paid else None}
        yield row | {"amount": own - off[0], "company_amount": company - off[1]}
        if granted or again:
            yield _as_discount(row, off)

    def _clearing(self, item: Line, line: Line, paid: Sequence[Line]) -> Row:
        if line.get("IsCleared"):
            on = required(line, "ClearingDate")
        else:
            on = checked(line, "LastChangeDate") or required(line, "PostingDate")
        cash = any(each.get("AccountingDocumentType") not in self.kinds.netting for each in paid)
        return {
            "company": line["CompanyCode"],
            "key": f"{written(key_of(line))}|cleared",
            "item": written(key_of(item)),
            "kind": "cash" if cash else "credit",
            "currency": required(line, "TransactionCurrency"),
            "allocated_on": on,
            "posted_on": on,
        }

    def _kind(self, line: Line) -> AllocationKind:
        reason = checked(line, "PaymentDifferenceReason")
        if reason:
            return self._reasons.get(reason, "deduction")
        return "credit" if line.get("AccountingDocumentType") in self.kinds.netting else "cash"


def _as_discount(row: Row, amounts: tuple[Decimal, Decimal]) -> Row:
    """Return the discount beside an allocation: amounts in the item's currency and in the company's."""
    return row | {
        "key": f"{row['key']}|discount", "kind": "discount", "amount": amounts[0], "company_amount": amounts[1]
    }  # fmt: skip


def _reversed(line: Line, document: str) -> str:
    year = checked(line, "ReverseDocumentFiscalYear") or line["FiscalYear"]
    return written((line["CompanyCode"], year, document))


def _cash(line: Line, amount: str) -> Decimal:
    """Return what came in by a line: what it takes off, less the discount it grants."""
    return -signed(line, amount) - _discount(line, amount)


def _discount(line: Line, amount: str) -> Decimal:
    """Return the discount that a line grants, with the sign of what it takes off."""
    granted: Decimal = abs(checked(line, _DISCOUNTS[amount]) or Decimal(0))
    return granted if signed(line, amount) < 0 else -granted
