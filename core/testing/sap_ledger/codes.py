"""What the codes mean in the ledger of a simulated site: document types, special G/L indicators, reasons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from duehook.core.testing.book import Item
from duehook.core.testing.book.people import COMPANIES, TERMS

PAYMENT, NETTING = "DZ", "AB"
PAYMENT_TYPES: Final = (PAYMENT, NETTING)
DOCUMENT_TYPES: Final[Mapping[str, str]] = {
    "invoice": "DR", "credit_note": "DG", "on_account": PAYMENT, "fee": "ZF", "chargeback": "ZC",
}  # fmt: skip
SALES_INVOICE, INTERCOMPANY = "RV", "ZI"
SPECIAL_GL: Final[Mapping[str, str]] = {"down_payment": "A", "draft": "W", "retainage": "H"}
REASONS: Final = {"write_off": "W01", "deduction": "D01", "chargeback": "C01"}
CLERKS: Final = {"KLEIN": "KL", "ORTEGA": "OR", "SATO": "SA", "WEBER": "WE"}
STATE_BLOCKS: Final = {"legal": "L1", "insolvent": "I1", "deceased": "D1", "do_not_contact": "N1"}


def company_code(code: str) -> str:
    """Return SAP's four characters for one of the book's companies; SAP's own are taken as they are."""
    return code[-4:]


# What a consultant writes into duehook.yaml of such a site; a name with a dot is a nested setting.
SETTINGS: Final[Mapping[str, Any]] = {
    "calls_per_second": 1_000,
    "companies": {company_code(each.code): {"name": each.name[:25], "currency": each.currency} for each in COMPANIES},
    "terms": {
        each.key: {
            "text": each.text, "net_days": each.net_days, "discount_days": each.discount_days,
            "discount_percent": None if each.discount_percent is None else int(each.discount_percent),
        }
        for each in TERMS
    },
    "codes.kind_by_document_type": {
        "RV": "invoice", "DR": "invoice", "ZI": "invoice", "DG": "credit_note", "ZF": "fee", "ZC": "chargeback",
        "DZ": "on_account",
    },
    "codes.payment_document_types": list(PAYMENT_TYPES),
    "codes.netting_document_types": [NETTING],
    "codes.allocation_by_reason": {code: name for name, code in REASONS.items()},
    "codes.class_by_special_gl": {code: name for name, code in SPECIAL_GL.items()},
    "codes.class_by_document_type": {"ZI": "intercompany", "ZC": "chargeback"},
    "codes.state_by_order_block": {code: name for name, code in STATE_BLOCKS.items()},
}  # fmt: skip


def document_type(item: Item) -> str:
    """Return the document type that an item is posted under."""
    if item.item_class == "intercompany":
        return INTERCOMPANY
    if item.kind == "invoice" and item.sales_order:
        return SALES_INVOICE
    return DOCUMENT_TYPES[item.kind]
