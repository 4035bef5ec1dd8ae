"""Customer ledger entries and posted documents as items.

An entry of a payment or a refund is an item while something of it is open: then it is money on account. Where it was
closed on a later day than its own it had been that, and is still told; what is applied on its own day never was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from duehook.core.connecting.odata_rows import bad_row, required
from duehook.core.errors import BadRecord
from duehook.core.field_mapping import Patch
from duehook.core.hookspecs import BadRow, Total
from duehook.core.records import ItemClass, ItemKind
from duehook.core.wire.odata.dialect import Unreadable
from duehook.core.wire.odata.readable import expect_readable
from duehook.plugins.business_central.company import Company
from duehook.plugins.business_central.entities import STAMP
from duehook.plugins.business_central.settings import CodeLists
from duehook.plugins.business_central.values import word

from .rows import NOTHING, Row, Source, stamp_of

MONEY: Final = frozenset({"Payment", "Refund"})
POSTED: Final = frozenset({"Open", "Paid", "Canceled", "Corrective"})  # the other documents are drafts
SETTLED: Final = frozenset({"Paid", "Canceled", "Corrective"})


def is_money(row: Source) -> bool:
    """Say whether an entry is a payment or a refund."""
    return word(row.get("Document_Type")) in MONEY


class EntryMapping:
    """Makes items of customer ledger entries."""

    def __init__(self, codes: CodeLists, patch: Patch | None = None) -> None:
        """Take the code lists, and what the site's own file does to an item."""
        self._codes, self._patch = codes, patch

    def is_item(self, row: Source) -> bool:
        """Say whether an entry is told as an item: money only while it is on account, or where it had been."""
        return not is_money(row) or _is_left(row) or _was_left(row)

    def rows(self, one: Company, entries: Sequence[Source], *, asked: bool = False) -> tuple[list[Row], list[BadRow]]:
        """Return the items of these entries, and those that cannot be read; money that is applied only when asked."""
        made: list[Row] = []
        bad: list[BadRow] = []
        for row in entries:
            try:
                if asked or self.is_item(row):
                    made.append(self._item(one, row))
            except BadRecord as error:
                bad.append(bad_row(error, one.id, str(row["Entry_No"]), row))
        return made, bad

    def totals(self, one: Company, entries: Sequence[Source], past: Callable[[Source], bool]) -> list[Total]:
        """Return what is open by item, leaving out what cannot be read; `past` says what changed behind the bound."""
        found: list[Total] = []
        for row in entries:
            left, beside = row.get("Remaining_Amount"), row.get("Remaining_Amt_LCY")
            if isinstance(left, Decimal) and (left or beside):
                found.append(
                    Total(
                        one.id, str(row["Entry_No"]), self._class(row), row.get("Currency_Code") or str(one.currency),
                        left, one.currency, beside if isinstance(beside, Decimal) else None, past(row),
                    )
                )  # fmt: skip
        return found

    def _item(self, one: Company, row: Source) -> Row:
        expect_readable(row)
        amount = required(row, "Original_Amount", "Amount")
        left = required(row, "Remaining_Amount")
        discount = row.get("Remaining_Pmt_Disc_Possible") or NOTHING
        made = {
            "company": one.id,
            "key": str(row["Entry_No"]),
            "customer": required(row, "Customer_No"),
            "kind": self._kind(row, amount),
            "item_class": self._class(row),
            "currency": row.get("Currency_Code") or one.currency,  # blank is the company's own
            "amount": amount,
            "open_amount": left,
            "company_currency": one.currency,
            "company_amount": row.get("Amount_LCY"),
            "company_open_amount": row.get("Remaining_Amt_LCY"),
            "document_no": row.get("Document_No") or str(row["Entry_No"]),
            "document_type": word(row.get("Document_Type")),
            "document_on": required(row, "Document_Date", "Posting_Date"),
            "posted_on": row.get("Posting_Date"),
            "due_on": row.get("Due_Date"),
            "discount_on": row.get("Pmt_Discount_Date") if discount else None,
            "discount_amount": discount or None,
            "cleared_on": None if left else row.get("Closed_at_Date"),
            "payment_method": row.get("Payment_Method_Code"),
            "terms": row.get("Payment_Terms_Code"),
            "purchase_order": row.get("Your_Reference"),
            "reference": row.get("External_Document_No"),
            "text": row.get("Description"),
            "dunning_block": row.get("On_Hold"),
            **self._in_dispute(row, left),
            "changed_at": stamp_of(row, STAMP),
        }
        if self._patch is not None:
            self._patch({"CustomerLedgerEntries": row}, made)
        return made

    def _kind(self, row: Source, amount: Decimal) -> ItemKind:
        kind = word(row.get("Document_Type"))
        if not kind:
            return "invoice" if amount >= 0 else "on_account"
        found = self._codes.kind_by_type.get(kind)
        if found is None:
            raise BadRecord(f"the document type {kind!r} is not in codes.kind_by_type.", fix="say there what it is.")
        if found in {"invoice", "credit_note"}:
            return "credit_note" if amount < 0 else "invoice"
        return found

    def _class(self, row: Source) -> ItemClass:
        return self._codes.class_by_payment_method.get(row.get("Payment_Method_Code") or "") or "normal"

    def _in_dispute(self, row: Source, left: Decimal) -> Row:
        """Return the dispute of an entry that has a status: all that is open of it, for no amount is kept."""
        status = row.get("Dispute_Status")
        if not status or not left:
            return {}
        return {"disputed_amount": left, "dispute_reason": self._codes.dispute_by_status.get(status, status)}


def _was_left(row: Source) -> bool:
    """Say whether money stood on account before it was applied."""
    closed, posted = row.get("Closed_at_Date"), row.get("Posting_Date")
    return isinstance(closed, date) and isinstance(posted, date) and closed > posted and row.get("Reversed") is not True


def _is_left(row: Source) -> bool:
    """Say whether something is open of an entry; what cannot be read is looked at again."""
    held: list[Any] = [row.get("Remaining_Amount"), row.get("Remaining_Amt_LCY")]
    return any(isinstance(each, Unreadable) or each for each in held)


class DocumentMapping:
    """Makes items of posted invoices and credit memos of API v2.0, where ledger entries are not published."""

    def __init__(self, patch: Patch | None = None) -> None:
        """Take what the site's own file does to an item."""
        self._patch = patch

    def row(self, one: Company, row: Source, terms: str | None, *, is_credit: bool) -> Row:
        """Return a posted invoice, or a credit memo, whose amounts are written without their sign."""
        expect_readable(row)
        sign = -1 if is_credit else 1
        amount, left = sign * required(row, "totalAmountIncludingTax"), sign * open_of(row)
        currency = row.get("currencyCode") or one.currency
        customer, bill_to = required(row, "customerNumber", "billToCustomerNumber"), row.get("billToCustomerNumber")
        in_company = {"company_amount": amount, "company_open_amount": left} if currency == one.currency else {}
        tax = row.get("totalTaxAmount")
        made = {
            "company": one.id,
            "key": f"{'C' if is_credit else 'I'}|{row['number']}",
            "customer": customer,
            "payer": bill_to if bill_to != customer else None,
            "kind": "credit_note" if amount < 0 else "invoice",
            "currency": currency,
            "amount": amount,
            "open_amount": left,
            "company_currency": one.currency,
            **in_company,
            "tax_amount": sign * tax if tax is not None else None,
            "document_no": row["number"],
            "document_type": "Credit Memo" if is_credit else "Invoice",
            "document_on": required(row, "creditMemoDate" if is_credit else "invoiceDate", "postingDate"),
            "posted_on": row.get("postingDate"),
            "due_on": row.get("dueDate"),
            "terms": terms,
            "purchase_order": row.get("customerPurchaseOrderReference"),
            "sales_order": row.get("orderNumber"),
            "reference": row.get("externalDocumentNumber"),
            "changed_at": stamp_of(row, "lastModifiedDateTime"),
        }
        if self._patch is not None:
            self._patch({"salesCreditMemos" if is_credit else "salesInvoices": row}, made)
        return made


def is_posted(row: Source) -> bool:
    """Say whether a document is a receivable: drafts stand in the same set."""
    return word(row.get("status")) in POSTED


def open_of(row: Source) -> Decimal:
    """Return what is open of a document; where no amount says it, all of it until its status does."""
    if row.get("remainingAmount") is not None:
        return Decimal(row["remainingAmount"])
    if word(row.get("status")) in SETTLED:
        return NOTHING
    return Decimal(required(row, "totalAmountIncludingTax"))
