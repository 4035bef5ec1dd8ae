"""Read items of customer ledger entries: what is open or moved, its keys, again by their keys, and what is open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from duehook.core.connecting.odata_fields import patch_of
from duehook.core.hookspecs import BadRow, KeyPage, Lookup, Page, Position, Total, UpperBound
from duehook.core.wire.odata import pages
from duehook.core.wire.odata.paging import count
from duehook.plugins.business_central import entities
from duehook.plugins.business_central.company import Company
from duehook.plugins.business_central.mapping.items import EntryMapping
from duehook.plugins.business_central.mapping.rows import Row
from duehook.plugins.business_central.site import BusinessCentralSite

from .entries import IS_OPEN, Ledger

Keys = Sequence[tuple[str, str]]


class ItemReading:
    """Reads ledger entries as items."""

    def __init__(self, site: BusinessCentralSite) -> None:
        """Take the site."""
        self._site, self._ledger = site, Ledger(site)
        self._items = EntryMapping(site.settings.codes, patch_of(site.fields, "item"))

    def pages(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield items in the order of their keys, part by part; the last page is empty and done."""
        place = self._ledger.place(position, bound)
        for read in self._ledger.pages(place):
            rows, bad = self._items.rows(read.company, read.rows)
            yield Page(rows, read.position, bad)
        yield Page([], place.done)

    def keys(self) -> Iterator[KeyPage]:
        """Yield the keys of what is open now; whole when as many entries came as are counted, and any came."""
        site, whole, seen = self._site, True, 0
        for one in site.with_currency:
            listing, told = site.listing(site.entries(one, entities.ENTRY_KEY), IS_OPEN), 0
            site.service.learn(listing.entity)
            for page in pages(site.service, listing):
                told += len(page.rows)
                left = [row for row in page.rows if row["Remaining_Amount"] or row["Remaining_Amt_LCY"]]
                yield KeyPage([(one.id, str(row["Entry_No"])) for row in left])
            whole, seen = whole and told == count(site.service, listing), seen + told
        yield KeyPage([], complete=whole and (seen > 0 or self._sees_any()))

    def lookup(self, keys: Keys) -> Lookup:
        """Read items again. An entry is never deleted: one that is not there is archived, or never was."""
        found: list[Row] = []
        bad: list[BadRow] = []
        for one, numbers in by_company(self._site, keys):
            rows, faults = self._items.rows(one, self._ledger.of(one, numbers), asked=True)
            found, bad = found + rows, bad + faults
        return looked_up(keys, found, bad)

    def totals(self, bound: UpperBound) -> Iterator[Sequence[Total]]:
        """Yield what is open, by item."""
        for one in self._site.with_currency:
            for rows in self._ledger.opened(one):
                yield self._items.totals(one, rows, lambda row: self._ledger.is_past(row, bound.at))

    def _sees_any(self) -> bool:
        site = self._site
        return any(site.service.rows(site.entries(one, entities.ENTRY_KEY), top=1) for one in site.with_currency)


def by_company(site: BusinessCentralSite, keys: Keys) -> Iterator[tuple[Company, list[int]]]:
    """Yield the companies of keys with the entries' numbers; ConnectorRefused for a company that is not seen."""
    asked: dict[str, list[int]] = {}
    for company, key in keys:
        if key.isascii() and key.isdigit() and str(int(key)) == key and int(key) < 2**31:
            asked.setdefault(company, []).append(int(key))
    for company, numbers in asked.items():
        yield site.company(company), numbers


def looked_up(keys: Keys, found: Sequence[Row], bad: Sequence[BadRow]) -> Lookup:
    """Return what became of keys: what is neither found nor bad is missing."""
    told = {(row["company"], row["key"]) for row in found} | {(each.company, each.key) for each in bad}
    return Lookup(found, missing=[name for name in keys if name not in told], bad=bad)
