"""Which lines a ledger has, kept by key as the book moves."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import date
from typing import Final

from duehook.core.testing.book import Book, Change, Item

from .lines import Line, LineKey, added_up, document_of, item_key, payment_of
from .settling import Posting, settled

NO_LINE, NO_YEAR = "line 000", "no year"  # how a reference is half
Name = tuple[str, ...]
_NONE: Final = ("", "", "")


class KeptLines(ABC):
    """The customer lines over a book, kept by key; `carried` says which items have moved.

    `whole` are the lines that clear several items, by what names them. What shows the lines to those who ask
    derives from this and is told of each line that comes (`shown`) or goes (`hidden`).
    """

    def __init__(self, book: Book, posting: Posting) -> None:
        """Take the book as it stands, and how payments are posted."""
        self.book, self.posting = book, posting
        self.changed_on: dict[str, date] = {}
        self.entered_on: dict[str, date] = {}  # items and payments whose entry was seen, by their keys
        self.spoilt: dict[str, str] = {}
        self.spoilt_payments: dict[str, str] = {}
        self.halved: dict[str, str] = {}
        self.whole: dict[Name, Line] = {}
        self._shares: dict[Name, dict[str, Line]] = {}  # by the line that they are of, and the item
        self._shares_of: dict[str, tuple[Name, ...]] = {}
        self._keys: dict[str, tuple[LineKey, ...]] = {}
        for item in book.items.values():
            self._put(item)
        self._add_up(list(self._shares))

    @abstractmethod
    def shown(self, line: Line) -> None:
        """Learn that a line is there, or is another now."""

    @abstractmethod
    def hidden(self, key: LineKey) -> None:
        """Learn that a line is there no more."""

    def beside(self, own: Line) -> Iterable[LineKey]:
        """Show what else an item's document has beside its own line; return the keys."""
        return ()

    def moved(self) -> None:  # noqa: B027  (most have nothing to do)
        """Learn that all lines of a move have been told."""

    def carried(self, changes: Sequence[Change]) -> None:
        """Take over what changed; headers that users changed are stamped."""
        touched: dict[str, None] = {}
        paid: set[str] = set()
        for change in changes:
            if change.act == "added" and change.stream in ("item", "payment"):
                self.entered_on[change.key] = change.at.date()
            if change.stream == "allocation":
                made = self.book.allocations.get(change.key) or self.book.purged_allocations[change.key]
                touched[made.item] = None
                paid.add(made.item)
            elif change.stream == "item":
                touched[change.key] = None
                if change.act == "changed" and change.key not in paid:
                    self.changed_on[change.key] = change.at.date()
                paid.discard(change.key)
        if not changes:
            return
        purged = {change.key for change in changes if change.stream == "payment" and change.act == "purged"}
        self._renew(touched, purged)

    def reset(self, payment: str) -> None:
        """Let a user reset what a payment cleared, and leave it so."""
        self.posting = replace(self.posting, resets={**self.posting.resets, payment: self.book.day})
        self.again(self.book.allocations[key].item for key in self.book.payments[payment].allocations)

    def again(self, items: Iterable[str]) -> None:
        """Work out anew what the lines of these items are."""
        self._renew(dict.fromkeys(items), frozenset())

    def lines(self, item: Item) -> Sequence[Line]:
        """Return an item's own line, first, and those that refer to it."""
        return [line for line in settled(self.book, item, self.posting) if not line.share_of]

    def shares(self, item: Item) -> Sequence[Line]:
        """Return what an item has of lines that clear several."""
        return [line for line in settled(self.book, item, self.posting) if line.share_of]

    def flaw(self, line: Line) -> str:
        """Return what is wrong with a line, blank for nothing."""
        if line.payment is None:
            return self.spoilt.get(line.item.key, "")
        return self.spoilt_payments.get(line.payment.key, "")

    def reference(self, line: Line) -> tuple[str, str, str]:
        """Return document, fiscal year and line of the item that a line refers to; blanks for none."""
        of = line.item if line.payment is not None else self.applies_to(line.item)
        if of is None or line.share_of:
            return _NONE
        _, year, number, place = item_key(of)
        half = self.halved.get(line.item.key) if line.payment is None else None
        return number, "" if half == NO_YEAR else year, "000" if half == NO_LINE else place

    def applies_to(self, item: Item) -> Item | None:
        """Return the item that an item names as the one it is for, wherever that stands now."""
        key = item.applies_to or ""
        return self.book.items.get(key) or self.book.purged_items.get(key)

    def created_on(self, line: Line) -> date:
        """Return the day of entry: it is behind the posting date of what was posted back, never before it."""
        key = line.payment.key if line.payment else line.item.key
        return max(posting_day(line), self.entered_on.get(key, posting_day(line)))

    def header_changed_on(self, line: Line) -> date | None:
        """Return the last day on which a user changed the header, or reset a clearing of the line."""
        changed_on = line.payment.reversed_on if line.payment else self.changed_on.get(line.item.key)
        return max((day for day in (changed_on, line.reset_on) if day), default=None)

    def reversal(self, line: Line) -> tuple[str, str]:
        """Return year and number of the document that reversed this one, or that this one reverses."""
        payment = line.payment
        if payment is None or not (payment.reversal_of or payment.reversed_on):
            return "", ""
        return document_of(payment_of(self.book, payment.reversal_of or f"{payment.key}-R"))

    def _renew(self, touched: Iterable[str], purged: AbstractSet[str]) -> None:
        """Work out anew what the lines of these items are; what a purged payment cleared items with goes."""
        stale = {name: None for name in self._shares if name[0] in purged} if purged else {}
        for name in stale:
            self._shares[name].clear()
        for key in touched:
            stale |= dict.fromkeys(self._drop(key))
            if key in self.book.items:
                stale |= dict.fromkeys(self._put(self.book.items[key]))
        self._add_up(stale)
        self.moved()

    def _put(self, item: Item) -> Sequence[Name]:
        """Add an item's lines; return what lines it has shares of."""
        lines = settled(self.book, item, self.posting)
        if not lines:
            return ()
        own, shares = [line for line in lines if not line.share_of], [line for line in lines if line.share_of]
        for line in own:
            self.shown(line)
        self._keys[item.key] = (*(line.key for line in own), *self.beside(own[0]))
        for line in shares:
            self._shares.setdefault(line.share_of, {})[item.key] = line
        self._shares_of[item.key] = tuple(line.share_of for line in shares)
        return self._shares_of[item.key]

    def _drop(self, item: str) -> Sequence[Name]:
        """Take an item's lines away; of one that was purged, its shares of other lines stay."""
        for key in self._keys.pop(item, ()):
            self.hidden(key)
        names = self._shares_of.pop(item, ())
        if item in self.book.purged_items:
            return ()
        for name in names:
            self._shares[name].pop(item, None)
        return names

    def _add_up(self, names: Iterable[Name]) -> None:
        """Put the lines together that are made of shares; debits and credits that are even leave none."""
        for name in names:
            old = self.whole.pop(name, None)
            if old is not None:
                self.hidden(old.key)
            shares = self._shares[name].values()
            if sum(share.minor for share in shares):
                self.whole[name] = added_up(shares)
                self.shown(self.whole[name])
            elif not shares:
                del self._shares[name]


def posting_day(line: Line) -> date:
    """Return the day on which a line was posted."""
    return line.payment.received_on if line.payment else line.item.posted_on or line.item.document_on
