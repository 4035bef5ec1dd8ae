"""What settled what, where the site publishes it: a row for each side of every settlement (table CustSettlement)."""

from __future__ import annotations

from collections.abc import Iterator

from duehook.core.testing.book import Allocation, Book
from duehook.core.testing.book.objects import to_amount
from duehook.core.testing.odata import Table

from .codes import data_area
from .ledger import Ledger
from .ledger_rows import Row, document_name, payment_name, trans_id, voucher_of
from .values import NONE_AT, midday, record_id, yes


class Settlements:
    """CustSettlements as a table, which is made anew when there are more or fewer of them."""

    def __init__(self, ledger: Ledger) -> None:
        """Make nothing yet: most sites do not publish it."""
        self._ledger = ledger
        self._made: tuple[tuple[int, int, int], Table] | None = None

    @property
    def table(self) -> Table:
        """Return the rows by key."""
        ledger = self._ledger
        now = len(ledger.book.allocations), len(ledger.book.purged_allocations), len(ledger.transactions)
        if self._made is None or self._made[0] != now:
            made = Table()
            for row in settlement_rows(ledger):
                made.put((row["dataAreaId"], row["SysRecId"]), row)
            self._made = now, made
        return self._made[1]


def settlement_rows(ledger: Ledger) -> Iterator[Row]:
    """Yield the settlements of all documents that are posted, and for money the other side too."""
    book = ledger.book
    for part in book.allocations.values():
        item = book.items.get(part.item) or book.purged_items[part.item]
        own, other = trans_id(document_name(item)), _other_side(book, part)
        if ledger.transaction(own) is None or other is None:
            continue
        voucher = voucher_of(book, part.payment) if part.payment else ""
        row: Row = {
            "dataAreaId": data_area(part.company),
            "SysRecId": record_id("CustSettlement", part.key),
            "TransRecId": own,
            "OffsetRecid": other,
            "AccountNum": item.payer or item.customer,
            "TransDate": NONE_AT if ledger.is_spoiled(payment_name(part.payment or "")) else midday(part.allocated_on),
            "DueDate": midday(item.due_on),
            "SettleAmountCur": part.amount,
            "SettleAmountMST": to_amount(part.company_minor, part.company_currency),
            "ExchAdjustment": to_amount(part.fx_minor, part.company_currency),
            "OffsetTransVoucher": voucher,
            "SettlementVoucher": voucher,
            "CanBeReversed": yes(not part.reversal_of),
        }
        yield row
        if part.kind == "cash":
            number = record_id("CustSettlement", f"{part.key} offset")
            turned = {name: -row[name] for name in ("SettleAmountCur", "SettleAmountMST", "ExchAdjustment")}
            yield row | turned | {"SysRecId": number, "TransRecId": other, "OffsetRecid": own}


def _other_side(book: Book, part: Allocation) -> int | None:
    """Return the transaction that a settlement was made with: money, what was posted beside, or a credit."""
    paid = part.payment or ""
    if part.kind == "cash":
        return trans_id(payment_name(paid))
    if part.kind != "credit":
        return trans_id(f"beside|{part.key}")
    netting = book.payments.get(paid) or book.purged_payments[paid]
    others = [key for key in netting.allocations if key != part.key and key in book.allocations]
    if not others:
        return None
    item = book.allocations[others[0]].item
    return trans_id(document_name(book.items.get(item) or book.purged_items[item]))
