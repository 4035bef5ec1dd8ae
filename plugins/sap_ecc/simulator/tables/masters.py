"""Customers, their company, dunning and credit data, and their people, as rows of SAP's tables.

- A customer stands in its home company and in every company that it has documents in; each is a row of KNB1.
- KNB5 is there for four customers of five (and for those with a block or a level), under the dunning area blank; every
  eleventh customer has a second one under area 02, which says nothing.
- KNKK is there under the credit control area of each company, but for some without limit and block; every
  thirteenth customer has one in the area 9999, which governs nothing.
- The customer's own e-mail is the default one of its address; every fourth has another beside it. A person's
  stands under the same address and the person's number.
- What was written from outside stands over it until a user sets it anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final

from duehook.core.testing.book import Book, Change, Contact, Customer
from duehook.core.testing.sap_ledger.codes import CLERKS, company_code
from duehook.plugins.sap_ecc.simulator.codes import (
    BLOCKS,
    FUNCTIONS,
    LETTERS,
    address_number,
    block_of,
    person_number,
)

from .changes import NEW_COMPANY, ChangeDocuments
from .schema import Row, day, padded
from .store import Store

SINCE: Final = date(2015, 1, 1)
SECOND_AREA: Final = "02"
OTHER_CREDIT: Final = "9999"
HOLD, BLOCK = "CRBLB", "MANSP"  # what may be written from outside
_FIELDS: Final = {"hold": HOLD, "dunning_block": BLOCK}
_TABLES: Final = {HOLD: "KNKK", BLOCK: "KNB5"}
_DECIMALS: Final = {"JPY": 0, "KWD": 3}


class Masters:
    """Keeps the masters' tables as the book moves; `kept` is what must survive a restart."""

    def __init__(self, book: Book, store: Store, kept: dict[str, Any]) -> None:
        """Take the book as it stands."""
        self.book, self.store, self.kept = book, store, kept
        self.documents = ChangeDocuments(store)
        self._made: set[tuple[str, str, str]] = set()  # rows that stay once they are there
        self.companies: dict[str, set[str]] = {key: {customer.company} for key, customer in book.customers.items()}
        self.contacts: dict[str, list[Contact]] = {}
        for contact in book.contacts.values():
            self.contacts.setdefault(contact.customer, []).append(contact)
        for item in book.items.values():
            self._extended(item.customer, item.company)
        self._customize()
        for key in book.customers:
            self.show(key)

    def carried(self, changes: Sequence[Change], *, before_start: bool = False) -> None:
        """Take over what changed. What users set outdoes what was written before."""
        touched: dict[str, None] = {}
        for change in changes:
            if change.stream == "customer" and change.field in _FIELDS:
                self._forget(change, since=change.at.date() if before_start else None)
            touched |= dict.fromkeys(self._touched(change))
        for customer in touched:
            if customer in self.book.customers:
                self.show(customer)

    def write(self, field: str, customer: str, company: str, *, value: str, at: datetime) -> None:
        """Write a field of a customer in a company from outside."""
        held = self.kept.setdefault(field, {})
        held[f"{customer}|{company}"] = {"value": value, "on": self.book.day.isoformat()}
        self.show(customer)
        self.documents.write(customer, (_TABLES[field], field), at)

    def value(self, field: str, customer: str, company: str) -> str:
        """Return what stands in such a field."""
        written = self.kept.get(field, {}).get(f"{customer}|{company}")
        if written:
            return str(written["value"])
        person = self.book.customers[customer]
        if field == HOLD:
            return block_of(person.accounts[None].hold)
        return person.account(self._code_of(company)).dunning_block or ""

    def _extended(self, customer: str, company: str) -> bool:
        """Let a customer stand in a company; say whether it did not before."""
        person = self.book.customers.get(customer)
        known = self.companies.setdefault(customer, {person.company}) if person else {company}
        fresh = company not in known
        known.add(company)
        return fresh

    def show(self, key: str) -> None:
        """Write all that the tables hold of a customer."""
        customer = self.book.customers[key]
        for table, row in self._rows(customer):
            self.store.put(table, row)
        for contact in self.contacts.get(key, ()):
            if not contact.email:
                person = person_number(key, contact.line) if contact.line else ""
                self.store.drop("ADR6", (address_number(key), person, day(None), "001"))

    def _touched(self, change: Change) -> Iterator[str]:
        """Yield the customers whose rows a change is about."""
        if change.stream == "customer":
            self.companies.setdefault(change.key, {self.book.customers[change.key].company})
            self.documents.of(change, change.key)
            yield change.key
        elif change.stream == "contact" and change.key in self.book.contacts:
            contact = self.book.contacts[change.key]
            known = self.contacts.setdefault(contact.customer, [])
            if contact not in known:
                known.append(contact)
            self.documents.of(change, contact.customer)
            yield contact.customer
        elif change.stream == "item" and change.key in self.book.items:
            item = self.book.items[change.key]
            if self._extended(item.customer, item.company):
                self.documents.write(item.customer, NEW_COMPANY, change.at, made=True)
            yield item.customer

    def _forget(self, change: Change, *, since: date | None) -> None:
        """Drop what was written into a field that a user has set; at a start, only what was written before."""
        held = self.kept.get(_FIELDS[change.field or ""], {})
        for name in [name for name in held if name.split("|")[0] == change.key]:
            if since is None or date.fromisoformat(held[name]["on"]) < since:
                del held[name]

    def _rows(self, customer: Customer) -> Iterator[tuple[str, Row]]:
        number, address = padded(customer.key), address_number(customer.key)
        yield "KNA1", {
            "KUNNR": number, "LAND1": customer.country, "NAME1": customer.name[:35], "ADRNR": address,
            "SPRAS": LETTERS[customer.language], "AUFSD": BLOCKS.get(customer.state, ""),
            "ERDAT": day(customer.made_at.date() if customer.made_at else SINCE), "ERNAM": "SIMUSER",
        }  # fmt: skip
        yield "ADRC", {
            "ADDRNUMBER": address, "NAME1": customer.name[:40], "CITY1": customer.city, "STREET": customer.street,
            "POST_CODE1": customer.postal_code, "COUNTRY": customer.country, "LANGU": LETTERS[customer.language],
        }  # fmt: skip
        for company in self.companies[customer.key]:
            yield from self._in_company(customer, number, company_code(company))
        for contact in self.contacts.get(customer.key, ()):
            yield from _reached(contact, number, address)

    def _in_company(self, customer: Customer, number: str, code: str) -> Iterator[tuple[str, Row]]:
        account = customer.account(self._code_of(code))
        yield "KNB1", {
            "KUNNR": number, "BUKRS": code, "ERDAT": day(SINCE), "BUSAB": CLERKS[account.collector],
            "AKONT": "0000121000", "ZTERM": account.terms, "KNRZE": padded(customer.parent),
            "KNRZB": padded(customer.payer), "ERNAM": "SIMUSER",
        }  # fmt: skip
        yield from self._credit(customer, number, code)
        yield from self._dunned(customer, number, code)

    def _credit(self, customer: Customer, number: str, code: str) -> Iterator[tuple[str, Row]]:
        limit, hold = customer.accounts[None].credit_limit, self.value(HOLD, customer.key, code)
        shift = 10 ** _DECIMALS.get(self.book.companies[self._code_of(code)].currency, 2)
        if int(customer.key) % 7 or limit or hold or ("KNKK", number, code) in self._made:
            self._made.add(("KNKK", number, code))
            yield "KNKK", {"KUNNR": number, "KKBER": code, "KLIMK": (limit or 0) * shift, "CTLPC": "B", "CRBLB": hold}
        if int(customer.key) % 13 == 0:
            yield "KNKK", {"KUNNR": number, "KKBER": OTHER_CREDIT, "KLIMK": 100, "CTLPC": "C"}

    def _dunned(self, customer: Customer, number: str, code: str) -> Iterator[tuple[str, Row]]:
        level, on = self.dunned(customer.key, code)
        block = self.value(BLOCK, customer.key, code)
        if int(customer.key) % 5 or level or block or ("KNB5", number, code) in self._made:
            self._made.add(("KNB5", number, code))
            yield "KNB5", {
                "KUNNR": number, "BUKRS": code, "MAHNA": "0001", "MANSP": block, "MAHNS": str(level), "MADAT": day(on),
                "BUSAB": CLERKS[customer.account(self._code_of(code)).collector],
            }  # fmt: skip
        if int(customer.key) % 11 == 0:
            yield "KNB5", {"KUNNR": number, "BUKRS": code, "MABER": SECOND_AREA, "MAHNA": "0001", "MANSP": "R"}

    def dunned(self, customer: str, code: str) -> tuple[int, date | None]:
        """Return the highest level of a customer's open items in a company code, and when it was reached."""
        items = (self.book.items[key] for key in self.book.open_of.get(customer, ()))
        held = [(item.dunning_level, item.last_dunned_on) for item in items
                if item.dunning_level and item.posted and company_code(item.company) == code]  # fmt: skip
        return max(((level, on) for level, on in held if level and on), default=(0, None))

    def _code_of(self, code: str) -> str:
        """Return the book's name of a company code."""
        return next(each for each in self.book.companies if company_code(each) == code)

    def _customize(self) -> None:
        for company in self.book.companies.values():
            code = company_code(company.code)
            self.store.put("T001", {
                "BUKRS": code, "BUTXT": company.name[:25], "ORT01": company.city, "LAND1": company.country,
                "WAERS": company.currency, "SPRAS": "E", "KTOPL": "INT", "KKBER": code,
            })  # fmt: skip
        for term in self.book.terms.values():
            row: Row = {"ZTERM": term.key, "ZTAG1": term.net_days}
            if term.discount_days is not None and term.discount_percent is not None:
                percent = int(term.discount_percent.scaleb(3))
                row |= {"ZTAG1": term.discount_days, "ZPRZ1": percent, "ZTAG2": term.net_days}
            self.store.put("T052", row)
        for code in ("EUR", "GBP", "JPY", "KWD", "USD"):
            self.store.put("TCURC", {"WAERS": code, "ISOCD": code})
        for code, decimals in _DECIMALS.items():
            self.store.put("TCURX", {"CURRKEY": code, "CURRDEC": decimals})


def _reached(contact: Contact, number: str, address: str) -> Iterable[tuple[str, Row]]:
    """Yield a contact, and its e-mail addresses."""
    person = "" if contact.line == 0 else person_number(contact.customer, contact.line)
    if person:
        first, _, last = contact.name.rpartition(" ")
        yield "KNVK", {
            "PARNR": person, "KUNNR": number, "NAMEV": first, "NAME1": last, "TELF1": (contact.phone or "")[:16],
            "ABTNR": "0001", "PAFKT": FUNCTIONS.get(contact.role, ""), "PRSNR": person,
        }  # fmt: skip
    if contact.email:
        yield "ADR6", _mail(address, person, "001", contact.email)
    if contact.email and not person and int(contact.customer) % 4 == 0:
        yield "ADR6", _mail(address, "", "002", f"archive@{contact.email.partition('@')[2]}")


def _mail(address: str, person: str, place: str, email: str) -> Row:
    return {
        "ADDRNUMBER": address, "PERSNUMBER": person, "CONSNUMBER": place, "SMTP_ADDR": email,
        "FLGDEFAULT": "X" if place == "001" else "", "SMTP_SRCH": email[:20].upper(),
    }  # fmt: skip
