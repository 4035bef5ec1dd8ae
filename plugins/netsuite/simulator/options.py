"""What a simulated account can be: its options, what follows of them for a connection, and the rights of its role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from duehook.core.hookspecs import CommandKind
from duehook.core.testing.faults import Calls

from .tables.codes import BASE_CURRENCY, CLASS_FIELD, CLASSES, DUNNED_FIELD, LEVEL_FIELD, STATUSES
from .tables.one import ONLY, ONLY_NAME
from .tables.schema import INSTALMENTS, RATES

OPTIONS: Final[Mapping[str, Any]] = {
    "timezone": "America/Los_Angeles",
    "sign_in": "tba",  # or oauth2
    "token_life": 3600.0,
    "instalments": False,
    "custom_fields": False,
    "rates": False,  # True: the table of exchange rates by day is there
    "oneworld": True,  # False: one company, and no table or column that names a subsidiary
    "tax_ids": True,  # False: customers have no VAT number of their own
    "notes": "note",  # or phonecall: the record that the account's catalogue has
    "read_by": "suiteql",  # or soap: the role may use SuiteTalk alone
    "search_life": 900.0,  # seconds that a search of SuiteTalk is kept without a question
    "concurrency": 5,  # requests at once, of all integrations together: what the Standard tier has
}
REST: Final = "REST Web Services"
WORKBOOK: Final = "SuiteAnalytics Workbook"
SERVICES: Final = "SOAP Web Services"
RIGHTS: Final[Mapping[str, str]] = {
    REST: REST,
    WORKBOOK: WORKBOOK,
    **{name: name for name in ("subsidiary", "currency", "term", "customer", "contact", "transaction")},
}
SOAP_RIGHTS: Final[Mapping[str, str]] = {
    SERVICES: SERVICES,
    **{right: said for right, said in RIGHTS.items() if right not in (REST, WORKBOOK)},
}
VARIANTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "OAuth 2.0": {"sign_in": "oauth2"},
    "instalments": {"instalments": True},
    "no VAT numbers": {"tax_ids": False},
    "phone calls": {"notes": "phonecall"},
    "another time zone": {"timezone": "Asia/Tokyo"},
    "SOAP": {"read_by": "soap"},
}
SITE_SETTINGS: Final[Mapping[str, Any]] = {  # what the account's own customer statuses, and its own body field, mean
    "class_field": CLASS_FIELD,
    "dunning": {"level_field": LEVEL_FIELD, "date_field": DUNNED_FIELD},
    "codes": {
        "state_by_status": {str(number): state for state, (number, _) in STATUSES.items() if state != "active"},
        "class_by_field": {code: name for name, code in CLASSES.items()},
    },
}
FIELD_SETTINGS: Final[Mapping[str, str]] = {  # what a consultant called the account's own fields on an invoice
    "promise.date_field": "custbody_due_promise_date",
    "promise.amount_field": "custbody_due_promise_amount",
    "dispute.field": "custbody_due_dispute",
}
FULLEST: Final[Mapping[str, Any]] = {"custom_fields": True, "rates": True, "sign_in": "oauth2"}
SOAP_READS: Final = Calls("/(search|get)", "POST")  # the operations, behind the address that all of them have


def speaks_soap(options: Mapping[str, Any]) -> bool:
    """Say whether the account is read by SOAP; ValueError for what cannot be."""
    if options["read_by"] not in ("suiteql", "soap"):
        raise ValueError(f"read_by is suiteql or soap, not {options['read_by']!r}")
    if options["read_by"] == "soap" and options["sign_in"] != "tba":
        raise ValueError("SuiteTalk knows no OAuth 2.0: read_by soap goes with sign_in tba")
    if options["read_by"] == "soap" and not options["oneworld"]:
        raise ValueError("SuiteTalk is simulated for OneWorld alone")
    return bool(options["read_by"] == "soap")


def site(options: Mapping[str, Any]) -> dict[str, str]:
    """Return the settings that tell a connection what kind of account it is."""
    found = {"timezone": str(options["timezone"]), "calls_per_second": "1000"}
    if options["read_by"] != "suiteql":
        found["read_by"] = str(options["read_by"])
    if not options["oneworld"]:
        found |= {"company.id": str(ONLY), "company.name": ONLY_NAME, "company.currency": BASE_CURRENCY}
    if options["instalments"]:
        found["instalments_table"] = INSTALMENTS
    if options["rates"]:
        found["rates_table"] = RATES
    if options["notes"] != "note":
        found["notes"] = str(options["notes"])
    return {**found, **(FIELD_SETTINGS if options["custom_fields"] else {})}


def written_by(kind: CommandKind, options: Mapping[str, Any]) -> Calls:
    """Say which requests carry out a command."""
    record = "invoice" if kind in ("set_promise", "set_dispute") else "customer"
    if options["read_by"] != "soap":
        note = Calls(f"/record/v1/{options['notes']}", "PUT|POST")
        return note if kind == "add_note" else Calls(f"/record/v1/{record}", "PATCH")
    if kind == "add_note":
        return Calls(f"/(add|upsert)(List)?/{'PhoneCall' if options['notes'] == 'phonecall' else 'Note'}$", "POST")
    return Calls(f"/(update|upsert)(List)?/{record.title()}$", "POST")


def lacking(options: Mapping[str, Any]) -> dict[str, str]:
    """Return what NetSuite does not have, with the reason."""
    rates = {} if options["rates"] else {"exchange_rate": "the table of rates is read where `rates_table` names it"}
    found = rates | {
        "unposted": "an invoice that waits for its approval does not post: it is no receivable yet",
        "deletes": "what is posted is voided, not deleted, by the people of a book",
        "purges": "NetSuite keeps its transactions",
        "half references": "a link names the ids of both documents",
        "set_dunning_block": "there is no standard field for it",
        "set_dunning_level": "there is no standard field for it",
    }
    if not options["instalments"]:
        found["instalments"] = "without the feature each part is an invoice of its own"
    if options["sign_in"] == "tba":
        found["sign-in that runs out"] = "each request is signed anew"
    return found
