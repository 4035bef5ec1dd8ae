"""Lines of customers as items: amounts by their side, what is open net of what refers to them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from duehook.core.errors import BadRecord
from duehook.core.hookspecs import BadRow, Total
from duehook.core.records import ItemClass, ItemKind
from duehook.plugins.sap.settings import CodeLists

from .lines import Kinds, Referring, checked, key_of, reference_of, required, signed, written
from .lines import Row as Line

Row = dict[str, Any]
NOTHING = Decimal(0)


class ItemMapping:
    """Makes items of lines, by the site's code lists."""

    def __init__(self, codes: CodeLists) -> None:
        """Take the code lists."""
        self._codes = codes
        self.kinds = Kinds(frozenset(codes.payment_document_types), frozenset(codes.netting_document_types))

    def rows(self, lines: Iterable[Line], referring: Referring) -> tuple[list[Row], list[BadRow]]:
        """Return the items among the lines, and those that cannot be read."""
        rows, bad = [], []
        for line in lines:
            if self.kinds.reduces(line):
                continue
            try:
                rows.append(self._row(line, referring))
            except BadRecord as error:
                payload = {name: str(held) for name, held in line.items() if name != "__metadata" and held is not None}
                bad.append(BadRow(error.message, payload, written(key_of(line))))
        return rows, bad

    def totals(self, lines: Iterable[Line], referring: Referring, past: Any) -> list[Total]:
        """Return what is open by item; one that changed behind the day `past` says so."""
        found = []
        for line in lines:
            if self.kinds.reduces(line) or line.get("IsCleared"):
                continue
            own, company = self._open(line, referring)
            changed = [checked(line, name) for name in ("LastChangeDate", "AccountingDocumentCreationDate")]
            found.append(
                Total(
                    line["CompanyCode"], written(key_of(line)), self._class(line), line["TransactionCurrency"], own,
                    line["CompanyCodeCurrency"], company, any(day is not None and day > past for day in changed),
                )
            )  # fmt: skip
        return found

    def _open(self, line: Line, referring: Referring) -> tuple[Decimal, Decimal]:
        if line.get("IsCleared"):
            return NOTHING, NOTHING
        own, company = referring.of(key_of(line))
        return (
            signed(line, "AmountInTransactionCurrency") + own,
            signed(line, "AmountInCompanyCodeCurrency") + company,
        )

    def _row(self, line: Line, referring: Referring) -> Row:
        amount = signed(line, "AmountInTransactionCurrency")
        own, company = self._open(line, referring)
        kind = self._kind(line, amount)
        of, discount = reference_of(line), checked(line, "CashDiscountAmount")
        level = checked(line, "DunningLevel")
        block = checked(line, "DunningBlockingReason")
        return {
            "company": line["CompanyCode"],
            "key": written(key_of(line)),
            "customer": required(line, "Customer"),
            "kind": kind,
            "item_class": self._class(line),
            "currency": required(line, "TransactionCurrency"),
            "amount": amount,
            "open_amount": own,
            "company_currency": line.get("CompanyCodeCurrency"),
            "company_amount": signed(line, "AmountInCompanyCodeCurrency"),
            "company_open_amount": company,
            "discount_amount": abs(discount) if discount else None,
            "document_no": line["AccountingDocument"],
            "document_type": line.get("AccountingDocumentType") or "",
            "instalment": line["AccountingDocumentItem"],
            "fiscal_year": int(line["FiscalYear"]),
            "document_on": required(line, "DocumentDate"),
            "due_on": checked(line, "NetDueDate"),
            "posted_on": checked(line, "PostingDate"),
            "discount_on": checked(line, "CashDiscount1DueDate"),
            "cleared_on": checked(line, "ClearingDate") if line.get("IsCleared") else None,
            "payment_method": line.get("PaymentMethod"),
            "terms": line.get("PaymentTerms"),
            "sales_order": line.get("SalesDocument"),
            "reference": line.get("DocumentReferenceID"),
            "text": line.get("DocumentItemText"),
            "applies_to": written(of) if of and kind == "credit_note" else None,
            "dunning_block": self._codes.block.get(block, block) if block else None,
            "dunning_level": int(level) or None if level and level.isdecimal() else None,
            "last_dunned_on": checked(line, "LastDunningDate"),
        }

    def _kind(self, line: Line, amount: Decimal) -> ItemKind:
        kind = self._codes.kind_by_document_type.get(line.get("AccountingDocumentType") or "")
        if kind is None:
            kind = "on_account" if line.get("AccountingDocumentType") in self.kinds.payments else "invoice"
        if kind == "invoice" and amount < 0:
            return "credit_note"
        return "invoice" if kind == "credit_note" and amount > 0 else kind

    def _class(self, line: Line) -> ItemClass:
        codes = self._codes
        special = line.get("SpecialGLCode")
        if special:
            return codes.class_by_special_gl.get(special, "draft")
        by_type = codes.class_by_document_type.get(line.get("AccountingDocumentType") or "")
        return by_type or codes.class_by_payment_method.get(line.get("PaymentMethod") or "", "normal")
