"""One M3 company: the book, what was written over it, and the clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from duehook.core.testing.book import Book

from .tables.cells import INVOICES, Cells
from .tables.contacts import Contacts
from .tables.customers import Customers
from .tables.exported import tables
from .tables.ledger import Ledger
from .tables.lines import milliseconds
from .tables.mails import Mails
from .tables.texts import Texts
from .tables.written import Written


@dataclass
class Site:
    """All that programs read from and write to; `keep` writes down what must survive a restart."""

    book: Book
    kept: dict[str, Any]
    options: Mapping[str, Any]
    clock: Callable[[], datetime]
    keep: Callable[[], None]
    written: Written = field(init=False)

    def __post_init__(self) -> None:
        """Make the tables."""
        self.written = Written(self.kept)
        self.ledger = Ledger(self.book)
        self.cells = Cells(self.ledger, self.written)
        self.texts = Texts(self.kept)
        self.information: dict[str, list[dict[str, Any]]] = self.kept.setdefault("information", {})
        self.extensions: dict[str, dict[str, str]] = self.kept.setdefault("extensions", {})
        self.customers = Customers(self.book, self.written, self.texts)
        self.contacts = Contacts(self.book)
        self.mails = Mails(self.book)
        self.tables = tables(self.ledger, self.cells, self.customers)
        for key, at in self.written.stamps(INVOICES):
            if key in self.ledger.rows:
                self.ledger.touched(self.book.items[key], at)

    @property
    def now(self) -> int:
        """Return the server's clock as LMTS."""
        return milliseconds(self.clock())
