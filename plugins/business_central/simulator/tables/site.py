"""What the simulated site holds, all together."""

from __future__ import annotations

from dataclasses import dataclass

from duehook.core.testing.book import Book

from .codes import book_company
from .comments import Comments
from .documents import Documents
from .ledger import Ledger
from .masters import Masters


@dataclass(frozen=True)
class Site:
    """What is read from: the book's rows as Business Central has them."""

    book: Book
    ledger: Ledger
    documents: Documents
    masters: Masters
    comments: Comments

    def currency(self, company: str) -> str:
        """Return a company's currency by its id."""
        return self.book.companies[book_company(company)].currency
