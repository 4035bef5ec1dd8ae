"""Read payments, and what was applied to what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from duehook.core.errors import BadRecord
from duehook.core.hookspecs import BadRow, Lookup, Page, Position, UpperBound
from duehook.plugins.netsuite import tables
from duehook.plugins.netsuite.fields import patch_of, selected
from duehook.plugins.netsuite.mapping.cash import VOID, CashMapping, key_of
from duehook.plugins.netsuite.site import NetsuiteSite
from duehook.plugins.netsuite.suiteql import Query, codes, of_day, since
from duehook.plugins.netsuite.values import Source, bad_row, text

from .masters import read_id
from .place import Place

PART: Final = "recent"
Made = tuple[list[dict[str, Any]], list[BadRow]]


class CashReading:
    """Reads transactions of money, and the links that they have to what they settled."""

    def __init__(self, site: NetsuiteSite) -> None:
        """Take the site."""
        self._site = site
        settings = site.settings
        money = selected(site.fields, "payment", tables.documents(settings.accounting_book))
        self._payments = money.under(codes("t.type", site.money), site.within("tl.subsidiary"))
        self._mapping = CashMapping(settings.codes, site, site.zone, patch_of(site.fields, "payment", settings))

    def payments(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield payments in the order of their ids; the last page is empty and done."""
        place = Place.at(position, bound, self._site)
        query = self._payments.under(self._wanted(place, "t"))
        for window in self._site.windows(query, place.begun(PART)):
            rows, bad = self._payment_rows(window.rows)
            yield Page(rows, place.position(PART, window.last), bad)
        yield Page([], place.done)

    def lookup(self, keys: Sequence[tuple[str, str]]) -> Lookup:
        """Read payments again. Raises ConnectorRefused where what is not found may only be hidden."""
        numbers = {number for _, key in keys if (number := read_id(key.removesuffix(VOID))) is not None}
        found = list(self._site.by_id(self._payments, "t.id", numbers))
        if len(found) < len(numbers):
            self._site.expect_seen(each for each in self._site.money if each in tables.DOCUMENTS)
        rows, bad = self._payment_rows(found)
        told = {(row["company"], row["key"]) for row in rows} | {(each.company, each.key) for each in bad}
        return Lookup(rows, missing=[name for name in keys if name not in told], bad=bad)

    def allocations(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield what was applied, in the order of both documents; the last page is empty and done."""
        place = Place.at(position, bound, self._site)
        query: Query = tables.LINK.under(self._wanted(place, "n"))
        for window in self._site.windows(query, place.begun(PART)):
            rows, bad = self._allocation_rows(window.rows)
            yield Page(rows, place.position(PART, window.last), bad)
        yield Page([], place.done)

    def _wanted(self, place: Place, letter: str) -> str:
        if place.since is None:
            return of_day(f"{letter}.trandate", self._site.history_from(place.bound))
        return since(f"{letter}.lastmodifieddate", self._site.local(place.since))

    def _payment_rows(self, rows: Iterable[Source]) -> Made:
        made: list[dict[str, Any]] = []
        bad: list[BadRow] = []
        for row in rows:
            try:
                made += list(self._mapping.payments(row))
            except BadRecord as error:
                bad.append(bad_row(error, str(row["id"]), row, text(row, "subsidiary")))
        return made, bad

    def _allocation_rows(self, links: Iterable[Source]) -> Made:
        made: list[dict[str, Any]] = []
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
