"""Ask the open-item cube for lines: a listing of them, those of documents, and what they refer to.

Questions name documents, never single lines: the answer is a few lines longer and the address half as long.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from duehook.core.wire.odata import Entity, Listing, Page, Row, Where, all_of, any_of, equal, one_of, pages, pages_of
from duehook.plugins.sap.site import SapSite
from duehook.plugins.sap_lines.families import Kinds
from duehook.plugins.sap_lines.gathering import Gathering
from duehook.plugins.sap_lines.lines import DocumentKey

OPEN = Where.field("IsCleared", "eq", False)
REFERRING = Where.field("InvoiceReference", "ne", "")
DOCUMENTS = 60  # in one question: its address stays under what proxies let through
Lines = list[Row]


@dataclass(frozen=True)
class Cube(Gathering):
    """The customers' lines of one client, in the fields of `entity`."""

    site: SapSite
    kinds: Kinds
    entity: Entity

    def pages(self, where: Where, after: Sequence[str] | None = None) -> Iterator[Page]:
        """Yield pages of lines in the order of their keys, from behind a key."""
        for companies in self.site.in_reach():
            if after is not None and companies[-1] < after[0]:
                continue
            behind = after if after is not None and companies[0] <= after[0] else None
            yield from pages(self.site.items, self._listing(where, companies), behind)

    def count(self, where: Where) -> int:
        """Return how many lines SAP says there are."""
        return sum(
            self.site.items.count(self.entity, self._listing(where, companies).where)
            for companies in self.site.in_reach()
        )

    def read(self, where: Where) -> Lines:
        """Return all lines under a condition."""
        return [row for page in self.pages(where) for row in page.rows]

    def of_documents(self, documents: Iterable[DocumentKey]) -> Lines:
        """Return all lines of these documents."""
        return self._asked(
            listing
            for (company, year), numbers in _by_start(documents)
            for listing in self._listings(company, "AccountingDocument", numbers, equal(("FiscalYear",), (year,)))
        )

    def naming(self, documents: Collection[tuple[str, str]]) -> Lines:
        """Return the lines that refer to documents of these company codes and numbers."""
        return self._asked(
            listing
            for (company,), numbers in _by_start(documents)
            for listing in self._listings(company, "InvoiceReference", numbers)
        )

    def referring(self, cleared_since: date | None) -> Lines:
        """Return all lines that refer to another and are open, or were cleared since a day."""
        young = [Where.field("ClearingDate", "ge", cleared_since)] if cleared_since else []
        return self.read(all_of(REFERRING, any_of(OPEN, *young)))

    def _asked(self, listings: Iterable[Listing]) -> Lines:
        """Return the lines of many listings, asked for at once where SAP takes a $batch."""
        return [row for page in pages_of(self.site.items, [*listings]) for row in page.rows]

    def _listings(self, company: str, name: str, numbers: Sequence[str], *more: Where) -> Iterator[Listing]:
        for start in range(0, len(numbers), DOCUMENTS):
            where = all_of(one_of(name, numbers[start : start + DOCUMENTS]), *more)
            yield self._listing(where, [company])

    def _listing(self, where: Where, companies: Sequence[str]) -> Listing:
        return Listing(self.entity, self.site.lines(where, companies=companies), self.site.settings.page_size)


def _by_start(keys: Iterable[tuple[str, ...]]) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """Group keys by all but their last part."""
    for start, group in groupby(sorted(keys), key=lambda key: key[:-1]):
        yield start, [key[-1] for key in group]
