"""The customer accounts: those of documents, for Fusion's REST lists none by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from duehook.plugins.oracle_fusion import values
from duehook.plugins.oracle_fusion.client.answers import Row
from duehook.plugins.oracle_fusion.client.service import Asked
from duehook.plugins.oracle_fusion.resources import Resource, where
from duehook.plugins.oracle_fusion.site import FusionSite

from .place import Place

MANY: Final = 50  # parties that changed, at most; where there are more all accounts are read
AT_ONCE: Final = 100  # accounts of a page at most: each customer's profile is a question of its own


class Accounts:
    """Lists accounts with the names that documents bear: all there are, or those of what changed."""

    def __init__(self, site: FusionSite) -> None:
        """Take the site."""
        self._site = site
        self._parties_changed: dict[datetime, list[Row]] = {}

    def of(self, place: Place, *, renamed: bool = True) -> dict[str, str]:
        """Return the accounts of a reading; with `renamed` those whose party changed are among them."""
        found: dict[str, str] = {}
        for resource in self._site.documents:
            for asked in self._questions(resource, place, renamed=renamed):
                self._add(asked, found)
        return found

    def chunks(self, accounts: Mapping[str, str], after: str | None = None) -> Iterator[dict[str, str]]:
        """Yield the accounts behind one, in the order of their numbers."""
        left = [each for each in sorted(accounts) if after is None or each > after]
        size = min(AT_ONCE, self._site.settings.page_size)
        for at in range(0, len(left), size):
            yield {each: accounts[each] for each in left[at : at + size]}

    def has_many(self, since: datetime) -> bool:
        """Say whether so many parties changed that all accounts are better read."""
        return len(self._changed(since)) > MANY

    def _add(self, asked: Asked, found: dict[str, str]) -> None:
        number, name = asked.resource.account, self._name(asked.resource)
        fields = [asked.resource.id, number, name, "BusinessUnit"]
        for row in self._site.service.every(replace(asked, fields=fields)):
            account = values.text(row, number)
            if account is not None and self._site.reads(values.text(row, "BusinessUnit")):
                found[account] = values.text(row, name) or found.get(account, "")

    def _questions(self, resource: Resource, place: Place, *, renamed: bool) -> list[Asked]:
        """Return what is asked of a resource for accounts: all there are, or those of what changed."""
        if place.since is not None:
            names = self._renamed(place.since) if renamed else []
            named = [where(self._name(resource), "=", name) for name in names]
            return [Asked(resource, since=place.since), *(Asked(resource, [each]) for each in named)]
        first = self._site.history_from(place.bound)
        return [Asked(resource, since=first), Asked(resource, [self._site.before(first)], open=True)]

    def _name(self, resource: Resource) -> str:
        return "CustomerName" if resource is self._site.receipts else "BillToCustomerName"

    def _renamed(self, since: datetime) -> list[str]:
        """Return the names of parties that changed, by which documents tell their accounts."""
        return [name for row in self._changed(since) if (name := values.text(row, "OrganizationName"))]

    def _changed(self, since: datetime) -> list[Row]:
        if since not in self._parties_changed:
            asked = Asked(self._site.organizations, fields=["PartyId", "OrganizationName"], since=since)
            self._parties_changed = {since: self._site.service.first(asked, MANY + 1)}
        return self._parties_changed[since]
