"""Import of the moving book: day by day it ends where one reading of everything ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from duehook.core.books import Books
from duehook.core.books.store.imports.tie_out import RESIDUE
from duehook.core.hookspecs import SourceCapabilities
from duehook.core.records import Stream
from duehook.core.runs.imports import ImportReport, ImportRules
from duehook.core.runs.imports.session import Session
from duehook.core.runs.tie_out import tie_out_connection
from duehook.core.testing.book import Book
from tests.rigs.imported import OPEN, ledger, load
from tests.rigs.literal_source import AS_OF, LiteralSource, context

START_ON = date(2026, 3, 2)
STREAMS: tuple[Stream, ...] = ("company", "payment_term", "customer", "contact", "item", "payment", "allocation")
OURS = ("known_from", "run_id", "reopened_on")


class BookSource(LiteralSource):
    """The book's rows, stamped as the book stamps them; `follow` takes in a day's changes."""

    capabilities = SourceCapabilities(allocations=True)

    def __init__(self, book: Book, size: int) -> None:
        super().__init__(size, **{stream: [] for stream in STREAMS})
        self.book = book
        self.lookback = timedelta(days=1)
        self.follow(START_ON)

    def follow(self, day: date) -> None:
        """Let the book move to a day's end and write what the ERP then holds."""
        self.book.advance_to(day)
        self.clock.at = datetime.combine(day, time(20), UTC)
        for stream in STREAMS:
            held = {(row.get("company") or "", row.get("key", "")): row for row in self.book.as_rows(stream)}
            before = self.rows.setdefault(stream, {})
            for key in before.keys() - held.keys():
                del before[key]
            changed = [row for key, row in held.items() if key not in before or before[key][1] != row]
            self.put(stream, *changed, at=self.clock())


def business_days(count: int) -> Iterator[date]:
    day = START_ON
    while count:
        day += timedelta(days=1)
        if day.weekday() < 5:
            count -= 1
            yield day


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Books]:
    """Give second books, for the reading of everything."""
    opened = Books.open(f"sqlite:///{tmp_path / 'other.db'}")
    opened.migrate()
    yield opened
    opened.close()


@pytest.mark.parametrize("seed", [1, 2])
def test_days_imported_one_by_one_equal_one_reading_of_everything(books: Books, other: Books, seed: int) -> None:
    source = BookSource(Book.make(seed, customers=40, items=200, start_on=START_ON), size=37 * seed)
    load(books, source)
    for day in business_days(12):
        source.follow(day)
        report = load(books, source)
        assert (report.parked, report.open_faults) == (0, 0)
    load(other, source)
    assert still_there(books, source) == still_there(other, source)
    assert all_balanced(books, source)


def still_there(books: Books, source: BookSource) -> dict[str, list[tuple[object, ...]]]:
    """Return the ledger without what the book has purged, and without who wrote it when."""
    told = ledger(books, without=OURS)
    for name in ("item", "payment", "allocation"):
        told[name] = [row for row in told[name] if (row[0], row[2]) in source.rows[name]]
    return told


def all_balanced(books: Books, source: LiteralSource) -> bool:
    """Tie every company out."""
    rules = ImportRules(balance_drop=OPEN)
    session = Session(books, "erp", context(), AS_OF, rules, ImportReport("erp", "tie_out", AS_OF))
    companies = sorted({company for company, _ in source.rows["item"]})
    parts = tie_out_connection(session, source, companies=companies)
    return {each.explained_by for part in parts for each in part.differences} <= {RESIDUE}
