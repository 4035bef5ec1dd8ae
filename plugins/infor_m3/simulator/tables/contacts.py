"""Contact persons (CRS618), at customers and at suppliers, whose numbers may be the same."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

from duehook.core.testing.book import Book, Contact
from duehook.plugins.infor_m3.simulator.codes import CONTACT_TYPES, EMPLOYER, USER

Row = dict[str, str]
_LANGUAGES: Final = {"en": "GB", "de": "DE"}
_SUPPLIERS: Final = 3


class Contacts:
    """The persons in the order of CNPE."""

    def __init__(self, book: Book) -> None:
        """Read them from the book."""
        self._book = book
        self._persons: dict[str, Contact] = {}
        self._sorted: list[str] = []
        self._others = {row["CNPE"]: row for row in map(_at_supplier, sorted(book.customers)[:_SUPPLIERS])}

    def behind(self, key: str) -> Iterator[Row]:
        """Yield the persons from that one on."""
        self._learn()
        return (self._row(each) for each in self._sorted[bisect_left(self._sorted, key) :])

    def get(self, key: str) -> Row | None:
        """Return one person."""
        self._learn()
        return self._row(key) if key in self._persons or key in self._others else None

    def _row(self, key: str) -> Row:
        return self._others.get(key) or _person(self._persons[key])

    def _learn(self) -> None:
        """Take the persons of new customers in: none ever leaves the book."""
        if self._seen != len(self._book.contacts):
            self._persons = {key: each for key, each in self._book.contacts.items() if each.line}
            self._sorted = sorted((*self._persons, *self._others))
            self._seen = len(self._book.contacts)

    _seen = -1


def _person(contact: Contact) -> Row:
    first, _, last = contact.name.rpartition(" ")
    return {
        "CNPE": contact.key, "STAT": "20", "TX40": contact.name[:40], "TX50": contact.name[:50], "NAMF": first[:36],
        "NAMS": last[:36], "GEND": "0", "LHCD": _LANGUAGES.get(contact.language, ""), "JTIT": contact.role[:36],
        "RFTP": CONTACT_TYPES.get(contact.role, ""), "ERTP": EMPLOYER, "EMRE": contact.customer,
        "EMAL": (contact.email or "")[:60], "PHNO": (contact.phone or "")[:16], "TXID": "0",
        "RGDT": f"{contact.changed_at:%Y%m%d}", "LMDT": f"{contact.changed_at:%Y%m%d}", "CHID": USER,
    }  # fmt: skip


def _at_supplier(number: str) -> Row:
    """Return a person at the supplier of a customer's number."""
    return {
        "CNPE": f"S{number}-1", "STAT": "20", "TX40": "Kim Seller", "TX50": "Kim Seller", "NAMF": "Kim",
        "NAMS": "Seller", "GEND": "0", "JTIT": "Sales", "RFTP": "SALES", "ERTP": "2", "EMRE": number, "TXID": "0",
        "EMAL": f"kim@s{number}.example", "RGDT": "20240102", "LMDT": "20240102", "CHID": USER,
    }  # fmt: skip
