"""What the simulated site's codes mean, and the numbers that its customers' people and addresses have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from duehook.core.testing.sap_ledger.codes import SETTINGS, STATE_BLOCKS

OURS, THEIRS = "X", "Y"  # a credit block that Duehook may set, and one that users set
BLOCKS: Final = {**STATE_BLOCKS, "one_time": "O1", "intercompany": "C1"}
LETTERS: Final = {"en": "E", "de": "D"}
FUNCTIONS: Final[Mapping[str, str]] = {
    "Accounts payable": "Z1", "Dunning desk": "Z2", "Statements": "Z3", "Legal counsel": "Z4", "Purchasing": "01",
}  # fmt: skip
PURPOSES: Final[Mapping[str, str]] = {
    "Z1": "accounts_payable", "Z2": "dunning", "Z3": "statement", "Z4": "legal", "01": "sales",
}  # fmt: skip
DUNNING_BLOCKS: Final = frozenset({"", "A", "B", "N", "R"})
SITE_SETTINGS: Final[Mapping[str, Any]] = {
    **SETTINGS,
    "codes.state_by_order_block": {code: name for name, code in BLOCKS.items()},
    "codes.purpose_by_function": PURPOSES,
    "codes.language": {letter: language for language, letter in LETTERS.items()},
}  # fmt: skip


def block_of(hold: str | None) -> str:
    """Return the letter of one of the book's holds: ours as it is, all others are a user's."""
    return "" if not hold else OURS if hold == OURS else THEIRS


def address_number(customer: str) -> str:
    """Return the number of a customer's address."""
    return str(20_000 + int(customer)).zfill(10)


def person_number(customer: str, line: int) -> str:
    """Return the number of one of a customer's people, as a contact and as who has an e-mail address."""
    return f"{int(customer)}{line:02d}".zfill(10)
