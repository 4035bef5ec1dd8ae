"""The parties of customer accounts: many in one question where the pod takes a list, else one by one.

A profile names its party by the number. An account's activities name it by its id, which is not published as the
party's: such a party is taken where it bears the name that the activities give their customer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from duehook.core.errors import ConnectorRefused
from duehook.plugins.oracle_fusion import values
from duehook.plugins.oracle_fusion.client.answers import Row
from duehook.plugins.oracle_fusion.resources import literal
from duehook.plugins.oracle_fusion.site import FusionSite

from .listed import Listed

CUSTOMER: Final = "CustomerId"
NAME: Final = "CustomerName"


class Parties:
    """Finds parties by their numbers, and by the accounts that they have."""

    def __init__(self, site: FusionSite) -> None:
        """Take the site."""
        self._site, self._listed = site, Listed(site)
        self._by_account = site.settings.party_by == "account"

    def numbered(self, numbers: Iterable[str]) -> dict[str, Row]:
        """Return parties with their addresses by their numbers, as far as they are there."""
        found = self._listed.rows(
            self._site.organizations, "PartyNumber", [literal(each) for each in numbers], expand=True
        )
        return {each: row for row in found if (each := values.text(row, "PartyNumber"))}

    def of_accounts(self, accounts: Collection[str]) -> dict[str, Row]:
        """Return the parties of accounts, without addresses; those that are not sure are left out."""
        customers = self._customers(accounts) if self._by_account else {}
        ids = {each: values.text(row, CUSTOMER) for each, row in customers.items()}
        organizations = self._site.organizations
        known = sorted({each for each in ids.values() if each and each.isdigit()}, key=int)
        found = {
            values.text(row, organizations.id): row for row in self._listed.rows(organizations, organizations.id, known)
        }
        return {each: found[ids[each]] for each, row in customers.items() if _is_it(row, found.get(ids[each]))}

    def _customers(self, accounts: Collection[str]) -> Mapping[str, Row]:
        """Return whose accounts these are; nothing, and nothing is asked again, where the pod does not tell."""
        resource = self._site.activities
        fields = [resource.id, resource.account, CUSTOMER, NAME]
        asked = [literal(each) for each in accounts]
        try:
            rows = self._listed.rows(resource, resource.account, asked, fields=fields)
        except ConnectorRefused:
            rows = []
        self._by_account = bool(rows) or not asked
        found = {values.text(row, resource.account): row for row in rows}
        return {each: found[each] for each in accounts if each in found}


def _is_it(row: Row, party: Row | None) -> bool:
    """Say whether a party is the customer that an account's activities name."""
    name = values.text(row, NAME)
    return party is not None and name is not None and values.text(party, "OrganizationName") == name
