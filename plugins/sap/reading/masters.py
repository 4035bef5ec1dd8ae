"""Read companies, customers and contacts: whole every few days, between that the partners that were changed.

SAP stamps a business partner, not its company, dunning and credit data. So these are read whole after
`full_customers_days`, and asked for live before a letter or a hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from duehook.core.hookspecs import KeyPage, Lookup, Page, Position, Row, UpperBound
from duehook.core.wire.odata import Entity, Listing, Where, any_of, one_of, pages
from duehook.core.wire.odata.paging import count
from duehook.core.wire.odata.where import CHUNK
from duehook.plugins.sap import entities
from duehook.plugins.sap.client import SapService
from duehook.plugins.sap.mapping.parties import (
    FOREVER,
    AddressLines,
    ContactMapping,
    CustomerMapping,
    Mapped,
    Master,
    identities,
)
from duehook.plugins.sap.site import SapSite, day_of

ENTITY = {"customer": entities.COMPANY, "contact": entities.PARTNER}


@dataclass(frozen=True)
class Place:
    """Where a reading of partners stands; `full_on` is the day of the last whole one."""

    since: date | None
    bound: date
    full_on: date
    after: tuple[str, ...] | None = None

    def position(self, after: Sequence[str]) -> Position:
        """Return it as JSON, behind a key."""
        since = self.since.isoformat() if self.since else None
        return {**self.done, "done": False, "since": since, "after": list(after)}

    @property
    def done(self) -> Position:
        """Return where the next reading begins."""
        return {"done": True, "bound": self.bound.isoformat(), "full_on": self.full_on.isoformat()}


class MasterReading:
    """Reads business partners with what belongs to them, a page of them at a time."""

    def __init__(self, site: SapSite) -> None:
        """Take the site."""
        self._site = site
        self._customers = CustomerMapping(site.settings, site.patch("customer"))
        self._contacts = ContactMapping(site.settings, site.patch("contact"))

    def companies(self, bound: UpperBound) -> Iterator[Page]:
        """Yield the company codes: name and currency from the settings, else from a line of theirs."""
        rows: list[Row] = []
        for code in self._site.companies:
            told = self._site.settings.companies.get(code)
            line: dict[str, Any] = {}
            if told is None or not told.currency:
                found = self._site.items.rows(
                    entities.ITEM, self._site.lines(companies=[code]), order=entities.ITEM.key, top=1
                )
                line = found[0] if found else {}
            name = (told.name if told else "") or line.get("CompanyCodeName") or code
            currency = (told.currency if told else None) or line.get("CompanyCodeCurrency")
            if currency:  # a company code without a document and without a setting has nothing to collect yet
                rows.append({"company": code, "name": name, "currency": currency})
        yield Page(rows, {"done": True, "bound": day_of(bound.mark).isoformat()})

    def terms(self, bound: UpperBound) -> Iterator[Page]:
        """Yield the payment terms that the settings say, or the field mapping."""
        said = {code: term.model_dump(exclude_none=True) for code, term in self._site.settings.terms.items()}
        by_key = {code: {"key": code, **term} for code, term in said.items()}
        by_key |= {row["key"]: row for row in self._site.fields.terms}
        yield Page([*by_key.values()], {"done": True, "bound": day_of(bound.mark).isoformat()})

    def pages(self, stream: str, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield customers or contacts, the last page empty and done."""
        place = self._place(position, bound)
        if place.since is None:
            for page in pages(self._site.partners, self._listing(stream), place.after):
                rows, bad = self._rows(stream, self._wanted(stream, page.rows))
                yield Page(rows, place.position(page.last), bad)
        else:
            yield from self._changed(stream, place)
        yield Page([], place.done)

    def keys(self, stream: str) -> Iterator[KeyPage]:
        """Yield the keys that there are; whole when as many rows came as SAP counts."""
        told = 0
        listing = self._listing(stream)
        for page in pages(self._site.partners, listing):
            told += len(page.rows)
            own = self._wanted(stream, page.rows)
            yield KeyPage(self._names(stream, own))
        yield KeyPage([], complete=told == count(self._site.partners, listing))

    def lookup(self, stream: str, keys: Sequence[tuple[str, str]]) -> Lookup:
        """Read these customers again; contacts are read by the customers' pages alone."""
        if stream != "customer":
            return Lookup(missing=list(keys))
        wanted = list(dict.fromkeys(key for _, key in keys))
        own = self._site.rows_of(self._site.partners, entities.COMPANY, "Customer", wanted)
        own = [row for row in own if (row["CompanyCode"], row["Customer"]) in set(keys)]
        rows, bad = self._rows("customer", own)
        there = {(row["CompanyCode"], row["Customer"]) for row in own}
        return Lookup(rows, missing=[name for name in keys if name not in there], bad=bad)

    def _place(self, position: Position | None, bound: UpperBound) -> Place:
        today = day_of(bound.mark)
        if position is None:
            return Place(None, today, today)
        held, full_on = date.fromisoformat(position["bound"]), date.fromisoformat(position["full_on"])
        if not position.get("done"):
            since = date.fromisoformat(position["since"]) if position["since"] else None
            return Place(since, held, full_on, tuple(position["after"]) if position["after"] else None)
        if (today - full_on).days >= self._site.settings.full_customers_days:
            return Place(None, today, today)
        return Place(held - timedelta(days=self._site.settings.lookback_days), today, full_on)

    def _listing(self, stream: str) -> Listing:
        if stream == "contact":
            where = Where.field("Customer", "ne", "")
        else:
            few = 0 < len(self._site.settings.companies) <= CHUNK
            where = one_of("CompanyCode", self._site.companies) if few else Where()
        return Listing(self._site.entity(ENTITY[stream]), where, self._site.settings.page_size)

    def _wanted(self, stream: str, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Leave out what company codes know that are not read."""
        companies = self._site.settings.companies
        return [row for row in rows if stream == "contact" or not companies or row["CompanyCode"] in companies]

    def _changed(self, stream: str, place: Place) -> Iterator[Page]:
        """Yield what belongs to the partners that were changed since then, people among them."""
        # SAP stamps no change at a partner that was made and never changed.
        since = any_of(*(Where.field(name, "ge", place.since) for name in ("LastChangeDate", "CreationDate")))
        stamped = Listing(entities.PARTNER, since, self._site.settings.page_size)
        for page in pages(self._site.partners, stamped, place.after):
            customers = [row["Customer"] for row in page.rows if row.get("Customer")]
            if stream == "contact":
                people = [row["BusinessPartner"] for row in page.rows if not row.get("Customer")]
                customers += self._employers(people)
            wanted = list(dict.fromkeys(customers))
            own = self._site.rows_of(self._site.partners, ENTITY[stream], "Customer", wanted)
            rows, bad = self._rows(stream, self._wanted(stream, own))
            yield Page(rows, place.position(page.last), bad)

    def _employers(self, people: Sequence[str]) -> list[str]:
        contacts = self._site.rows_of(self._site.partners, entities.CONTACT, "BusinessPartnerPerson", people)
        firms = list(dict.fromkeys(row["BusinessPartnerCompany"] for row in contacts))
        found = self._site.rows_of(self._site.partners, entities.PARTNER, "BusinessPartner", firms)
        return [row["Customer"] for row in found if row.get("Customer")]

    def _names(self, stream: str, own: list[dict[str, Any]]) -> list[tuple[str, str]]:
        """Return the keys of what these rows make; what cannot be read is there all the same."""
        if stream == "customer":
            return [(row["CompanyCode"], row["Customer"]) for row in own]
        rows, bad = self._rows(stream, own)
        return [("", row["key"]) for row in rows] + [("", row.key) for row in bad if row.key]

    def _rows(self, stream: str, own: list[dict[str, Any]]) -> Mapped:
        return self._customer_rows(own) if stream == "customer" else self._contact_rows(own)

    def _customer_rows(self, companies: list[dict[str, Any]]) -> Mapped:
        site, service = self._site, self._site.partners
        numbers = list(dict.fromkeys(row["Customer"] for row in companies))
        partners = site.rows_of(service, entities.PARTNER, "Customer", numbers)
        firms = [row["BusinessPartner"] for row in partners]
        dunning = site.rows_of(service, entities.DUNNING, "Customer", numbers, Where.field("DunningArea", "eq", ""))
        master = Master(
            {row["Customer"]: row for row in site.rows_of(service, entities.CUSTOMER, "Customer", numbers)},
            {row["Customer"]: row for row in partners},
            {(row["Customer"], row["CompanyCode"]): row for row in dunning},
            self._addresses(firms),
            self._credit(firms),
            self._identities(firms),
        )
        return self._customers.rows(companies, master)

    def _addresses(self, firms: Sequence[str]) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for row in self._site.rows_of(self._site.partners, entities.ADDRESS, "BusinessPartner", firms):
            found.setdefault(row["BusinessPartner"], row)
        return found

    def _credit(self, firms: Sequence[str]) -> dict[str, dict[str, Any]]:
        service = self._site.credit
        if service is None:
            return {}
        segment = Where.field("CreditSegment", "eq", self._site.settings.credit_segment)
        rows = self._site.rows_of(service, entities.CREDIT, "BusinessPartner", firms, segment)
        return {row["BusinessPartner"]: row for row in rows}

    def _identities(self, firms: Sequence[str]) -> dict[str, dict[str, Any]]:
        site, wanted = self._site, self._site.settings.party
        banks, numbers = list[dict[str, Any]](), list[dict[str, Any]]()
        if wanted.bank_accounts:
            banks = site.rows_of(site.partners, entities.BANK, "BusinessPartner", firms)
        if wanted.duns_type:
            of_type = Where.field("BPIdentificationType", "eq", wanted.duns_type)
            numbers = site.rows_of(site.partners, entities.IDENTIFICATION, "BusinessPartner", firms, of_type)
        return identities(banks, numbers)

    def _contact_rows(self, partners: list[dict[str, Any]]) -> Mapped:
        site, service = self._site, self._site.partners
        by_firm = {row["BusinessPartner"]: row for row in partners}
        addresses = self._addresses(list(by_firm))
        lines = self._address_lines(service, [row["AddressID"] for row in addresses.values()])
        own = self._contacts.own(
            (by_firm[firm], address, lines.get(address["AddressID"], AddressLines()))
            for firm, address in addresses.items()
        )
        forever = Where.field("ValidityEndDate", "eq", FOREVER)
        functions = site.rows_of(service, entities.FUNCTION, "BusinessPartnerCompany", list(by_firm), forever)
        known = self._people(service, functions)
        people = self._contacts.people(
            (by_firm[each["BusinessPartnerCompany"]], each, known.get(each["BusinessPartnerPerson"]))
            for each in functions
        )
        return own[0] + people[0], own[1] + people[1]

    def _people(self, service: SapService, functions: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
        numbers = list(dict.fromkeys(row["BusinessPartnerPerson"] for row in functions))
        found = self._site.rows_of(service, entities.PARTNER, "BusinessPartner", numbers)
        return {row["BusinessPartner"]: row for row in found}

    def _address_lines(self, service: SapService, ids: Sequence[str]) -> dict[str, AddressLines]:
        emails, phones = (self._by_address(service, entity, ids) for entity in (entities.EMAIL, entities.PHONE))
        return {each: AddressLines(emails.get(each, ()), phones.get(each, ())) for each in ids}

    def _by_address(self, service: SapService, entity: Entity, ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for row in self._site.rows_of(service, entity, "AddressID", ids, Where.field("Person", "eq", "")):
            found.setdefault(row["AddressID"], []).append(row)
        return found
