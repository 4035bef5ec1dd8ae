"""What a simulated site can be: its options, what follows of them for a connection, and the rights on its sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from duehook.core.testing import entra

from .given import SITE_SETTINGS
from .service import MOST_ROWS

OPTIONS: Final[Mapping[str, Any]] = {
    "page_size": MOST_ROWS,
    **entra.OPTIONS,
    "default_company": "usmf",
    "open_transactions": True,
    "transactions": True,
    "changed_transactions": True,
    "settlements": False,
    "ledgers": False,
    "exchange_rates": True,
    "dispute_post": True,
    "keep_document_id": True,
    "change_proposals": False,  # a workflow for changes of customers is on: they are refused
}
MAPPING: Final = "client mapping"  # the right to sign in at all: an entry beside the roles
_SETS: Final = {  # the sets that an option takes away
    "open_transactions": "CustTransOpens",
    "transactions": "CustTransactions",
    "changed_transactions": "CustTransBiEntities",
    "settlements": "CustSettlements",
    "ledgers": "Ledgers",
    "exchange_rates": "ExchangeRates",
}
_TOLD: Final = ("open_transactions", "settlements", "exchange_rates")  # those that a consultant writes down
_READ: Final = (
    "LegalEntities", "PaymentTerms", "ExchangeRates", "CustomersV3", "ContactPersons", "CustomerElectronicAddresses",
    "CustTransOpens", "CustTransactions", "CustDisputes", "CustomerAttachmentsV2",
)  # fmt: skip
RIGHTS: Final[Mapping[str, str]] = {MAPPING: "Microsoft Entra ID applications", **{name: name for name in _READ}}
VARIANTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "without CustTransOpens": {"open_transactions": False},
    "settlements": {"settlements": True},
    "certificate": {"sign_in": "certificate"},
}


def absent(options: Mapping[str, Any]) -> list[str]:
    """Return the sets that the site does not publish."""
    return [name for option, name in _SETS.items() if not options[option]]


def lacking(options: Mapping[str, Any]) -> dict[str, str]:
    """Return what F&O does not have, with the reason."""
    found = {
        "unposted": "a document is a transaction only when it is posted",
        "deletes": "a posted transaction is never deleted",
    }
    if not options["settlements"]:
        found["allocation"] = "no standard collection publishes settlements"
    if not options["exchange_rates"]:
        found["exchange_rate"] = "the site does not publish ExchangeRates"
    return found


def consultant_settings(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the codes mean, and which sets the site publishes, as a connection's settings."""
    return {**SITE_SETTINGS, **{f"sets.{option}": _SETS[option] if options[option] else None for option in _TOLD}}
