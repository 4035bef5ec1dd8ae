"""What the codes of the simulated site mean: its divisions, information types, stops and contact types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from duehook.core.testing.book import Item

COMPANY: Final = "100"
USER: Final = "DUEHOOK"
DIVISIONS: Final = {"00001": "AAA", "00010": "BBB", "00020": "CCC", "00030": "DDD"}
INVOICE, PAYMENT, ADJUSTMENT = "10", "20", "30"  # TRCD
RATE_TYPE: Final = "1"
CUSTOMER_FILE: Final = "OCUSMA00"
INVOICE_FILE: Final = "FSLEDG00"
TEXT_FILES: Final = ("OSYTXH", "FSYTXH")  # of customers, and of invoices
MAIL_TYPE: Final = "02"  # EMTP of addresses under customers' numbers
SUPPLIERS_MAIL, USERS_MAIL = "03", "04"
SENT_NO_REMINDERS: Final = "2"  # BLPR
COLLECTED, TO_COLLECT = "2", "1"  # CLST of what a collector has, CLCD of what he will get
EMPLOYER: Final = "1"  # ERTP of a person at a customer; 2 is one at a supplier

KINDS: Final = {"invoice": "IN", "credit_note": "CN", "fee": "FE", "chargeback": "CB", "on_account": "OA"}
CLASSES: Final = {"draft": "DR", "down_payment": "DP", "retainage": "RT", "intercompany": "IC"}
ADJUSTMENTS: Final = {"discount": "CD", "write_off": "WO", "deduction": "DE", "chargeback": "CX"}
EXCHANGE: Final = "ER"
DIRECT_DEBIT, TRANSFER = "DDB", "TRF"
HOLDS: Final = {"C2": "2", "H9": "9"}
STATES: Final = {
    "legal": "LEG", "insolvent": "INS", "deceased": "DEC", "intercompany": "ICO", "one_time": "ONE",
    "do_not_contact": "NOC",
}  # fmt: skip
CONTACT_TYPES: Final = {
    "Accounts payable": "ACCOUNTS", "Dunning desk": "REMINDERS", "Purchasing": "PURCHASING",
    "Statements": "STATEMENTS", "Legal counsel": "LEGAL",
}  # fmt: skip
PURPOSES: Final = {
    "ACCOUNTS": "accounts_payable", "REMINDERS": "dunning", "PURCHASING": "sales", "STATEMENTS": "statement",
    "LEGAL": "legal",
}  # fmt: skip
# What a consultant writes down of this site; a name with a dot is a nested setting.
SITE_SETTINGS: Final[Mapping[str, Any]] = {
    "codes.kind_by_information_type": {code: kind for kind, code in KINDS.items()},
    "codes.class_by_information_type": {code: name for name, code in CLASSES.items()} | {"CB": "chargeback"},
    "codes.class_by_payment_method": {DIRECT_DEBIT: "direct_debit"},
    "codes.state_by_free_field": {code: state for state, code in STATES.items()},
    "codes.purpose_by_contact_type": PURPOSES,
    "state_field": "CFC3",
    "codes.block_by_reminder_code": {SENT_NO_REMINDERS: "N", "1": ""},
    "codes.block_by_collection_status": {COLLECTED: "at the collector"},
    "codes.block_by_collection": {TO_COLLECT: "goes to the collector"},
}


def division(company: str) -> str:
    """Return the division that a company of the book is; a division as it is."""
    return DIVISIONS.get(company, company)


def information_type(item: Item) -> str:
    """Return IVTP of the rows of an item."""
    return CLASSES.get(item.item_class) or KINDS[item.kind]


def invoice_number(item: Item) -> str:
    """Return CINO: an instalment behind the first is a document of its own, with a number of its own."""
    part = item.instalment.lstrip("0")
    return str(item.document_no) if part in ("", "1") else f"{item.document_no}-{part}"


def is_collected(item: Item) -> bool:
    """Say whether a collector has an invoice: some in a hundred."""
    return item.kind == "invoice" and item.document_no % 97 == 13


def is_to_collect(item: Item) -> bool:
    """Say whether a collector will get it."""
    return item.kind == "invoice" and item.document_no % 97 == 14


def stop_code(hold: str | None) -> str:
    """Return BLCD for a hold of the book; M3's own codes are taken as they are."""
    return HOLDS.get(hold or "", hold or "0")
