"""What `check` tries of accounts: whether several rows can be asked for, their parties, and what was applied."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from duehook.core.hookspecs import Finding

from . import values
from .client.errors import NotQueryable
from .client.service import Asked
from .reading.parties import Parties
from .resources import among, applied, literal, where
from .site import FusionSite

NOBODY: Final = "0"  # the account of no document
LISTED: Final = "parties by list"
OF_ACCOUNT: Final = "party of an account"
APPLIED: Final = "applications"
_NO_CHILD: Final = (
    "write as `receipt_applications` and `credit_memo_applications` what this release has, or nothing for none."
)
_RIGHT: Final = (
    "let the Fusion admin give the user the duty role for inquiry of receivables transactions, and data access to the "
    "business units."
)
_ADVICE: Final = "write `party_by: profile`."


def listed(site: FusionSite) -> Iterator[Finding]:
    """See that of two parties that one question asks for both come."""
    resource = site.organizations
    rows = site.service.first(Asked(resource, (), [resource.id, "PartyNumber"]), 2)
    numbers = {each for row in rows if (each := values.text(row, "PartyNumber"))}
    if site.settings.rows_at_once == 1 or len(numbers) < 2:
        yield Finding(LISTED, True, "not tried", severity="info")
        return
    asked = Asked(resource, [among("PartyNumber", map(literal, sorted(numbers)))], [resource.id, "PartyNumber"])
    try:
        found = {values.text(row, "PartyNumber") for row in site.service.first(asked, 2)}
    except NotQueryable as error:
        yield Finding(LISTED, True, f"parties are asked for one by one: {error.message[:200]}", severity="info")
        return
    if found == numbers:
        yield Finding(LISTED, True, "several parties can be asked for at once")
    else:
        told = "of two parties that are asked for at once not both come"
        yield Finding(LISTED, False, told, "write `rows_at_once: 1`.")


def of_account(site: FusionSite, account: str) -> Iterator[Finding]:
    """Compare the party that an account's activities name with that of its profile."""
    if site.settings.party_by == "profile" or account == NOBODY:
        return
    party = Parties(site).of_accounts([account]).get(account)
    number = (site.profiles.of(account) or {}).get(site.settings.profile.party or "")
    if party is None:
        told = f"the activities of account {account} do not tell it: contacts are found by profiles, one by one"
        yield Finding(OF_ACCOUNT, True, told, _ADVICE, "info")
    elif number is not None and number != values.text(party, "PartyNumber"):
        told = f"the activities of account {account} tell another party than its profile, which names {number}"
        yield Finding(OF_ACCOUNT, False, told, _ADVICE)
    else:
        yield Finding(OF_ACCOUNT, True, "is told by its activities")


def applications(site: FusionSite, account: str) -> Iterator[Finding]:
    """Ask for what was applied on an account, by the children that the settings name."""
    resource = applied(site.settings)
    if resource.child is None:
        yield Finding(APPLIED, True, "are not read: the settings name no child of them", severity="info")
        return
    if account == NOBODY:
        yield Finding(APPLIED, True, "not tried: no document is shown", severity="info")
        return
    try:
        rows = site.service.first(Asked(resource, [where(resource.account, "=", account)], expand=True))
    except NotQueryable as error:
        yield Finding(APPLIED, False, error.message, _NO_CHILD)
        return
    missing = [each for each in resource.child.split(",") if rows and each not in rows[0]]
    if missing:
        yield Finding(APPLIED, False, f"the activities of account {account} have no {', '.join(missing)}", _NO_CHILD)
    elif rows:
        yield Finding(APPLIED, True, "can be read")
    else:
        told = f"{resource.name} shows nothing of account {account}: nothing is read of what was applied"
        yield Finding(APPLIED, False, told, _RIGHT, "warning")
