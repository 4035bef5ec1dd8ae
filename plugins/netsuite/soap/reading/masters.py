"""Read subsidiaries, terms, customers and contacts by SuiteTalk, as the rows that SuiteQL gives of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from duehook.core.errors import BadRecord, ConnectorRefused
from duehook.core.hookspecs import BadRow, KeyPage, Lookup, Page, Position, UpperBound
from duehook.core.records import Stream
from duehook.plugins.netsuite.fields import patch_of
from duehook.plugins.netsuite.mapping import parties
from duehook.plugins.netsuite.mapping.parties import EMAIL, ContactMapping, CustomerMapping
from duehook.plugins.netsuite.reading.masters import read_id
from duehook.plugins.netsuite.reading.place import Place
from duehook.plugins.netsuite.soap import words
from duehook.plugins.netsuite.soap.client.faults import NoRecord
from duehook.plugins.netsuite.soap.custom import ENTITY
from duehook.plugins.netsuite.soap.search import FILLED, Search, flag, since
from duehook.plugins.netsuite.soap.site import MEMBER, SoapSite
from duehook.plugins.netsuite.soap.taken import Taken
from duehook.plugins.netsuite.values import Source, bad_row, text

CUSTOMERS: Final = "customers"
OWN: Final = "main"
PEOPLE: Final = "people"
Row = dict[str, Any]
Made = tuple[list[Row], list[BadRow]]
TERM: Final = Search("Term", ("internalId", "name", "daysUntilNetDue", "daysUntilExpiry", "discountPercent"))
_NAMES: Final = ("entityId", "companyName", "isPerson", "firstName", "lastName", "altName", "email", "phone")
_ADDRESS: Final = ("billAddress1", "billAddress2", "billCity", "billState", "billZipCode", "billCountryCode")
_CUSTOMER: Final = (
    *_NAMES, "terms", "currency", "parent", "category", "entityStatus", "language", "creditLimit", "creditHold",
    "lastModifiedDate",
)  # fmt: skip
OWN_CONTACT: Final = Search("Customer", ("internalId", *_NAMES, "lastModifiedDate")).under(email=FILLED)
CONTACT: Final = Search("Contact", (
    "internalId", "company", "entityId", "firstName", "lastName", "email", "phone", "contactRole", "lastModifiedDate",
)).under(isInactive=flag(held=False))  # fmt: skip
# The names that the mapping knows, by SuiteTalk's.
_CALLED: Final = {
    "creditHold": "creditholdoverride", "lastModifiedDate": "modified", "language": "lang", "billAddress1": "addr1",
    "billAddress2": "addr2", "billCity": "city", "billState": "state", "billZipCode": "zip",
    "billCountryCode": "country",
}  # fmt: skip


def customers(*, addresses: bool) -> Search:
    """Return the search of customers as each subsidiary knows them."""
    columns = (*_CUSTOMER, *(_ADDRESS if addresses else ()))
    return MEMBER.with_columns(*(f"customerJoin.{name}" for name in columns))


def customers_of_site() -> Search:
    """Return the search of customers as `discover` looks at them."""
    return Search("Customer", ("internalId", *_CUSTOMER))


class SoapMasters:
    """Reads what changes seldom."""

    def __init__(self, site: SoapSite) -> None:
        """Take the site."""
        self._site, settings, fields = site, site.settings, site.fields
        self._plain = {
            CUSTOMERS: customers(addresses=settings.address_table is not None).under(subsidiary=site.within),
            OWN: OWN_CONTACT, PEOPLE: CONTACT,
        }  # fmt: skip
        streams: tuple[Stream, ...] = ("customer", "contact", "payment_term")
        self._taken = {stream: Taken(site.soap, fields, stream) for stream in streams}
        self._customers = CustomerMapping(
            settings.codes, site.currency, site.zone, patch_of(fields, "customer", settings)
        )
        self._contacts = ContactMapping(settings.codes, site.zone, patch_of(fields, "contact", settings))

    def companies(self, bound: UpperBound) -> Iterator[Page]:
        """Yield the subsidiaries whose currency is known; the others are told by name."""
        site = self._site
        known = [(row, site.currency_of(row["id"])) for row in site.subsidiaries]
        rows = [parties.company(row, currency) for row, currency in known if currency]
        without = ", ".join(row["id"] for row, currency in known if not currency)
        notes = [f"left out, for their currency is not shown: {without}"] if without else []
        yield Page(rows, self._place(None, bound).done, notes=notes)

    def terms(self, bound: UpperBound) -> Iterator[Page]:
        """Yield payment terms that count days; the others are told by name."""
        patch = patch_of(self._site.fields, "payment_term", self._site.settings)
        rows: list[Row] = []
        bad: list[BadRow] = []
        others: list[str] = []
        for found in self._site.every(self._search(TERM, "payment_term")):
            row = lowered(found) | self._taken["payment_term"].of(found)
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
            search, step = self._searched(part), place.step
            if place.since is not None:
                search = search.under(**{_STAMPS[part]: since(place.since)})
            for window in self._site.windows(search, place.begun(part)):
                rows, bad = self._rows(part, self._mine(part, window.rows))
                step += 1
                yield Page(rows, place.position(part, window.last, step), bad)
        yield Page([], place.done, whole=place.since is None and place.after is None)

    def keys(self, stream: Stream) -> Iterator[KeyPage]:
        """Yield the keys that there are; whole when as many rows came as NetSuite counts, and the role sees any."""
        whole = True
        for part in _parts(stream):
            search, listed = self._plain[part].only(*_KEYS[part]), 0
            for window in self._site.windows(search):
                listed += len(window.rows)
                yield KeyPage([_name(part, row) for row in self._mine(part, window.rows)])
            whole = whole and listed == self._site.count(search) and (listed > 0 or self._is_permitted(part))
        yield KeyPage([], complete=whole)

    def lookup(self, stream: Stream, keys: Sequence[tuple[str, str]]) -> Lookup:
        """Read customers or contacts again. Raises ConnectorRefused where nothing of them is shown any more."""
        found: list[Row] = []
        bad: list[BadRow] = []
        for part in _parts(stream):
            wanted = {number for _, key in keys if (number := _number(part, key)) is not None}
            rows = self._mine(part, list(self._site.by_id(self._searched(part), wanted, _IDS[part])))
            made, faults = self._rows(part, [row for row in rows if _name(part, row) in keys])
            found, bad = found + made, bad + faults
        told = {(row["company"] or "", row["key"]) for row in found} | {(each.company or "", each.key) for each in bad}
        missing = [name for name in keys if name not in told]
        if missing and not told:
            self._expect_any(stream)
        return Lookup(found, missing=missing, bad=bad)

    def _expect_any(self, stream: Stream) -> None:
        for part in _parts(stream):
            if not self._site.shows(self._plain[part]) and not self._is_permitted(part):
                raise ConnectorRefused(
                    f"Nothing of {stream}s is shown any more; nothing of them was taken as gone.",
                    fix=f"let the NetSuite admin add the permission {_PERMISSIONS[part]} (View) to the role.",
                )

    def _is_permitted(self, part: str) -> bool:
        """Say whether the role may see contacts at all; of customers, that any is shown."""
        if part == CUSTOMERS:
            return False
        try:
            self._site.soap.get("contact" if part == PEOPLE else "customer", internalId="0")
        except NoRecord:
            return True
        except ConnectorRefused:
            return False
        return True

    def _mine(self, part: str, rows: Sequence[Row]) -> list[Row]:
        """Return the rows of customers that are read: people may stand at a vendor, and others belong elsewhere."""
        taken = self._taken[_TAKEN[part]]
        found = [lowered(row) | (taken.of(row) if part != OWN else {}) for row in rows]
        if part == CUSTOMERS:
            return [{**row, "relation": row["id"], "id": row.get("entity")} for row in found]
        if part == OWN and not self._site.settings.companies:
            return found
        named = "company" if part == PEOPLE else "id"
        numbers = {number for row in found if (number := read_id(str(row.get(named) or ""))) is not None}
        members = self._site.members(numbers) if numbers else set()
        return [row for row in found if str(row.get(named)) in members]

    def _searched(self, part: str) -> Search:
        """Return the search of a part, with what the site's own file takes."""
        return self._plain[part] if part == OWN else self._search(self._plain[part], _TAKEN[part])

    def _search(self, search: Search, stream: Stream) -> Search:
        taken = self._taken[stream]
        own = self._site.custom.columns([name.rpartition(".")[2] for name in taken.own()], ENTITY)
        custom = {name: own[name.rpartition(".")[2]] for name in taken.own()}
        return replace(search, custom=custom).with_columns(*taken.standard())

    def _rows(self, part: str, rows: Iterable[Source]) -> Made:
        make = {CUSTOMERS: self._customers.row, OWN: self._contacts.own, PEOPLE: self._person}[part]
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
        role = text(row, "contactrole")
        name = self._site.roles.get(role) if role else None
        return self._contacts.person({**row, "customer": row.get("company"), "rolename": name})

    def _place(self, position: Position | None, bound: UpperBound) -> Place:
        return Place.at(position, bound, self._site)


_STAMPS: Final = {
    CUSTOMERS: "customerJoin__lastModifiedDate", OWN: "lastModifiedDate", PEOPLE: "lastModifiedDate",
}  # fmt: skip
_IDS: Final = {CUSTOMERS: "entity", OWN: "internalId", PEOPLE: "internalId"}
_KEYS: Final = {CUSTOMERS: ("entity", "subsidiary"), OWN: (), PEOPLE: ("company",)}
_PERMISSIONS: Final = {CUSTOMERS: "Customers", OWN: "Customers", PEOPLE: "Contacts"}
_TAKEN: Final[Mapping[str, Stream]] = {CUSTOMERS: "customer", OWN: "contact", PEOPLE: "contact"}
_FLAGS: Final = {"true": "T", "false": "F"}


def lowered(row: Row) -> Row:
    """Return a row under the names that the mapping knows, with SuiteQL's words."""
    found: Row = {}
    for name, held in row.items():
        last = name.rpartition(".")[2]
        found[_CALLED.get(last, last.lower())] = _FLAGS.get(held, held) if last.startswith("is") else held
    found["id"] = row.get("internalId")
    if "creditholdoverride" in found:
        found["creditholdoverride"] = words.hold_of(found["creditholdoverride"])
    if "lang" in found:
        found["lang"] = words.language_of(found["lang"])
    return found


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
