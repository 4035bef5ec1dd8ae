"""Read companies, customers and their mail addresses.

Fusion's REST lists no customer accounts: they are those of the documents that are read. Each account has its
profile by SOAP, which names the party, and that its address over REST. No profile tells when it changed: so all
are read whole every `full_customers_days`, and between that only those of documents and parties that changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final

from duehook.core.errors import BadRecord
from duehook.core.hookspecs import BadRow, KeyPage, Lookup, Page, Position, UpperBound
from duehook.core.records import Stream
from duehook.plugins.oracle_fusion.client.answers import Row
from duehook.plugins.oracle_fusion.fields import patch_of
from duehook.plugins.oracle_fusion.mapping.parties import EMAIL, Party, PartyMapping, company
from duehook.plugins.oracle_fusion.site import FusionSite
from duehook.plugins.oracle_fusion.values import bad_row

from .accounts import Accounts
from .parties import Parties
from .place import Place

PART: Final = "accounts"
LONGEST: Final = 30  # signs of an account number
Made = tuple[list[Row], list[BadRow]]


class MasterReading:
    """Reads what changes seldom."""

    def __init__(self, site: FusionSite) -> None:
        """Take the site."""
        self.site = site
        fields = site.fields
        self._mapping = PartyMapping(site.settings, patch_of(fields, "customer"), patch_of(fields, "contact"))
        self._accounts, self._parties = Accounts(site), Parties(site)

    def companies(self, bound: UpperBound) -> Iterator[Page]:
        """Yield the business units of the settings: no resource that is read lists them."""
        rows = [company(unit) for unit in self.site.settings.business_units]
        yield Page(rows, Place.at(None, bound, self.site).done)

    def pages(self, stream: Stream, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield customers or contacts in the order of their account numbers; the last page is empty and done."""
        place = self._due(Place.at(position, bound, self.site))
        accounts, after = self._accounts.of(place), place.begun(PART)
        for chunk in self._accounts.chunks(accounts, after):
            rows, bad = self._made(stream, chunk)
            yield Page(rows, place.position(PART, [*chunk][-1]), bad)
        yield Page([], place.done, whole=place.since is None and not place.taken_up)

    def keys(self, stream: Stream) -> Iterator[KeyPage]:
        """Yield the keys that there are; whole where any came."""
        accounts = self._accounts.of(Place.at(None, self.site.bound(), self.site))
        if stream == "customer":
            yield KeyPage([("", each) for each in sorted(accounts)])
        for chunk in self._accounts.chunks(accounts) if stream == "contact" else ():
            rows, bad = self._made(stream, chunk)
            yield KeyPage([("", row["key"]) for row in rows] + [("", each.key) for each in bad if each.key])
        yield KeyPage([], complete=bool(accounts))

    def lookup(self, stream: Stream, keys: Sequence[tuple[str, str]]) -> Lookup:
        """Read customers or contacts again."""
        behind = EMAIL if stream == "contact" else ""
        wanted = [key.removesuffix(behind) for _, key in keys if key.endswith(behind)]
        there = {each: "" for each in dict.fromkeys(wanted) if is_account(each)}
        rows, bad = self._made(stream, there, known=False)
        told = {row["key"] for row in rows} | {each.key for each in bad}
        return Lookup(rows, missing=[name for name in keys if name[1] not in told], bad=bad)

    def _due(self, place: Place) -> Place:
        """Return a reading of all there is, where the last such one is too long ago, or many parties changed."""
        if place.taken_up or place.since is None:
            return place
        days = timedelta(days=self.site.settings.full_customers_days)
        if place.whole_at is None or place.bound - place.whole_at >= days:
            return place.anew()
        return place.anew() if self._accounts.has_many(place.since) else place

    def _made(self, stream: Stream, accounts: Mapping[str, str], *, known: bool = True) -> Made:
        """Return the rows of accounts, and those that cannot be read; with `known` one without a profile is one too."""
        one = self._contact if stream == "contact" else self._mapping.customer
        made: list[Row] = []
        bad: list[BadRow] = []
        for party in self._found(accounts, bare=stream == "contact", known=known):
            self._add(one, party, made, bad)
        return made, bad

    def _found(self, accounts: Mapping[str, str], *, bare: bool, known: bool) -> Iterator[Party]:
        """Yield accounts with their parties, and with their profiles; those that are `bare` need none."""
        sure = self._parties.of_accounts(accounts) if bare else {}
        profiles = {each: self.site.profiles.of(each) for each in accounts if each not in sure}
        numbers = {each: self._number(profile) for each, profile in profiles.items()}
        organizations = self._parties.numbered(each for each in numbers.values() if each)
        for account, name in accounts.items():
            profile = profiles.get(account)
            if account in sure:
                yield Party(account, name, {}, sure[account])
            elif profile is not None or known:
                yield Party(account, name, profile or {}, organizations.get(numbers[account] or "", {}))

    def _number(self, profile: Mapping[str, str] | None) -> str | None:
        """Return the number of the party that a profile names."""
        return (profile or {}).get(self.site.settings.profile.party or "")

    def _add(self, one: Callable[[Party], Row | None], party: Party, made: list[Row], bad: list[BadRow]) -> None:
        try:
            row = one(party)
        except BadRecord as error:
            key = f"{party.account}{EMAIL}" if one == self._contact else party.account
            bad.append(bad_row(error, key, None, party.profile, party.organization))
        else:
            made += [row] if row is not None else []

    def _contact(self, party: Party) -> Row | None:
        return self._mapping.contact(party)


def is_account(number: str) -> bool:
    """Say whether a text can be an account number: short, and of signs that one can have."""
    return 0 < len(number) <= LONGEST and number.isprintable() and "|" not in number
