"""Read subsidiaries, terms, customers and contacts; the last two by their change stamps after the first time.

Both ways of asking read them alike; `MasterReading` is that of SuiteQL.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final, Generic, TypeVar

from duehook.core.errors import BadRecord, ConnectorRefused
from duehook.core.hookspecs import BadRow, KeyPage, Lookup, Page, Position, UpperBound
from duehook.core.records import Stream
from duehook.plugins.netsuite import tables
from duehook.plugins.netsuite.account import Account, Asked, Row, Window
from duehook.plugins.netsuite.fields import patch_of, selected
from duehook.plugins.netsuite.mapping import parties
from duehook.plugins.netsuite.mapping.parties import EMAIL, ContactMapping, CustomerMapping
from duehook.plugins.netsuite.site import NetsuiteSite
from duehook.plugins.netsuite.suiteql import Query, ids
from duehook.plugins.netsuite.suiteql import since as stamped
from duehook.plugins.netsuite.values import Source, bad_row, text

from .place import Place

CUSTOMERS: Final = "customers"
OWN: Final = "main"
PEOPLE: Final = "people"
_UNTOLD: Final = "read without {0}, which NetSuite refuses; see `duehook check`"
Found = TypeVar("Found")
Made = tuple[list[Row], list[BadRow]]
RECORDS: Final = {  # the records of parts, and the permissions that show them
    CUSTOMERS: ("customer", "Customers"), OWN: ("customer", "Customers"), PEOPLE: ("contact", "Contacts"),
}  # fmt: skip


class Masters(ABC, Generic[Asked]):
    """Reads what changes seldom, by whichever way."""

    def __init__(self, site: Account[Asked]) -> None:
        """Take the site."""
        self._site, settings, fields = site, site.settings, site.fields
        self._customers = CustomerMapping(
            settings.codes, site.currency, site.zone, patch_of(fields, "customer", settings)
        )
        self._contacts = ContactMapping(settings.codes, site.zone, patch_of(fields, "contact", settings))
        self._refused: frozenset[str] = frozenset()  # the columns that customers are read without

    @abstractmethod
    def _terms(self) -> Iterable[Source]:
        """Ask for all payment terms."""

    def _rates(self) -> Iterable[Source]:
        """Ask for all exchange rates; of a way that has none, nothing."""
        return ()

    @abstractmethod
    def _asked(self, part: str, since: datetime | None = None) -> Asked:
        """Return the question for a part, or for what changed of it."""

    @abstractmethod
    def _lacks(self) -> Iterable[str]:
        """Return the columns that NetSuite refuses, as `table.column`, of those that customers may be read without."""

    @abstractmethod
    def _keys_of(self, part: str) -> Asked:
        """Return the question for the keys of a part."""

    @abstractmethod
    def _by_id(self, part: str, wanted: Iterable[int]) -> Iterable[Row]:
        """Ask for the rows of a part by their ids."""

    @abstractmethod
    def _is_permitted(self, part: str) -> bool:
        """Say whether the role knows the record at all: of customers, that any is shown."""

    def _mine(self, part: str, rows: Sequence[Row]) -> Sequence[Row]:
        """Return the rows that are read, under the names that the mapping knows."""
        return rows

    def companies(self, bound: UpperBound) -> Iterator[Page]:
        """Yield the subsidiaries whose currency is known; the others are told by name."""
        site = self._site
        known = [(row, site.currency_of(row["id"])) for row in site.subsidiaries]
        rows = [parties.company(row, currency) for row, currency in known if currency]
        without = ", ".join(str(row["id"]) for row, currency in known if not currency)
        notes = [f"left out, for the table currency does not show their currency: {without}"] if without else []
        yield Page(rows, self._place(None, bound).done, notes=notes)

    def terms(self, bound: UpperBound) -> Iterator[Page]:
        """Yield payment terms that count days; the others are told by name."""
        patch = patch_of(self._site.fields, "payment_term", self._site.settings)
        rows: list[Row] = []
        bad: list[BadRow] = []
        others: list[str] = []
        for row in self._terms():
            try:
                made = parties.term(row, patch)
            except BadRecord as error:
                bad.append(bad_row(error, str(row["id"]), row, None))
                continue
            if made is None:
                others.append(text(row, "name") or str(row["id"]))
            else:
                rows.append(made)
        notes = [f"left out, for they count no days from the invoice: {', '.join(others)}"] if others else []
        yield Page(rows, self._place(None, bound).done, bad, notes)

    def rates(self, bound: UpperBound) -> Iterator[Page]:
        """Yield the exchange rates, of a day the last that was made."""
        rows: dict[tuple[Any, ...], Row] = {}
        bad: list[BadRow] = []
        for row in self._rates():
            try:
                made = parties.rate(row, self._site.currency)
            except BadRecord as error:
                bad.append(bad_row(error, str(row["id"]), row, None))
                continue
            if made is not None:
                rows[made["from_currency"], made["to_currency"], made["valid_on"]] = made
        yield Page(list(rows.values()), self._place(None, bound).done, bad)

    def pages(self, stream: Stream, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield customers or contacts, all or those that changed, the last page empty and done."""
        place = self._place(position, bound)
        for part in place.part_of(_parts(stream)):
            step = place.step
            for window in self._read(part, partial(self._windows, part, place)):
                rows, bad = self._rows(part, self._mine(part, window.rows))
                step += 1
                yield Page(rows, place.position(part, window.last, step), bad)
        untold = ", ".join(sorted(self._refused)) if stream == "customer" else ""
        notes = [_UNTOLD.format(untold)] if untold else []
        yield Page([], place.done, whole=place.since is None and place.after is None, notes=notes)

    def keys(self, stream: Stream) -> Iterator[KeyPage]:
        """Yield the keys that there are; whole when as many rows came as NetSuite counts, and the role sees any."""
        whole = True
        for part in _parts(stream):
            query, listed = self._keys_of(part), 0
            for window in self._site.windows(query):
                listed += len(window.rows)
                yield KeyPage([_name(part, row) for row in self._mine(part, window.rows)])
            whole = whole and listed == self._site.count(query) and (listed > 0 or self._is_permitted(part))
        yield KeyPage([], complete=whole)

    def lookup(self, stream: Stream, keys: Sequence[tuple[str, str]]) -> Lookup:
        """Read customers or contacts again. Raises ConnectorRefused where nothing of them is shown any more."""
        found: list[Row] = []
        bad: list[BadRow] = []
        for part in _parts(stream):
            wanted = {number for _, key in keys if (number := _number(part, key)) is not None}
            rows = self._mine(part, list(self._read(part, partial(self._by_id, part, wanted))))
            made, faults = self._rows(part, [row for row in rows if _name(part, row) in keys])
            found, bad = found + made, bad + faults
        told = {(row["company"] or "", row["key"]) for row in found} | {(each.company or "", each.key) for each in bad}
        missing = [name for name in keys if name not in told]
        if missing and not told:
            self._expect_any(stream)
        return Lookup(found, missing=missing, bad=bad)

    def _expect_any(self, stream: Stream) -> None:
        for part in _parts(stream):
            if not self._site.shows(self._asked(part)) and not self._is_permitted(part):
                raise ConnectorRefused(
                    f"Nothing of {stream}s is shown any more; nothing of them was taken as gone.",
                    fix=f"let the NetSuite admin add the permission {RECORDS[part][1]} (View) to the role.",
                )

    def _windows(self, part: str, place: Place) -> Iterator[Window]:
        return self._site.windows(self._asked(part, place.since), place.begun(part))

    def _read(self, part: str, ask: Callable[[], Iterable[Found]]) -> Iterator[Found]:
        """Yield what is found; where NetSuite refuses what customers may lack, without that."""
        try:
            yield from ask()
        except ConnectorRefused:
            refused = frozenset(self._lacks()) - self._refused if part == CUSTOMERS else frozenset()
            if not refused:
                raise
            self._refused |= refused
            yield from ask()

    def _rows(self, part: str, rows: Iterable[Source]) -> Made:
        make: Callable[[Source], Row] = {
            CUSTOMERS: self._customers.row, OWN: self._contacts.own, PEOPLE: self._person,
        }[part]  # fmt: skip
        made: list[Row] = []
        bad: list[BadRow] = []
        for row in rows:
            try:
                made.append(make(row))
            except BadRecord as error:
                company, key = _name(part, row)
                bad.append(bad_row(error, key, row, company or None))
        return made, bad

    def _person(self, row: Source) -> Row:
        return self._contacts.person(row)

    def _place(self, position: Position | None, bound: UpperBound) -> Place:
        return Place.at(position, bound, self._site)


class MasterReading(Masters[Query]):
    """Reads what changes seldom by SuiteQL."""

    def __init__(self, site: NetsuiteSite) -> None:
        """Take the site."""
        super().__init__(site)
        self._account, settings, fields = site, site.settings, site.fields
        here = site.within("r.subsidiary")
        self._queries = {
            CUSTOMERS: selected(fields, "customer", site.shaped(tables.customers(settings.address_table))).under(here),
            OWN: tables.OWN_CONTACT.under(self._here("c.id")),
            PEOPLE: selected(fields, "contact", tables.CONTACT).under(self._here("k.company")),
        }

    def _terms(self) -> Iterable[Row]:
        return self._account.every(selected(self._account.fields, "payment_term", tables.TERM))

    def _rates(self) -> Iterable[Row]:
        table = self._account.settings.rates_table
        return self._account.every(tables.rates(table)) if table else ()

    def _asked(self, part: str, since: datetime | None = None) -> Query:
        query = self._queries[part].without(self._refused)
        return query.under(stamped(_STAMPS[part], self._account.local(since))) if since else query

    def _lacks(self) -> Iterable[str]:
        return self._account.refused_columns(self._queries[CUSTOMERS].only(*tables.OPTIONAL))

    def _keys_of(self, part: str) -> Query:
        return self._queries[part].only("id", "subsidiary")

    def _by_id(self, part: str, wanted: Iterable[int]) -> Iterable[Row]:
        return self._account.by_id(self._asked(part), self._account.place(_IDS[part]), wanted)

    def _is_permitted(self, part: str) -> bool:
        if part == CUSTOMERS:
            return False
        try:
            self._account.service.fields(RECORDS[part][0])
        except ConnectorRefused:
            return False
        return True

    def _here(self, source: str) -> str | None:
        """Return the condition that a customer belongs to one of the subsidiaries that are read; None for all."""
        companies = self._account.settings.companies
        if not companies:
            return None
        members = f"SELECT m.entity FROM customersubsidiaryrelationship m WHERE {ids('m.subsidiary', companies)}"
        return f"{source} IN ({members})"


_STAMPS: Final = {CUSTOMERS: "c.lastmodifieddate", OWN: "c.lastmodifieddate", PEOPLE: "k.lastmodifieddate"}
_IDS: Final = {CUSTOMERS: "r.entity", OWN: "c.id", PEOPLE: "k.id"}


def _parts(stream: Stream) -> tuple[str, ...]:
    return (CUSTOMERS,) if stream == "customer" else (OWN, PEOPLE)


def _name(part: str, row: Source) -> tuple[str, str]:
    """Return the company and key of a row; a contact has no company."""
    if part == CUSTOMERS:
        return str(row.get("subsidiary") or ""), str(row["id"])
    return "", f"{row['id']}{EMAIL if part == OWN else ''}"


def _number(part: str, key: str) -> int | None:
    """Return the id that a key names in a part; None where it is of another, or no key at all."""
    if (part == OWN) != key.endswith(EMAIL):
        return None
    return read_id(key.removesuffix(EMAIL) if part == OWN else key)


def read_id(key: str) -> int | None:
    """Return an internal id as a number; None for a text that is none."""
    return int(key) if key.isascii() and key.isdigit() and len(key) < 19 and str(int(key)) == key else None
