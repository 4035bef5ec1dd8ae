"""Items: the instalments of invoices and credit memos, and what is left of receipts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, TypeVar

from duehook.core.errors import BadRecord
from duehook.core.field_mapping import Patch
from duehook.core.hookspecs import BadRow, Row, Total
from duehook.core.money import rounded
from duehook.core.records import ItemClass, ItemKind
from duehook.plugins.oracle_fusion import values
from duehook.plugins.oracle_fusion.fields import DOCUMENT, INSTALLMENTS, RECEIPT
from duehook.plugins.oracle_fusion.resources import INSTALLMENT
from duehook.plugins.oracle_fusion.settings import FusionSettings
from duehook.plugins.oracle_fusion.values import Source, bad_row

ON_ACCOUNT: Final = "R|"
BALANCE: Final = "AccountedBalance"  # of extracts alone
_Pair = tuple[Decimal, Decimal]
_Some = TypeVar("_Some", Decimal, Decimal | None)


@dataclass(frozen=True)
class Document:
    """An invoice or credit memo with its instalments."""

    row: Source
    parts: Sequence[Source]
    is_credit: bool = False

    @property
    def unit(self) -> str | None:
        """Return the business unit."""
        return values.text(self.row, "BusinessUnit")


def key_of(part: Source) -> str | None:
    """Return an instalment's key; None where it has none that can be read."""
    try:
        return values.number_of(part, INSTALLMENT)
    except BadRecord:
        return None


class ItemMapping:
    """Makes items, by the site's names and code lists."""

    def __init__(self, settings: FusionSettings, patch: Patch | None = None) -> None:
        """Take the settings, and what the site's own file does to each row."""
        self._settings, self._columns, self._codes = settings, settings.columns, settings.codes
        self._currencies, self._patch = settings.currencies, patch

    def rows(self, document: Document) -> tuple[list[Row], list[BadRow]]:
        """Return the items of a document, and its instalments that cannot be read."""
        made: list[Row] = []
        bad: list[BadRow] = []
        for part in document.parts:
            try:
                made.append(self._item(document, part))
            except BadRecord as error:
                bad.append(bad_row(error, key_of(part), document.unit, document.row, part))
        return made, bad

    def on_account(self, row: Source) -> Row:
        """Return the item that stands for what a receipt has left."""
        unit, currency = values.required(row, "BusinessUnit"), values.required(row, "Currency")
        whole, left = values.needed(row, "Amount"), values.needed(row, "UnappliedAmount")
        own = self._currencies[unit]
        made: Row = {
            "company": unit,
            "key": f"{ON_ACCOUNT}{values.number_of(row, 'StandardReceiptId')}",
            "customer": values.required(row, "CustomerAccountNumber"),
            "kind": "on_account",
            "currency": currency,
            "amount": -whole,
            "open_amount": -left,
            "company_currency": own,
            "company_amount": None,
            "company_open_amount": None,
            "document_no": values.text(row, "ReceiptNumber") or values.number_of(row, "StandardReceiptId"),
            "document_type": RECEIPT,
            "document_on": values.day(row, "ReceiptDate") or self._missing("ReceiptDate"),
            "posted_on": values.day(row, self._columns.posted),
            "due_on": values.day(row, "ReceiptDate"),  # money is due when it comes
            "payment_method": values.text(row, "ReceiptMethod"),
            "changed_at": values.instant(row, self._columns.changed),
        }
        in_company = self._receipt_in_company(row, currency, own, (whole, left))
        if in_company is not None:
            made |= {"company_amount": -in_company[0], "company_open_amount": -in_company[1]}
        return made

    def total(self, document: Document, part: Source, bound: datetime) -> Total | None:
        """Return what is open of an instalment; None where nothing is, or where that cannot be read."""
        row = document.row
        try:
            unit, currency = values.required(row, "BusinessUnit"), self._currency(document)
            left = self._signed(document, values.needed(part, "InstallmentBalanceDue"))
            codes = currency, self._currencies[unit]
            company_left = self._in_company(document, part, (left, left), codes)["company_open_amount"]
            key = values.number_of(part, INSTALLMENT)
        except BadRecord:
            return None
        if not left and not company_left:
            return None
        return Total(unit, key, self._class(row), currency, left, self._currencies[unit], company_left,
                     _is_past(row, self._columns.changed, bound))  # fmt: skip

    def receipt_total(self, row: Source, bound: datetime) -> Total | None:
        """Return what a receipt has left; None where nothing is, or where that cannot be read."""
        try:
            unit, currency = values.required(row, "BusinessUnit"), values.required(row, "Currency")
            whole, left = values.needed(row, "Amount"), values.needed(row, "UnappliedAmount")
            own, key = self._currencies[unit], f"{ON_ACCOUNT}{values.number_of(row, 'StandardReceiptId')}"
            in_company = self._receipt_in_company(row, currency, own, (whole, left))
        except BadRecord:
            return None
        if not left:
            return None
        return Total(unit, key, "normal", currency, -left, own, None if in_company is None else -in_company[1],
                     _is_past(row, self._columns.changed, bound))  # fmt: skip

    def _item(self, document: Document, part: Source) -> Row:
        row, unit = document.row, values.required(document.row, "BusinessUnit")
        currency, own = self._currency(document), self._currencies[unit]
        whole = self._signed(document, values.needed(part, "OriginalAmount"))
        left = self._signed(document, values.needed(part, "InstallmentBalanceDue"))
        made: Row = {
            "company": unit,
            "key": values.number_of(part, INSTALLMENT),
            "customer": values.required(row, "BillToCustomerNumber"),
            "kind": self._kind(document, whole),
            "item_class": self._class(row),
            "currency": currency,
            "amount": whole,
            "open_amount": left,
            "company_currency": own,
            "document_no": values.required(row, "TransactionNumber"),
            "document_type": values.text(row, "TransactionType") or "",
            "document_on": values.day(row, "TransactionDate") or self._missing("TransactionDate"),
            "posted_on": values.day(row, self._columns.posted),
            "due_on": values.day(part, "InstallmentDueDate"),
            "cleared_on": None if left else values.day(part, "InstallmentClosedDate"),
            "instalment": values.text(part, "InstallmentSequenceNumber"),
            "terms": values.text(row, "PaymentTerms"),
            "purchase_order": values.text(row, self._columns.purchase_order),
            "changed_at": values.instant(row, self._columns.changed),
            **self._in_company(document, part, (whole, left), (currency, own)),
            **_in_dispute(document, part, left),
        }
        if self._patch is not None:
            self._patch({DOCUMENT: row, INSTALLMENTS: part}, made)
        return made

    def _in_company(self, document: Document, part: Source, amounts: _Pair, codes: tuple[str, str]) -> Row:
        """Return the amounts in the company's currency: the original by the document's rate, what is open as told.

        `codes` are the document's currency and the company's.
        """
        (whole, left), (currency, own) = amounts, codes
        rate, told = Decimal(1), values.amount(part, "AccountedBalanceDue")
        if currency != own:
            found = values.amount(document.row, self._columns.conversion_rate)
            if found is None:
                return {"company_amount": None, "company_open_amount": self._signed(document, told)}
            rate = found
        company_left = rounded(left * rate, own) if told is None else self._signed(document, told)
        return {"company_amount": rounded(whole * rate, own), "company_open_amount": company_left}

    def _receipt_in_company(self, row: Source, currency: str, own: str, amounts: _Pair) -> _Pair | None:
        """Return what a receipt came to and what is left of it in the company's currency; that is told by extracts."""
        whole, left = amounts
        if currency == own:
            return amounts
        money, balance = values.amount(row, self._columns.accounted), values.amount(row, BALANCE)
        if balance is not None and left == whole:
            return balance, balance
        rate = values.amount(row, self._columns.conversion_rate)
        if money is None and rate is not None:
            money = rounded(whole * rate, own)
        if money is None:
            return None
        return money, _share(money, left, whole, own) if balance is None else balance

    def _currency(self, document: Document) -> str:
        name = self._columns.credit_memo_currency if document.is_credit else "InvoiceCurrencyCode"
        return values.required(document.row, name)

    def _signed(self, document: Document, amount: _Some) -> _Some:
        """Return an amount with our sign: a credit memo's is below zero however the site's release writes it."""
        turned = amount is not None and document.is_credit and self._settings.credit_memo_sign == "positive"
        return -amount if turned else amount  # type: ignore[operator]

    def _kind(self, document: Document, whole: Decimal) -> ItemKind:
        if document.is_credit:
            return "credit_note"
        named = self._codes.kind_by_type.get(values.text(document.row, "TransactionType") or "")
        return named or ("invoice" if whole >= 0 else "credit_note")

    def _class(self, row: Source) -> ItemClass:
        return self._codes.class_by_type.get(values.text(row, "TransactionType") or "") or "normal"

    @staticmethod
    def _missing(name: str) -> Any:
        raise BadRecord(f"{name} is empty.")


def totals_of(mapping: ItemMapping, document: Document, bound: datetime) -> Iterator[Total]:
    """Yield what is open of a document by instalment."""
    for part in document.parts:
        found = mapping.total(document, part, bound)
        if found is not None:
            yield found


def _in_dispute(document: Document, part: Source, left: Decimal) -> Mapping[str, Any]:
    disputed = values.amount(part, "DisputeAmount")
    if not disputed or document.is_credit:
        return {"disputed_amount": None}
    return {"disputed_amount": abs(disputed) if left >= 0 else -abs(disputed)}


def _share(money: Decimal, left: Decimal, whole: Decimal, currency: str) -> Decimal:
    """Return what of some money in the company's currency belongs to what is left of the whole."""
    return money if left == whole else rounded(money * left / whole, currency) if whole else values.NOTHING


def _is_past(row: Source, name: str, bound: datetime) -> bool:
    try:
        changed = values.instant(row, name)
    except BadRecord:
        return False
    return changed is not None and changed > bound
