"""The customer ledger of every company: entries and detailed entries, numbered as they are posted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from duehook.core.testing.book import Allocation, Book, Change, Item, Payment
from duehook.core.testing.odata import Table

from .codes import NONE_ON, company_id
from .details import Detail, closing, initial, settling
from .entries import beside_entry, document_entry, payment_entry
from .names import (
    OWN_ENTRY,
    Step,
    allocation_of,
    beside_name,
    item_name,
    item_of,
    opening_steps,
    payment_name,
    payment_of,
    posted_later,
)
from .written import Written

Row = dict[str, Any]
Place = tuple[str, int]  # a company's id, and the Entry No. in it


class Ledger:
    """The entries of a book. `carry` says what moved; entries are made anew, details only ever added.

    `entries` and `details` are the rows of pages 25 and 573 by company. `written` holds what users and clients wrote
    into entries.
    """

    def __init__(self, book: Book, written: Written, changes: Sequence[Change]) -> None:
        """Post what the book holds: what was there at first, then what changed."""
        self.book, self.written = book, written
        self.entries = {company_id(code): Table() for code in book.companies}
        self.details = {company_id(code): Table(Detail.row) for code in book.companies}
        self.open_of: dict[tuple[str, str], dict[str, None]] = {}
        self._places: dict[str, Place] = {}
        self._names: dict[Place, str] = {}
        self._rests: dict[str, str] = {}
        self._numbers: dict[str, str] = {}
        self._taken: set[tuple[str, str]] = set()
        self._details: dict[str, list[Detail]] = {}
        self._spoiled: set[str] = set()
        for item in (*book.items.values(), *book.purged_items.values()):
            self._note_rest(item)
        for step in opening_steps(book, changes):
            self._post(step, again=True)
        self.carry(changes, again=True)

    def carry(self, changes: Sequence[Change], *, again: bool = False) -> list[str]:
        """Post what these changes brought and make anew what they touched; return the names of the entries.

        `again` says that they are told once more: the book stands where they have led, and not where each did.
        """
        items = {change.key: item for change in changes if change.stream == "item"
                 and (item := item_of(self.book, change.key))}  # fmt: skip
        for item in items.values():
            self._note_rest(item)
        touched: dict[str, None] = {}
        for change in changes:
            self._post((change.stream, change.key), again=again and change.act == "added")
            if change.key in items and change.stream == "item":
                touched[item_name(items[change.key])] = None
            elif change.stream == "payment":
                touched[payment_name(change.key)] = None
        found = [name for name in touched if name in self._places]
        for name in found:
            self.make(name)
        return found

    def rows(self, company: str) -> Iterator[Row]:
        """Yield a company's entries in the order of their numbers."""
        table = self.entries[company]
        for key in table.keys():  # noqa: SIM118  (a table is no mapping)
            row = table.get(key)
            if isinstance(row, dict):
                yield row

    def detail_rows(self, company: str) -> Iterator[Row]:
        """Yield a company's detailed entries in the order of their numbers."""
        table = self.details[company]
        for key in table.keys():  # noqa: SIM118  (a table is no mapping)
            row = table.get(key)
            if isinstance(row, dict):
                yield row

    def row(self, name: str) -> Row | None:
        """Return the entry of this name."""
        place = self._places.get(name)
        row = self.entries[place[0]].get((place[1],)) if place else None
        return row if isinstance(row, dict) else None

    def entry_of(self, item: str) -> Row | None:
        """Return the entry that stands for an item of the book; None for one that is not posted."""
        found = item_of(self.book, item)
        return self.row(item_name(found)) if found else None

    def name_at(self, place: Place) -> str:
        """Return the name of the entry with a number."""
        return self._names[place]

    def document_no(self, item: Item) -> str:
        """Return the number of a document: none is given twice in a company, so another series has a zero in front."""
        name = item_name(item)
        first = str(item.document_no) + ("" if item.instalment == "001" else f"-{int(item.instalment)}")
        return self._number(company_id(item.company), first, name)

    def say(self, name: str, values: Mapping[str, Any], at: datetime) -> Row:
        """Let a user, or a client, write fields of an entry; return its row."""
        self.written.say(name, values, self._made(name, self._places[name][1]), at=at)
        self.make(name)
        row = self.row(name)
        assert row is not None
        return row

    def is_posted(self, item: Item) -> bool:
        """Say whether an item has an entry."""
        return item_name(item) in self._places

    def spoil_item(self, key: str) -> None:
        """Let the dates of an item's entry be none."""
        item = item_of(self.book, key)
        if item and self.is_posted(item):
            self.spoil(item_name(item))

    def spoil(self, name: str) -> None:
        """Let the dates of an entry, and of what it paid, be none."""
        self._spoiled.add(name)
        for known in self._details.get(name, ()):
            company = self._places[name][0]
            self.details[company].put((known.number,), known.without_date())
        self.make(name)

    def make(self, name: str) -> None:
        """Make an entry's row anew."""
        company, number = self._places[name]
        row = self.written.over(name, self._made(name, number))
        if name in self._spoiled:
            row |= dict.fromkeys(("Posting_Date", "Document_Date", "Closed_at_Date"), NONE_ON)
        self.entries[company].put((number,), row)
        known = self.open_of.setdefault((company, row["Customer_No"]), {})
        if row["Open"]:
            known[name] = None
        else:
            known.pop(name, None)

    def _post(self, step: Step, *, again: bool = False) -> None:
        sort, key = step
        if sort == "item" and (item := item_of(self.book, key)):
            if item.posted and not (again and posted_later(item)):
                self._post_item(item)
        elif sort == "payment" and (paid := payment_of(self.book, key)):
            self._post_payment(paid)
        elif sort == "allocation" and f"allocation|{key}" not in self._details:
            made = allocation_of(self.book, key)
            if made:
                self._details[f"allocation|{key}"] = []
                self._settle(made)

    def _post_item(self, item: Item) -> None:
        """Post an item: when it is posted, or settled before that."""
        name = item_name(item)
        if name in self._places:
            return None
        if item.kind == "on_account" and item.from_payment:
            return self._post(("payment", item.from_payment))
        minors = item.amount_minor, item.company_amount_minor
        return self._enter(name, item.company, (item.currency, item.company_currency), minors=minors)

    def _post_payment(self, paid: Payment) -> None:
        name = payment_name(paid.key)
        if not paid.amount_minor or name in self._places:
            return
        currencies = paid.currency, paid.company_currency
        self._enter(name, paid.company, currencies, minors=(-paid.amount_minor, -paid.company_amount_minor))
        if paid.reversal_of:
            first = payment_name(paid.reversal_of)
            self.make(first)
            self.make(name)
            back, entry = self.row(name), self.row(first)
            assert back is not None
            assert entry is not None
            minors = -paid.amount_minor, -paid.company_amount_minor
            self._write(name, closing(back, entry, currencies, minors=minors))

    def _settle(self, made: Allocation) -> None:
        if made.reversal_of:
            return self._take_back(made)
        item = item_of(self.book, made.item)
        assert item is not None
        self._post_item(item)
        name, applying = item_name(item), self._applying(made)
        entry, other = self.row(name), self.row(applying)
        assert entry is not None
        assert other is not None
        paid = payment_of(self.book, made.payment or "")
        own_side = made.kind in OWN_ENTRY or bool(paid and paid.amount_minor)
        found = settling(made, entry, other, own_side=own_side)
        return self._write(applying, found, also=f"allocation|{made.key}")

    def _applying(self, made: Allocation) -> str:
        """Return the entry that is applied: the money, the credit of a netting, or what a deduction was posted as."""
        if made.kind in OWN_ENTRY:
            name = beside_name(made.key)
            item = item_of(self.book, made.item)
            if name not in self._places and item:
                minors = -made.amount_minor, -made.company_minor
                self._enter(name, made.company, (made.currency, made.company_currency), minors=minors)
            return name
        paid = payment_of(self.book, made.payment or "")
        assert paid is not None
        if paid.amount_minor:
            self._post_payment(paid)
            return payment_name(paid.key)
        parts = [part for key in paid.allocations if (part := allocation_of(self.book, key))]
        paper = item_of(self.book, next(part.item for part in parts if part.amount_minor < 0))
        assert paper is not None
        self._post_item(paper)
        return item_name(paper)

    def _take_back(self, made: Allocation) -> None:
        known = self._details.get(f"allocation|{made.reversal_of}", [])
        company = company_id(made.company)
        for each in known:
            self.details[company].put((each.number,), each.undone(made.changed_at))
        undone = [each.taken_back(made.allocated_on, made.changed_at) for each in known]
        self._write(payment_name(made.payment or ""), undone, also=f"allocation|{made.key}")

    def _enter(self, name: str, company: str, currencies: tuple[str, str], *, minors: tuple[int, int]) -> None:
        """Number an entry, and write its first detail."""
        own = company_id(company)
        place = self._places[name] = own, len(self.entries[own]) + 1
        self._names[place] = name
        self.make(name)
        row = self.row(name)
        assert row is not None
        self._write(name, [initial(row, currencies, minors, at=row["SystemModifiedAt"])])

    def _write(self, name: str, details: Iterable[Detail], also: str = "") -> None:
        """Number detailed entries, and note whose they are."""
        company = self._places[name][0]
        table = self.details[company]
        for each in details:
            numbered = each.numbered(len(table) + 1)
            table.put((numbered.number,), numbered)
            for whose in filter(None, (name, also)):
                self._details.setdefault(whose, []).append(numbered)

    def _made(self, name: str, number: int) -> Row:
        sort, _, key = name.partition("|")
        company = self._places[name][0]
        if sort == "item":
            item = item_of(self.book, key)
            assert item is not None
            return document_entry(item, number, self.document_no(item))
        if sort == "beside":
            made = allocation_of(self.book, key)
            settled = item_of(self.book, made.item) if made else None
            assert made is not None
            assert settled is not None
            return beside_entry(made, settled.payer or settled.customer, number, f"DC{key}")
        paid = payment_of(self.book, key)
        assert paid is not None
        rest = item_of(self.book, self._rests.get(key, ""))
        document_no = self._number(company, str(rest.document_no) if rest else f"P{paid.key}", name)
        row = payment_entry(self.book, paid, rest, number=number, document_no=document_no)
        if paid.reversed_on:
            row["Reversed_by_Entry_No"] = self._places.get(payment_name(f"{key}-R"), ("", 0))[1]
        if paid.reversal_of:
            row["Reversed_Entry_No"] = self._places[payment_name(paid.reversal_of)][1]
        return row

    def _number(self, company: str, wanted: str, name: str) -> str:
        known = self._numbers.get(name)
        if known is None:
            while (company, wanted) in self._taken:
                wanted = f"0{wanted}"
            known = self._numbers[name] = wanted
            self._taken.add((company, wanted))
        return known

    def _note_rest(self, item: Item) -> None:
        if item.kind == "on_account" and item.from_payment:
            self._rests[item.from_payment] = item.key
