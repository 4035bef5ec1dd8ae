"""Customers and their people in every company that has to do with them, kept true as the book moves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from duehook.core.testing.book import Book, Change, Contact, Customer
from duehook.core.testing.odata import Table, Written

from .codes import BLOCKED, book_company, data_area
from .disputes import refused
from .ledger_rows import Row
from .master_rows import contact_person, customer_row, electronic_address, is_address_only

Pair = tuple[str, str]
WRITABLE: Final = (
    "OnHoldStatus", "CreditLimit", "CreditLimitIsMandatory", "CredManAccountStatusId", "CredManStatusReasonId",
    "CredManNotes", "CollectionLetterCode",
)  # fmt: skip
_OF_BOOK: Final[Mapping[str | None, tuple[str, ...]]] = {  # what a change in the book writes over
    "hold": ("OnHoldStatus",),
    "credit_limit": ("CreditLimit", "CreditLimitIsMandatory"),
    "state": ("CredManAccountStatusId",),
    "dunning_block": ("CollectionLetterCode",),
}


class Masters:
    """CustomersV3, ContactPersons and CustomerElectronicAddresses of a book.

    A customer is in its own company, in those where an account of its own is, and in those where
    something was posted to it. People are known in the customer's own company. `kept` holds what was
    written into F&O over the book's fields, as JSON, by `dataAreaId|account`.
    """

    def __init__(self, book: Book, posted: Iterable[Pair], kept: dict[str, dict[str, str]]) -> None:
        """Make every row; `posted` are the pairs of dataAreaId and customer that something was posted to."""
        self.book = book
        self.customers = Table(self._customer)
        self.people = Table()
        self.addresses = Table()
        self._kept = kept
        self._people: dict[str, list[str]] = {}
        for contact in book.contacts.values():
            self._put_contact(contact)
        for customer in book.customers.values():
            self._welcome(customer)
        for pair in posted:
            self._meet(pair)

    def carry(self, changes: Sequence[Change], posted: Iterable[Pair]) -> None:
        """Learn what changed, and what was posted to whom."""
        for change in changes:
            if change.stream == "contact":
                self._put_contact(self.book.contacts[change.key])
            elif change.stream == "customer" and change.act == "added":
                self._welcome(self.book.customers[change.key])
            elif change.stream == "customer" and change.field in _OF_BOOK:
                self._give_way(change)
        for pair in posted:
            self._meet(pair)
        self.customers.touch()

    def write(self, written: Written) -> Row:
        """Carry out a PATCH; raises ODataError with what F&O would say."""
        pair = str(written.key[0]), str(written.key[1])
        for name, value in written.values.items():
            if name not in WRITABLE:
                raise refused(f"Field '{name}' is read only.")
            if name == "OnHoldStatus" and value not in BLOCKED:
                raise refused(f"Requested value '{value}' was not found in CustVendorBlocked.")
        self.say(pair, written.values)
        return self.row(pair) or {}

    def say(self, pair: Pair, values: Mapping[str, Any]) -> None:
        """Let a user of F&O, or a client, write fields of a customer; they are kept over a restart."""
        self._kept.setdefault(_name(pair), {}).update({name: str(value) for name, value in values.items()})
        self.customers.touch()

    def _give_way(self, change: Change) -> None:
        """Forget what was written into a field that the book's people changed since."""
        own = self.book.customers[change.key].accounts
        for area in self.areas_of(change.key):
            company = book_company(area)
            if change.field == "state" or (company if company in own else None) == change.company:
                for name in _OF_BOOK[change.field or ""]:
                    self._kept.get(_name((area, change.key)), {}).pop(name, None)

    def areas_of(self, customer: str) -> list[str]:
        """Return the companies that a customer is in."""
        pairs = self.customers.keys()
        return [area for area, key in pairs if key == customer]

    def rows(self) -> Iterator[Row]:
        """Yield CustomersV3 in the order of the keys."""
        return _rows(self.customers)

    def people_rows(self) -> Iterator[Row]:
        """Yield ContactPersons."""
        return _rows(self.people)

    def address_rows(self) -> Iterator[Row]:
        """Yield CustomerElectronicAddresses."""
        return _rows(self.addresses)

    def row(self, pair: Pair) -> Row | None:
        """Return a customer's row in a company."""
        return dict(found) if isinstance(found := self.customers.get(pair), Mapping) else None

    def hold(self, pair: Pair) -> str | None:
        """Return what OnHoldStatus says of a customer in a company, None for No."""
        held = (self.row(pair) or {}).get("OnHoldStatus", "No")
        return None if held == "No" else str(held)

    def _welcome(self, customer: Customer) -> None:
        for company in [customer.company, *filter(None, customer.accounts)]:
            self._meet((data_area(company), customer.key))

    def _meet(self, pair: Pair) -> None:
        area, key = pair
        customer = self.book.customers.get(key)
        if customer is None or self.customers.get(pair) is not None:
            return
        self.customers.put(pair, pair)
        if customer.payer:
            self._meet((area, customer.payer))

    def _customer(self, pair: Pair) -> Row:
        area, key = pair
        contacts = (self.book.contacts[name] for name in self._people.get(key, ()))
        row = customer_row(self.book.customers[key], area, contacts)
        written: Row = dict(self._kept.get(_name(pair), ()))
        if "CreditLimit" in written:
            written["CreditLimit"] = Decimal(written["CreditLimit"])
        return row | written

    def _put_contact(self, contact: Contact) -> None:
        known = self._people.setdefault(contact.customer, [])
        known += [contact.key] if contact.key not in known else []
        customer = self.book.customers.get(contact.customer)
        if customer is None or contact.line == 0:
            return
        if not is_address_only(contact):
            row = contact_person(contact, customer.company)
            self.people.put((row["dataAreaId"], row["ContactPersonId"]), row)
        elif contact.email:
            row = electronic_address(contact, customer.company)
            self.addresses.put((row["dataAreaId"], row["ElectronicAddressId"], row["CustomerAccount"]), row)


def _name(pair: Pair) -> str:
    return f"{pair[0]}|{pair[1]}"


def _rows(table: Table) -> Iterator[Row]:
    keys = table.keys()
    for key in keys:
        row = table.get(key)
        if isinstance(row, dict):
            yield row
