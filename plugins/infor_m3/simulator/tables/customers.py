"""OCUSMA: the customers of the company, with their own address and how they stand."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from duehook.core.testing.book import Book, Change, Contact, Customer
from duehook.plugins.infor_m3.simulator.codes import (
    COMPANY,
    CUSTOMER_FILE,
    SENT_NO_REMINDERS,
    STATES,
    TRANSFER,
    USER,
    stop_code,
)
from duehook.plugins.infor_m3.simulator.layouts import is_number

from .lines import milliseconds
from .texts import Texts
from .written import Written

CUSTOMERS: Final = "OCUSMA"
_LANGUAGES: Final = {"en": "GB", "de": "DE"}
Cell = Callable[[Customer], str]


class Customers:
    """The customers, and the cells of their row: one for all divisions, made of a customer's general account."""

    def __init__(self, book: Book, written: Written, texts: Texts) -> None:
        """Read them from the book, and what was written over it."""
        self.book, self.written = book, written
        self._changed: dict[str, int] = {}
        self._own: dict[str, Contact] = {}
        self._sorted: list[str] = []
        self._cells: dict[str, Cell] = _cells() | {
            "CHNO": lambda each: str(self.changes(each.key)),
            "CHID": lambda each: USER if self.written.stamped(CUSTOMERS, each.key)[1] else "CRUSER",
            "LMTS": lambda each: str(self.stamp(each)),
            "LMDT": lambda each: f"{datetime.fromtimestamp(self.stamp(each) / 1000, UTC):%Y%m%d}",
            "MAIL": lambda each: self.own(each.key, "email")[:50],
            "PHNO": lambda each: self.own(each.key, "phone")[:16],
            "TXID": lambda each: str(texts.identity(CUSTOMER_FILE, each.key)),
        }

    def carry(self, changes: Iterable[Change]) -> None:
        """Count the changes of each customer."""
        for change in changes:
            if change.stream == "customer":
                self._changed[change.key] = self._changed.get(change.key, 0) + 1

    def changes(self, key: str) -> int:
        """Return CHNO, which every change of a customer moves."""
        return (self._changed.get(key, 0) + self.written.stamped(CUSTOMERS, key)[1]) % 1000

    def stamp(self, customer: Customer) -> int:
        """Return LMTS of a customer's row."""
        own = self._contact(customer.key)
        moments = [customer.changed_at, customer.accounts[None].changed_at, *([own.changed_at] if own else [])]
        return max(*map(milliseconds, moments), self.written.stamped(CUSTOMERS, customer.key)[0])

    def behind(self, key: str) -> Iterator[Customer]:
        """Yield the customers in the order of their numbers, from that number on."""
        return self.between(key, None)

    def between(self, low: str, high: str | None) -> Iterator[Customer]:
        """Yield the customers in the order of their numbers, from one to another, both with."""
        if len(self._sorted) != len(self.book.customers):
            self._sorted = sorted(self.book.customers)
        end = len(self._sorted) if high is None else bisect_right(self._sorted, high)
        return (self.book.customers[each] for each in self._sorted[bisect_left(self._sorted, low) : end])

    def of(self, customer: Customer, columns: Iterable[str]) -> dict[str, str]:
        """Return some cells of a customer's row by their names."""
        return {name: self._cell(name, customer) for name in columns}

    def book_cell(self, name: str, customer: Customer) -> str:
        """Return a cell as the book has it, whatever was written over it."""
        cell = self._cells.get(name)
        if cell is not None:
            return cell(customer)
        return "0" if is_number(name) else ""

    def own(self, key: str, name: str) -> str:
        """Return the e-mail or phone of the customer itself, blank where it has none."""
        contact = self._contact(key)
        return str(getattr(contact, name) or "") if contact else ""

    def _contact(self, key: str) -> Contact | None:
        if len(self._own) != len(self.book.customers):
            self._own = {each.customer: each for each in self.book.contacts.values() if each.line == 0}
        return self._own.get(key)

    def _cell(self, name: str, customer: Customer) -> str:
        return self.written.over(CUSTOMERS, customer.key, name, self.book_cell(name, customer))


def second_line(customer: Customer) -> str:
    """Return the second line of an address: some have one, with a sign in it that is a separator elsewhere."""
    return "Gate 2; Dock 4" if int(customer.key) % 7 == 0 else ""


def _cells() -> dict[str, Cell]:
    return {
        "CONO": lambda each: COMPANY,
        "DIVI": lambda each: "",
        "LNCD": lambda each: _LANGUAGES.get(each.language, ""),
        "CUNO": lambda each: each.key,
        "CUNM": lambda each: each.name[:36],
        "CUA1": lambda each: each.street[:36],
        "CUA2": second_line,
        "PONO": lambda each: each.postal_code[:10],
        "TOWN": lambda each: each.city[:20],
        "CSCD": lambda each: each.country,
        "VRNO": lambda each: each.tax_id[:16],
        "ALCU": lambda each: each.name.upper().replace(" ", "")[:10],
        "STAT": lambda each: "20",
        "CUCD": lambda each: each.currency,
        "TEPY": lambda each: each.accounts[None].terms,
        "PYCD": lambda each: TRANSFER,
        "PYNO": lambda each: each.payer or "",
        "CCUS": lambda each: each.group or "",
        "CDRC": lambda each: each.accounts[None].collector[:10],
        "RESP": lambda each: each.accounts[None].credit_manager[:10],
        "BLPR": lambda each: SENT_NO_REMINDERS if each.accounts[None].dunning_block else "1",
        "BLCD": lambda each: stop_code(each.accounts[None].hold),
        "CRL2": lambda each: str(Decimal(each.accounts[None].credit_limit or 0)),
        "CFC3": lambda each: STATES.get(each.state, ""),
        "RGDT": lambda each: f"{each.made_at or each.changed_at:%Y%m%d}",
    }
