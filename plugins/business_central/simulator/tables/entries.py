"""The rows of page 25, Customer Ledger Entries: one for each posted document, and for money in or back."""

from __future__ import annotations

from typing import Any, Final

from duehook.core.testing.book import Allocation, Book, Item, Payment
from duehook.core.testing.book.objects import to_amount
from duehook.core.testing.book.postings import converted

from .codes import BLANK, CREDIT_MEMO, INVOICE, METHODS, NONE_ON, NOTHING, PAYMENT, TRANSFER, day, encoded

Row = dict[str, Any]
_KINDS: Final = {"invoice": INVOICE, "credit_note": CREDIT_MEMO, "on_account": PAYMENT, "chargeback": BLANK}
_SHOWN: Final = {INVOICE: "Invoice", CREDIT_MEMO: "Credit Memo", PAYMENT: "Payment", BLANK: "Entry"}


def document_entry(item: Item, number: int, document_no: str) -> Row:
    """Return the entry of a document, or of money that names none."""
    left_own = item.company_open_minor if item.open_minor else 0
    row = _row(number, item.currency, item.company_currency)
    row |= _money(item.currency, item.company_currency, item.amount_minor, item.company_amount_minor)
    discount = item.discount_minor if item.open_minor and not item.discount_taken_minor and item.discount_on else 0
    sort = document_type(item)
    return row | {
        "Posting_Date": day(item.posted_on or item.document_on),
        "Document_Date": day(item.document_on),
        "Document_Type": sort,
        "Document_No": document_no,
        "External_Document_No": item.reference,
        "Your_Reference": item.purchase_order,
        "Customer_No": item.payer or item.customer,
        "Description": item.text or f"{_SHOWN.get(sort, 'Document')} {document_no}",
        "Remaining_Amount": item.open_amount,
        "Remaining_Amt_LCY": to_amount(left_own, item.company_currency),
        "Due_Date": day(item.due_on),
        "Pmt_Discount_Date": day(item.discount_on if discount else None),
        "Remaining_Pmt_Disc_Possible": to_amount(discount, item.currency),
        "Payment_Terms_Code": item.terms,
        "Payment_Method_Code": METHODS.get(item.item_class) or (TRANSFER if item.payment_method == "transfer" else ""),
        "On_Hold": (item.dunning_block or "")[:3],
        "Open": item.open_minor != 0,
        "Closed_at_Date": day(item.cleared_on) if not item.open_minor else NONE_ON,
        "Dispute_Status": (item.dispute_reason or "") if item.disputed_minor else "",
        "SystemModifiedAt": item.changed_at,
    }


def document_type(item: Item) -> str:
    """Return the Document Type of an item's entry: Business Central knows two kinds of fees, and no chargeback."""
    if item.kind == "fee":
        return encoded("Reminder" if item.document_no % 2 else "Finance Charge Memo")
    return _KINDS[item.kind]


def payment_entry(book: Book, paid: Payment, rest: Item | None, *, number: int, document_no: str) -> Row:
    """Return the entry of money in, or of its being taken back; `rest` is the book's item of what it left."""
    own = paid.company_currency
    left = rest.open_minor if rest else 0 if paid.reversed_on or paid.reversal_of else -paid.unapplied_minor
    rate = book.rate(paid.currency, own, paid.received_on)
    left_own = rest.company_open_minor if rest else converted(left, paid.currency, own, rate)
    row = _row(number, paid.currency, own)
    row |= _money(paid.currency, own, -paid.amount_minor, -paid.company_amount_minor)
    closed = paid.reversed_on or (rest.cleared_on if rest else None) or paid.received_on
    return row | {
        "Posting_Date": paid.received_on,
        "Document_Date": paid.received_on,
        "Document_Type": PAYMENT,
        "Document_No": document_no,
        "External_Document_No": paid.reference,
        "Customer_No": paid.customer,
        "Description": f"Payment {document_no}",
        "Remaining_Amount": to_amount(left, paid.currency),
        "Remaining_Amt_LCY": to_amount(left_own if left else 0, own),
        "Due_Date": paid.received_on,
        "Payment_Method_Code": TRANSFER,
        "On_Hold": (rest.dunning_block or "")[:3] if rest else "",
        "Open": left != 0,
        "Closed_at_Date": NONE_ON if left else closed,
        "Reversed": bool(paid.reversed_on or paid.reversal_of),
        "SystemModifiedAt": max(paid.changed_at, rest.changed_at if rest else paid.changed_at),
    }


def beside_entry(made: Allocation, customer: str, number: int, document_no: str) -> Row:
    """Return the credit memo that a deduction was posted as; the posting applied it."""
    row = _row(number, made.currency, made.company_currency)
    row |= _money(made.currency, made.company_currency, -made.amount_minor, -made.company_minor)
    return row | {
        "Posting_Date": made.allocated_on,
        "Document_Date": made.allocated_on,
        "Document_Type": CREDIT_MEMO,
        "Document_No": document_no,
        "External_Document_No": made.reason or "",
        "Customer_No": customer,
        "Description": "Deduction",
        "Due_Date": made.allocated_on,
        "Closed_at_Date": made.allocated_on,
        "SystemModifiedAt": made.changed_at,
    }


def _row(number: int, currency: str, own: str) -> Row:
    """Return an entry with nothing in it that is not always there."""
    return {
        "Entry_No": number, "External_Document_No": "", "Your_Reference": "",
        "Currency_Code": "" if currency == own else currency,
        "Remaining_Amount": NOTHING, "Remaining_Amt_LCY": NOTHING, "Pmt_Discount_Date": NONE_ON,
        "Remaining_Pmt_Disc_Possible": NOTHING, "Payment_Terms_Code": "", "Payment_Method_Code": "", "On_Hold": "",
        "Open": False, "Reversed": False, "Reversed_by_Entry_No": 0, "Reversed_Entry_No": 0,
        "Promised_Pay_Date": NONE_ON, "Dispute_Status": "",
    }  # fmt: skip


def _money(currency: str, own: str, minor: int, own_minor: int) -> Row:
    amount, local = to_amount(minor, currency), to_amount(own_minor, own)
    return {"Original_Amount": amount, "Original_Amt_LCY": local, "Amount": amount, "Amount_LCY": local}
