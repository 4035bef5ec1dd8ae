"""Read items by SuiteTalk: whole, what changed, what is open now, again by their keys, and what is open by item.

A search knows no OR, so what SuiteQL asks in one statement is several searches here: what is open, and of invoices and
credits that are settled those of the history. What a changed payment or credit was applied to is read beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from duehook.core.errors import ConnectorGarbled
from duehook.core.hookspecs import BadRow, KeyPage, Lookup, Page, Position, Total, UpperBound
from duehook.core.records import EARLIEST
from duehook.plugins.netsuite import tables
from duehook.plugins.netsuite.fields import patch_of
from duehook.plugins.netsuite.mapping.items import ItemMapping
from duehook.plugins.netsuite.reading.items import is_left, loosened, name_of, number_of, subsidiaries
from duehook.plugins.netsuite.reading.place import Place
from duehook.plugins.netsuite.soap import words
from duehook.plugins.netsuite.soap.search import OPEN, SETTLED, Search, any_of, before, ids, on_or_after, since
from duehook.plugins.netsuite.soap.site import KIND, LINES, SoapSite, types
from duehook.plugins.netsuite.suiteql import windows

from .deleted import deleted
from .documents import AMOUNTS, SoapDocuments

CHANGED, CHANGED_JOURNALS = "changed", "changed journals"
OPEN_PART, YOUNG, CLOSED, MISTYPED = "open", "young", "closed late", "mistyped"
OPEN_JOURNALS, YOUNG_JOURNALS, MISTYPED_JOURNALS = "open journals", "young journals", "mistyped journals"
Name = tuple[str, str]
Made = tuple[list[dict[str, Any]], list[BadRow]]


class SoapItems:
    """Reads documents and journals' lines as items."""

    def __init__(self, site: SoapSite) -> None:
        """Take the site."""
        self._site, settings = site, site.settings
        self.documents = SoapDocuments(site)
        self._mapping = ItemMapping(settings.codes, site, site.zone, patch_of(site.fields, "item", settings))

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

    def keys(self) -> Iterator[KeyPage]:
        """Yield the keys of what is open now; whole when as many rows came as NetSuite counts in the same terms."""
        site, told, seen, kinds = self._site, 0, set[str](), set[str]()
        for documents, _ in self.documents.windows(self.documents.open_keys):
            told += len(documents)
            seen |= {document.company or "" for document in documents}
            kinds |= {str(document.row.get("doctype")) for document in documents}
            yield KeyPage([(document.company or "", key)
                           for document in documents for key in self._mapping.open_keys(document)])  # fmt: skip
        whole = told == site.count(self.documents.open_keys)
        if self._reads_journals:
            lines, search = 0, self._open_journals
            for documents, _, came in self.documents.journal_windows(search):
                lines += came
                kinds.add(tables.JOURNAL)
                yield KeyPage([name_of(each) for each in documents if is_left(each)])
            whole = whole and lines == site.count(search)
        site.expect_companies(set(site.settings.companies) - seen)
        site.expect_seen(kind for kind in site.kinds if kind not in kinds)
        yield KeyPage([], complete=whole)

    def lookup(self, keys: Sequence[Name]) -> Lookup:
        """Read items again. Raises ConnectorRefused where what is not found may only be hidden."""
        numbers = {number for _, key in keys if (number := number_of(key)) is not None}
        documents = self.documents.by_id(numbers)
        rest = numbers - {each.id for each in documents}
        if rest and self._reads_journals:
            documents += self.documents.journal_lines(rest)
        companies: dict[int, set[str]] = {}
        for company, key in keys:
            companies.setdefault(number_of(key) or 0, set()).add(company)
        mine = [each for each in documents if (each.company or "") in companies.get(each.id, ())]
        rows, bad = self._mapping.rows(mine, asked=True)
        told = {(row["company"], row["key"]) for row in rows} | {(each.company, each.key) for each in bad}
        hidden = numbers - {each.id for each in documents}
        gone = deleted(self._site, hidden) if hidden else set()
        if hidden - gone:
            self._site.expect_companies(subsidiaries(company for company, key in keys if number_of(key) in hidden))
            self._site.expect_seen(self._site.kinds)
        missing = [name for name in keys if name not in told]
        return Lookup(
            rows, deleted=[name for name in missing if number_of(name[1]) in gone],
            missing=[name for name in missing if number_of(name[1]) not in gone],
            bad=[each for each in bad if (each.company, each.key) in keys],
        )  # fmt: skip

    def totals(self, bound: UpperBound) -> Iterator[Sequence[Total]]:
        """Yield what is open, by item; ConnectorGarbled where fewer came than NetSuite counts before and after."""
        search = replace(self.documents.items, columns=AMOUNTS).under(amountRemaining=OPEN)
        held, came = self._site.count(search), 0
        for documents, _ in self.documents.windows(search):
            came += len(documents)
            yield self._mapping.totals(documents, bound.at)
        self._expect_whole(search, held, came)
        if self._reads_journals:
            yield from self._journal_totals(bound.at)

    def _journal_totals(self, bound: datetime) -> Iterator[Sequence[Total]]:
        search = self._open_journals
        held, came = self._site.count(search), 0
        for documents, _, lines in self.documents.journal_windows(search):
            came += lines
            yield self._mapping.totals(documents, bound)
        self._expect_whole(search, held, came)

    def _expect_whole(self, search: Search, held: int, came: int) -> None:
        if came < held and came < self._site.count(search):
            raise ConnectorGarbled(
                f"NetSuite counts {held} open rows and gave {came}; nothing was added up.",
                fix="it is asked again by the next run.",
            )

    @property
    def _reads_journals(self) -> bool:
        return self._site.settings.journals

    @property
    def _open_journals(self) -> Search:
        return self.documents.journals.under(amountRemaining=OPEN)

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
                OPEN_JOURNALS: self._open_journals,
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

    def _read(
        self, part: str, search: Search, place: Place
    ) -> Iterator[tuple[list[dict[str, Any]], list[BadRow], Any]]:
        """Yield what a part of a whole reading gives."""
        start = place.begun(part)
        if part in {OPEN_JOURNALS, YOUNG_JOURNALS, MISTYPED_JOURNALS}:
            for documents, last, _ in self.documents.journal_windows(search, start):
                yield *self._mapping.rows(documents), last
            return
        for documents, last in self.documents.windows(search, start):
            yield *self._mapping.rows(documents), last

    def _touched(
        self, part: str, search: Search, place: Place
    ) -> Iterator[tuple[list[dict[str, Any]], list[BadRow], Any]]:
        """Yield what changed transactions are, and what they changed."""
        start = place.begun(part)
        for window in self._site.windows(search, start):
            wanted = {int(row["internalId"]) for row in window.rows}
            wanted |= {int(row["appliedToTransaction"]) for row in window.rows if row.get("appliedToTransaction")}
            for rows, bad in self._again(wanted, is_journal=part == CHANGED_JOURNALS):
                yield rows, bad, start
            start = window.last
            yield [], [], start

    def _again(self, wanted: set[int], *, is_journal: bool) -> Iterator[Made]:
        documents = self.documents.by_id(wanted)
        yield self._mapping.rows(documents)
        left = wanted - {each.id for each in documents}
        journals = self.documents.journal_lines(left) if left and (is_journal or self._reads_journals) else []
        if journals:
            yield self._mapping.rows(journals)
        customers = {entity for each in (*documents, *journals) if (entity := loosened(each)) is not None}
        for part in windows(customers):
            search = self.documents.items.under(amountRemaining=OPEN, entity=ids(part))
            for others, _ in self.documents.windows(search):
                yield self._mapping.rows([each for each in others if each.id not in wanted])
