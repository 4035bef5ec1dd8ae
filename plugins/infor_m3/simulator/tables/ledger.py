"""FSLEDG: its rows by what names them, kept true as the book moves; only what changed is made anew."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any

from duehook.core.testing.book import Book, Change, Item
from duehook.plugins.infor_m3.simulator.codes import division, invoice_number

from .lines import Line, beside, milliseconds

Name = tuple[str, str, str, str]


class Ledger:
    """The rows of one book, and where to find them.

    Items are named by their keys in the book. A part payment is a row of its own and leaves the stamp of its
    invoice's row as it was; what settles the invoice changes RECO, and with it the stamp.
    """

    def __init__(self, book: Book) -> None:
        """Make the rows of all that is in the book."""
        self.book = book
        self.rows: dict[str, list[Line]] = {}
        self.records: dict[tuple[str, int, int, int], Line] = {}
        self.of_payer: dict[str, dict[str, None]] = {}
        self.of_customer: dict[str, dict[str, None]] = {}
        self.of_number: dict[str, dict[str, None]] = {}
        self.of_journal: dict[tuple[int, int], dict[Line, None]] = {}
        self.open: dict[str, None] = {}
        self._named: dict[Name, str] = {}
        self._content: dict[str, tuple[Any, ...]] = {}
        self._recent: list[tuple[int, Line]] = []
        self._payers: list[str] = []
        for key in book.items:
            self._make(key)

    def carry(self, changes: Iterable[Change]) -> None:
        """Make the rows anew of the items that changed."""
        for key in dict.fromkeys(self._items(changes)):
            self._make(key)

    def item(self, name: Name) -> Item | None:
        """Return the item of a DIVI, PYNO, CINO and INYR, None where there is none (any more)."""
        return self.book.items.get(self._named.get(name, ""))

    def head(self, item: Item) -> Line:
        """Return the row of the document itself."""
        return self.rows[item.key][0]

    def heads(self, keys: Iterable[str]) -> Iterator[Line]:
        """Yield the first row of each item."""
        return (self.rows[key][0] for key in keys)

    def all(self) -> Iterator[Line]:
        """Yield every row, in the order in which the items came."""
        return (line for lines in self.rows.values() for line in lines)

    def since(self, stamp: int) -> Iterator[Line]:
        """Yield the rows whose stamp is this or later."""
        self._recent.sort(key=itemgetter(0))
        found = self._recent[bisect_left(self._recent, stamp, key=itemgetter(0)) :]
        stamped = dict.fromkeys(line for at, line in found if line.stamp == at)
        return (line for line in stamped if line in self.rows.get(line.item.key, ()))

    def payers(self, low: str = "", high: str | None = None) -> Sequence[str]:
        """Return the payers from one to another, both with."""
        if len(self._payers) != len(self.of_payer):
            self._payers = sorted(self.of_payer)
        end = len(self._payers) if high is None else bisect_right(self._payers, high)
        return self._payers[bisect_left(self._payers, low) : end]

    def touched(self, item: Item, stamp: int) -> None:
        """Let somebody have changed an item's own row at that time."""
        head = self.head(item)
        self._stamp(head, max(stamp, head.stamp))

    def _stamp(self, line: Line, stamp: int) -> None:
        """Stamp a row; under its old stamp it is found no more."""
        if line.stamp != stamp:
            line.stamp = stamp
            self._recent.append((stamp, line))

    def _items(self, changes: Iterable[Change]) -> Iterator[str]:
        book = self.book
        for change in changes:
            if change.stream == "item":
                yield change.key
            elif change.stream == "allocation":
                made = book.allocations.get(change.key) or book.purged_allocations.get(change.key)
                if made:
                    yield made.item
            elif change.stream == "payment" and change.key in book.payments:
                made_of = (book.allocations.get(each) for each in book.payments[change.key].allocations)
                yield from (made.item for made in made_of if made)

    def _make(self, key: str) -> None:
        item, before = self.book.items.get(key), self.rows.get(key)
        if item is None or not item.posted:
            if before:
                self._drop(before)
            return
        head = before[0] if before else self._begun(item)
        content = _content(item)
        if self._content.get(key) != content:
            self._content[key] = content
            self._stamp(head, max(milliseconds(item.changed_at), head.stamp))
        known = {line.name: line for line in before or ()}
        lines = [head]
        for line in beside(self.book, item):
            kept = known.get(line.name)
            lines.append(kept or line)
            if kept is None:
                self._recent.append((line.stamp, line))
                self._enter(line)
        self.rows[key] = lines
        if item.open_minor:
            self.open[key] = None
        else:
            self.open.pop(key, None)

    def _begun(self, item: Item) -> Line:
        head = Line(item.key, "document", item)
        payer = item.payer or item.customer
        self._named[division(item.company), payer, invoice_number(item), str(item.fiscal_year)] = item.key
        self.of_payer.setdefault(payer, {})[item.key] = None
        self.of_customer.setdefault(item.customer, {})[item.key] = None
        self.of_number.setdefault(invoice_number(item), {})[item.key] = None
        self._enter(head)
        return head

    def _enter(self, line: Line) -> None:
        self.records[_record(line)] = line
        self.of_journal.setdefault((line.year, line.journal), {})[line] = None

    def _drop(self, lines: Sequence[Line]) -> None:
        """Archive an item's rows."""
        item = lines[0].item
        payer = item.payer or item.customer
        self._named.pop((division(item.company), payer, invoice_number(item), str(item.fiscal_year)), None)
        for line in lines:
            self.records.pop(_record(line), None)
            self.of_journal[line.year, line.journal].pop(line, None)
        for index, name in ((self.of_payer, payer), (self.of_customer, item.customer)):
            index.get(name, {}).pop(item.key, None)
        self.of_number.get(invoice_number(item), {}).pop(item.key, None)
        self.open.pop(item.key, None)
        self.rows.pop(item.key, None)
        self._content.pop(item.key, None)


def _record(line: Line) -> tuple[str, int, int, int]:
    return line.division, line.year, line.journal, line.sequence


def _content(item: Item) -> tuple[Any, ...]:
    """Return what of an item's own row a user may change."""
    return (
        bool(item.open_minor), item.due_on, item.terms, item.posted_on, item.document_on, item.amount_minor,
        item.dunning_block, item.dunning_level, item.last_dunned_on, item.text,
    )  # fmt: skip
