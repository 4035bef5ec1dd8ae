"""One seeded, ERP-neutral book of receivables that moves with time.

The same seed and the same days give the same book, whether the days are stepped or jumped over.
Simulators, the demo, benches and property tests draw from it.
"""

from __future__ import annotations

from .book import Book
from .knobs import Character, Knobs
from .lean import rows
from .objects import (
    Account,
    Allocation,
    Change,
    Company,
    Contact,
    Customer,
    Item,
    Payment,
    Rate,
    Term,
)

__all__ = [
    "Account",
    "Allocation",
    "Book",
    "Change",
    "Character",
    "Company",
    "Contact",
    "Customer",
    "Item",
    "Knobs",
    "Payment",
    "Rate",
    "Term",
    "rows",
]
