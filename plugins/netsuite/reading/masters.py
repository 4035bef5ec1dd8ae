"""Read subsidiaries, terms, customers and contacts; the last two by their change stamps after the first time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from duehook.core.errors import BadRecord, ConnectorRefused
from duehook.core.hookspecs import BadRow, KeyPage, Lookup, Page, Position, UpperBound
from duehook.core.records import Stream
from duehook.plugins.netsuite import tables
from duehook.plugins.netsuite.fields import patch_of, selected
from duehook.plugins.netsuite.mapping import parties
from duehook.plugins.netsuite.mapping.parties import EMAIL, ContactMapping, CustomerMapping
from duehook.plugins.netsuite.site import NetsuiteSite
from duehook.plugins.netsuite.suiteql import ids, since
from duehook.plugins.netsuite.values import Source, bad_row, text

from .place import Place

CUSTOMERS: Final = "customers"
OWN: Final = "main"
PEOPLE: Final = "people"
Made = tuple[list[dict[str, Any]], list[BadRow]]


class MasterReading:
    """Reads what changes seldom."""

    def __init__(self, site: NetsuiteSite) -> None:
        """Take the site."""
        self._site = site
        settings, fields = site.settings, site.fields
        self._queries = {
            CUSTOMERS: selected(fields, "customer", tables.customers(settings.address_table)).under(
                site.within("r.subsidiary")
            ),
            OWN: tables.OWN_CONTACT.under(self._here("c.id")),
            PEOPLE: selected(fields, "contact", tables.CONTACT).under(self._here("k.company")),
        }
        self._customers = CustomerMapping(
            settings.codes, site.currency, site.zone, patch_of(fields, "customer", settings)
        )
        self._contacts = ContactMapping(settings.codes, site.zone, patch_of(fields, "contact", settings))

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
        rows: list[dict[str, Any]] = []
        bad: list[BadRow] = []
        others: list[str] = []
        for row in self._site.every(selected(self._site.fields, "payment_term", tables.TERM)):
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

    def pages(self, stream: Stream, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield customers or contacts, all or those that changed, the last page empty and done."""
        place = self._place(position, bound)
        for part in place.part_of(_parts(stream)):
            query = self._queries[part]
            if place.since is not None:
                query = query.under(since(_STAMPS[part], self._site.local(place.since)))
            for window in self._site.windows(query, place.begun(part)):
                rows, bad = self._rows(part, window.rows)
                yield Page(rows, place.position(part, window.last), bad)
        yield Page([], place.done, whole=place.since is None and place.after is None)

    def keys(self, stream: Stream) -> Iterator[KeyPage]:
        """Yield the keys that there are; whole when as many rows came as NetSuite counts, and the role sees any."""
        whole = True
        for part in _parts(stream):
            query, listed = self._queries[part].only("id", "subsidiary"), 0
            for window in self._site.windows(query):
                listed += len(window.rows)
                yield KeyPage([_name(part, row) for row in window.rows])
            whole = whole and listed == self._site.count(query) and (listed > 0 or self._is_permitted(part))
        yield KeyPage([], complete=whole)

    def lookup(self, stream: Stream, keys: Sequence[tuple[str, str]]) -> Lookup:
        """Read customers or contacts again. Raises ConnectorRefused where nothing of them is shown any more."""
        found: list[dict[str, Any]] = []
        bad: list[BadRow] = []
        for part in _parts(stream):
            wanted = {number for _, key in keys if (number := _number(part, key)) is not None}
            rows = self._site.by_id(self._queries[part], _IDS[part], wanted)
            made, faults = self._rows(part, [row for row in rows if _name(part, row) in keys])
            found, bad = found + made, bad + faults
        told = {(row["company"] or "", row["key"]) for row in found} | {(each.company or "", each.key) for each in bad}
        missing = [name for name in keys if name not in told]
        if missing and not told:
            self._expect_any(stream)
        return Lookup(found, missing=missing, bad=bad)

    def _expect_any(self, stream: Stream) -> None:
        for part in _parts(stream):
            if not self._site.shows(self._queries[part]) and not self._is_permitted(part):
                raise ConnectorRefused(
                    f"Nothing of {stream}s is shown any more; nothing of them was taken as gone.",
                    fix=f"let the NetSuite admin add the permission {_RECORDS[part][1]} (View) to the role.",
                )

    def _is_permitted(self, part: str) -> bool:
        """Say whether the role knows the record at all: of customers, that any is shown."""
        if part == CUSTOMERS:
            return False
        try:
            self._site.service.fields(_RECORDS[part][0])
        except ConnectorRefused:
            return False
        return True

    def _rows(self, part: str, rows: Iterable[Source]) -> Made:
        make: Callable[[Source], dict[str, Any]] = {
            CUSTOMERS: self._customers.row, OWN: self._contacts.own, PEOPLE: self._contacts.person,
        }[part]  # fmt: skip
        made: list[dict[str, Any]] = []
        bad: list[BadRow] = []
        for row in rows:
            try:
                made.append(make(row))
            except BadRecord as error:
                company, key = _name(part, row)
                bad.append(bad_row(error, key, row, company or None))
        return made, bad

    def _here(self, source: str) -> str | None:
        """Return the condition that a customer belongs to one of the subsidiaries that are read; None for all."""
        companies = self._site.settings.companies
        if not companies:
            return None
        members = f"SELECT m.entity FROM customersubsidiaryrelationship m WHERE {ids('m.subsidiary', companies)}"
        return f"{source} IN ({members})"

    def _place(self, position: Position | None, bound: UpperBound) -> Place:
        return Place.at(position, bound, self._site)


_STAMPS: Final = {CUSTOMERS: "c.lastmodifieddate", OWN: "c.lastmodifieddate", PEOPLE: "k.lastmodifieddate"}
_IDS: Final = {CUSTOMERS: "r.entity", OWN: "c.id", PEOPLE: "k.id"}
_RECORDS: Final = {
    CUSTOMERS: ("customer", "Customers"), OWN: ("customer", "Customers"), PEOPLE: ("contact", "Contacts"),
}  # fmt: skip


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
