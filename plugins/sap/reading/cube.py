"""Ask the open-item cube for lines: a listing of them, those of documents, and what they refer to.

Questions name documents, never single lines: the answer is a few lines longer and the address half as long.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from duehook.core.wire.odata import Entity, Listing, Page, Row, Where, all_of, any_of, equal, one_of, pages, pages_of
from duehook.plugins.sap.mapping.families import Families, Kinds
from duehook.plugins.sap.mapping.lines import DocumentKey, LineKey, document_of, key_of, reference_of
from duehook.plugins.sap.site import SapSite

OPEN = Where.field("IsCleared", "eq", False)
REFERRING = Where.field("InvoiceReference", "ne", "")
DOCUMENTS = 60  # in one question: its address stays under what proxies let through
Lines = list[Row]


@dataclass(frozen=True)
class Cube:
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

    def at_keys(self, keys: Iterable[LineKey]) -> Lines:
        """Return the lines of these keys, as they are now."""
        wanted = set(keys)
        return [line for line in self.of_documents({key[:3] for key in wanted}) if key_of(line) in wanted]

    def referring_to(self, keys: Iterable[LineKey]) -> Lines:
        """Return the payments' lines that refer to these."""
        wanted = set(keys)
        found = self._asked(
            listing
            for (company,), numbers in _by_start({(key[0], key[2]) for key in wanted})
            for listing in self._listings(company, "InvoiceReference", numbers)
        )
        return [line for line in found if self.kinds.pays(line) and reference_of(line) in wanted]

    def families(self, lines: Iterable[Row]) -> Families:
        """Gather lines with what they refer to and what refers to them, until nothing new comes."""
        held = {key_of(line): line for line in lines}
        new = held
        while new:
            above = self.targets(new.values(), held)
            below = {key_of(line): line for line in self.referring_to(new)}
            new = {key: line for key, line in {**above, **below}.items() if key not in held}
            held = {**held, **new}
        return Families.of(self.kinds, held.values())

    def open_families(self, cleared_since: date | None = None) -> Lines:
        """Return all open lines that refer to others with those others, however long ago these were cleared.

        `cleared_since` has the lines beside them that were cleared since then.
        """
        young = [Where.field("ClearingDate", "ge", cleared_since)] if cleared_since else []
        held = {key_of(line): line for line in self.read(all_of(REFERRING, any_of(OPEN, *young)))}
        new = {key: line for key, line in held.items() if not line.get("IsCleared")}
        while new:
            new = self.targets(new.values(), held)
            held |= new
        return list(held.values())

    def targets(self, lines: Iterable[Row], held: Mapping[LineKey, Row]) -> dict[LineKey, Row]:
        """Return what these payments' lines refer to and is not yet held."""
        wanted = {of for line in lines if self.kinds.pays(line) and (of := reference_of(line)) is not None}
        return {key_of(line): line for line in self.at_keys(wanted - held.keys())}

    def payments(self, documents: Iterable[DocumentKey]) -> dict[DocumentKey, Lines]:
        """Return the lines of those documents that are payments."""
        found: dict[DocumentKey, Lines] = {}
        for line in self.of_documents(documents):
            if self.kinds.pays(line):
                found.setdefault(document_of(line), []).append(line)
        return found

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
