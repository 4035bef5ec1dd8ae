"""Invoices, credit memos and receipts of the pod, kept true as the book moves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from duehook.core.testing.book import Allocation, Book, Change, Item, Payment

from .accounts import Accounts
from .applications import Applications
from .codes import amount, installment_id, own_receipt_id, receipt_id, transaction_id
from .documents import INSTALLMENTS, MEMO_INSTALLMENTS, Extra, cells, invoice, memo, trx_class
from .receipts import of_item, of_payment, unidentified
from .table import Row, Table
from .values import exact


class Ledger:
    """The receivables of a book as the pod's resources have them.

    `disputes` are the requests that were made over REST, as they are kept over a restart.
    """

    def __init__(self, book: Book, accounts: Accounts, disputes: Sequence[Mapping[str, Any]]) -> None:
        """Make the rows of everything that the book holds or has held: nothing is ever purged here."""
        self.book, self._accounts, self._disputes = book, accounts, disputes
        self.invoices = Table("CustomerTransactionId", (*_INDEXED, f"{INSTALLMENTS}.InstallmentId"))
        self.memos = Table("CustomerTransactionId", (*_INDEXED, f"{MEMO_INSTALLMENTS}.InstallmentId"))
        self.receipts = Table("StandardReceiptId", ("CustomerAccountNumber", "ReceiptNumber"))
        self.classes: dict[int, str] = {}
        self._items: dict[int, list[str]] = {}
        self.applications = Applications(book)
        self._made: dict[str, list[Allocation]] = {}
        self._paid: dict[int, Payment] = {}
        self._spoilt: set[int] = set()
        for made in (*book.purged_allocations.values(), *book.allocations.values()):
            self._made.setdefault(made.item, []).append(made)
        for row in unidentified(book):
            self.receipts.put(row)
        for paid in (*book.purged_payments.values(), *book.payments.values()):
            self._receipt(paid)
        self._write(dict.fromkeys(filter(None, map(self._place, (*book.purged_items.values(), *book.items.values())))))

    def carry(self, changes: Sequence[Change]) -> None:
        """Make the rows anew that these changes touched."""
        touched: dict[int, None] = {}
        for change in changes:
            if change.act == "purged":
                continue
            if change.stream == "allocation":
                made = self._allocation(change.key)
                known = self._made.setdefault(made.item, [])
                known += [] if made in known else [made]
                self.applications.learn(self._payment(made.payment or ""))
            elif change.stream == "payment":
                self._receipt(self._payment(change.key))
            elif change.stream == "item":
                touched |= dict.fromkeys(self._touched(change))
        self._write(touched)

    def item(self, key: str) -> Item:
        """Return an item of the book, also one that it has purged."""
        return self.book.items.get(key) or self.book.purged_items[key]

    def refresh(self, transaction: int) -> None:
        """Make a transaction's row anew after something was written into it."""
        self._write([transaction])

    def spoil(self, item: str) -> None:
        """Let the date of an item's transaction be none that there is."""
        found = self.item(item)
        self._spoilt.add(own_receipt_id(found) if found.kind == "on_account" else transaction_id(found))
        self._place(found)
        self._write([transaction_id(found)])

    def spoil_payment(self, payment: str) -> None:
        """Let the date of a payment's receipt be none that there is."""
        paid = self.book.payments[payment]
        self._spoilt.add(receipt_id(paid))
        self._receipt(paid)

    def schedules(self, account: str) -> Iterator[Row]:
        """Yield the payment schedules of an account, of every class."""
        for table, child in ((self.invoices, INSTALLMENTS), (self.memos, MEMO_INSTALLMENTS)):
            for key in sorted(table.having("BillToCustomerNumber", [account])):
                row = table.rows[key]
                for part in row[child]:
                    yield cells(row, part) | {"TransactionClass": self.classes[part["InstallmentId"]]}
        for key in sorted(self.receipts.having("CustomerAccountNumber", [account])):
            yield _of_receipt(self.receipts.rows[key])

    def references(self, row: Row) -> list[Row]:
        """Return what the payer of a receipt said that it is for: the documents that it came to pay."""
        paid = self._paid.get(row["StandardReceiptId"])
        made = [self._allocation(key) for key in paid.allocations] if paid else []
        return [
            {
                "RemittanceReferenceId": row["StandardReceiptId"] * 1000 + place,
                "ReceiptMatchBy": "Transaction Number",
                "ReferenceNumber": str(self.item(each.item).document_no),
                "ReferenceAmount": amount(each.amount_minor, each.currency),
            }
            for place, each in enumerate(made, 1) if each.kind == "cash"
        ]  # fmt: skip

    def lines(self) -> Iterator[tuple[tuple[str, str, str], Decimal]]:
        """Yield what each line comes to, by business unit, account and currency: what is unapplied is owed to them."""
        for table, child in ((self.invoices, INSTALLMENTS), (self.memos, MEMO_INSTALLMENTS)):
            for row in table.rows.values():
                currency = row.get("InvoiceCurrencyCode") or row["CreditMemoCurrency"]
                for part in row[child]:
                    whose = (row["BusinessUnit"], row["BillToCustomerNumber"], currency)
                    yield whose, exact(part["InstallmentBalanceDue"], currency)
        for row in self.receipts.rows.values():
            if row["CustomerAccountNumber"]:
                whose = (row["BusinessUnit"], row["CustomerAccountNumber"], row["Currency"])
                yield whose, -exact(row["UnappliedAmount"], row["Currency"])

    def applied(self, account: str) -> Iterator[Row]:
        """Yield what receipts of an account were applied to."""
        for key in sorted(self.receipts.having("CustomerAccountNumber", [account])):
            yield from self.applications.of(key, spoilt=key in self._spoilt)

    def credited(self, account: str) -> Iterator[Row]:
        """Yield what credit memos of an account were applied to."""
        for key in sorted(self.memos.having("BillToCustomerNumber", [account])):
            yield from self.applications.of(key)

    def _payment(self, key: str) -> Payment:
        return self.book.payments.get(key) or self.book.purged_payments[key]

    def _allocation(self, key: str) -> Allocation:
        return self.book.allocations.get(key) or self.book.purged_allocations[key]

    def _touched(self, change: Change) -> list[int]:
        if change.key in self.book.items or change.key in self.book.purged_items:
            return [found for found in [self._place(self.item(change.key))] if found]
        gone = [key for key, names in self._items.items() if change.key in names]
        for key in gone:
            self._items[key].remove(change.key)
            if not self._items[key]:
                self.invoices.drop(key)
        return [key for key in gone if self._items[key]]

    def _place(self, item: Item) -> int | None:
        """Remember where an item stands; return its transaction, None where it is a receipt."""
        self._accounts.meet(item.customer)
        if item.kind == "on_account":
            if not item.from_payment:
                self.receipts.put(of_item(item, self.book, spoilt=own_receipt_id(item) in self._spoilt))
            return None
        key = transaction_id(item)
        names = self._items.setdefault(key, [])
        if item.key not in names:
            names.append(item.key)
            names.sort(key=lambda name: self.item(name).instalment)
            self.classes[installment_id(item)] = trx_class(item)
        return key

    def _receipt(self, paid: Payment) -> None:
        self.applications.learn(paid)
        if paid.amount_minor and not paid.reversal_of:
            self._accounts.meet(paid.customer)
            self._paid[receipt_id(paid)] = paid
            self.receipts.put(of_payment(paid, self.book, spoilt=receipt_id(paid) in self._spoilt))

    def _write(self, transactions: Iterable[int]) -> None:
        for key in transactions:
            items = [self.item(name) for name in self._items.get(key, ())]
            if items:
                memos = items[0].kind == "credit_note"
                row = (memo if memos else invoice)(items, self.book, self._made, self._extra(key))
                (self.memos if memos else self.invoices).put(row)

    def _extra(self, transaction: int) -> Extra:
        extra = Extra(spoilt=transaction in self._spoilt)
        for each in self._disputes:
            if each["CustomerTransactionId"] != transaction:
                continue
            extra.stamp = max(extra.stamp, each["changed_at"])
            if each["status"] == "Pending":
                extra.disputed = {int(part): minor for part, minor in each["parts"].items()}
                extra.disputed_on = each["made_on"]
        return extra


_INDEXED = ("BillToCustomerNumber", "TransactionNumber")


def _of_receipt(row: Row) -> Row:
    left, whole = row["UnappliedAmount"], row["Amount"]
    return {
        "InstallmentId": row["StandardReceiptId"] * 1000 + 1,
        "InstallmentNumber": 1,
        "InstallmentStatus": "Open" if left else "Closed",
        "TransactionId": row["StandardReceiptId"],
        "TransactionNumber": row["ReceiptNumber"],
        "TransactionType": None,
        "TransactionDate": row["ReceiptDate"],
        "AccountingDate": row["AccountingDate"],
        "PaymentScheduleDueDate": row["ReceiptDate"],
        "TotalOriginalAmount": -whole,
        "TotalBalanceAmount": -left,
        "EnteredCurrency": row["Currency"],
        "PurchaseOrder": None,
        "BillToSiteNumber": row["CustomerSite"],
        "ReceiptMethod": row["ReceiptMethod"],
        "TransactionClass": "PMT",
    }
