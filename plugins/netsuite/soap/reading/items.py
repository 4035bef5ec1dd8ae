"""Read items by SuiteTalk: whole, what changed, what is open now, again by their keys, and what is open by item.

A search knows no OR, so what SuiteQL asks in one statement is several searches here: what is open, and of invoices and
credits that are settled those of the history. What a changed payment or credit was applied to is read beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from duehook.core.hookspecs import BadRow, Page, Position, UpperBound
from duehook.core.records import EARLIEST
from duehook.plugins.netsuite import tables
from duehook.plugins.netsuite.account import Row
from duehook.plugins.netsuite.reading.deleted import Fates
from duehook.plugins.netsuite.reading.items import Items, Name
from duehook.plugins.netsuite.reading.place import Place
from duehook.plugins.netsuite.soap import words
from duehook.plugins.netsuite.soap.search import OPEN, SETTLED, Search, any_of, before, ids, on_or_after, since
from duehook.plugins.netsuite.soap.site import KIND, LINES, SoapSite, types
from duehook.plugins.netsuite.suiteql import Key

from .deleted import deleted
from .documents import AMOUNTS, SoapDocuments

CHANGED, CHANGED_JOURNALS = "changed", "changed journals"
OPEN_PART, YOUNG, CLOSED, MISTYPED = "open", "young", "closed late", "mistyped"
OPEN_JOURNALS, YOUNG_JOURNALS, MISTYPED_JOURNALS = "open journals", "young journals", "mistyped journals"
Read = tuple[list[Row], list[BadRow], Key | None]


class SoapItems(Items[Search]):
    """Reads documents and journals' lines as items by SuiteTalk."""

    def __init__(self, site: SoapSite) -> None:
        """Take the site."""
        self._account, self.documents = site, SoapDocuments(site)
        super().__init__(site, self.documents)

    def pages(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield items part by part; the last page is empty and done."""
        place = Place.at(position, bound, self._site)
        searches = self._changed(place) if place.since is not None else self._whole(place)
        for part in place.part_of(list(searches)):
            read = self._touched if place.since is not None else self._read
            step = place.step
            for rows, bad, last in read(part, searches[part], place):
                step += 1
                yield Page(rows, place.position(part, last, step), bad)
        yield Page([], place.done)

    def _open_amounts(self) -> Search:
        return replace(self.documents.items, columns=AMOUNTS).under(amountRemaining=OPEN)

    def _open_of(self, customers: Sequence[int]) -> Search:
        return self.documents.items.under(amountRemaining=OPEN, entity=ids(customers))

    def _fates(self, hidden: set[int], keys: Sequence[Name]) -> Fates:
        gone = deleted(self._account, hidden)
        if hidden - gone:
            self._expect_shown(hidden - gone, keys)
        return Fates(frozenset(gone))

    def _whole(self, place: Place) -> Mapping[str, Search]:
        """Return the searches of what is open, and of invoices and credits of the history that are settled."""
        first, zone, items = self._site.history_from(place.bound), self._site.zone, self.documents.items
        old = items.under(type=any_of(words.INVOICE, words.CREDIT), amountRemaining=SETTLED)
        late = old.under(tranDate=before(first, zone), closeDate=on_or_after(first, zone))
        found = {
            OPEN_PART: items.under(amountRemaining=OPEN),
            YOUNG: old.under(tranDate=on_or_after(first, zone)),
            CLOSED: late,
            MISTYPED: old.under(tranDate=before(EARLIEST, zone)),
        }  # fmt: skip
        if self._reads_journals:
            settled = self.documents.journals.under(amountRemaining=SETTLED)
            found |= {
                OPEN_JOURNALS: self.documents.open_journals,
                YOUNG_JOURNALS: settled.under(tranDate=on_or_after(first, zone)),
                MISTYPED_JOURNALS: settled.under(tranDate=before(EARLIEST, zone)),
            }  # fmt: skip
        return found

    def _changed(self, place: Place) -> Mapping[str, Search]:
        """Return the searches of the transactions that changed, each with what it was applied to."""
        assert place.since is not None
        stamped = since(place.since)
        headers = KIND.with_columns("appliedToTransaction")
        kinds = [each for each in dict.fromkeys((*self._site.documents, *tables.APPLYING)) if each != tables.JOURNAL]
        search = Search(headers.name, headers.columns, headers.where, several=True)
        found = {CHANGED: search.under(type=types(kinds), lastModifiedDate=stamped)}
        if self._reads_journals:
            lines = LINES.with_columns("appliedToTransaction").under(lastModifiedDate=stamped)
            found[CHANGED_JOURNALS] = lines
        return found

    def _read(self, part: str, search: Search, place: Place) -> Iterator[Read]:
        """Yield what a part of a whole reading gives."""
        start = place.begun(part)
        if part in {OPEN_JOURNALS, YOUNG_JOURNALS, MISTYPED_JOURNALS}:
            for documents, last, _ in self.documents.journal_windows(search, start):
                yield *self._mapping.rows(documents), last
            return
        for documents, last in self.documents.windows(search, start):
            yield *self._mapping.rows(documents), last

    def _touched(self, part: str, search: Search, place: Place) -> Iterator[Read]:
        """Yield what changed transactions are, and what they changed."""
        start = place.begun(part)
        for window in self._site.windows(search, start):
            wanted = {int(row["internalId"]) for row in window.rows}
            wanted |= {int(row["appliedToTransaction"]) for row in window.rows if row.get("appliedToTransaction")}
            for rows, bad in self._again(wanted, journals=part == CHANGED_JOURNALS or self._reads_journals):
                yield rows, bad, start
            start = window.last
            yield [], [], start
