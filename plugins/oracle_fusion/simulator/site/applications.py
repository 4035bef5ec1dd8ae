"""What receipts and credit memos were applied to, as the children of an account's activities show it.

The rows are those of a receivables ledger: one that was undone stays, beside one of the opposite amount, and neither is
the latest. What a payment took off otherwise (discounts, write-offs, deductions) is no application.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from duehook.core.testing.book import Allocation, Book, Payment
from duehook.core.testing.sql_ledger.cash import is_netting, item_of, other_side, part_of

from .codes import amount, application_id, installment_id, own_receipt_id, receipt_id, transaction_id
from .documents import NO_DAY
from .table import Row
from .values import day, stamp

RECEIPTS: Final = "standardReceiptApplications"
MEMOS: Final = "creditMemoApplications"


class Applications:
    """The applications of a book, by the receipt or credit memo that was applied."""

    def __init__(self, book: Book) -> None:
        """Take the book; what it has purged is still here."""
        self._book = book
        self._made: dict[int, dict[int, Row]] = {}

    def learn(self, paid: Payment) -> None:
        """Make the rows of a payment anew; those of a reversal stand beside what it takes back."""
        for place, key in enumerate(paid.allocations, 1):
            part = part_of(self._book, key)
            if self._is_shown(paid, part):
                owner, row = self._row(paid, part, place)
                self._made.setdefault(owner, {})[row["ApplicationId"]] = row

    def of(self, owner: int, *, spoilt: bool = False) -> Sequence[Row]:
        """Return the applications of a receipt or a credit memo; of one that is `spoilt` no date can be read."""
        rows = [row for _, row in sorted(self._made.get(owner, {}).items())]
        return [row | {"ApplicationDate": NO_DAY} for row in rows] if spoilt else rows

    def every(self) -> Iterator[Row]:
        """Yield all applications."""
        for owner in self._made:
            yield from self.of(owner)

    def _is_shown(self, paid: Payment, part: Allocation) -> bool:
        """Say whether an allocation is an application: of a credit to an invoice the invoice's side alone is."""
        if part.kind not in ("cash", "credit") or item_of(self._book, part.item).kind == "on_account":
            return False
        return not (is_netting(paid) and part.amount_minor < 0)

    def _row(self, paid: Payment, part: Allocation, place: int) -> tuple[int, Row]:
        item = item_of(self._book, part.item)
        owner, named = self._owner(paid, part)
        undone = bool(paid.reversal_of or paid.reversed_on)
        return owner, named | {
            "ApplicationId": application_id(paid, place),
            "ApplicationDate": day(part.allocated_on),
            "AccountingDate": day(part.allocated_on),
            "ApplicationAmount": amount(part.amount_minor, part.currency),
            "ApplicationStatus": "Applied",
            "EnteredCurrency": part.currency,
            "IsLatestApplication": "N" if undone else "Y",
            "ReferenceInstallmentId": installment_id(item),
            "ReferenceTransactionId": transaction_id(item),
            "ReferenceTransactionNumber": str(item.document_no),
            "CreationDate": stamp(part.changed_at),
            "LastUpdateDate": stamp(max(paid.changed_at, part.changed_at)),
        }

    def _owner(self, paid: Payment, part: Allocation) -> tuple[int, Row]:
        """Return the id of what was applied, and what its rows say of it."""
        if not is_netting(paid):
            source = self._payment(paid.reversal_of) or paid
            return receipt_id(source), _money(receipt_id(source), str(source.number))
        paper = other_side(self._book, paid, part)
        if paper.kind != "on_account":
            return transaction_id(paper), {
                "CreditMemoId": transaction_id(paper), "CreditMemoNumber": str(paper.document_no),
                "CreditMemoStatus": "Complete",
            }  # fmt: skip
        brought = self._payment(paper.from_payment)
        if brought is None:
            return own_receipt_id(paper), _money(own_receipt_id(paper), str(paper.document_no))
        return receipt_id(brought), _money(receipt_id(brought), str(brought.number))

    def _payment(self, key: str | None) -> Payment | None:
        return self._book.payments.get(key or "") or self._book.purged_payments.get(key or "")


def _money(number: int, said: str) -> dict[str, Any]:
    return {"StandardReceiptId": number, "ReceiptNumber": said, "ProcessStatus": None}
