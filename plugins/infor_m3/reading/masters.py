"""Read divisions, terms, rates, customers and contacts.

Customers, and with them their own addresses, are listed with what changed since. CRS618MI lists people, and CRS111MI
e-mail addresses, in no other way than whole: that is done on each day's first reading, or as seldom as
`full_contacts_days` says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from duehook.core.errors import BadRecord, ConnectorRefused
from duehook.core.hookspecs import BadRow, KeyPage, Lookup, Page, Position, UpperBound
from duehook.core.records import Stream
from duehook.plugins.infor_m3 import entities, values
from duehook.plugins.infor_m3.client.answers import Absent, Nok, Result, Rows
from duehook.plugins.infor_m3.client.listing import Listing, pages, whole
from duehook.plugins.infor_m3.client.service import Asking
from duehook.plugins.infor_m3.fields import with_more
from duehook.plugins.infor_m3.mapping import parties
from duehook.plugins.infor_m3.mapping.parties import MAILS, CustomerMapping, PersonMapping
from duehook.plugins.infor_m3.settings import RateSettings
from duehook.plugins.infor_m3.site import M3Site
from duehook.plugins.infor_m3.values import bad_row

from .place import Place

Made = tuple[list[dict[str, Any]], list[BadRow]]
CUSTOMERS: Final = "customers"
OWN: Final = "own"
PEOPLE: Final = "people"
_STAMPED: Final = frozenset({CUSTOMERS, OWN})
MAIL: Final = "|MAIL"
NUMBER: Final = 10  # signs of a customer number
NAME: Final = 36  # signs of a contact


class MasterReading:
    """Reads what changes seldom."""

    def __init__(self, site: M3Site) -> None:
        """Take the site."""
        self.site = site
        codes, fields = site.settings.codes, site.fields
        self._list = with_more(fields, entities.CUSTOMERS).plus([site.settings.state_field])
        self._financial = with_more(fields, entities.FINANCIAL)
        self._people, self._person = with_more(fields, entities.PEOPLE), entities.PERSON.plus(
            list(fields.source_fields(entities.PEOPLE.name)))  # fmt: skip
        self._customers = CustomerMapping(codes, site.settings.state_field, site.patch("customer"))
        self._parts: dict[Stream, tuple[str, ...]] = {
            "customer": (CUSTOMERS,),
            "contact": (OWN, PEOPLE, *(f"{MAILS}{each}" for each in site.settings.contacts.email_types)),
        }
        self._without_mails: ConnectorRefused | None = None
        self._persons = PersonMapping(codes, site.settings.contacts.employer_type, site.patch("contact"))

    def companies(self, bound: UpperBound) -> Iterator[Page]:
        """Yield the divisions whose currency is known; the others are told by name."""
        known = [(division, self.site.currency(division)) for division in self.site.divisions]
        if not known:
            told = "No division can be seen in the ledger, so no company is known."
            raise ConnectorRefused(told, fix="name the divisions as `divisions`, and see what the M3 user may read.")
        names = self.site.settings.division_names
        rows = [parties.company(code, names.get(code), currency) for code, currency in known if currency]
        without = ", ".join(code for code, currency in known if not currency)
        notes = [f"left out, for neither `division_currencies` nor an invoice says their currency: {without}"]
        yield Page(rows, self._whole(bound).done, notes=notes if without else ())

    def terms(self, bound: UpperBound) -> Iterator[Page]:
        """Yield payment terms, each in the first language in which it comes."""
        patch = self.site.patch("payment_term")
        first: dict[str, dict[str, str]] = {}
        for row in self._terms():
            first.setdefault(row.get("TEPY", ""), row)
        rows, bad = _made(first.values(), "TEPY", lambda row: parties.term(row, patch))
        yield Page(rows, self._whole(bound).done, bad)

    def _terms(self) -> Rows:
        """List the terms from a blank one on; where M3 wants one to begin at, those that customers have."""

        def ask(most: int) -> Rows:
            return self.site.service.rows(entities.TERMS, {"TEPY": ""}, Asking(most))

        try:
            return whole(ask, lambda row: f"{row['TEPY']}|{row['LNCD']}", about=entities.TERMS.title)
        except Nok as refused:
            if refused.is_authority:
                raise
        listed = pages(self.site.service, self.site.listing(entities.CUSTOMERS, "CUNO"))
        codes = sorted({row["TEPY"] for rows in listed for row in rows if row["TEPY"]})
        found = self.site.service.each(entities.TERM, [{"TEPY": code} for code in codes])
        return [row for row in found if row is not None]

    def rates(self, bound: UpperBound) -> Iterator[Page]:
        """Yield the rates of the history, of each type that is read."""
        rates, found = self.site.settings.rates or RateSettings(), dict[tuple[Any, ...], dict[str, str]]()
        first, today = self.site.history_from(bound.at).date(), bound.at.date()
        for row in (row for each in rates.types for row in self._since(each, first, today)):
            found.setdefault(tuple(row[each] for each in ("CUCD", "LOCD", "CRTP", "CUTD")), row)
        rows, bad = _made(found.values(), "CUCD", lambda row: parties.rate(row, today, rates))
        yield Page(rows, self._whole(bound).done, bad)

    def _since(self, rate_type: str, first: date, today: date) -> Rows:
        """Return rates from a day on; those of today beside them where M3 takes CUTD for the day that they are for."""
        rows = self._rates(rate_type, first)
        if any(row["CUTD"] > values.written(first) for row in rows):
            return rows
        return rows + self._rates(rate_type, today)

    def _rates(self, rate_type: str, on: date) -> Rows:
        asked = {"CRTP": rate_type, "CUTD": values.written(on), "CONO": self.site.settings.company}

        def ask(most: int) -> Rows:
            return self.site.service.rows(entities.RATES, asked, Asking(most))

        rows = whole(ask, lambda row: "|".join(row.values()), about=entities.RATES.title)
        return [row for row in rows if not row["DIVI"] or self.site.reads(row["DIVI"])]

    def pages(self, stream: Stream, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield customers or contacts that changed, or all contacts; the last page is empty and done."""
        place = self._place(stream, position, bound)
        parts = [part for part in self._parts[stream] if part in _STAMPED or place.since is None]
        self._without_mails = None
        for part in parts[parts.index(place.part) :] if place.part in parts else parts:
            after = place.after[0] if place.after and part == place.part else None
            changed = {"LMTS": str(place.since)} if place.since is not None else {}
            listing = self._listing(part, changed)
            for listed in self._pages(part, listing, after):
                rows, bad = self._rows(part, listed)
                yield Page(rows, place.moved(part, (listed[-1][listing.key],)).position, bad)
        of_all, refused = stream == "contact" and place.is_whole, self._without_mails
        done = (replace(place, whole_on=_day(bound)) if of_all else place).done
        notes = [f"e-mail addresses of CRS111 are left out: {refused.message}"] if refused else ()
        yield Page([], done, notes=notes, whole=of_all and not refused)

    def _pages(self, part: str, listing: Listing, after: str | None = None) -> Iterator[Rows]:
        """Yield the pages of a part; contacts do without e-mail addresses where M3 does not let us."""
        try:
            yield from pages(self.site.service, listing, after)
        except (Nok, Absent) as refused:
            if not part.startswith(MAILS):
                raise
            self._without_mails = refused

    def _place(self, stream: Stream, position: Position | None, bound: UpperBound) -> Place:
        """Take a reading up, or begin one: of what changed, of contacts where the last whole one is young enough."""
        settings, whole_on = self.site.settings, (position or {}).get("whole_on")
        age = (bound.at.date() - date.fromisoformat(whole_on)).days if whole_on else None
        is_young = stream == "customer" or (age is not None and age < settings.full_contacts_days)
        lookback = settings.lookback_hours if is_young else None
        return Place.at(position, bound, lookback=lookback, mapping=self.site.fields.digest)

    def keys(self, stream: Stream) -> Iterator[KeyPage]:
        """Yield the keys that there are: whole, where any came, for each list ends with proof."""
        told, self._without_mails = 0, None
        for part in self._parts[stream]:
            for listed in self._pages(part, self._listing(part, {})):
                told += len(listed)
                yield KeyPage(self._keys(part, listed))
        yield KeyPage([], complete=told > 0 and self._without_mails is None)

    def _keys(self, part: str, listed: Rows) -> list[tuple[str, str]]:
        if part == CUSTOMERS:
            return [("", row["CUNO"]) for row in listed]
        rows, bad = self._rows(part, listed)
        return [("", row["key"]) for row in rows] + [("", fault.key) for fault in bad if fault.key]

    def lookup(self, stream: Stream, keys: Sequence[tuple[str, str]]) -> Lookup:
        """Read customers or contacts again."""
        found: list[dict[str, Any]] = []
        bad: list[BadRow] = []
        for part in self._parts[stream]:
            wanted = [value for _, key in keys if (value := _value(part, key)) is not None]
            rows, faults = self._rows(part, self._again(part, list(dict.fromkeys(wanted))))
            found, bad = found + rows, bad + faults
        told = {row["key"] for row in found} | {fault.key for fault in bad}
        return Lookup(found, missing=[name for name in keys if name[1] not in told], bad=bad)

    def _again(self, part: str, wanted: Sequence[str]) -> Rows:
        """Ask for rows by key; a list begins at the key, which is there or another row comes."""
        service, company = self.site.service, self.site.settings.company
        if part == PEOPLE:
            found = service.each(self._person, [{"CNPE": key} for key in wanted])
            return [row for row in found if row is not None]
        if part.startswith(MAILS):
            of_type = part.removeprefix(MAILS)
            found = service.each(entities.ONE_MAIL, [{"EMTP": of_type, "EMKY": key} for key in wanted])
            return [row for row in found if row is not None]
        asked = [{"CUNO": key, "CONO": company} for key in wanted]
        return [_at(result, key) for result, key in zip(service.every(self._list, asked, most=1), wanted, strict=True)
                if _at(result, key)]  # fmt: skip

    def _listing(self, part: str, changed: dict[str, str]) -> Listing:
        if part.startswith(MAILS):
            return self.site.mails(part.removeprefix(MAILS))
        transaction, key = (self._people, "CNPE") if part == PEOPLE else (self._list, "CUNO")
        return self.site.listing(transaction, key, changed)

    def _rows(self, part: str, listed: Rows) -> Made:
        if part == CUSTOMERS:
            return self._customer_rows(listed)
        if part == OWN:
            return _made(listed, "CUNO", self._customers.own_contact, behind=MAIL)
        if part.startswith(MAILS):
            purpose = self.site.settings.contacts.email_types[part.removeprefix(MAILS)]
            return _made(listed, "EMKY", lambda row: parties.mail(row, purpose), behind=f"|{part}")
        return _made(listed, "CNPE", self._persons.row)

    def _customer_rows(self, listed: Rows) -> Made:
        """Return customers with their financial data; one that was deleted meanwhile is left out."""
        asked = [{"CUNO": row["CUNO"], "CONO": self.site.settings.company} for row in listed]
        found = self.site.service.each(self._financial, asked)
        financial = {row["CUNO"]: more for row, more in zip(listed, found, strict=True) if more is not None}
        there = [row for row in listed if row["CUNO"] in financial]
        return _made(there, "CUNO", lambda row: self._customers.row(row, financial[row["CUNO"]]))

    def _whole(self, bound: UpperBound) -> Place:
        return Place.at(None, bound, lookback=None, mapping=self.site.fields.digest)


def _day(bound: UpperBound) -> str:
    return bound.at.date().isoformat()


def _at(result: Result, key: str) -> dict[str, str]:
    """Return the row that a list begins with, where it is the one of the key."""
    first = result.rows[0] if result.rows else {}
    return first if first.get("CUNO") == key else {}


def _value(part: str, key: str) -> str | None:
    """Return what a key names in a part; None where it is of another, or too long for any."""
    if part == PEOPLE:
        return key if 0 < len(key) <= NAME and not (key.endswith(MAIL) or f"|{MAILS}" in key) else None
    behind = "" if part == CUSTOMERS else MAIL if part == OWN else f"|{part}"
    if not key.endswith(behind):
        return None
    number = key.removesuffix(behind)
    return number if 0 < len(number) <= NUMBER else None


def _made(
    listed: Iterable[dict[str, str]], key: str, one: Callable[[Any], dict[str, Any] | None], *, behind: str = ""
) -> Made:
    made: list[dict[str, Any]] = []
    bad: list[BadRow] = []
    for row in listed:
        try:
            found = one(row)
        except BadRecord as error:
            bad.append(bad_row(error, row, key=f"{row[key]}{behind}", company=None))
        else:
            made += [found] if found is not None else []
    return made, bad
