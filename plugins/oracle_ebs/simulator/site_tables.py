"""The places of a customer at the simulated site: party sites, locations, account sites and what they are used for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from operator import attrgetter
from typing import Any, Final

from duehook.core.testing.book import Customer
from duehook.core.testing.sql_ledger import Column, Table, moment, number, text

from .lines import org

_ID: Final = number(15)
_WHEN: Final = moment()
_of = attrgetter


def party(customer: str) -> int:
    """Return the party of a customer account."""
    return 5_000_000 + int(customer)


def changed(pair: tuple[Any, Customer]) -> datetime:
    """Return when anything of a customer was changed, as the database's clock shows it."""
    site, customer = pair
    found: datetime = site.local(max(customer.changed_at, *(each.changed_at for each in customer.accounts.values())))
    return found


def who(read: Any) -> Any:
    """Return a column's value of the customer alone."""
    return lambda pair: read(pair[1])


def _places(site: Any, customer: Customer) -> Iterator[tuple[Any, Customer, int]]:
    """Yield a customer's party sites: the identifying one, and for some another, made before, that is shipped to."""
    yield site, customer, 1
    if int(customer.key) % 3 == 0:
        yield site, customer, 0


def _place(line: tuple[Any, Customer, int]) -> int:
    return int(line[1].key) * 10 + line[2]


def _uses(site: Any, customer: Customer) -> Iterator[tuple[Any, Customer, int, str]]:
    """Yield what sites are used for; a dock may also be billed at second hand, or have been billed once."""
    for line in _places(site, customer):
        yield *line, "BILL_TO" if line[2] == 1 else "SHIP_TO"
        if line[2] == 0 and int(customer.key) % 2:
            yield *line, "SECOND" if int(customer.key) % 9 else "FORMER"


def _use(line: tuple[Any, Customer, int, str]) -> int:
    return _place(line[:3]) + (0 if line[3] in ("BILL_TO", "SHIP_TO") else 2)


def _at(dock: str, field: str) -> Any:
    """Return a location's column: a dock has its own."""
    read = _of(field)
    return lambda line: read(line[1]) if line[2] == 1 else dock


_MOVED: Final = Column("LAST_UPDATE_DATE", _WHEN, "Last update", lambda line: changed(line[:2]))
_SITES: Final = (
    Column("PARTY_SITE_ID", _ID, "Party site", _place),
    Column("PARTY_ID", _ID, "Party", who(lambda one: party(one.key))),
    Column("LOCATION_ID", _ID, "Location", _place),
    Column("IDENTIFYING_ADDRESS_FLAG", text(1), "Identifying address", lambda line: "Y" if line[2] == 1 else "N"),
    Column("STATUS", text(1), "Status", lambda line: "A"),
    _MOVED,
)
_LOCATIONS: Final = (
    Column("LOCATION_ID", _ID, "Location", _place),
    Column("ADDRESS1", text(240), "Address line 1", _at("9 Dock Road", "street")),
    Column("ADDRESS2", text(240), "Address line 2"),
    Column("ADDRESS3", text(240), "Address line 3"),
    Column("ADDRESS4", text(240), "Address line 4"),
    Column("CITY", text(60), "City", _at("Dockside", "city")),
    Column("STATE", text(60), "State"),
    Column("POSTAL_CODE", text(60), "Postal code", _at("00000", "postal_code")),
    Column("COUNTRY", text(60), "Country", _at("ZZ", "country")),
    _MOVED,
)
_ACCOUNT_SITES: Final = (
    Column("CUST_ACCT_SITE_ID", _ID, "Account site", _place),
    Column("CUST_ACCOUNT_ID", _ID, "Customer account", who(_of("key"))),
    Column("PARTY_SITE_ID", _ID, "Party site", _place),
    Column("STATUS", text(1), "Status", lambda line: "A"),
    Column("ORG_ID", _ID, "Operating unit", who(lambda one: org(one.company))),
    _MOVED,
)
_SITE_USES: Final = (
    Column("SITE_USE_ID", _ID, "Site use", _use),
    Column("CUST_ACCT_SITE_ID", _ID, "Account site", lambda line: _place(line[:3])),
    Column(
        "SITE_USE_CODE", text(30), "BILL_TO or SHIP_TO", lambda line: "SHIP_TO" if line[3] == "SHIP_TO" else "BILL_TO"
    ),
    Column("PRIMARY_FLAG", text(1), "Primary", lambda line: "N" if line[3] == "SECOND" else "Y"),
    Column("STATUS", text(1), "Status", lambda line: "I" if line[3] == "FORMER" else "A"),
    Column("ORG_ID", _ID, "Operating unit", who(lambda one: org(one.company))),
    _MOVED,
)
SITE_TABLES: Final = (
    Table("HZ_PARTY_SITES", "Party sites", "PARTY_SITE_ID", _SITES, {"customer": _places}),
    Table("HZ_LOCATIONS", "Locations", "LOCATION_ID", _LOCATIONS, {"customer": _places}),
    Table("HZ_CUST_ACCT_SITES_ALL", "Account sites", "CUST_ACCT_SITE_ID", _ACCOUNT_SITES, {"customer": _places},
          indexes=("CUST_ACCOUNT_ID",)),
    Table("HZ_CUST_SITE_USES_ALL", "Site uses", "SITE_USE_ID", _SITE_USES, {"customer": _uses},
          indexes=("CUST_ACCT_SITE_ID",)),
)  # fmt: skip
