"""What the simulated site's codes mean: its customizing, which differs at every customer of SAP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from duehook.core.testing.book import Item
from duehook.core.testing.book.people import COMPANIES, TERMS

CREDIT_SEGMENT: Final = "1000"
OTHER_SEGMENT: Final = "2000"
PAYMENT, NETTING = "DZ", "AB"
PAYMENT_TYPES: Final = (PAYMENT, NETTING)
DOCUMENT_TYPES: Final[Mapping[str, str]] = {
    "invoice": "DR", "credit_note": "DG", "on_account": PAYMENT, "fee": "ZF", "chargeback": "ZC",
}  # fmt: skip
SALES_INVOICE, INTERCOMPANY = "RV", "ZI"
SPECIAL_GL: Final[Mapping[str, str]] = {"down_payment": "A", "draft": "W", "retainage": "H"}
METHODS: Final = {"direct_debit": "D", "transfer": "T"}
REASONS: Final = {"write_off": "W01", "deduction": "D01", "chargeback": "C01"}
DISPUTE_REASONS: Final = {"PR": "price", "QL": "quality", "DM": "damaged goods"}
CLERKS: Final = {"KLEIN": "KL", "ORTEGA": "OR", "SATO": "SA", "WEBER": "WE"}
STATE_BLOCKS: Final = {"legal": "L1", "insolvent": "I1", "deceased": "D1", "do_not_contact": "N1"}
ACCOUNT_GROUPS: Final = {"one_time": "CPD", "intercompany": "INTC"}
USUAL_GROUP: Final = "DEBI"
FUNCTIONS: Final[Mapping[str, str]] = {
    "Accounts payable": "Z001", "Dunning desk": "Z002", "Statements": "Z003", "Legal counsel": "Z004",
    "Purchasing": "0001",
}  # fmt: skip
PURPOSES: Final[Mapping[str, str]] = {
    "Z001": "accounts_payable", "Z002": "dunning", "Z003": "statement", "Z004": "legal", "0001": "sales",
}  # fmt: skip
BLOCK_REASONS: Final = frozenset({"", "01", "02", "09", "C1", "C2", "H9"})
DUNNING_BLOCKS: Final = frozenset({"", "A", "B", "N", "R"})
ORDER_BLOCKS: Final = frozenset({"", "01", "02", "03", *STATE_BLOCKS.values()})


def company_code(code: str) -> str:
    """Return SAP's four characters for one of the book's companies; SAP's own are taken as they are."""
    return code[-4:]


# What a consultant writes into duehook.yaml of this site; a name with a dot is a nested setting.
SITE_SETTINGS: Final[Mapping[str, Any]] = {
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
    "codes.class_by_payment_method": {"D": "direct_debit"},
    "codes.class_by_document_type": {"ZI": "intercompany", "ZC": "chargeback"},
    "codes.dispute_by_reason": DISPUTE_REASONS,
    "codes.state_by_order_block": {code: name for name, code in STATE_BLOCKS.items()},
    "codes.state_by_account_group": {code: name for name, code in ACCOUNT_GROUPS.items()},
    "codes.purpose_by_function": PURPOSES,
}  # fmt: skip


def document_type(item: Item) -> str:
    """Return the document type that an item is posted under."""
    if item.item_class == "intercompany":
        return INTERCOMPANY
    if item.kind == "invoice" and item.sales_order:
        return SALES_INVOICE
    return DOCUMENT_TYPES[item.kind]


def partner_number(customer: str) -> str:
    """Return the business partner of a customer: every third has a number of its own."""
    return str(800_000 + int(customer)) if int(customer) % 3 == 0 else customer


def person_number(customer: str, line: int) -> str:
    """Return the business partner of a person at a customer; line 99 is one who has left."""
    return f"9{int(customer):06d}{line:02d}"
