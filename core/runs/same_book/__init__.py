"""The same book through several connectors: each reads its own simulator, ties out, and is held against the book."""

from __future__ import annotations

from .book import Balance, LeftOut, Shape, added_up
from .reading import Reading, Step
from .run import Compared, SameBook, Unlike, same_book, simulated

__all__ = [
    "Balance",
    "Compared",
    "LeftOut",
    "Reading",
    "SameBook",
    "Shape",
    "Step",
    "Unlike",
    "added_up",
    "same_book",
    "simulated",
]
