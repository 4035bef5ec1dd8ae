"""Companies, currencies, terms, customers and their people, kept true as the book moves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any, Final

from duehook.core.money import exponent
from duehook.core.testing.book import Book, Change, Contact, Customer

from .codes import (
    ACCOUNTS,
    BASE_CURRENCY,
    CURRENCIES,
    LOCAL_BOOK,
    PRIMARY_BOOK,
    ROLES,
    STATUSES,
    SUBSIDIARIES,
    TERMS,
    hold_value,
)
from .database import Database, Row
from .values import moment

_OF_BOOK: Final[Mapping[str | None, str]] = {"hold": "creditholdoverride", "credit_limit": "creditlimit"}
_PERSON: Final = (13, 5)  # one customer in so many is a person


def is_person(customer: Customer) -> bool:
    """Say whether a customer is a person: it has a first and a last name and no company name."""
    return int(customer.key) % _PERSON[0] == _PERSON[1]


class Masters:
    """The tables of master data.

    A customer is in its own subsidiary, in those where an account of its own is, and in those where something was
    posted to it; that another is added is a change of the customer. `kept` are cells that were written over the record
    API, by customer id, with the time (`lastmodifieddate`) of the writing.
    """

    def __init__(self, database: Database, book: Book, zone: tzinfo, kept: dict[str, dict[str, Any]]) -> None:
        """Make every row."""
        self._database, self._book, self._zone, self._kept = database, book, zone, kept
        self._met: dict[str, dict[str, datetime | None]] = {}
        self._people: dict[str, list[str]] = {}
        self._over: set[str] = set()
        self._fill()
        for contact in book.contacts.values():
            self._people.setdefault(contact.customer, []).append(contact.key)
        for item in (*book.purged_items.values(), *book.items.values()):
            self._meet(item.customer, item.company, None)
        for payment in (*book.purged_payments.values(), *book.payments.values()):
            self._meet(payment.customer, payment.company, None)
        self._write(book.customers, new=True)

    def carry(self, changes: Sequence[Change]) -> None:
        """Learn what changed."""
        touched: dict[str, None] = {}
        for change in changes:
            if change.stream == "customer":
                self._give_way(change)
                touched[change.key] = None
            elif change.stream == "contact":
                contact = self._book.contacts[change.key]
                people = self._people.setdefault(contact.customer, [])
                people += [] if contact.key in people else [contact.key]
                touched[contact.customer] = None
            elif change.stream in ("item", "payment") and change.act == "added":
                touched |= self._posted(change)
        self._write(touched)

    def say(self, key: int, cells: Mapping[str, Any], at: datetime) -> None:
        """Let a client, or a user of the account, write cells of a customer; they are kept over a restart."""
        stamp = {"lastmodifieddate": moment(at, self._zone)}
        self._kept.setdefault(str(key), {}).update({**cells, **stamp})
        self._write([str(key)])

    @property
    def book(self) -> Book:
        """Return the book that these are of."""
        return self._book

    def exceed(self, key: str) -> None:
        """Let a customer be over its limit, which stamps nothing: with AUTO it is on hold now."""
        self._over.add(key)
        self._write([key])

    def _give_way(self, change: Change) -> None:
        """Forget what was written into a field that the book's people changed since."""
        if change.field in _OF_BOOK:
            self._kept.get(change.key, {}).pop(_OF_BOOK[change.field], None)

    def _posted(self, change: Change) -> dict[str, None]:
        rows: tuple[Mapping[str, Any], ...] = (self._book.items, self._book.payments)
        row = rows[change.stream == "payment"].get(change.key)
        return dict.fromkeys([row.customer]) if row and self._meet(row.customer, row.company, change.at) else {}

    def _meet(self, customer: str, company: str, at: datetime | None) -> bool:
        """Let a customer be in a subsidiary; say whether it was not before."""
        met = self._met.setdefault(customer, {})
        if company in met:
            return False
        met[company] = at
        return True

    def _write(self, keys: Iterable[str], *, new: bool = False) -> None:
        customers = [self._book.customers[key] for key in keys if key in self._book.customers]
        for customer in customers:
            for company in (customer.company, *filter(None, customer.accounts)):
                self._meet(customer.key, company, None)
        if not new:
            self._database.drop("contact", "company", (int(each.key) for each in customers))
        database = self._database
        database.put("customer", (self._customer(each) for each in customers))
        database.put("customersubsidiaryrelationship", (row for each in customers for row in self._relations(each)))
        database.put("entityaddress", (_address(each) for each in customers))
        database.put("contact", (row for each in customers for row in self._contacts(each)))

    def _customer(self, customer: Customer) -> Row:
        account, person = customer.accounts[None], is_person(customer)
        first, _, last = customer.name.partition(" ")
        hold = next((each.hold for each in customer.accounts.values() if each.hold), None)
        written = self._kept.get(customer.key, {})
        main = self._main(customer.key)
        row: Row = {
            "id": int(customer.key), "entityid": f"CUS{customer.key}", "isperson": "T" if person else "F",
            "companyname": None if person else customer.name, "firstname": first if person else None,
            "lastname": last if person else None, "altname": customer.name,
            "email": main.email if main else None, "phone": main.phone if main else None,
            "terms": TERMS[account.terms], "currency": CURRENCIES[customer.currency][0],
            "parent": int(customer.parent) if customer.parent else None, "creditlimit": account.credit_limit,
            "creditholdoverride": hold_value(hold), "entitystatus": STATUSES[customer.state][0],
            "defaultbillingaddress": int(customer.key), "searchstage": "Customer",
            "language": f"{customer.language}_{customer.country}", "isinactive": "F", "vatregnumber": customer.tax_id,
            "datecreated": moment(customer.made_at or customer.changed_at, self._zone),
        }  # fmt: skip
        row |= {**written, "lastmodifieddate": self._stamp(customer, written)}
        in_effect = {"ON": True, "OFF": False}.get(str(row["creditholdoverride"]), customer.key in self._over)
        return row | {"oncredithold": "T" if in_effect else "F"}

    def _stamp(self, customer: Customer, written: Mapping[str, Any]) -> str:
        main = self._main(customer.key)
        stamps = [customer.changed_at, *(each.changed_at for each in customer.accounts.values())]
        stamps += [main.changed_at] if main else []
        stamps += filter(None, self._met[customer.key].values())
        return max(moment(max(stamps), self._zone) or "", written.get("lastmodifieddate") or "")

    def _main(self, customer: str) -> Contact | None:
        people = (self._book.contacts[key] for key in self._people.get(customer, ()))
        return next((each for each in people if each.line == 0), None)

    def _relations(self, customer: Customer) -> Iterable[Row]:
        for company in self._met[customer.key]:
            number = SUBSIDIARIES[company]
            yield {
                "id": int(customer.key) * 10 + number, "entity": int(customer.key), "subsidiary": number,
                "isprimarysub": "T" if company == customer.company else "F",
                "primarycurrency": CURRENCIES[customer.currency][0],
            }  # fmt: skip

    def _contacts(self, customer: Customer) -> Iterable[Row]:
        for contact in (self._book.contacts[key] for key in self._people.get(customer.key, ())):
            if contact.line == 0:
                continue
            first, _, last = contact.name.partition(" ")
            yield {
                "id": int(f"5{contact.customer}{contact.line:02d}"), "entityid": contact.name, "firstname": first,
                "lastname": last, "email": contact.email, "phone": contact.phone, "title": contact.role,
                "company": int(contact.customer), "contactrole": ROLES.get(contact.role), "isinactive": "F",
                "lastmodifieddate": moment(contact.changed_at, self._zone),
            }  # fmt: skip

    def _fill(self) -> None:
        """Fill the tables that no day changes."""
        database, root = self._database, min(SUBSIDIARIES.values())
        for table, rows in _settings(self._book, root).items():
            database.put(table, rows)


def _address(customer: Customer) -> Row:
    return {
        "nkey": int(customer.key), "addressee": customer.name, "addr1": customer.street, "city": customer.city,
        "zip": customer.postal_code, "country": customer.country,
    }  # fmt: skip


def _settings(book: Book, root: int) -> dict[str, list[Row]]:
    plain = {"isinactive": "F"}
    return {
        "subsidiary": [
            {"id": SUBSIDIARIES[code], "name": each.name, "legalname": each.name, "country": each.country,
             "fullname": each.name if SUBSIDIARIES[code] == root else f"{book.companies['00001'].name} : {each.name}",
             "currency": CURRENCIES[each.currency][0], "parent": None if SUBSIDIARIES[code] == root else root,
             "iselimination": "F", "federalidnumber": each.vat_id, **plain}
            for code, each in book.companies.items()
        ],
        "currency": [
            {"id": number, "name": name, "symbol": symbol, "displaysymbol": sign, "currencyprecision": exponent(symbol),
             "isbasecurrency": "T" if symbol == BASE_CURRENCY else "F", **plain}
            for symbol, (number, name, sign) in CURRENCIES.items()
        ],
        "term": [
            {"id": TERMS[key], "name": term.text, "daysuntilnetdue": term.net_days, "datedriven": "F", **plain,
             "discountpercent": None if term.discount_percent is None else float(term.discount_percent),
             "daysuntilexpiry": term.discount_days}
            for key, term in book.terms.items()
        ],
        "contactrole": [{"id": number, "name": name, **plain} for name, number in ROLES.items()],
        "entitystatus": [{"id": number, "name": name, "inactive": "F"} for number, name in STATUSES.values()],
        "account": [
            {"id": number, "acctnumber": code, "accttype": kind, "fullname": name, **plain}
            for number, (code, kind, name) in ACCOUNTS.items()
        ],
        "accountingbook": [
            {"id": PRIMARY_BOOK, "name": "Primary Accounting Book", "isprimary": "T", "isconsolidated": "F"},
            {"id": LOCAL_BOOK, "name": "Local Accounting Book", "isprimary": "F", "isconsolidated": "F"},
        ],
    }  # fmt: skip
