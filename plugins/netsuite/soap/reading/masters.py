"""Read subsidiaries, terms, customers and contacts by SuiteTalk, as the rows that SuiteQL gives of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from duehook.core.errors import ConnectorRefused
from duehook.core.records import Stream
from duehook.plugins.netsuite import tables
from duehook.plugins.netsuite.account import Row
from duehook.plugins.netsuite.reading.masters import CUSTOMERS, OWN, PEOPLE, RECORDS, Masters, read_id
from duehook.plugins.netsuite.soap import words
from duehook.plugins.netsuite.soap.client.faults import NoRecord
from duehook.plugins.netsuite.soap.custom import ENTITY
from duehook.plugins.netsuite.soap.search import FILLED, Search, flag
from duehook.plugins.netsuite.soap.search import since as stamped
from duehook.plugins.netsuite.soap.site import MEMBER, SoapSite
from duehook.plugins.netsuite.soap.taken import Taken
from duehook.plugins.netsuite.values import Source, text

TERM: Final = Search("Term", ("internalId", "name", "daysUntilNetDue", "daysUntilExpiry", "discountPercent"))
_NAMES: Final = ("entityId", "companyName", "isPerson", "firstName", "lastName", "altName", "email", "phone")
_ADDRESS: Final = ("billAddress1", "billAddress2", "billCity", "billState", "billZipCode", "billCountryCode")
_CUSTOMER: Final = (
    *_NAMES, "terms", "currency", "parent", "category", "entityStatus", "language", "creditLimit", "creditHold",
    "lastModifiedDate",
)  # fmt: skip
_TAX_ID: Final = f"customer.{tables.TAX_ID}"
TAX_IDS: Final = MEMBER.only("customerJoin.vatRegNumber")
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
    """Return the search of customers as each subsidiary knows them, without their VAT numbers."""
    columns = (*_CUSTOMER, *(_ADDRESS if addresses else ()))
    return MEMBER.with_columns(*(f"customerJoin.{name}" for name in columns))


def customers_of_site() -> Search:
    """Return the search of customers as `discover` looks at them."""
    return Search("Customer", ("internalId", *_CUSTOMER))


class SoapMasters(Masters[Search]):
    """Reads what changes seldom by SuiteTalk."""

    def __init__(self, site: SoapSite) -> None:
        """Take the site."""
        super().__init__(site)
        self._account, addresses = site, site.settings.address_table is not None
        self._plain = {
            CUSTOMERS: customers(addresses=addresses).under(subsidiary=site.within), OWN: OWN_CONTACT, PEOPLE: CONTACT,
        }  # fmt: skip
        streams: tuple[Stream, ...] = ("customer", "contact", "payment_term")
        self._taken = {stream: Taken(site.soap, site.fields, stream) for stream in streams}

    def _terms(self) -> Iterator[Row]:
        for found in self._account.every(self._search(TERM, "payment_term")):
            yield lowered(found) | self._taken["payment_term"].of(found)

    def _asked(self, part: str, since: datetime | None = None) -> Search:
        """Return the search of a part, with what the site's own file takes."""
        search = self._plain[part] if part == OWN else self._search(self._plain[part], _TAKEN[part])
        if part == CUSTOMERS and _TAX_ID not in self._refused | self._account.missing:
            search = search.with_columns(*TAX_IDS.columns)
        return search.under(**{_STAMPS[part]: stamped(since)}) if since else search

    def _lacks(self) -> Iterable[str]:
        return [_TAX_ID] if self._account.refused_columns(TAX_IDS) else []

    def _keys_of(self, part: str) -> Search:
        return self._plain[part].only(*_KEYS[part])

    def _by_id(self, part: str, wanted: Iterable[int]) -> Iterable[Row]:
        return self._account.by_id(self._asked(part), wanted, _IDS[part])

    def _is_permitted(self, part: str) -> bool:
        if part == CUSTOMERS:
            return False
        try:
            self._account.soap.get(RECORDS[part][0], internalId="0")
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
        if part == OWN and not self._account.settings.companies:
            return found
        named = "company" if part == PEOPLE else "id"
        numbers = {number for row in found if (number := read_id(str(row.get(named) or ""))) is not None}
        members = self._account.members(numbers) if numbers else set()
        return [row for row in found if str(row.get(named)) in members]

    def _search(self, search: Search, stream: Stream) -> Search:
        taken = self._taken[stream]
        own = self._account.custom.columns([name.rpartition(".")[2] for name in taken.own()], ENTITY)
        custom = {name: own[name.rpartition(".")[2]] for name in taken.own()}
        return replace(search, custom=custom).with_columns(*taken.standard())

    def _person(self, row: Source) -> Row:
        role = text(row, "contactrole")
        name = self._account.roles.get(role) if role else None
        return self._contacts.person({**row, "customer": row.get("company"), "rolename": name})


_STAMPS: Final = {
    CUSTOMERS: "customerJoin__lastModifiedDate", OWN: "lastModifiedDate", PEOPLE: "lastModifiedDate",
}  # fmt: skip
_IDS: Final = {CUSTOMERS: "entity", OWN: "internalId", PEOPLE: "internalId"}
_KEYS: Final = {CUSTOMERS: ("entity", "subsidiary"), OWN: (), PEOPLE: ("company",)}
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
