"""The rows of standard receipts: payments of the book, money on account that none brought, and two without an owner."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from duehook.core.testing.book import Book, Item, Payment

from .codes import UNITS, amount, own_receipt_id, receipt_id, units
from .documents import NO_DAY
from .table import Row
from .values import day, stamp


def of_payment(paid: Payment, book: Book, *, spoilt: bool) -> Row:
    """Return the receipt of a payment; one that was taken back stays, in the state Reversed."""
    left = 0 if paid.reversed_on else paid.unapplied_minor
    row = _receipt(paid, book, paid.received_on, (paid.amount_minor, left))
    state = "Reversed" if paid.reversed_on else "Unapplied" if left else "Applied"
    return row | {
        "StandardReceiptId": receipt_id(paid),
        "ReceiptNumber": str(paid.number),
        "ReceiptDate": NO_DAY if spoilt else row["ReceiptDate"],
        "ReceiptMethod": paid.method or None,
        "AccountedAmount": amount(paid.company_amount_minor, paid.company_currency),
        "State": state,
        "ReversalDate": day(paid.changed_at.date()) if paid.reversed_on else None,
    }


def of_item(item: Item, book: Book, *, spoilt: bool) -> Row:
    """Return the receipt of money on account that no payment of the book brought."""
    row = _receipt(item, book, item.document_on, (-item.amount_minor, -item.open_minor))
    return row | {
        "StandardReceiptId": own_receipt_id(item),
        "ReceiptNumber": str(item.document_no),
        "ReceiptDate": NO_DAY if spoilt else row["ReceiptDate"],
        "ReceiptMethod": "transfer",
        "AccountedAmount": amount(-item.company_amount_minor, item.company_currency),
        "State": "Unapplied" if item.open_minor else "Applied",
        "ReversalDate": None,
    }


def unidentified(book: Book) -> Iterator[Row]:
    """Yield receipts whose payer nobody knows yet: they have no customer."""
    for number, minor in enumerate((12_345, 99_900), 1):
        yield {
            **dict.fromkeys(_FIELDS),
            "StandardReceiptId": 490000000000000 + number,
            "ReceiptNumber": f"LOCKBOX-{number}",
            "ReceiptDate": "2025-11-03",
            "AccountingDate": "2025-11-03",
            "BusinessUnit": UNITS["00001"],
            "Amount": amount(minor, "USD"),
            "Currency": book.companies["00001"].currency,
            "AccountedAmount": amount(minor, "USD"),
            "UnappliedAmount": amount(minor, "USD"),
            "State": "Unidentified",
            "Status": "Cleared",
            "ReceiptMethod": "lockbox",
            "CreationDate": "2025-11-03T06:00:00+00:00",
            "LastUpdateDate": "2025-11-03T06:00:00+00:00",
        }


def accounted(row: Row, own: str) -> tuple[int, int]:
    """Return a receipt and what of it is unapplied in the business unit's currency, in its smallest units."""
    whole, left = (round(row[name] * units(row["Currency"])) for name in ("Amount", "UnappliedAmount"))
    booked = round(row["AccountedAmount"] * units(own))
    return booked, (2 * booked * left + whole) // (2 * whole)


_FIELDS: Final = (
    "StandardReceiptId", "ReceiptNumber", "ReceiptDate", "AccountingDate", "BusinessUnit", "ReceiptMethod", "Amount",
    "Currency", "ConversionRateType", "ConversionRate", "AccountedAmount", "UnappliedAmount", "State", "Status",
    "CustomerName", "CustomerAccountNumber", "CustomerSite", "ReversalDate", "CreationDate", "LastUpdateDate",
)  # fmt: skip


def _receipt(held: Item | Payment, book: Book, on: date, amounts: tuple[int, int]) -> Row:
    whole, left = amounts
    rate = book.rate(held.currency, held.company_currency, on)
    foreign = held.currency != held.company_currency
    customer = book.customers.get(held.customer)
    found: dict[str, Any] = {
        **dict.fromkeys(_FIELDS),
        "ReceiptDate": day(on),
        "AccountingDate": day(held.posted_on if isinstance(held, Item) else on),
        "BusinessUnit": UNITS[held.company],
        "Amount": amount(whole, held.currency),
        "Currency": held.currency,
        "ConversionRateType": "Corporate" if foreign else None,
        "ConversionRate": rate / 10_000_000 if foreign else None,
        "UnappliedAmount": amount(left, held.currency),
        "Status": "Cleared",
        "CustomerName": customer.name if customer else f"Customer {held.customer}",
        "CustomerAccountNumber": held.customer,
        "CustomerSite": f"{held.customer}-1",
        "CreationDate": f"{on}T06:00:00+00:00",
        "LastUpdateDate": stamp(held.changed_at),
    }
    return found
