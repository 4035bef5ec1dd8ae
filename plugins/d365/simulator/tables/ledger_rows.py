"""The rows of CustTransactions and CustTransOpens, made of the book's documents, money and settlements.

One transaction stands for a document with all its instalments, for money in or back, and for what a
settlement posted beside it: discount, write-off, exchange adjustment. What is open of it are its rows in
CustTransOpens, one an instalment, each with a SysRecId of its own: a settlement that is undone gives a new one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from duehook.core.testing.book import Allocation, Book, Item, Payment
from duehook.core.testing.book.objects import to_amount
from duehook.core.testing.book.postings import converted

from .codes import MODES, TRANSFER, data_area, letter_code
from .values import NONE_AT, NOTHING, midday, record_id, yes

Row = dict[str, Any]
_OF_REDUCTION: Final = {
    "discount": "CashDisc",
    "write_off": "WriteOff",
    "deduction": "Settlement",
    "chargeback": "Settlement",
}


@dataclass(slots=True)
class Posted:
    """One transaction: its row, its open rows, and when its record was last changed."""

    row: Row
    open: list[Row] = field(default_factory=list)
    changed_at: datetime = NONE_AT


def trans_id(name: str) -> int:
    """Return the SysRecId of the transaction of this name."""
    return record_id("CustTrans", name)


def document_name(item: Item) -> str:
    """Return what names the transaction that an item is part of: all instalments of a document, or its payment."""
    if item.kind == "on_account" and item.from_payment:
        return payment_name(item.from_payment)
    return f"{item.company}|{item.key.rpartition('-')[0]}|{item.customer}|{item.currency}"


def payment_name(key: str) -> str:
    """Return what names the transaction of a payment."""
    return f"payment|{key}"


def beside_name(made: Allocation) -> str | None:
    """Return what names the transaction that a settlement posted beside it, None where it posted none."""
    return f"beside|{made.key}" if made.kind in _OF_REDUCTION or made.fx_minor else None


def voucher_of(book: Book, key: str) -> str:
    """Return the voucher of a payment or netting."""
    payment = book.payments.get(key) or book.purged_payments[key]
    if payment.amount_minor == 0:
        return f"ARN-{payment.number:08d}"
    return f"ARP-{payment.number:08d}{'-R' if payment.reversal_of else ''}"


def document(book: Book, name: str, items: Sequence[Item]) -> Posted | None:
    """Return the transaction of a document, given all its instalments; None before it is posted."""
    head = items[0]
    if not all(item.posted for item in items):
        return None
    left = sum(item.open_minor for item in items)
    money = _Money(
        head.currency,
        head.company_currency,
        sum(item.amount_minor for item in items),
        sum(item.company_amount_minor for item in items),
        left,
        sum(item.company_open_minor for item in items) if left else 0,
    )
    settled = [part for item in items for part in book.allocations_of.get(item.key, ())]
    kind = _trans_type(head)
    posted_on = head.posted_on or head.document_on
    row = _row(name, head.company, account=head.payer or head.customer, trans_type=kind, on=posted_on)
    row |= money.cells()
    row |= {
        "OrderAccount": head.customer,
        "Invoice": "" if kind == "Payment" else str(head.document_no),
        "Voucher": f"AR{head.document_type}-{head.document_no:08d}",
        "DueDate": midday(head.due_on),
        "DocumentDate": NONE_AT if kind == "Sales" and posted_on == head.document_on else midday(head.document_on),
        "DocumentNum": str(head.document_no) if kind == "Payment" else "",
        "ExchRate": _rate(head.rate_scaled),
        "PaymTermId": head.terms,
        "PaymMode": MODES.get(head.item_class, TRANSFER),
        "PaymReference": head.reference,
        "Prepayment": yes(head.item_class == "down_payment"),
        "Txt": head.text,
        "CollectionLetterCode": letter_code(max(item.dunning_level or 0 for item in items)),
    }
    row |= _settled_by(book, settled, [item.cleared_on for item in items])
    row["Closed"] = _closed(head.document_no, row, left=left)
    opened = [_open_row(book, item, row) for item in items if item.open_minor]
    return Posted(row, opened, max(item.changed_at for item in items))


def payment(book: Book, name: str, paid: Payment, rest: Item | None) -> Posted:
    """Return the transaction of money in or back; `rest` is the book's item of what it left unapplied."""
    own = paid.company_currency
    rate = book.rate(paid.currency, own, paid.received_on)
    left_own = rest.company_open_minor if rest else -converted(paid.unapplied_minor, paid.currency, own, rate)
    left = -paid.unapplied_minor
    money = _Money(
        paid.currency, own, -paid.amount_minor, -paid.company_amount_minor, left, left_own if left else 0
    )  # fmt: skip
    row = _row(name, paid.company, account=paid.customer, trans_type="Payment", on=paid.received_on)
    row |= money.cells()
    touched = paid.unapplied_minor != paid.amount_minor
    settled_on = max(paid.received_on, paid.reversed_on or paid.received_on, _of(rest), _last_change(paid))
    back = f"{paid.key}-R" if paid.reversed_on else paid.reversal_of
    row |= {
        "Voucher": voucher_of(book, paid.key),
        "DueDate": midday(paid.received_on),
        "DocumentDate": NONE_AT,
        "DocumentNum": str(rest.document_no) if rest else "",
        "ExchRate": _rate(rate),
        "PaymMode": TRANSFER,
        "PaymReference": paid.reference,
        "CancelledPayment": yes(back),
        "Prepayment": yes(is_prepayment(paid)),
        "Txt": "cancelled" if paid.reversal_of else "customer payment",
        "LastSettleDate": midday(settled_on) if touched or back else NONE_AT,
        "LastSettleVoucher": voucher_of(book, back) if back else voucher_of(book, paid.key) if touched else "",
        "Closed": midday(settled_on) if not left else NONE_AT,
    }
    opened = [_open_cells(row, money, name, 0)] if left else []
    if rest and opened:
        opened = [_open_row(book, rest, row)]
    return Posted(row, opened, max(paid.changed_at, rest.changed_at if rest else paid.changed_at))


def is_prepayment(paid: Payment) -> bool:
    """Say whether money that came for nothing yet was marked as paid in advance: each second of them is."""
    return not paid.allocations and paid.amount_minor > 0 and paid.number % 2 == 0


def beside(book: Book, name: str, made: Allocation) -> Posted:
    """Return what a settlement posted beside it: a discount or write-off, or what the rate made of it."""
    item = book.items.get(made.item) or book.purged_items[made.item]
    reduces = made.kind in _OF_REDUCTION
    minor = -made.amount_minor if reduces else 0
    money = _Money(
        made.currency, made.company_currency, minor, -made.company_minor if reduces else -made.fx_minor, 0, 0
    )
    row = _row(
        name, made.company, account=item.payer or item.customer, on=made.allocated_on,
        trans_type=_OF_REDUCTION.get(made.kind, "ExchAdjustment"),
    )  # fmt: skip
    row |= money.cells()
    voucher = voucher_of(book, made.payment) if made.payment else ""
    row |= {
        "OrderAccount": item.customer,
        "Invoice": str(item.document_no),
        "Voucher": voucher,
        "DueDate": midday(made.allocated_on),
        "DocumentDate": NONE_AT,
        "ExchRate": _rate(item.rate_scaled),
        "PaymReference": made.reason or "",
        "LastSettleDate": midday(made.allocated_on),
        "LastSettleVoucher": voucher,
        "Closed": midday(made.allocated_on),
    }
    return Posted(row, [], made.changed_at)


@dataclass(frozen=True, slots=True)
class _Money:
    """The amounts of a transaction in minor units, and what is left of them."""

    currency: str
    own: str
    amount: int
    amount_own: int
    left: int
    left_own: int

    def cells(self) -> Row:
        """Return the amount cells of a transaction."""
        return {
            "CurrencyCode": self.currency,
            "AmountCur": to_amount(self.amount, self.currency),
            "AmountMST": to_amount(self.amount_own, self.own),
            "SettleAmountCur": to_amount(self.amount - self.left, self.currency),
            "SettleAmountMST": to_amount(self.amount_own - self.left_own, self.own),
        }


def _row(name: str, company: str, *, account: str, trans_type: str, on: date) -> Row:
    """Return a transaction with nothing in it that F&O does not fill."""
    return {
        "dataAreaId": data_area(company), "SysRecId": trans_id(name), "AccountNum": account, "OrderAccount": account,
        "Invoice": "", "Voucher": "", "TransType": trans_type, "TransDate": midday(on), "DueDate": NONE_AT,
        "DocumentDate": NONE_AT, "DocumentNum": "", "CurrencyCode": "", "AmountCur": NOTHING, "AmountMST": NOTHING,
        "SettleAmountCur": NOTHING, "SettleAmountMST": NOTHING, "ExchRate": NOTHING, "Closed": NONE_AT,
        "LastSettleDate": NONE_AT, "LastSettleVoucher": "", "PaymTermId": "", "PaymMode": "", "PaymReference": "",
        "PaymId": "", "CancelledPayment": "No", "Prepayment": "No", "Txt": "", "CollectionLetterCode": "None",
    }  # fmt: skip


def _trans_type(item: Item) -> str:
    if item.kind == "on_account":
        return "Payment"
    if item.kind == "fee":
        return "Interest" if item.document_no % 2 else "CollectionLetter"
    if item.kind == "chargeback" or item.document_no % 5 == 0:
        return "Cust"  # a customer journal or free text invoice, not a sales order's
    return "Sales"


def _settled_by(book: Book, settled: Sequence[Allocation], cleared: Sequence[date | None]) -> Row:
    """Return the last settlement's cells; of one whose details were purged only the date is left."""
    if not settled:
        on = max((day for day in cleared if day), default=None)
        return {"LastSettleDate": midday(on), "LastSettleVoucher": ""}
    last = max(settled, key=lambda part: (part.allocated_on, part.changed_at))
    voucher = voucher_of(book, last.payment) if last.payment else ""
    return {"LastSettleDate": midday(last.allocated_on), "LastSettleVoucher": voucher}


def _closed(number: int, row: Row, *, left: int) -> datetime:
    """Return Closed, which proves nothing: now and then it is set too early or not at all."""
    settled: datetime = row["LastSettleDate"]
    if left:
        return settled if number % 11 == 3 else NONE_AT
    return NONE_AT if number % 13 == 5 else settled


def _open_row(book: Book, item: Item, row: Row) -> Row:
    money = _Money(
        item.currency, item.company_currency, item.open_minor, item.company_open_minor,
        item.open_minor, item.company_open_minor,
    )  # fmt: skip
    discount = item.discount_minor if item.discount_on and not item.discount_taken_minor else 0
    made = _open_cells(row, money, item.key, _times_reopened(book, item))
    return made | {
        "DueDate": midday(item.due_on),
        "CollectionLetter": yes(not item.dunning_block),
        "CollectionLetterCode": letter_code(item.dunning_level),
        "CashDiscDate": midday(item.discount_on) if discount else NONE_AT,
        "PossibleCashDisc": to_amount(discount, item.currency),
    }


def _open_cells(row: Row, money: _Money, name: str, times: int) -> Row:
    return {
        "dataAreaId": row["dataAreaId"],
        "SysRecId": record_id("CustTransOpen", f"{name}|{times}"),
        "AccountNum": row["AccountNum"],
        "AmountCur": to_amount(money.left, money.currency),
        "AmountMST": to_amount(money.left_own, money.own),
        "DueDate": row["DueDate"],
        "TransDate": row["TransDate"],
        "RefRecId": row["SysRecId"],
        "CollectionLetter": "Yes",
        "CollectionLetterCode": "None",
        "CashDiscDate": NONE_AT,
        "PossibleCashDisc": NOTHING,
        "LastInterestDate": NONE_AT,
    }


def _times_reopened(book: Book, item: Item) -> int:
    """Count how often nothing was left of an item before something was again."""
    parts = book.allocations_of.get(item.key, ())
    left = item.open_minor + sum(part.amount_minor for part in parts)
    times = 0
    for part in parts:
        before, left = left, left - part.amount_minor
        times += before == 0 and left != 0
    return times


def _of(rest: Item | None) -> date:
    return rest.cleared_on if rest and rest.cleared_on else date.min


def _last_change(paid: Payment) -> date:
    return paid.changed_at.date() if paid.unapplied_minor != paid.amount_minor else date.min


def _rate(scaled: int) -> Decimal:
    """Return a rate as F&O quotes it, for a hundred units; the book has ten-millionths for one."""
    return Decimal(scaled).scaleb(-5)
