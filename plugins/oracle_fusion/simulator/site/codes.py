"""What the pod calls what the book has: business units, transaction types, reasons, and its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from duehook.core.money import exponent
from duehook.core.testing.book import Item, Payment
from duehook.core.testing.book.people import COMPANIES

UNITS: Final[Mapping[str, str]] = {
    "00001": "Halden Americas",
    "00010": "Halden Europa",
    "00020": "Halden Nihon",
    "00030": "Halden Gulf",
}
ORG_IDS: Final[Mapping[str, int]] = {code: 300000001110000 + place for place, code in enumerate(UNITS, 1)}
CURRENCIES: Final[Mapping[str, str]] = {UNITS[company.code]: company.currency for company in COMPANIES}
_PLACES: Final[Mapping[str, int]] = {code: place for place, code in enumerate(UNITS, 1)}

CLASS_OF_KIND: Final[Mapping[str, str]] = {
    "invoice": "INV", "fee": "DM", "chargeback": "CB", "credit_note": "CM", "on_account": "PMT",
}  # fmt: skip
TYPES: Final[Mapping[str, str]] = {  # what this site calls its transactions; the rest are of the type Invoice
    "fee": "Debit Memo",
    "chargeback": "Chargeback",
    "credit_note": "Credit Memo",
    "draft": "Bill of Exchange",
    "retainage": "Retainage",
    "down_payment": "Down Payment",
    "direct_debit": "Direct Debit Invoice",
    "intercompany": "Intercompany",
}
# What a consultant writes of these types into `codes`: of what is no plain invoice its kind and its class.
KIND_BY_TYPE: Final[Mapping[str, str]] = {"Debit Memo": "fee", "Chargeback": "chargeback"}
CLASS_BY_TYPE: Final[Mapping[str, str]] = {
    "Chargeback": "chargeback", "Bill of Exchange": "draft", "Retainage": "retainage", "Down Payment": "down_payment",
    "Direct Debit Invoice": "direct_debit", "Intercompany": "intercompany",
}  # fmt: skip
REASONS: Final = ("Pricing Dispute", "Quality Dispute", "Damaged Goods")
SECTIONS: Final = ("Total", "Lines Subtotal", "Percent", "Shipping", "Tax", "Specific Invoice Lines")


def transaction_type(item: Item) -> str:
    """Return what the site calls a transaction of this kind."""
    return TYPES.get(item.item_class) or TYPES.get(item.kind) or "Invoice"


def transaction_id(item: Item) -> int:
    """Return the id of the transaction that an item stands in: the same for all its instalments."""
    return _id(3, item)


def installment_id(item: Item) -> int:
    """Return the id of an item's payment schedule; it has more digits than a float can tell apart."""
    return transaction_id(item) * 1000 + int(item.instalment)


def own_receipt_id(item: Item) -> int:
    """Return the id of the receipt that money on account came by which no payment of the book brought."""
    return _id(4, item)


def receipt_id(payment: Payment) -> int:
    """Return the id of a payment's receipt."""
    return int(f"4{_PLACES[payment.company]}000000{payment.number:07d}")


def application_id(payment: Payment, place: int) -> int:
    """Return the id of what a payment was applied to in its nth place; its reversal has the same number."""
    return int(f"5{_PLACES[payment.company]}{payment.number:07d}{place:04d}{int(bool(payment.reversal_of))}")


def account_id(customer: str) -> int:
    """Return the id of a customer's account."""
    return 100000000000000 + int(customer)


def party_id(customer: str) -> int:
    """Return the id of a customer's party."""
    return 100100000000000 + int(customer)


def party_number(customer: str) -> str:
    """Return the number of a customer's party, which is not that of its account."""
    return f"CDRM_{int(customer) + 500_000}"


@cache
def units(currency: str) -> int:
    """Return how many of the smallest units are one of a currency."""
    return int(10 ** exponent(currency))


def amount(minor: int, currency: str) -> float:
    """Return an amount as JSON has it: a number without zeros at its end."""
    whole, rest = divmod(minor, units(currency))
    return minor / units(currency) if rest else whole


def _id(first: int, item: Item) -> int:
    kind = int(item.document_type, 36)
    return int(f"{first}{_PLACES[item.company]}{kind:04d}{item.fiscal_year % 100:02d}{item.document_no:07d}")
