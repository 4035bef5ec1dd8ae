"""A_OperationalAcctgDocItemCube: which lines it has, kept by key as the book moves.

Beside the customer lines (FinancialAccountType D) every tenth document has a line on a G/L account (S),
so that whoever does not ask for D reads too much.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

from duehook.core.testing.book import Book, Change, Item
from duehook.core.testing.book_simulator import balances
from duehook.core.testing.odata import Table

from .lines import Line, LineKey, added_up
from .rows import GL_LINE, CubeRow, Garbled
from .settling import Posting, settled

_GL_EVERY: Final = 10
_SIDES: Final = {"S": 1, "H": -1}
Name = tuple[str, ...]


class Cube:
    """The rows of the cube over a book, kept by key; `carried` says which items have moved.

    `whole` are the lines that clear several items, by what names them.
    """

    def __init__(self, book: Book, posting: Posting) -> None:
        """Take the book as it stands, and how payments are posted."""
        self.book, self.posting = book, posting
        self.table = Table()
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
        parts = self.book.payments[payment].allocations
        self._renew({self.book.allocations[key].item: None for key in parts}, frozenset())

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

    def open_balances(self) -> dict[tuple[str, str, str], Decimal]:
        """Add up the customer lines that are not cleared, as they stand in the ledger: by their side, and unsigned."""
        keys = self.table.keys()
        rows = [row for key in keys if (row := self.table.get(key)) is not None]
        return balances(
            (
                (row.get("CompanyCode"), row.get("Customer"), row.get("TransactionCurrency")),
                _SIDES[row.get("DebitCreditCode")] * abs(row.get("AmountInTransactionCurrency")),
            )
            for row in rows
            if row.get("FinancialAccountType") == "D" and not row.get("IsCleared")
            and row.get("DebitCreditCode") in _SIDES and not isinstance(row.get("AmountInTransactionCurrency"), Garbled)
        )  # fmt: skip

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
        self.table.touch()

    def _put(self, item: Item) -> Sequence[Name]:
        """Add an item's lines; return what lines it has shares of."""
        lines = settled(self.book, item, self.posting)
        if not lines:
            return ()
        own, shares = [line for line in lines if not line.share_of], [line for line in lines if line.share_of]
        for line in own:
            self.table.put(line.key, CubeRow(self, line))
        keys = [line.key for line in own]
        if item.document_no % _GL_EVERY == 0 and item.instalment == "001":
            keys.append((*keys[0][:3], GL_LINE))
            self.table.put(keys[-1], CubeRow(self, own[0], is_ledger=True))
        self._keys[item.key] = tuple(keys)
        for line in shares:
            self._shares.setdefault(line.share_of, {})[item.key] = line
        self._shares_of[item.key] = tuple(line.share_of for line in shares)
        return self._shares_of[item.key]

    def _drop(self, item: str) -> Sequence[Name]:
        """Take an item's lines away; of one that was purged, its shares of other lines stay."""
        for key in self._keys.pop(item, ()):
            self.table.drop(key)
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
                self.table.drop(old.key)
            shares = self._shares[name].values()
            if sum(share.minor for share in shares):
                self.whole[name] = line = added_up(shares)
                self.table.put(line.key, CubeRow(self, line))
            elif not shares:
                del self._shares[name]
