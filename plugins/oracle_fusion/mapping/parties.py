"""Companies, customers and the customers' own addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from duehook.core.errors import BadRecord
from duehook.core.field_mapping import Patch
from duehook.core.hookspecs import Row
from duehook.plugins.oracle_fusion import values
from duehook.plugins.oracle_fusion.client.answers import nested
from duehook.plugins.oracle_fusion.fields import PARTY, PROFILE
from duehook.plugins.oracle_fusion.settings import BusinessUnit, FusionSettings
from duehook.plugins.oracle_fusion.values import Source

EMAIL: Final = "|email"
HELD: Final = "Y"
_FREE: Final = frozenset({None, "N", "NO", "FALSE"})


@dataclass(frozen=True)
class Party:
    """A customer account: its number, its name on documents, its profile, and the organization behind it."""

    account: str
    name: str
    profile: Mapping[str, str]
    organization: Source


def company(unit: BusinessUnit) -> Row:
    """Return a business unit as the company that it is here."""
    return {"company": unit.name, "name": unit.name, "currency": unit.currency}


def hold_of(profile: Mapping[str, str], settings: FusionSettings) -> str | None:
    """Return the credit hold of a profile, None for none; what says yes in any way is Y."""
    held = profile.get(settings.profile.hold)
    if (held or "").upper() in {"Y", "YES", "TRUE"}:
        return HELD
    return None if held is None or held.upper() in _FREE else held


class PartyMapping:
    """Makes customers and contacts."""

    def __init__(self, settings: FusionSettings, customer: Patch | None, contact: Patch | None) -> None:
        """Take the settings, and what the site's own file does to each row."""
        self._settings, self._names, self._codes = settings, settings.profile, settings.codes
        self._customer, self._contact = customer, contact

    def customer(self, party: Party) -> Row:
        """Return a customer, which belongs to all business units."""
        profile, organization = party.profile, party.organization
        address = _address(organization)
        limit = values.amount(profile, self._names.limit)
        status = profile.get(self._names.status or "")
        made: Row = {
            "company": None,
            "key": party.account,
            "name": values.text(organization, "OrganizationName") or party.name or party.account,
            "state": self._codes.state_by_status.get(status or "") or "active",
            "collector": profile.get(self._names.collector or ""),
            "credit_manager": profile.get(self._names.analyst or ""),
            "terms": profile.get(self._names.terms or ""),
            "credit_limit": limit,
            "limit_currency": profile.get(self._names.limit_currency or "") if limit is not None else None,
            "hold": hold_of(profile, self._settings),
            "country": address.get("country") if address else None,
            "address": address,
        }
        if self._customer is not None:
            self._customer({PARTY: organization, PROFILE: profile}, made)
        return made

    def contact(self, party: Party) -> Row | None:
        """Return the organization's own mail address; None where it has none."""
        organization = party.organization
        email = values.text(organization, "EmailAddress")
        if email is None:
            return None
        made: Row = {
            "company": None,
            "key": f"{party.account}{EMAIL}",
            "customer": party.account,
            "name": values.text(organization, "OrganizationName") or party.name,
            "purposes": ("main",),
            "email": email,
            "phone": values.text(organization, "RawPhoneNumber"),
        }
        if self._contact is not None:
            self._contact({PARTY: organization}, made)
        return made


def _address(organization: Source) -> dict[str, Any] | None:
    """Return the first address of an organization; None where it has none."""
    found = nested(dict(organization), "Address").rows
    if not found:
        return None
    row = found[0]
    lines = tuple(line for number in range(1, 5) if (line := values.text(row, f"AddressLine{number}")))
    country = values.text(row, "Country")
    if country is not None and len(country) != 2:
        raise BadRecord(f"Country holds {country!r}, which is no ISO 3166 code.")
    return {
        "lines": lines,
        "postal_code": values.text(row, "PostalCode"),
        "city": values.text(row, "City"),
        "region": values.text(row, "State"),
        "country": country,
    }
