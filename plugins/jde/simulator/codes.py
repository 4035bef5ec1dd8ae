"""The user-defined codes (F0005) of the simulated site, and what they stand for in the book."""

from __future__ import annotations

from typing import Final

CREDIT_MESSAGES: Final = {"legal": "L", "insolvent": "I", "deceased": "D", "do_not_contact": "N"}
SEARCH_TYPES: Final = {"one_time": "OT", "intercompany": "IC"}
INSTRUMENTS: Final = {"direct_debit": "B", "transfer": "T"}
CONTACT_TYPES: Final = {"accounts_payable": "A", "dunning": "D", "sales": "S", "statement": "T", "legal": "L"}
LANGUAGES: Final = {"en": "E", "de": "G"}
DRAFT_STATUS: Final = ("D", "E", "G", "X")
HOLD_CODES: Final = {
    "C1": "Credit hold by collections",
    "C2": "Credit hold by credit dept.",
    "H9": "Hold all orders",
}
CODES: Final[tuple[tuple[str, str, str, str], ...]] = (
    *(("42", "HC", code, text) for code, text in HOLD_CODES.items()),
    *(
        ("00", "PS", code, text)
        for code, text in (
            ("#", "In process"), ("%", "Withholding applies"), ("A", "Approved for payment"), ("C", "Credit pending"),
            ("D", "Draft accepted"), ("E", "Draft expired, not collected"), ("G", "Draft deposited, not due"),
            ("H", "Held, approval pending"), ("N", "Needs tax exemption"), ("O", "Owner payment"), ("P", "Paid"),
            ("R", "Retainage"), ("T", "Taxes in dispute"), ("V", "Held, variance in receipt"),
            ("W", "Threshold exceeded"), ("X", "Draft receipt"), ("Z", "Selected for payment"),
        )
    ),
    *(
        ("00", "DT", code, text)
        for code, text in (
            ("RI", "Invoice"), ("RN", "Invoice, numbers of the new year"), ("RM", "Credit memo"),
            ("RU", "Unapplied cash"), ("RF", "Late fee"), ("RB", "Chargeback"), ("R5", "Deduction"),
            ("R1", "Draft"), ("DP", "Down payment request"), ("IC", "Intercompany invoice"),
        )
    ),
    ("00", "PY", "B", "Automatic debit"),
    ("00", "PY", "T", "Bank transfer"),
    ("00", "CM", "1", "Over credit limit"),
    ("00", "CM", "L", "With lawyers"),
    ("00", "CM", "I", "Insolvent"),
    ("00", "CM", "D", "Deceased"),
    ("00", "CM", "N", "Do not contact"),
    ("01", "ST", "C", "Customers"),
    ("01", "ST", "OT", "One-time customers"),
    ("01", "ST", "IC", "Intercompany customers"),
    ("01", "ST", "O", "Own companies"),
    ("01", "W0", "A", "Accounts payable"),
    ("01", "W0", "D", "Dunning"),
    ("01", "W0", "S", "Purchasing"),
    ("01", "W0", "T", "Statements"),
    ("01", "W0", "L", "Legal"),
    ("01", "LP", "E", "English"),
    ("01", "LP", "G", "German"),
    ("03B", "CR", "PR", "Price"),
    ("03B", "CR", "QL", "Quality"),
    ("03B", "CR", "DM", "Damaged goods"),
    ("H01", "HC", "Y", "Hold invoices"),
    ("01", "CL", "KLEIN", "Petra Klein"),
    ("01", "CL", "ORTEGA", "Luis Ortega"),
    ("01", "CL", "SATO", "Emi Sato"),
    ("01", "CL", "WEBER", "Jonas Weber"),
    ("01", "CR", "BRANDT", "Ines Brandt"),
    ("01", "CR", "HAYES", "Paul Hayes"),
)  # fmt: skip
