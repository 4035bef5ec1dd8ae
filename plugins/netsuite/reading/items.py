"""Read items: whole, what changed, what is open now, again by their keys, and what is open by item.

An application changes what is open of an invoice and not always the invoice's own stamp. So beside what was changed
itself, that is read to which a changed payment or credit is applied; and where one has something unused, or was
voided, what is open of its customer, for it may have been taken off an invoice.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, Generic, Protocol

from duehook.core.errors import BadRecord, ConnectorGarbled
from duehook.core.hookspecs import BadRow, KeyPage, Lookup, Page, Position, Total, UpperBound
from duehook.plugins.netsuite import tables
from duehook.plugins.netsuite.account import Account, Asked, Row
from duehook.plugins.netsuite.fields import patch_of
from duehook.plugins.netsuite.mapping.cash import is_voided
from duehook.plugins.netsuite.mapping.items import Document, ItemMapping
from duehook.plugins.netsuite.site import NetsuiteSite
from duehook.plugins.netsuite.suiteql import Key, Query, any_of, codes, ids, of_day, since, since_day, windows
from duehook.plugins.netsuite.values import amount

from .deleted import Fates, RecordLook
from .documents import Documents
from .masters import read_id
from .place import Place

CHANGED: Final = "changed"
DOCUMENTS: Final = "documents"
JOURNALS: Final = "journals"
Name = tuple[str, str]
Made = tuple[list[Row], list[BadRow]]


class OpenDocuments(Protocol[Asked]):
    """Asks for what may be items."""

    @property
    def open_keys(self) -> Asked:
        """Return the question for the keys of the documents of which something is open."""

    @property
    def open_journals(self) -> Asked:
        """Return the question for the journals' lines of which something is open."""

    def windows(self, query: Asked, start: Key | None = None) -> Iterator[tuple[list[Document], Key]]:
        """Yield documents, each window with the key that the next stands behind."""

    def journal_windows(self, query: Asked, start: Key | None = None) -> Iterator[tuple[list[Document], Key, int]]:
        """Yield all lines of the journals of which a line is among those asked for, and how many those are."""

    def by_id(self, numbers: Iterable[int]) -> list[Document]:
        """Return the documents of these ids."""

    def journal_lines(self, numbers: Iterable[int]) -> list[Document]:
        """Return all lines of these journals that stand on receivables."""


class Items(ABC, Generic[Asked]):
    """Reads documents and journals' lines as items, by whichever way."""

    def __init__(self, site: Account[Asked], documents: OpenDocuments[Asked]) -> None:
        """Take the site, and what asks for documents."""
        self._site, self._documents, settings = site, documents, site.settings
        self._mapping = ItemMapping(settings.codes, site, site.zone, patch_of(site.fields, "item", settings))

    @abstractmethod
    def pages(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield items part by part, each in the order of ids; the last page is empty and done."""

    @abstractmethod
    def _open_amounts(self) -> Asked:
        """Return the question for what is open of documents, with what totals need."""

    @abstractmethod
    def _open_of(self, customers: Sequence[int]) -> Asked:
        """Return the question for what is open of these customers."""

    @abstractmethod
    def _fates(self, hidden: set[int], keys: Sequence[Name]) -> Fates:
        """Return what became of these transactions, which are not shown, and of which these keys are.

        Raises ConnectorRefused where they may only be hidden.
        """

    def keys(self) -> Iterator[KeyPage]:
        """Yield the keys of what is open now; whole when as many rows came as NetSuite counts in the same terms.

        What is not shown for want of a permission is not settled: each kind of transaction of which nothing is open
        must be known to the role, and each subsidiary show something.
        """
        site, told, seen, kinds = self._site, 0, set[str](), set[str]()
        for documents, _ in self._documents.windows(self._documents.open_keys):
            told += len(documents)
            seen |= {document.company or "" for document in documents}
            kinds |= {str(document.row.get("doctype")) for document in documents}
            yield KeyPage(
                [(document.company or "", key) for document in documents for key in self._mapping.open_keys(document)]
            )
        whole = told == site.count(self._documents.open_keys)
        if self._reads_journals:
            lines = 0
            for documents, _, came in self._documents.journal_windows(self._documents.open_journals):
                lines += came
                kinds.add(tables.JOURNAL)
                yield KeyPage([name_of(each) for each in documents if is_left(each)])
            whole = whole and lines == site.count(self._documents.open_journals)
        site.expect_companies(set(site.settings.companies) - seen)
        site.expect_seen(kind for kind in site.kinds if kind not in kinds)
        yield KeyPage([], complete=whole)

    def lookup(self, keys: Sequence[Name]) -> Lookup:
        """Read items again. Raises ConnectorRefused where what is not found may only be hidden."""
        numbers = {number for _, key in keys if (number := number_of(key)) is not None}
        documents = self._documents.by_id(numbers)
        rest = numbers - {each.id for each in documents}
        if rest and self._reads_journals:
            documents += self._documents.journal_lines(rest)
        companies: dict[int, set[str]] = {}
        for company, key in keys:
            companies.setdefault(number_of(key) or 0, set()).add(company)
        mine = [each for each in documents if (each.company or "") in companies.get(each.id, ())]
        rows, bad = self._mapping.rows(mine, asked=True)
        told = {(row["company"], row["key"]) for row in rows} | {(each.company, each.key) for each in bad}
        hidden = numbers - {each.id for each in documents}
        fates = self._fates(hidden, keys) if hidden else Fates()
        left = {name: number_of(name[1]) or 0 for name in keys if name not in told}
        unsure = [BadRow(fates.unsure[number], {"id": str(number)}, name[1], name[0])
                  for name, number in left.items() if number in fates.unsure]  # fmt: skip
        return Lookup(
            rows, deleted=[name for name, number in left.items() if number in fates.deleted],
            missing=[name for name, number in left.items() if number not in {*fates.deleted, *fates.unsure}],
            bad=[*(each for each in bad if (each.company, each.key) in keys), *unsure],
        )  # fmt: skip

    def _expect_shown(self, hidden: Collection[int], keys: Sequence[Name]) -> None:
        """Raise ConnectorRefused where these may be hidden with all others of their subsidiary, or of their type."""
        self._site.expect_companies(subsidiaries(company for company, key in keys if number_of(key) in hidden))
        self._site.expect_seen(self._site.kinds)

    def totals(self, bound: UpperBound) -> Iterator[Sequence[Total]]:
        """Yield what is open, by item; ConnectorGarbled where fewer came than NetSuite counts before and after."""
        query = self._open_amounts()
        before, came = self._site.count(query), 0
        for documents, _ in self._documents.windows(query):
            came += len(documents)
            yield self._mapping.totals(documents, bound.at)
        self._expect_whole(query, before, came)
        if self._reads_journals:
            yield from self._journal_totals(bound.at)

    def _journal_totals(self, bound: datetime) -> Iterator[Sequence[Total]]:
        query = self._documents.open_journals
        before, came = self._site.count(query), 0
        for documents, _, lines in self._documents.journal_windows(query):
            came += lines
            yield self._mapping.totals(documents, bound)
        self._expect_whole(query, before, came)

    def _expect_whole(self, query: Asked, before: int, came: int) -> None:
        if came < before and came < self._site.count(query):
            raise ConnectorGarbled(
                f"NetSuite counts {before} open rows and gave {came}; nothing was added up.",
                fix="it is asked again by the next run.",
            )

    @property
    def _reads_journals(self) -> bool:
        return self._site.settings.journals

    def _again(self, wanted: set[int], *, journals: bool) -> Iterator[Made]:
        """Yield what changed transactions are, and what they changed."""
        documents = self._documents.by_id(wanted)
        yield self._mapping.rows(documents)
        left = wanted - {each.id for each in documents}
        lines = self._documents.journal_lines(left) if left and journals else []
        if lines:
            yield self._mapping.rows(lines)
        customers = {entity for each in (*documents, *lines) if (entity := loosened(each)) is not None}
        for part in windows(customers):
            for others, _ in self._documents.windows(self._open_of(part)):
                yield self._mapping.rows([each for each in others if each.id not in wanted])


class ItemReading(Items[Query]):
    """Reads documents and journals' lines as items by SuiteQL."""

    def __init__(self, site: NetsuiteSite) -> None:
        """Take the site."""
        self._account, self.documents = site, Documents(site)
        super().__init__(site, self.documents)

    def pages(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield items part by part, each in the order of ids; the last page is empty and done."""
        place = Place.at(position, bound, self._site)
        parts = [CHANGED] if place.since is not None else [DOCUMENTS, *([JOURNALS] if self._reads_journals else [])]
        reading = {CHANGED: self._changed, DOCUMENTS: self._whole, JOURNALS: self._whole_journals}
        for part in place.part_of(parts):
            yield from reading[part](place)
        yield Page([], place.done)

    def _open_amounts(self) -> Query:
        return self.documents.items.only(*tables.AMOUNTS).under(tables.LEFT)

    def _open_of(self, customers: Sequence[int]) -> Query:
        return self.documents.items.under(tables.LEFT, ids("t.entity", customers))

    def _fates(self, hidden: set[int], keys: Sequence[Name]) -> Fates:
        self._expect_shown(hidden, keys)
        return RecordLook(self._account).fates(hidden)

    def _whole(self, place: Place) -> Iterator[Page]:
        """Yield what is open, and invoices and credits of the history."""
        first = self._site.history_from(place.bound)
        young = any_of(of_day("t.trandate", first), since_day("t.closedate", first))
        closed = f"({codes('t.type', ('CustInvc', 'CustCred'))} AND {young})"
        query = self.documents.items.under(any_of(tables.LEFT, closed))
        for documents, last in self.documents.windows(query, place.begun(DOCUMENTS)):
            rows, bad = self._mapping.rows(documents)
            yield Page(rows, place.position(DOCUMENTS, last), bad)

    def _whole_journals(self, place: Place) -> Iterator[Page]:
        first = self._site.history_from(place.bound)
        query = self.documents.journals.under(any_of(tables.LEFT, of_day("t.trandate", first)))
        for documents, last, _ in self.documents.journal_windows(query, place.begun(JOURNALS)):
            rows, bad = self._mapping.rows(documents)
            yield Page(rows, place.position(JOURNALS, last), bad)

    def _changed(self, place: Place) -> Iterator[Page]:
        assert place.since is not None
        stamped = since("t.lastmodifieddate", self._account.local(place.since))
        query = tables.HEADER.under(codes("t.type", dict.fromkeys((*self._site.kinds, *tables.APPLYING))), stamped)
        before, step = place.begun(CHANGED), place.step
        for window in self._site.windows(query, before):
            for rows, bad in self._touched(window.rows):
                step += 1
                yield Page(rows, place.position(CHANGED, before, step), bad)
            before, step = window.last, 0
            yield Page([], place.position(CHANGED, before))

    def _touched(self, headers: Sequence[Any]) -> Iterator[Made]:
        """Yield what these transactions are, and what they changed."""
        applying = [int(row["id"]) for row in headers if row.get("doctype") in tables.APPLYING]
        wanted = {int(row["id"]) for row in headers} | set(self._applied_to(applying))
        return self._again(wanted, journals=self._reads_journals)

    def _applied_to(self, numbers: Sequence[int]) -> Iterator[int]:
        """Yield the ids of the documents that these were applied to."""
        for row in self._account.by_id(tables.APPLIED, "l.nextdoc", numbers):
            yield int(row["previousdoc"])


def loosened(document: Document) -> int | None:
    """Return the customer of what may have been taken off an invoice: it is unused, or was voided."""
    row = document.row
    entity = read_id(str(row.get("entity") or ""))
    if row.get("doctype") == tables.JOURNAL:
        return entity
    try:
        is_loose = bool(amount(row, "unused")) or is_voided(row)
    except BadRecord:
        is_loose = True
    return entity if row.get("doctype") in tables.CREDITS and is_loose else None


def is_left(document: Document) -> bool:
    """Say whether anything of a journal's line is open; one that cannot be read may be."""
    try:
        return bool(amount(document.row, "unpaid") or amount(document.row, "unused"))
    except BadRecord:
        return True


def subsidiaries(companies: Iterable[str]) -> set[str]:
    """Return those of these companies that can be subsidiaries at all."""
    return {company for company in companies if read_id(company) is not None}


def name_of(document: Document) -> Name:
    """Return the company and the key of a journal's line."""
    return document.company or "", document.keys[0]


def number_of(key: str) -> int | None:
    """Return the transaction's id that an item's key begins with; None for text that is no such key."""
    number, bar, part = key.partition("|")
    if bar and not part.removeprefix("L").isalnum():
        return None
    return read_id(number)
