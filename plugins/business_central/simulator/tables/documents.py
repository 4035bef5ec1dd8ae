"""Sales invoices and credit memos of API v2.0: posted ones, and drafts in the same set."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any, Final

from duehook.core.testing.book import Book, Change, Item
from duehook.core.testing.book.objects import to_amount
from duehook.core.testing.odata import Table

from .codes import NO_ID, NONE_ON, company_id, day, identity
from .ledger import Ledger
from .names import item_name, item_of

Row = dict[str, Any]
_MORNING: Final = time(7, tzinfo=UTC)


class Documents:
    """The sales documents of every company, made of the book's invoices and credit notes when they are looked at.

    Their stamp is of when they were made, or posted: money that comes for one moves its remainingAmount and no stamp.
    """

    def __init__(self, ledger: Ledger, changes: Iterable[Change]) -> None:
        """Take what is there."""
        self.ledger, self.book = ledger, ledger.book
        self.invoices = {company_id(code): Table(self.invoice) for code in self.book.companies}
        self.credit_memos = {company_id(code): Table(self.credit_memo) for code in self.book.companies}
        self._stamps: dict[str, datetime] = {}
        self._drafts: set[str] = set()
        self._spoiled: set[str] = set()
        for item in (*self.book.items.values(), *self.book.purged_items.values()):
            self._put(item)
        self.carry(changes)

    def carry(self, changes: Iterable[Change]) -> None:
        """Learn which documents came, were posted or deleted; all others may have another remainder."""
        for change in changes:
            if change.stream != "item":
                continue
            item = item_of(self.book, change.key)
            if item is not None:
                self._stamp(item, change)
                self._put(item)
            elif change.act == "deleted":
                for table in self.invoices.values():
                    table.drop((document_id(change.key),))
        self.touch()

    def touch(self) -> None:
        """Learn that what is told of documents may have changed."""
        for table in (*self.invoices.values(), *self.credit_memos.values()):
            table.touch()

    def invoice(self, key: str) -> Row:
        """Return a row of salesInvoices."""
        item = _known(self.book, key)
        draft = not self.ledger.is_posted(item)
        entry = self.ledger.row(item_name(item)) or {}
        dispute = f"{company_id(item.company)} {entry.get('Dispute_Status')}" if entry.get("Dispute_Status") else ""
        return self._common(item, 1) | {
            "invoiceDate": self._dated(item),
            "customerPurchaseOrderReference": item.purchase_order,
            "orderId": identity("Sales Header", str(item.sales_order)) if item.sales_order else NO_ID,
            "orderNumber": str(item.sales_order or ""),
            "remainingAmount": to_amount(item.open_minor, item.currency),
            "status": "Draft" if draft else "Open" if item.open_minor else "Paid",
            "promisedPayDate": entry.get("Promised_Pay_Date", NONE_ON),
            "disputeStatusId": identity("Dispute Status", dispute) if dispute else NO_ID,
        }

    def credit_memo(self, key: str) -> Row:
        """Return a row of salesCreditMemos: it does not tell what is left of one."""
        item = _known(self.book, key)
        bill = item_of(self.book, item.applies_to or "")
        return self._common(item, -1) | {
            "creditMemoDate": self._dated(item),
            "status": "Open" if item.open_minor else "Paid",
            "invoiceId": document_id(bill.key) if bill else NO_ID,
            "invoiceNumber": self.ledger.document_no(bill) if bill and self.ledger.is_posted(bill) else "",
        }

    def spoil(self, item: str) -> None:
        """Let the dates of a document be none."""
        self._spoiled.add(item)
        self.touch()

    def _common(self, item: Item, sign: int) -> Row:
        company = company_id(item.company)
        row = self.ledger.row(item_name(item)) or {}
        payer = item.payer or item.customer
        customer, bill_to = self.book.customers.get(item.customer), self.book.customers.get(payer)
        foreign = item.currency != item.company_currency
        amount, tax = sign * item.amount_minor, sign * item.tax_minor
        return {
            "id": document_id(item.key),
            "number": self.ledger.document_no(item) if row else f"D{item.document_no}",
            "externalDocumentNumber": item.reference,
            "postingDate": row.get("Posting_Date", day(item.document_on)),
            "dueDate": day(item.due_on),
            "customerId": identity("Customer", f"{company} {item.customer}"),
            "customerNumber": item.customer,
            "customerName": customer.name if customer else "",
            "billToName": bill_to.name if bill_to else "",
            "billToCustomerId": identity("Customer", f"{company} {payer}"),
            "billToCustomerNumber": payer,
            "currencyId": identity("Currency", f"{company} {item.currency}") if foreign else NO_ID,
            "currencyCode": item.currency,
            "paymentTermsId": identity("Payment Terms", f"{company} {item.terms}"),
            "shipmentMethodId": NO_ID,
            "totalAmountExcludingTax": to_amount(amount - tax, item.currency),
            "totalTaxAmount": to_amount(tax, item.currency),
            "totalAmountIncludingTax": to_amount(amount, item.currency),
            "lastModifiedDateTime": self._stamps.get(item.key) or datetime.combine(item.document_on, _MORNING),
        }

    def _dated(self, item: Item) -> date:
        return NONE_ON if item.key in self._spoiled else item.document_on

    def _put(self, item: Item) -> None:
        if item.kind == "invoice":
            self.invoices[company_id(item.company)].put((document_id(item.key),), item.key)
        elif item.kind == "credit_note":
            self.credit_memos[company_id(item.company)].put((document_id(item.key),), item.key)

    def _stamp(self, item: Item, change: Change) -> None:
        """Stamp a document that was made or posted."""
        if not item.posted:
            self._drafts.add(item.key)
        elif change.act == "added" or item.key in self._drafts:
            self._drafts.discard(item.key)
            self._stamps[item.key] = change.at


def document_id(item: str) -> str:
    """Return the id of an item's document: the same before and after it is posted."""
    return identity("Sales Document", item)


def _known(book: Book, key: str) -> Item:
    found = item_of(book, key)
    assert found is not None
    return found
