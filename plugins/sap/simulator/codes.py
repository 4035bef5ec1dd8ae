"""What the simulated site's codes mean: its customizing, which differs at every customer of SAP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from duehook.core.testing.sap_ledger.codes import SETTINGS, STATE_BLOCKS

CREDIT_SEGMENT: Final = "1000"
OTHER_SEGMENT: Final = "2000"
METHODS: Final = {"direct_debit": "D", "transfer": "T"}
DISPUTE_REASONS: Final = {"PR": "price", "QL": "quality", "DM": "damaged goods"}
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

# What a consultant writes into duehook.yaml of this site; a name with a dot is a nested setting.
SITE_SETTINGS: Final[Mapping[str, Any]] = {
    **SETTINGS,
    "codes.class_by_payment_method": {"D": "direct_debit"},
    "codes.dispute_by_reason": DISPUTE_REASONS,
    "codes.state_by_account_group": {code: name for name, code in ACCOUNT_GROUPS.items()},
    "codes.purpose_by_function": PURPOSES,
}


def partner_number(customer: str) -> str:
    """Return the business partner of a customer: every third has a number of its own."""
    return str(800_000 + int(customer)) if int(customer) % 3 == 0 else customer


def person_number(customer: str, line: int) -> str:
    """Return the business partner of a person at a customer; line 99 is one who has left."""
    return f"9{int(customer):06d}{line:02d}"
