"""Read companies, terms, rates, customers and contacts: whole, for F&O stamps no change on customers.

What fills more than a page is read whole every `full_customers_days`. Between that, while as many rows are there as
before, only customers that are stopped are read: those with a hold, or with a credit status that says so. Before a
letter each customer is asked for live anyhow.

People belong to a party, which is a customer's in a company, a vendor's, or nobody's: those of customers are told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from duehook.core.connecting.odata_fields import patch_of, selected
from duehook.core.connecting.place import Place
from duehook.core.errors import BadRecord
from duehook.core.field_mapping.codes import Codes
from duehook.core.hookspecs import BadRow, KeyPage, Lookup, Page, Position, UpperBound
from duehook.core.records import Stream
from duehook.core.wire.odata import Entity, Listing, Row, Where, any_of, one_of, pages
from duehook.core.wire.odata.paging import count
from duehook.plugins.d365 import entities
from duehook.plugins.d365.entities import named
from duehook.plugins.d365.mapping import parties
from duehook.plugins.d365.mapping.items import bad_row
from duehook.plugins.d365.mapping.parties import NO_HOLD, ContactMapping, CustomerMapping
from duehook.plugins.d365.site import AREA, D365Site, Joined, Pair

CUSTOMERS: Final = "customers"
STOPPED: Final = "stopped"  # customers with a hold or a credit status, between two whole readings
PARTS: Final = ("main", "people", "addresses")
BY_PARTY: Final = (AREA, "AssociatedPartyNumber", "ContactPersonId")
EMAIL: Final = Where.written(entities.enum("Type", "LogisticsElectronicAddressMethodType", "Email"))
Rows = list[dict[str, Any]]
Made = tuple[Rows, list[BadRow]]
One = Callable[[Any], "dict[str, Any] | None"]


class MasterReading:
    """Reads what changes seldom."""

    def __init__(self, site: D365Site) -> None:
        """Take the site."""
        self.site = site
        codes, fields = site.settings.codes, site.fields
        self._customer = selected(fields, entities.CUSTOMER, entities.CUSTOMER)
        self._person = selected(fields, entities.PERSON, entities.PERSON)
        self._customers = CustomerMapping(codes, site.currency, patch_of(fields, "customer"))
        self._contacts = ContactMapping(codes, patch_of(fields, "contact"))

    def legal_entities(self) -> list[tuple[Row, str | None]]:
        """Return the companies that are read, each with its currency where one is known."""
        areas, rows = self.site.settings.areas, self.site.all_rows(entities.LEGAL_ENTITY, Where())
        wanted = [row for row in rows if not areas or row["LegalEntityId"].lower() in areas]
        return [(row, self.site.currency(row["LegalEntityId"].lower())) for row in wanted]

    def companies(self, bound: UpperBound) -> Iterator[Page]:
        """Yield the companies whose currency is known; the others are told by name."""
        known = self.legal_entities()
        rows = [parties.company(row, currency) for row, currency in known if currency]
        without = ", ".join(row["LegalEntityId"].lower() for row, currency in known if not currency)
        notes = [f"left out, for `company_currencies` does not say their currency: {without}"] if without else []
        yield Page(rows, Place(bound.at).done, notes=notes)

    def terms(self, bound: UpperBound) -> Iterator[Page]:
        """Yield payment terms; each company has its own, and of those of one name the first counts."""
        patch = patch_of(self.site.fields, "payment_term")
        made, bad = self._made(self.site.all_rows(entities.TERM, self.site.within()), "Name",
                               lambda row: parties.term(row, patch))  # fmt: skip
        first: dict[str, dict[str, Any]] = {}
        for row in made:
            first.setdefault(row["key"], row)
        differ = sorted({row["key"] for row in made if row["net_days"] != first[row["key"]]["net_days"]})
        notes = [f"terms that companies understand differently, the first company's are taken: {', '.join(differ)}"]
        yield Page(list(first.values()), Place(bound.at).done, bad, notes if differ else ())

    def rates(self, bound: UpperBound) -> Iterator[Page]:
        """Yield exchange rates, where the site publishes them."""
        name = self.site.settings.sets.exchange_rates
        found = self.site.all_rows(named(entities.RATE, name), Where()) if name else ()
        rows, bad = self._made(found, "RateTypeName", parties.rate)
        yield Page(rows, Place(bound.at).done, bad)

    def pages(self, stream: Stream, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield customers or contacts, the last page empty and done."""
        place = Place.at(position, bound, lookback=None, mapping=self.site.fields.digest)
        if place.part == STOPPED or (not place.taken_up and self._suffices(stream, place)):
            yield from self._stopped(stream, place)
        else:
            yield from self._whole(stream, place)

    def _whole(self, stream: Stream, place: Place) -> Iterator[Page]:
        told: dict[str, int] = {}
        customers: Joined | None = None  # of the people, where they fit a page that was read just now
        for part in place.part_of(_parts(stream)):
            begun, told[part] = place.begun(part), 0
            for page in pages(self.site.service, self._listing(part), begun):
                told[part] += len(page.rows)
                if part == "main":
                    is_all = begun is None and told[part] == len(page.rows)
                    customers = Joined.by("PartyNumber", page.rows) if is_all else None
                rows, bad = self._rows(part, page.rows, customers)
                yield Page(rows, place.position(part, page.last), bad)
        # Of a reading that was taken up nobody knows how many rows came before: the next one is whole again.
        on, companies = place.bound.date().isoformat(), [*self.site.settings.areas]
        noted = {} if place.taken_up else {"whole_on": on, "rows": told, "companies": companies}
        yield Page([], place.noting(noted).done, whole=not place.taken_up)

    def _suffices(self, stream: Stream, place: Place) -> bool:
        """Say whether the last whole reading is young enough, and as many rows are there as it found.

        What fits a page is read whole in one request anyhow.
        """
        site, noted = self.site, place.noted
        if noted.get("companies") != [*site.settings.areas]:
            return False
        days = (place.bound.date() - date.fromisoformat(noted["whole_on"])).days
        fits = all(rows <= site.settings.page_size for rows in noted["rows"].values())
        if fits or days >= site.settings.full_customers_days or not self._states_are_listed:
            return False
        return all(count(site.service, self._listing(part)) == noted["rows"].get(part) for part in _parts(stream))

    def _stopped(self, stream: Stream, place: Place) -> Iterator[Page]:
        """Yield the customers that are stopped; of contacts nothing."""
        if stream == "customer":
            listing = self.site.listing(self._customer, self.site.within(self._is_stopped))
            for page in pages(self.site.service, listing, place.begun(STOPPED)):
                rows, bad = self._rows(CUSTOMERS, page.rows)
                yield Page(rows, place.position(STOPPED, page.last), bad)
        told = f"{stream}s were last read whole on {place.noted['whole_on']}, see `full_customers_days`"
        yield Page([], place.done, notes=[told])

    @property
    def _is_stopped(self) -> Where:
        by_status = self.site.settings.codes.state_by_credit_status
        stopping = sorted(status for status, state in by_status.items() if state != "active")
        held = Where.written(entities.enum("OnHoldStatus", "CustVendorBlocked", NO_HOLD, is_it=False))
        return any_of(held, one_of("CredManAccountStatusId", stopping))

    @property
    def _states_are_listed(self) -> bool:
        """Say whether a condition can ask for the states: not by another field, nor by what is in no list."""
        by_status = self.site.settings.codes.state_by_credit_status
        by_default = isinstance(by_status, Codes) and by_status.decides
        return not by_default and all(each.target != "state" for each in self.site.fields.streams.get("customer", ()))

    def keys(self, stream: Stream) -> Iterator[KeyPage]:
        """Yield the keys that there are; whole when as many rows came as F&O counts, and any came."""
        whole, listed = True, 0
        for part in _parts(stream):
            told, listing = 0, self._listing(part)
            if part == CUSTOMERS:
                listing = self.site.listing(entities.CUSTOMER_KEY, self.site.within())
            for page in pages(self.site.service, listing):
                told += len(page.rows)
                yield KeyPage(self._keys(part, page.rows))
            whole, listed = whole and told == count(self.site.service, listing), listed + told
        yield KeyPage([], complete=whole and listed > 0)

    def _keys(self, part: str, rows: Sequence[Row]) -> list[tuple[str, str]]:
        if part == CUSTOMERS:
            return [(row[AREA], row["CustomerAccount"]) for row in rows]
        made, bad = self._rows(part, rows)
        keys = [(row["company"], row["key"]) for row in made]
        return keys + [(fault.company or "", fault.key) for fault in bad if fault.key]

    def lookup(self, stream: Stream, keys: Sequence[tuple[str, str]]) -> Lookup:
        """Read customers or contacts again."""
        found: Rows = []
        bad: list[BadRow] = []
        for part in _parts(stream):
            entity, field = _NAMED[part]
            own = {(area, key): value for area, key in keys if (value := _value(part, key)) is not None}
            pairs: list[Pair] = [(area, value) for (area, _), value in own.items()]
            only = [EMAIL] if part == "addresses" else []
            rows = self.site.by_key(self._entity(part, entity), field, pairs, *only)
            made, faults = self._rows(part, rows)
            found, bad = found + made, bad + faults
        told: set[tuple[str | None, str | None]] = {(row["company"], row["key"]) for row in found}
        told |= {(fault.company, fault.key) for fault in bad}
        return Lookup(found, missing=[name for name in keys if name not in told], bad=bad)

    def _listing(self, part: str) -> Listing:
        entity, site = self._entity(part, _NAMED[part][0]), self.site
        where = EMAIL if part == "addresses" else None
        return site.listing(entity, site.within(where), BY_PARTY if part == "people" else ())

    def _entity(self, part: str, usual: Entity) -> Entity:
        return {CUSTOMERS: self._customer, "people": self._person}.get(part, usual)

    def _rows(self, part: str, rows: Sequence[Row], customers: Joined | None = None) -> Made:
        if part == "people":
            return self._people(rows, customers)
        make: Mapping[str, One] = {
            CUSTOMERS: self._customers.row, "main": self._contacts.own, "addresses": self._contacts.address,
        }  # fmt: skip
        return self._made(rows, _NAMED[part][1], make[part], prefix=_PREFIXES.get(part, ""))

    def _people(self, rows: Sequence[Row], customers: Joined | None) -> Made:
        """Return the people of customers, which are asked for where they are not known; who has left is none."""
        here = [row for row in rows if row["AssociatedPartyNumber"] and row["IsInactive"] != "Yes"]
        pairs = [(row[AREA], row["AssociatedPartyNumber"]) for row in here]
        if customers is None:
            customers = self.site.joined(entities.OWN_CONTACT, "PartyNumber", pairs)
        first = {id(row): next(iter(customers.of(pair)), None) for row, pair in zip(here, pairs, strict=True)}
        return self._made(
            (row for row in here if first[id(row)] is not None), "ContactPersonId",
            lambda row: self._contacts.person(row, first[id(row)] or {}),
        )  # fmt: skip

    def _made(self, rows: Any, key: str, one: One, *, prefix: str = "") -> Made:
        made: Rows = []
        bad: list[BadRow] = []
        for row in rows:
            try:
                found = one(row)
            except BadRecord as error:
                bad.append(bad_row(error, f"{prefix}{row[key]}", row))
            else:
                made += [found] if found is not None else []
        return made, bad


_NAMED: Final[Mapping[str, tuple[Entity, str]]] = {  # what a part is read from, and the field that its key names
    CUSTOMERS: (entities.CUSTOMER, "CustomerAccount"),
    "main": (entities.OWN_CONTACT, "CustomerAccount"),
    "people": (entities.PERSON, "ContactPersonId"),
    "addresses": (entities.ADDRESS, "ElectronicAddressId"),
}
_PREFIXES: Final = {"main": "main|", "addresses": "address|"}


def _parts(stream: Stream) -> tuple[str, ...]:
    return (CUSTOMERS,) if stream == "customer" else PARTS


def _value(part: str, key: str) -> str | None:
    """Return what a contact's key names in the set of a part; None where it is of another."""
    prefix = _PREFIXES.get(part, "")
    if prefix:
        return key.removeprefix(prefix) if key.startswith(prefix) else None
    return None if part == "people" and key.startswith(tuple(_PREFIXES.values())) else key
