"""What a simulated pod can be: its options, what follows of them for a connection, and the roles of its user."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from duehook.core.hookspecs import CommandKind
from duehook.core.testing.faults import Calls

from .site.codes import CLASS_BY_TYPE, CURRENCIES, KIND_BY_TYPE, ORG_IDS, REASONS, UNITS
from .soap.service import NAME, PATH

OPTIONS: Final[Mapping[str, Any]] = {
    "sign_in": "basic",  # or jwt
    "token_life": 3600.0,
    "read_by": "rest",  # or bicc
    "credit_memo_installments": True,  # without: the site's release has no such child
    "queryable": "all",  # or few: a release in which neither balances nor a child's attributes may stand in a q
    "applications": True,  # without: the site's release does not show what receipts and credit memos were applied to
    "promise_attribute": False,  # the site has an attribute of its own in the promises' flexfield
}
ATTRIBUTE: Final = "duehookKey"
_CHOICES: Final = {"sign_in": ("basic", "jwt"), "read_by": ("rest", "bicc"), "queryable": ("all", "few")}
RIGHTS: Final[Mapping[str, str]] = {
    name: name
    for name in ("receivablesInvoices", "receivablesCreditMemos", "standardReceipts", "hubOrganizations", NAME)
}
SILENT: Final = ("collectionPromises", "receivablesDisputes", "receivablesCustomerAccountActivities")
VARIANTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "OAuth": {"sign_in": "jwt"},
    "BICC extracts": {"read_by": "bicc"},
    "credit memos without instalments": {"credit_memo_installments": False},
    "balances that cannot be asked": {"queryable": "few"},
}
FULLEST: Final[Mapping[str, Any]] = {"sign_in": "jwt"}
SITE_SETTINGS: Final[Mapping[str, Any]] = {
    "codes": {"kind_by_type": dict(KIND_BY_TYPE), "class_by_type": dict(CLASS_BY_TYPE)}
}
READS: Final = Calls(r"^/(fscm|crm)RestApi/|/getActiveCustomerProfile$", "GET|POST")
_WRITES: Final[Mapping[CommandKind, str]] = {
    "set_promise": "/collectionPromises$",
    "set_dispute": "/receivablesDisputes$",
    "set_credit_hold": f"{PATH}/updateCustomerProfile$",
    "release_credit_hold": f"{PATH}/updateCustomerProfile$",
}


def checked(options: Mapping[str, Any]) -> None:
    """Raise ValueError for an option that has a value which it cannot have."""
    for name, known in _CHOICES.items():
        if options[name] not in known:
            raise ValueError(f"{name} is {' or '.join(known)}, not {options[name]!r}")


def site(options: Mapping[str, Any]) -> dict[str, str]:
    """Return the settings that tell a connection what kind of site it is."""
    units = [{"name": name, "currency": CURRENCIES[name], "org_id": str(ORG_IDS[code])} for code, name in UNITS.items()]
    found = {
        "calls_per_second": "1000", "timezone": "UTC", "business_units": json.dumps(units),
        "dispute_reason": REASONS[0],
    }  # fmt: skip
    if not options["credit_memo_installments"]:
        found["credit_memo_installments"] = ""
    if not options["applications"]:
        found |= {"receipt_applications": "", "credit_memo_applications": ""}
    if options["promise_attribute"]:
        found["promise_attribute"] = ATTRIBUTE
    return found


def written_by(kind: CommandKind) -> Calls:
    """Say which requests carry out a command."""
    return Calls(_WRITES.get(kind, "/nothing/carries/it/out$"), "POST")


def lacking(options: Mapping[str, Any]) -> dict[str, str]:
    """Return what Fusion does not have, with the reason."""
    found = {
        "payment_term": "an invoice has the name of its terms, and no resource that is known lists them",
        "exchange_rate": "no resource that is known lists the rates by day",
        "changes of customer": "a profile is asked for by its account, and tells no change",
        "unposted": "an incomplete invoice has no installments: it is no receivable yet",
        "deletes": "a complete transaction is credited, not deleted",
        "purges": "Fusion keeps its transactions",
        "half references": "nothing refers to a document but by its id",
        "own dunning": "no resource that is known tells the level of the pod's own dunning",
        "add_note": "no resource that is known takes a note on a customer",
        "set_dunning_block": "there is no field for it",
        "set_dunning_level": "there is no field for it",
        "holds told apart": "CreditHold is Y or N: whose hold it is, it does not tell",
    }
    if not options["applications"]:
        found["allocation"] = "this release does not show what receipts and credit memos were applied to"
    if options["sign_in"] == "basic":
        found["sign-in that runs out"] = "each request bears the password"
    return found
