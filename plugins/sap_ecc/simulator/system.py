"""One client (Mandant) of the system: a book, its tables, and what was written over them from outside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time
from typing import Any, Final

from duehook.core.testing.book import Book, Change
from duehook.core.testing.sap_ledger.settling import Posting

from .tables.ledger import EccLines
from .tables.masters import HOLD, Masters
from .tables.store import Store

NOTES: Final = "notes"
_EVENING: Final = time(23, 45, tzinfo=UTC)


class System:
    """The data of one client; `denied` are the tables and function modules that the user may not use."""

    def __init__(self, book: Book, kept: dict[str, Any], posting: Posting, denied: set[str]) -> None:
        """Work the tables out."""
        self.book, self.kept, self.denied = book, kept, denied
        self.locked: set[str] = set()  # customers that somebody has open in a dialog
        self.store = Store()
        self.lines = EccLines(book, posting, self.store)
        self.masters = Masters(book, self.store, kept)

    @property
    def now(self) -> datetime:
        """Return the system's clock: late in the evening of the book's day."""
        return datetime.combine(self.book.day, _EVENING)

    def carried(self, changes: Sequence[Change], *, before_start: bool = False) -> None:
        """Take over what happened in the book."""
        self.lines.carried(changes)
        self.masters.carried(changes, before_start=before_start)

    def hold(self, customer: str, code: str) -> str | None:
        """Return the credit block of a customer in a company code; None where there is none."""
        return self.masters.value(HOLD, customer, code) or None

    def write(self, field: str, customer: str, code: str, value: str) -> None:
        """Write a block of a customer in a company code from outside."""
        self.masters.write(field, customer, code, value=value, at=self.now)

    def notes(self, customer: str) -> Iterator[tuple[str, str]]:
        """Yield the notes on a customer, each with its mark, oldest first."""
        yield from ((mark, text) for mark, text in self.kept.get(NOTES, {}).get(customer, ()))

    def add_note(self, customer: str, mark: str, text: str) -> None:
        """Write a note, unless its mark is there already."""
        if not mark or mark not in {known for known, _ in self.notes(customer)}:
            self.kept.setdefault(NOTES, {}).setdefault(customer, []).append([mark, text])

    def customer_in(self, number: str, code: str) -> str | None:
        """Return the customer of a number as the tables have it, in a company code; None where there is none."""
        customer = number.lstrip("0")
        known = {company[-4:] for company in self.masters.companies.get(customer, ())}
        return customer if len(number) == 10 and customer in self.book.customers and code in known else None
