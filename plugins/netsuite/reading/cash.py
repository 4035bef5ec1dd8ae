"""Read payments, and what was applied to what."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from duehook.core.errors import BadRecord
from duehook.core.hookspecs import BadRow, Lookup, Page, Position, UpperBound
from duehook.plugins.netsuite import tables
from duehook.plugins.netsuite.account import Account, Row
from duehook.plugins.netsuite.fields import patch_of, selected
from duehook.plugins.netsuite.mapping.cash import VOID, CashMapping, key_of
from duehook.plugins.netsuite.site import NetsuiteSite
from duehook.plugins.netsuite.suiteql import Query, codes, of_day, since
from duehook.plugins.netsuite.values import Source, bad_row, text

from .masters import read_id
from .place import Place

PART: Final = "recent"
Made = tuple[list[Row], list[BadRow]]


class Cash(ABC):
    """Reads transactions of money, and what they were applied to, by whichever way."""

    def __init__(self, site: Account[Any]) -> None:
        """Take the site."""
        self._site, settings = site, site.settings
        self._mapping = CashMapping(settings.codes, site, site.zone, patch_of(site.fields, "payment", settings))

    @abstractmethod
    def payments(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield payments in the order of their ids; the last page is empty and done."""

    @abstractmethod
    def allocations(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield what was applied, in the order of both documents; the last page is empty and done."""

    @abstractmethod
    def _payments_by_id(self, numbers: set[int]) -> Iterable[Source]:
        """Ask for payments by their ids."""

    def lookup(self, keys: Sequence[tuple[str, str]]) -> Lookup:
        """Read payments again. Raises ConnectorRefused where what is not found may only be hidden."""
        numbers = {number for _, key in keys if (number := read_id(key.removesuffix(VOID))) is not None}
        found = list(self._payments_by_id(numbers))
        if len(found) < len(numbers):
            self._site.expect_seen(each for each in self._site.money if each in tables.DOCUMENTS)
        rows, bad = self._payment_rows(found)
        told = {(row["company"], row["key"]) for row in rows} | {(each.company, each.key) for each in bad}
        return Lookup(rows, missing=[name for name in keys if name not in told], bad=bad)

    def _payment_rows(self, rows: Iterable[Source]) -> Made:
        made: list[Row] = []
        bad: list[BadRow] = []
        for row in rows:
            try:
                made += list(self._mapping.payments(row))
            except BadRecord as error:
                bad.append(bad_row(error, str(row["id"]), row, text(row, "subsidiary")))
        return made, bad

    def _allocation_rows(self, links: Iterable[Source]) -> Made:
        made: list[Row] = []
        bad: list[BadRow] = []
        companies = frozenset(self._site.settings.companies)
        for link in links:
            company = text(link, "subsidiary") or text(link, "nextsubsidiary")
            if companies and company not in companies:
                continue
            if link.get("previoustype") not in (*tables.DOCUMENTS, tables.JOURNAL):
                continue
            try:
                row = self._mapping.allocation(link, company)
            except BadRecord as error:
                bad.append(bad_row(error, key_of(link), link, company))
            else:
                made += [row] if row is not None else []
        return made, bad


class CashReading(Cash):
    """Reads transactions of money, and the links that they have to what they settled, by SuiteQL."""

    def __init__(self, site: NetsuiteSite) -> None:
        """Take the site."""
        super().__init__(site)
        self._account = site
        money = selected(site.fields, "payment", site.shaped(tables.documents(site.settings.accounting_book)))
        self._payments = money.under(codes("t.type", site.money), site.within("tl.subsidiary"))

    def payments(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield payments, the last page empty and done."""
        place = Place.at(position, bound, self._site)
        query = self._payments.under(self._wanted(place, "t"))
        for window in self._site.windows(query, place.begun(PART)):
            rows, bad = self._payment_rows(window.rows)
            yield Page(rows, place.position(PART, window.last), bad)
        yield Page([], place.done)

    def allocations(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield what was applied, the last page empty and done."""
        place = Place.at(position, bound, self._site)
        query: Query = self._account.shaped(tables.LINK).under(self._wanted(place, "n"))
        for window in self._site.windows(query, place.begun(PART)):
            rows, bad = self._allocation_rows(window.rows)
            yield Page(rows, place.position(PART, window.last), bad)
        yield Page([], place.done)

    def _payments_by_id(self, numbers: set[int]) -> Iterable[Source]:
        return self._account.by_id(self._payments, "t.id", numbers)

    def _wanted(self, place: Place, letter: str) -> str:
        if place.since is None:
            return of_day(f"{letter}.trandate", self._site.history_from(place.bound))
        return since(f"{letter}.lastmodifieddate", self._account.local(place.since))
