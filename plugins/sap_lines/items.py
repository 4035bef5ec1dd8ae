"""Lines of customers as items: amounts by their side, what is open by their family."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

from duehook.core.errors import BadRecord
from duehook.core.field_mapping import Patch
from duehook.core.hookspecs import BadRow, Total
from duehook.core.records import ItemClass, ItemKind

from .cases import Cases
from .codes import CodeLists
from .families import Families, Kinds
from .lines import COMPANY, OWN, Line, checked, key_of, reference_of, required, signed, unreadable, written

Row = dict[str, Any]


class ItemMapping:
    """Makes items of lines, by the site's code lists."""

    def __init__(self, codes: CodeLists, patch: Patch | None = None, *, source: str = "") -> None:
        """Take the code lists, and what the site's own file does to a row, whose line it calls `source`."""
        self._codes, self._patch, self._source = codes, patch, source
        self.kinds = Kinds.of(codes)

    def rows(self, items: Iterable[Line], families: Families, cases: Cases) -> tuple[list[Row], list[BadRow]]:
        """Return items, and those of which a line cannot be read."""
        rows, bad = [], []
        for line in items:
            try:
                row = self._row(line, families) | cases.of(key_of(line))
                if self._patch is not None:
                    self._patch({self._source: line}, row)
                rows.append(row)
            except BadRecord as error:
                bad.append(unreadable(line, error, written(key_of(line))))
        return rows, bad

    def totals(self, items: Iterable[Line], families: Families, past: date) -> list[Total]:
        """Return what is open by item, without those that cannot be read: they wait in quarantine.

        One that changed behind the day `past` says so.
        """
        found = []
        for line in items:
            with suppress(BadRecord):
                found.append(self._total(line, families, past))
        return found

    def _total(self, line: Line, families: Families, past: date) -> Total:
        own, company = families.open_of(line)
        changed = [checked(line, name) for name in ("LastChangeDate", "AccountingDocumentCreationDate")]
        return Total(
            line["CompanyCode"], written(key_of(line)), self._class(line), line["TransactionCurrency"], own,
            line["CompanyCodeCurrency"], company, any(day is not None and day > past for day in changed),
        )  # fmt: skip

    def _row(self, line: Line, families: Families) -> Row:
        amount = signed(line, OWN)
        own, company = families.open_of(line)
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
            "company_amount": signed(line, COMPANY),
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
            "cleared_on": families.cleared_on(line) if line.get("IsCleared") and not own else None,
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
            kind = "on_account" if self.kinds.pays(line) else "invoice"
        if kind == "invoice" and amount < 0:
            return "credit_note"
        if kind == "on_account" and amount > 0 and reference_of(line) is not None:
            return "invoice"  # the rest of one that is not there any more
        return "invoice" if kind == "credit_note" and amount > 0 else kind

    def _class(self, line: Line) -> ItemClass:
        codes = self._codes
        special = line.get("SpecialGLCode")
        if special:
            return codes.class_by_special_gl.get(special, "draft")
        by_type = codes.class_by_document_type.get(line.get("AccountingDocumentType") or "")
        return by_type or codes.class_by_payment_method.get(line.get("PaymentMethod") or "", "normal")
