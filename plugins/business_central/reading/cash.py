"""Read payments of customer ledger entries, and allocations of detailed ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from duehook.core.connecting.odata_fields import patch_of
from duehook.core.connecting.odata_rows import bad_row
from duehook.core.connecting.place import Place
from duehook.core.errors import BadRecord
from duehook.core.hookspecs import BadRow, Lookup, Page, Position, UpperBound
from duehook.core.wire.odata import Listing, Where, pages
from duehook.plugins.business_central import entities
from duehook.plugins.business_central.company import Company
from duehook.plugins.business_central.mapping.cash import CashMapping, settles
from duehook.plugins.business_central.mapping.items import EntryMapping, is_money
from duehook.plugins.business_central.mapping.rows import Row, Source
from duehook.plugins.business_central.site import BusinessCentralSite

from .entries import Ledger
from .items import Keys, by_company, looked_up


class CashReading:
    """Reads entries of money, and what detailed entries took off items."""

    def __init__(self, site: BusinessCentralSite) -> None:
        """Take the site."""
        self._site, self._ledger = site, Ledger(site, money=True)
        self._cash = CashMapping(site.settings.codes, patch_of(site.fields, "payment"))
        self._items = EntryMapping(site.settings.codes)

    def payments(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield payments in the order of their keys, part by part; the last page is empty and done."""
        place = self._ledger.place(position, bound)
        for read in self._ledger.pages(place):
            rows, bad = self._payments(read.company, [row for row in read.rows if is_money(row)])
            yield Page(rows, read.position, bad)
        yield Page([], place.done)

    def lookup(self, keys: Keys) -> Lookup:
        """Read payments again."""
        found: list[Row] = []
        bad: list[BadRow] = []
        for one, numbers in by_company(self._site, keys):
            rows, faults = self._payments(one, [row for row in self._ledger.of(one, numbers) if is_money(row)])
            found, bad = found + rows, bad + faults
        return looked_up(keys, found, bad)

    def allocations(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield what was taken off items, in the order of the detailed entries; the last page is empty and done."""
        site = self._site
        place = Place.at(position, bound, lookback=None, mapping=site.fields.digest)
        if not place.taken_up:
            known = place.noted.get("to", {})
            place = place.noting({"from": known, "to": known})
        companies = {one.id: one for one in site.with_currency}
        for name in place.part_of(list(companies)):
            one, listed = companies[name], site.detailed(companies[name])
            site.service.learn(listed)
            listing = site.listing(listed, self._added(one, place))
            for taken, last in self._settling(listing, place.begun(name)):
                rows, bad = self._allocations(one, taken)
                place = place.noting({**place.noted, "to": {**place.noted["to"], name: last[0]}})
                yield Page(rows, place.position(name, last), bad)
        yield Page([], place.done)

    def _settling(self, listing: Listing, after: Sequence[Any] | None) -> Iterator[tuple[list[Source], Sequence[Any]]]:
        """Yield what takes something off, about a page of it at once, with where reading goes on behind it.

        Most detailed entries are an entry's own amount: what each page holds beside them would cost a reading of the
        entries that it is of.
        """
        taken: list[Source] = []
        last: Sequence[Any] | None = None
        for page in pages(self._site.service, listing, after):
            taken, last = taken + [row for row in page.rows if settles(row)], page.last
            if len(taken) >= listing.page_size:
                yield taken, last
                taken, last = [], None
        if last is not None:
            yield taken, last

    def _added(self, one: Company, place: Place) -> Where:
        """Ask for what was added since the last reading; at first for the history."""
        behind = place.noted["from"].get(one.id)
        if behind is not None:
            return Where.field("Entry_No", "gt", behind)
        return self._site.since(self._site.detailed(one), self._site.history_from(place.bound))

    def _payments(self, one: Company, rows: Sequence[Source]) -> tuple[list[Row], list[BadRow]]:
        taken_back, undone_on = self._reversals(one, [row for row in rows if row.get("Reversed")])
        made: list[Row] = []
        bad: list[BadRow] = []
        for row in rows:
            number = row["Entry_No"]
            try:
                made.append(self._cash.payment(one, row, taken_back.get(number), undone_on.get(number)))
            except BadRecord as error:
                bad.append(bad_row(error, one.id, str(number), row))
        return made, bad

    def _reversals(self, one: Company, rows: Sequence[Source]) -> tuple[dict[int, str], dict[int, date]]:
        """Return which payment each of these takes back, and when each was taken back."""
        by_other = {row["Reversed_by_Entry_No"]: row["Entry_No"] for row in rows if row.get("Reversed_by_Entry_No")}
        left = [row["Entry_No"] for row in rows if not row.get("Reversed_by_Entry_No")]
        entity = self._ledger.entity(one)
        unknown = [number for number in left if number not in by_other]
        for row in self._site.by_values(entity, "Reversed_by_Entry_No", unknown):
            by_other[row["Reversed_by_Entry_No"]] = row["Entry_No"]
        days = {row["Entry_No"]: row["Posting_Date"] for row in rows}
        away = [number for number in by_other if number not in days]
        days |= {row["Entry_No"]: row["Posting_Date"] for row in self._ledger.of(one, away)}
        undone = {old: days[new] for new, old in by_other.items() if isinstance(days.get(new), date)}
        return {new: str(old) for new, old in by_other.items()}, undone

    def _allocations(self, one: Company, rows: Sequence[Source]) -> tuple[list[Row], list[BadRow]]:
        """Return those of items: what is taken off money that was applied at once is the other side of the same."""
        wanted = [row[name] for row in rows for name in ("Cust_Ledger_Entry_No", "Applied_Cust_Ledger_Entry_No")]
        known = self._entries(one, {number for number in wanted if isinstance(number, int) and number})
        made: list[Row] = []
        bad: list[BadRow] = []
        for row in rows:
            item = known.get(row["Cust_Ledger_Entry_No"])
            if item is not None and not self._items.is_item(item):
                continue
            try:
                made.append(self._cash.allocation(one, row, known.get(row["Applied_Cust_Ledger_Entry_No"])))
            except BadRecord as error:
                bad.append(bad_row(error, one.id, str(row["Entry_No"]), row))
        return made, bad

    def _entries(self, one: Company, numbers: set[int]) -> dict[int, Source]:
        """Return entries by their numbers, with what tells whether they are items."""
        rows = self._site.numbered(self._site.entries(one, entities.ENTRY_KIND), numbers)
        return {row["Entry_No"]: row for row in rows}
