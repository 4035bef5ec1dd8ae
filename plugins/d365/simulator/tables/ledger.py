"""The customer ledger as F&O holds it: every transaction and open row by its key, kept true as the book moves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from duehook.core.testing.book import Book, Change, Item
from duehook.core.testing.odata import Table

from .ledger_rows import (
    Posted,
    Row,
    beside,
    beside_name,
    document,
    document_name,
    payment,
    payment_name,
    trans_id,
)
from .values import NONE_AT

_NOT_STAMPED: Final = frozenset({"CollectionLetterCode"})  # what F&O's own dunning writes


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a transaction's record was last changed, how often, and when it was made."""

    made_at: datetime
    changed_at: datetime
    version: int


class Ledger:
    """All transactions of a book. `carry` says what moved; only that is made anew.

    `transactions`, `opens` and `changed` are the rows of CustTransactions, CustTransOpens and
    CustTransBiEntities.
    """

    def __init__(self, book: Book) -> None:
        """Make every row of the book."""
        self.book = book
        self.transactions = Table()
        self.opens = Table()
        self.changed = Table(self._stamped)
        self._posted: dict[str, Posted] = {}
        self._stamps: dict[str, Stamp] = {}
        self._names: dict[int, str] = {}
        self._items: dict[str, list[str]] = {}
        self._name_of: dict[str, str] = {}
        self._spoiled: set[str] = set()
        for item in (*book.items.values(), *book.purged_items.values()):
            self._place(item)
        self._make(dict.fromkeys([*self._items, *map(payment_name, book.payments), *self._beside()]))

    def carry(self, changes: Sequence[Change]) -> list[str]:
        """Make the rows anew that these changes touched; return the names of their transactions."""
        touched: dict[str, None] = {}
        for change in changes:
            if change.stream == "item":
                item = self.book.items.get(change.key) or self.book.purged_items.get(change.key)
                if item and change.key not in self._name_of:
                    self._place(item)
                if change.key in self._name_of:
                    touched[self._name_of[change.key]] = None
            elif change.stream == "payment":
                touched[payment_name(change.key)] = None
            elif change.stream == "allocation":
                touched[f"beside|{change.key}"] = None
        self._make(touched)
        return list(touched)

    def rows(self) -> Iterator[Row]:
        """Yield all transactions in the order of their keys."""
        keys = self.transactions.keys()
        for key in keys:
            row = self.transaction(key[1])
            if row is not None:
                yield row

    def left(self) -> Iterator[tuple[tuple[str, str, str], Decimal]]:
        """Yield what is not settled of each transaction, with its dataAreaId, customer and currency."""
        for row in self.rows():
            name = row["dataAreaId"], row["OrderAccount"], row["CurrencyCode"]
            yield name, row["AmountCur"] - row["SettleAmountCur"]

    def transaction(self, number: int) -> Row | None:
        """Return a transaction by its SysRecId."""
        posted = self._posted.get(self._names.get(number, ""))
        return posted.row if posted else None

    def open_of(self, number: int) -> list[Row]:
        """Return what is open of a transaction."""
        posted = self._posted.get(self._names.get(number, ""))
        return posted.open if posted else []

    def number_of(self, item: str) -> int:
        """Return the SysRecId of the transaction that stands for an item of the book; KeyError for an unknown one."""
        return trans_id(self._name_of[item])

    @property
    def names(self) -> list[str]:
        """Return the names of all transactions."""
        return list(self._posted)

    def parties(self, names: Iterable[str]) -> set[tuple[str, str]]:
        """Return who these transactions were posted to, as pairs of company and account."""
        rows = [posted.row for name in names if (posted := self._posted.get(name))]
        return {(row["dataAreaId"], row[field]) for row in rows for field in ("AccountNum", "OrderAccount")}

    def names_of(self, items: Iterable[str]) -> Iterator[str]:
        """Yield the names of the transactions that stand for these items of the book."""
        return (self._name_of[key] for key in items)

    def items_of(self, name: str) -> list[Item]:
        """Return the book's items that a transaction stands for, first instalment first."""
        found = (self.book.items.get(key) or self.book.purged_items.get(key) for key in self._items.get(name, ()))
        return [item for item in found if item]

    def spoil(self, item: str) -> None:
        """Let the dates of an item's rows be none that there are."""
        self._spoiled.add(self._name_of[item])
        self._make([self._name_of[item]])

    def spoil_payment(self, key: str) -> None:
        """Let the dates of a payment's rows be none that there are."""
        self._spoiled.add(payment_name(key))
        self._make([payment_name(key)])

    def is_spoiled(self, name: str) -> bool:
        """Say whether the dates of a transaction are none."""
        return name in self._spoiled

    def _place(self, item: Item) -> None:
        name = document_name(item)
        self._name_of[item.key] = name
        keys = self._items.setdefault(name, [])
        keys.append(item.key)
        keys.sort()

    def _beside(self) -> Iterator[str]:
        return (name for made in self.book.allocations.values() if (name := beside_name(made)))

    def _make(self, names: Iterable[str]) -> None:
        for name in names:
            before, posted = self._posted.pop(name, None), self._made(name)
            if posted and name in self._spoiled:
                posted = _spoiled(posted)
            if posted:
                self._stamp(name, before, posted)
                self._posted[name] = posted
                self._names[posted.row["SysRecId"]] = name
            self._exchange(name, before, posted)

    def _exchange(self, name: str, before: Posted | None, posted: Posted | None) -> None:
        """Put a transaction's rows into the tables in the place of those that stood there."""
        now = {_key(row) for row in posted.open} if posted else set()
        for row in before.open if before else ():
            if _key(row) not in now:
                self.opens.drop(_key(row))
        for row in posted.open if posted else ():
            self.opens.put(_key(row), row)
        if posted:
            self.transactions.put(_key(posted.row), posted.row)
            self.changed.put(_key(posted.row), name)
        elif before:
            self.transactions.drop(_key(before.row))
            self.changed.drop(_key(before.row))

    def _made(self, name: str) -> Posted | None:
        book = self.book
        sort, _, key = name.partition("|")
        if sort == "beside":
            made = book.allocations.get(key)
            return beside(book, name, made) if made and beside_name(made) else None
        items = self.items_of(name)
        there = any(item.key in book.items for item in items)
        if sort != "payment":
            return document(book, name, items) if there else None
        paid = book.payments.get(key) or (book.purged_payments.get(key) if there else None)
        return payment(book, name, paid, items[0] if items else None) if paid and paid.amount_minor else None

    def _stamp(self, name: str, before: Posted | None, posted: Posted) -> None:
        """Stamp a record that was changed; what F&O's own dunning wrote, and a dispute, leaves it as it was."""
        known = self._stamps.get(name)
        if before is None or known is None:
            self._stamps[name] = known or Stamp(posted.changed_at, posted.changed_at, 1)
        elif _content(before) != _content(posted):
            self._stamps[name] = replace(known, changed_at=posted.changed_at, version=known.version + 1)

    def _stamped(self, name: str) -> Row:
        stamp = self._stamps[name]
        row = dict(self._posted[name].row)
        number = row.pop("SysRecId")
        return row | {
            "SourceKey": number,
            "SysModifiedDateTime": stamp.changed_at,
            "CreatedOn": stamp.made_at,
            "SysRecVersion": stamp.version,
        }


def _key(row: Row) -> tuple[Any, ...]:
    return row["dataAreaId"], row["SysRecId"]


def _content(posted: Posted) -> tuple[Any, ...]:
    def of(row: Row) -> tuple[Any, ...]:
        return tuple(held for name, held in row.items() if name not in _NOT_STAMPED)

    return of(posted.row), tuple(of(row) for row in posted.open)


def _spoiled(posted: Posted) -> Posted:
    rows = [row | {"TransDate": NONE_AT, "DocumentDate": NONE_AT} for row in (posted.row, *posted.open)]
    return Posted(rows[0], rows[1:], posted.changed_at)
