"""What the simulated site holds, all together."""

from __future__ import annotations

from dataclasses import dataclass

from duehook.core.testing.book import Book

from .codes import book_company
from .disputes import Disputes
from .ledger import Ledger
from .masters import Masters


@dataclass(frozen=True)
class Site:
    """What is read from: the book's rows as F&O has them; `open_rows` says whether CustTransOpens is published."""

    book: Book
    ledger: Ledger
    masters: Masters
    disputes: Disputes
    open_rows: bool = True

    def currency(self, area: str) -> str:
        """Return a company's currency."""
        return self.book.companies[book_company(area)].currency
