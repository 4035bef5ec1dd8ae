"""What `check` tries of the parties of accounts: whether several can be asked for, and whether accounts tell theirs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from duehook.core.hookspecs import Finding

from . import values
from .client.errors import NotQueryable
from .client.service import Asked
from .reading.parties import Parties
from .resources import among, literal
from .site import FusionSite

LISTED: Final = "parties by list"
OF_ACCOUNT: Final = "party of an account"
_ADVICE: Final = "write `party_by: profile`."


def listed(site: FusionSite) -> Iterator[Finding]:
    """See that of two parties that one question asks for both come."""
    resource = site.organizations
    rows = site.service.first(Asked(resource, (), [resource.id, "PartyNumber"]), 2)
    numbers = {each for row in rows if (each := values.text(row, "PartyNumber"))}
    if site.settings.parties_at_once == 1 or len(numbers) < 2:
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
        yield Finding(LISTED, False, told, "write `parties_at_once: 1`.")


def of_account(site: FusionSite, account: str) -> Iterator[Finding]:
    """Compare the party that an account's activities name with that of its profile."""
    if site.settings.party_by == "profile":
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
