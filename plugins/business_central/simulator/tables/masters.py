"""Customers and their people in every company that has to do with them, kept true as the book moves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from duehook.core.testing.book import Book, Change, Contact, Customer
from duehook.core.testing.odata import Table

from .codes import BLANK, book_company, company_id
from .ledger import Ledger
from .master_rows import contact_id, contact_row, customer_id, customer_row, link_row
from .names import item_of, payment_of
from .written import Written

Row = dict[str, Any]
Pair = tuple[str, str]  # a company's id, and a customer's number
_ALWAYS: Final = datetime(2000, 1, 1, tzinfo=UTC)


class Masters:
    """customers, contacts and what links them, by company.

    A customer is in its own company, in those where it has an account of its own, and in those where something was
    posted to it: there its record was made when that happened.
    """

    def __init__(self, ledger: Ledger, written: Written, changes: Sequence[Change]) -> None:
        """Meet everybody who was there at first, and then those whom the changes brought."""
        self.ledger, self.book, self.written = ledger, ledger.book, written
        ids = [company_id(code) for code in self.book.companies]
        self.customers = {company: Table(self._customer) for company in ids}
        self.details = {company: Table(self._financial) for company in ids}
        self.contacts = {company: Table(self._contact) for company in ids}
        self.links = {company: Table(self._link) for company in ids}
        self._met: dict[Pair, datetime] = {}
        self._people: dict[str, list[str]] = {}
        for contact in self.book.contacts.values():
            self._people.setdefault(contact.customer, []).append(contact.key)
        self._meet_first(changes)
        self.carry(changes)

    def carry(self, changes: Iterable[Change]) -> None:
        """Meet those whom these changes brought; what is made of the others is made anew when it is looked at."""
        for change in changes:
            if change.stream == "contact" and change.act == "added":
                self._add_contact(self.book.contacts[change.key])
            for company, customer in _parties(self.book, change):
                self._meet((company_id(company), customer), change.at)
            if change.stream == "customer":
                for company in self.companies_of(change.key):
                    self._customer((company, change.key))  # what was written over it gives way, if it must
        for tables in (self.customers, self.details, self.contacts, self.links):
            for table in tables.values():
                table.touch()

    def rows(self, company: str) -> Iterator[Row]:
        """Yield a company's customers in the order of their ids."""
        return _rows(self.customers[company])

    def contact_rows(self, company: str) -> Iterator[Row]:
        """Yield a company's contacts."""
        return _rows(self.contacts[company])

    def row(self, pair: Pair) -> Row | None:
        """Return a customer's row in a company."""
        row = self.customers[pair[0]].get((customer_id(*pair),))
        return row if isinstance(row, dict) else None

    def hold(self, pair: Pair) -> str | None:
        """Return what `blocked` says of a customer, None for a blank."""
        held = (self.row(pair) or {}).get("blocked", BLANK)
        return None if held == BLANK else str(held)

    def say(self, pair: Pair, values: Mapping[str, Any], at: datetime) -> Row:
        """Let a user, or a client, write fields of a customer; return its row."""
        self.written.say(f"{pair[0]}|{pair[1]}", values, self._of_book(pair), at=at)
        self.customers[pair[0]].touch()
        return self._customer(pair)

    def companies_of(self, customer: str) -> list[str]:
        """Return the companies that a customer is in."""
        return [company for company in self.customers if (company, customer) in self._met]

    def _meet_first(self, changes: Iterable[Change]) -> None:
        later = {(change.stream, change.key) for change in changes if change.act == "added"}
        for customer in self.book.customers.values():
            if ("customer", customer.key) not in later:
                for company in (customer.company, *filter(None, customer.accounts)):
                    self._meet((company_id(company), customer.key), _ALWAYS)
        book = self.book
        for item in (*book.items.values(), *book.purged_items.values()):
            if ("item", item.key) not in later:
                for party in (item.customer, item.payer):
                    self._meet((company_id(item.company), party or ""), _ALWAYS)
        for paid in (*book.payments.values(), *book.purged_payments.values()):
            if ("payment", paid.key) not in later:
                self._meet((company_id(paid.company), paid.customer), _ALWAYS)

    def _meet(self, pair: Pair, at: datetime) -> None:
        if pair in self._met or pair[1] not in self.book.customers:
            return
        self._met[pair] = at
        key = (customer_id(*pair),)
        self.customers[pair[0]].put(key, pair)
        self.details[pair[0]].put(key, pair)
        for contact in self._people.get(pair[1], ()):
            self._put_contact(self.book.contacts[contact], pair[0])

    def _add_contact(self, contact: Contact) -> None:
        known = self._people.setdefault(contact.customer, [])
        if contact.key not in known:
            known.append(contact.key)
        for company in self.companies_of(contact.customer):
            self._put_contact(contact, company)

    def _put_contact(self, contact: Contact, company: str) -> None:
        name = contact_id(company, contact)
        self.contacts[company].put((name,), (company, contact.key))
        self.links[company].put((customer_id(company, contact.customer), name), (company, contact.key))

    def _customer(self, pair: Pair) -> Row:
        row = self.written.over(f"{pair[0]}|{pair[1]}", self._of_book(pair))
        return row | {"balanceDue": self._owed(pair)[1]}

    def _of_book(self, pair: Pair) -> Row:
        company, number = pair
        people = (self.book.contacts[key] for key in self._people.get(number, ()))
        own = next((each for each in people if each.line == 0), None)
        local = self.book.companies[book_company(company)].currency
        return customer_row(self.book.customers[number], company, own, local=local, met_at=self._met[pair])

    def _financial(self, pair: Pair) -> Row:
        balance, overdue = self._owed(pair)
        number = pair[1]
        return {"id": customer_id(*pair), "number": number, "balance": balance, "overdueAmount": overdue,
                "totalSalesExcludingTax": Decimal(0)}  # fmt: skip

    def _owed(self, pair: Pair) -> tuple[Decimal, Decimal]:
        """Return what is open, and what of it is overdue, in the company's currency."""
        rows = [row for name in self.ledger.open_of.get(pair, ()) if (row := self.ledger.row(name))]
        late = [row["Remaining_Amt_LCY"] for row in rows if row["Due_Date"] < self.book.day]
        return sum((row["Remaining_Amt_LCY"] for row in rows), Decimal(0)), sum(late, Decimal(0))

    def _contact(self, source: Pair) -> Row:
        contact = self.book.contacts[source[1]]
        met_at = self._met[source[0], contact.customer]
        return contact_row(contact, self._whose(contact), source[0], met_at=met_at)

    def _whose(self, contact: Contact) -> Customer:
        return self.book.customers[contact.customer]

    def _link(self, source: Pair) -> Row:
        return link_row(self.book.contacts[source[1]], source[0])


def _parties(book: Book, change: Change) -> Iterator[Pair]:
    """Yield who has to do with a company by a change."""
    if change.stream == "item" and (item := item_of(book, change.key)):
        yield from ((item.company, each) for each in (item.customer, item.payer) if each)
    elif change.stream == "payment" and (paid := payment_of(book, change.key)):
        yield paid.company, paid.customer
    elif change.stream == "customer" and (customer := book.customers.get(change.key)):
        yield from ((company, change.key) for company in (customer.company, *filter(None, customer.accounts)))


def _rows(table: Table) -> Iterator[Row]:
    keys = table.keys()
    for key in keys:
        row = table.get(key)
        if isinstance(row, dict):
            yield row
