"""The e-mail addresses of CRS111: under numbers of customers, of suppliers, which may be the same, and of users."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import chain

from duehook.core.testing.book import Book
from duehook.plugins.infor_m3.simulator.codes import MAIL_TYPE, SUPPLIERS_MAIL, USER, USERS_MAIL

Name = tuple[str, str]


class Mails:
    """The addresses in the order of EMTP and EMKY: every third customer's invoices go to one of their own."""

    def __init__(self, book: Book) -> None:
        """Draw them from the customers that are there; nobody keeps them up afterwards."""
        numbers = sorted(book.customers)
        self._held: dict[Name, str] = dict(
            chain(
                (((MAIL_TYPE, each), f"invoices@c{each}.example") for each in numbers[::3]),
                (((SUPPLIERS_MAIL, each), f"orders@s{each}.example") for each in numbers[:3]),
                [((USERS_MAIL, USER), "duehook@m3.example")],
            )
        )
        self._sorted = sorted(self._held)

    def behind(self, name: Name) -> Iterator[tuple[Name, str]]:
        """Yield the addresses from a type and a key on."""
        return ((each, self._held[each]) for each in self._sorted[bisect_left(self._sorted, name) :])

    def get(self, name: Name) -> str | None:
        """Return one address."""
        return self._held.get(name)

    def of_customers(self) -> Iterator[tuple[str, str]]:
        """Yield the addresses under customers' numbers."""
        return ((key, address) for (of_type, key), address in self._held.items() if of_type == MAIL_TYPE)
