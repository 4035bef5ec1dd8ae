"""What a simulated site can be: its options, what it lacks because of them, and the application's rights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from duehook.core.testing import entra
from duehook.core.testing.book.people import COMPANIES

from .service import MOST_ROWS
from .tables.codes import METHODS, STATES, company_id

OPTIONS: Final[Mapping[str, Any]] = {
    **entra.OPTIONS,
    "page_size": MOST_ROWS,
    "environment": "Production",
    "ledger_entries": True,
    "detailed_entries": True,
    "modified_at": True,
    "comments": False,
    "promise": False,
    "dispute": False,
}
FULLEST: Final[Mapping[str, Any]] = {"comments": True, "promise": True, "dispute": True}
VARIANTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "api only": {"ledger_entries": False},
    "without SystemModifiedAt": {"modified_at": False},
    "everything": FULLEST,
}
APPLICATION: Final = "application"  # the card in Microsoft Entra applications, without which no token is good
_SERVICES: Final = {  # the names of the web services, by the option that publishes each
    "ledger_entries": "CustomerLedgerEntries",
    "detailed_entries": "DetailedCustLedgEntries",
    "comments": "CommentSheet",
}
_COLUMNS: Final = {"promise": "Promised_Pay_Date", "dispute": "Dispute_Status"}
_READ: Final = ("companies", "companyInformation", "paymentTerms", "customers", "contacts")
_DOCUMENTS: Final = ("salesInvoices", "salesCreditMemos")


def rights_of(options: Mapping[str, Any]) -> dict[str, str]:
    """Return the rights that reading such a site needs, with the word that tells each."""
    if options["ledger_entries"]:
        needed = [name for option, name in _SERVICES.items() if options[option]]
    else:
        needed = list(_DOCUMENTS)
    return {APPLICATION: "Microsoft Entra applications", **{name: name for name in (*_READ, *needed)}}


def lacking(options: Mapping[str, Any]) -> dict[str, str]:
    """Return what Business Central does not have, with the reason."""
    found = {
        "unposted": "a draft is no receivable, though it is in the set of the invoices",
        "deletes": "a posted entry is never deleted",
        "purges": "a posted entry is never deleted",
        "instalments": "each is an invoice of its own",
        "own dunning": "the levels of Business Central's own reminders are on no page that is read",
        "exchange_rate": "exchange rates are not read",
        "half references": "an application names its entry whole",
        "set_dunning_level": "the levels of Business Central's own reminders are on no page that is read",
    }
    if not options["comments"]:
        found["add_note"] = "API v2.0 has no notes on customers, and the comment sheet is not published"
    if not options["ledger_entries"]:
        why = "posted payments are not in API v2.0, and the customer ledger entries are not published"
        found |= dict.fromkeys(("payment", "allocation", "reversals"), why)
    elif not options["detailed_entries"]:
        found["allocation"] = "the detailed customer ledger entries are not published"
    return found


def published(options: Mapping[str, Any]) -> dict[str, str]:
    """Return what the site publishes, and which columns and codes are written, as a connection's settings."""
    has_entries = options["ledger_entries"]
    named = {**_SERVICES, **_COLUMNS} if has_entries else {"comments": _SERVICES["comments"]}
    found = {option: name for option, name in named.items() if options[option]}
    return found | ({"on_hold": "DUE"} if has_entries else {})


def consultant_settings() -> dict[str, Any]:
    """Return what the site's codes mean, as a connection's settings."""
    return {
        "calls_per_second": 1_000,  # a simulator need not be spared
        "company_currencies": {company_id(company.code): company.currency for company in COMPANIES},
        "codes.class_by_payment_method": {method: item_class for item_class, method in METHODS.items()},
        "state_by_salesperson": {code: state for state, code in STATES.items()},
    }
