"""The book: a ledger that was drawn from a seed and moves from day to day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Self

from duehook.core.records import Stream

from .canonical import canonical_rows
from .days import Day
from .knobs import Knobs
from .ledger import Ledger
from .objects import Change, Contact, Customer
from .opening import open_book
from .plan import Plan
from .postings import instant


class Book(Ledger):
    """One seeded book.

    `changes` holds what has changed since the book was made, in the order in which it happened;
    `events` is the last moved day's part of it.
    """

    def __init__(self, seed: int, items: int, start_on: date, knobs: Knobs) -> None:
        """Prepare an empty book; use `Book.make`."""
        super().__init__(instant(start_on))
        self.rng = Random(seed)
        self.knobs = knobs
        self.target = items
        self.plan = Plan()
        self._day_starts: dict[date, tuple[int, int]] = {}

    @classmethod
    def make(cls, seed: int, customers: int, items: int, start_on: date, *, knobs: Knobs | None = None) -> Self:
        """Draw a book as it stands at the end of `start_on`, with about `items` open items."""
        book = cls(seed, items, start_on, knobs or Knobs())
        book.recording = False
        open_book(book, customers, items, rng=book.rng, knobs=book.knobs, plan=book.plan)
        book.day, book.at = start_on, instant(start_on, 63_000)
        book.recording = True
        return book

    def welcome(self, customer: Customer, contacts: Iterable[Contact] = ()) -> Customer:
        """Put a new customer into the book; it buys as most do."""
        self.plan.weights.append((self.plan.weights or [0.0])[-1] + 1.0)
        return super().welcome(customer, contacts)

    def advance_to(self, day: date) -> Sequence[Change]:
        """Move to the end of that day, day by day; return what changed since the last move.

        Raises ValueError for a day that lies behind.
        """
        if day < self.day:
            raise ValueError(f"the book stands at {self.day} and cannot go back to {day}")
        before = len(self.changes)
        while self.day < day:
            start = len(self.changes)
            self.day += timedelta(days=1)
            Day(self, self.rng, self.knobs, self.plan).play(self.target)
            self._day_starts[self.day] = (start, len(self.changes))
        return self.changes[before:]

    @property
    def events(self) -> Sequence[Change]:
        """Return the changes of the present day."""
        return self.events_on(self.day)

    def events_on(self, day: date) -> Sequence[Change]:
        """Return what changed on a day that was moved through; none for other days."""
        start, end = self._day_starts.get(day, (0, 0))
        return self.changes[start:end]

    def as_rows(self, stream: Stream, *, since: datetime | None = None) -> Iterator[dict[str, Any]]:
        """Yield the stream's rows under the canonical field names, in key order.

        `since` leaves out rows whose change stamp is before it. Company and payment term carry
        no stamp and are always given whole.
        """
        return canonical_rows(self, stream, since)
