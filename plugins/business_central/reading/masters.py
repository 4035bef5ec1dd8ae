"""Read companies and terms whole, customers and contacts by their stamps.

A contact is a customer's by `contactsInformation`, which has no stamp: it is read again with each contact that changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from duehook.core.connecting.odata_fields import patch_of, selected
from duehook.core.connecting.odata_rows import bad_row
from duehook.core.connecting.place import Place
from duehook.core.errors import BadRecord
from duehook.core.hookspecs import BadRow, KeyPage, Lookup, Page, Position, UpperBound
from duehook.core.records import Stream
from duehook.core.wire.odata import Entity, Listing, Where, pages
from duehook.core.wire.odata.paging import count
from duehook.plugins.business_central import entities
from duehook.plugins.business_central.company import Company
from duehook.plugins.business_central.mapping import parties
from duehook.plugins.business_central.mapping.parties import OWN, ContactMapping, CustomerMapping
from duehook.plugins.business_central.mapping.rows import Row, Source
from duehook.plugins.business_central.site import BusinessCentralSite

from .items import Keys, looked_up

CUSTOMERS: Final = "customers"
OWN_PART: Final = "own"  # the customers' own addresses
PEOPLE: Final = "people"
_PARTS: Final[dict[str, tuple[str, ...]]] = {"customer": (CUSTOMERS,), "contact": (OWN_PART, PEOPLE)}
Made = tuple[list[Row], list[BadRow]]


class MasterReading:
    """Reads what changes seldom."""

    def __init__(self, site: BusinessCentralSite) -> None:
        """Take the site."""
        self.site = site
        self._customer = selected(site.fields, entities.CUSTOMER)
        self._contact = selected(site.fields, entities.CONTACT)
        self._customers = CustomerMapping(site.settings.codes, patch_of(site.fields, "customer"))
        self._contacts = ContactMapping(patch_of(site.fields, "contact"))
        self._linked: dict[str, dict[str, str]] = {}

    def companies(self, bound: UpperBound) -> Iterator[Page]:
        """Yield the companies whose currency is known; the others are told by name."""
        without = ", ".join(one.name for one in self.site.companies if not one.currency)
        notes = [f"left out, for nothing says their currency: {without}"] if without else []
        yield from _whole([parties.company(one) for one in self.site.with_currency], bound, notes=notes)

    def terms(self, bound: UpperBound) -> Iterator[Page]:
        """Yield payment terms; each company has its own, and of those of one code the first counts."""
        patch, found, bad = patch_of(self.site.fields, "payment_term"), dict[str, Row](), list[BadRow]()
        odd: set[str] = set()
        for one in self.site.with_currency:
            for row in self.site.all_rows(self.site.api(one, entities.TERM)):
                try:
                    made = parties.term(row, patch)
                except BadRecord as error:
                    bad.append(bad_row(error, one.id, row["code"], row))
                    continue
                if row.get("dueDateCalculation") and parties.days_of(row["dueDateCalculation"]) is None:
                    odd.add(f"{row['code']} ({row['dueDateCalculation']})")
                found.setdefault(made["key"], made)
        notes = [f"terms whose days are not always as many count 0: {', '.join(sorted(odd))}"] if odd else []
        yield from _whole(list(found.values()), bound, bad, notes)

    def pages(self, stream: Stream, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield customers or contacts in the order of their numbers, part by part; the last page is empty and done."""
        lookback = timedelta(days=self.site.settings.lookback_days)
        place = Place.at(position, bound, lookback=lookback, mapping=self.site.fields.digest)
        self._linked.clear()
        parts = {f"{one.id} {part}": (one, part) for one in self.site.with_currency for part in _PARTS[stream]}
        for name in place.part_of(list(parts)):
            one, part = parts[name]
            where = Where.field("lastModifiedDateTime", "ge", place.since) if place.since else Where()
            listing = self._listing(one, part, where)
            for page in pages(self.site.service, listing, place.begun(name)):
                rows, bad = self._rows(one, part, page.rows)
                yield Page(rows, place.position(name, page.last), bad)
        yield Page([], place.done)

    def keys(self, stream: Stream) -> Iterator[KeyPage]:
        """Yield the keys that there are; whole when as many rows came as are counted, and any came."""
        self._linked.clear()
        whole, seen = True, 0
        for one in self.site.with_currency:
            for part in _PARTS[stream]:
                told, listing = 0, self._listing(one, part, Where())
                if part == CUSTOMERS:
                    listing = replace(listing, entity=self.site.api(one, entities.CUSTOMER_KEY))
                for page in pages(self.site.service, listing):
                    told += len(page.rows)
                    yield KeyPage(self._keys(one, part, page.rows))
                whole, seen = whole and told == count(self.site.service, listing), seen + told
        yield KeyPage([], complete=whole and seen > 0)

    def lookup(self, stream: Stream, keys: Keys) -> Lookup:
        """Read customers or contacts again."""
        self._linked.clear()
        asked: dict[tuple[str, str], list[str]] = {}
        for company, key in keys:
            part = CUSTOMERS if stream == "customer" else OWN_PART if key.endswith(OWN) else PEOPLE
            asked.setdefault((company, part), []).append(key.removesuffix(OWN) if part == OWN_PART else key)
        found: list[Row] = []
        bad: list[BadRow] = []
        for (company, part), numbers in asked.items():
            one = self.site.company(company)
            entity = self._listing(one, part, Where()).entity
            wanted = [number for number in numbers if number]
            rows = [row for row in self.site.by_values(entity, "number", wanted) if row["number"] in wanted]
            made, faults = self._rows(one, part, rows)
            found, bad = found + made, bad + faults
        return looked_up(keys, found, bad)

    def _listing(self, one: Company, part: str, where: Where) -> Listing:
        entity = self.site.api(one, self._contact if part == PEOPLE else self._customer)
        if not where.parts:
            self.site.service.learn(entity)
        return self.site.listing(entity, where)

    def _keys(self, one: Company, part: str, rows: Sequence[Source]) -> list[tuple[str, str]]:
        if part == CUSTOMERS:
            return [(one.id, row["number"]) for row in rows]
        made, bad = self._rows(one, part, rows)
        return [(one.id, row["key"]) for row in made] + [(one.id, str(fault.key)) for fault in bad]

    def _rows(self, one: Company, part: str, rows: Sequence[Source]) -> Made:
        if part == CUSTOMERS:
            return _made(one, rows, lambda row: self._customers.row(one, row, self.site.term_of(one, row)))
        if part == OWN_PART:
            return _made(one, rows, lambda row: self._contacts.own(one, row), OWN)
        linked = self._links(one) if rows else {}
        return _made(one, rows, lambda row: self._contacts.person(one, row, linked.get(row["number"])))

    def _links(self, one: Company) -> dict[str, str]:
        """Return which customer each contact is at; of several, the first by number."""
        if one.id not in self._linked:
            service = replace(self.site.service, options={"$expand": entities.LINKS})
            found: dict[str, str] = {}
            entity: Entity = self.site.api(one, entities.CUSTOMER_KEY)
            for page in pages(service, self.site.listing(entity)):
                for row in page.rows:
                    for link in _linked(row):
                        found.setdefault(link, row["number"])
            self._linked[one.id] = found
        return self._linked[one.id]


def _whole(
    rows: Sequence[Row], bound: UpperBound, bad: Sequence[BadRow] = (), notes: Sequence[str] = ()
) -> Iterator[Page]:
    """Yield rows, and an end behind them: the clock may stand where it stood at the last reading."""
    place = Place(bound.at)
    yield Page(rows, place.position("all", ()), bad, notes)
    yield Page([], place.done)


def _linked(row: Source) -> list[str]:
    held = row.get(entities.LINKS)
    links = held if isinstance(held, list) else []
    return [link["contactNumber"] for link in links if isinstance(link, dict) and link.get("contactNumber")]


def _made(one: Company, rows: Sequence[Source], make: Callable[[Any], Row | None], behind: str = "") -> Made:
    made: list[Row] = []
    bad: list[BadRow] = []
    for row in rows:
        try:
            found = make(row)
        except BadRecord as error:
            bad.append(bad_row(error, one.id, f"{row['number']}{behind}", row))
        else:
            made += [found] if found is not None else []
    return made, bad
