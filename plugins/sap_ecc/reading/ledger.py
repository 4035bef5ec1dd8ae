"""Customers' lines in BSID (open) and BSAD (cleared): of documents, of what refers to them, and in pages.

The tables have no order that could be relied on, so a reading first lists what there is in few columns and then asks
for whole lines by ranges of their keys.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from sys import intern

from duehook.core.errors import ConnectorGarbled
from duehook.plugins.sap_ecc import tables
from duehook.plugins.sap_ecc.client.tables import Rows
from duehook.plugins.sap_ecc.mapping.lines import Line, LineMapping
from duehook.plugins.sap_ecc.site import EccSite, in_pages
from duehook.plugins.sap_ecc.tables import Table
from duehook.plugins.sap_ecc.where import NOTHING, Where, any_named, both, compare, either
from duehook.plugins.sap_lines.families import Families, Kinds
from duehook.plugins.sap_lines.gathering import Gathering, Lines
from duehook.plugins.sap_lines.lines import DocumentKey, LineKey, document_of, key_of, reference_of

REFERRING: Where = compare("REBZG", "<>", "")


@dataclass(frozen=True)
class Wanted:
    """Which lines are read: of the open ones, and of the cleared ones, whose conditions are asked one by one.

    `within` is what all these ask together, where one question can: by ranges of keys few lines come at once.
    """

    open: Where | None = NOTHING
    cleared: Sequence[Where] = ()
    within: Where | None = None


@dataclass(frozen=True)
class Ledger(Gathering):
    """The lines of one client, whole or in the columns that tell what belongs together."""

    site: EccSite
    kinds: Kinds
    open: Table = tables.OPEN
    cleared: Table = tables.CLEARED

    @classmethod
    def short(cls, site: EccSite, kinds: Kinds) -> Ledger:
        """Return it in the columns that tell what belongs together, and who took how much off what."""
        return cls(site, kinds, tables.OPEN_SHORT, tables.CLEARED_SHORT)

    def of_documents(self, documents: Iterable[DocumentKey]) -> Lines:
        """Return all lines of these documents."""
        found: Lines = []
        wanted = set(documents)
        for (company, year), group in groupby(sorted(wanted), key=lambda key: key[:2]):
            within = (compare("BUKRS", "=", company), compare("GJAHR", "=", year))
            for part in any_named("BELNR", [key[2] for key in group]):
                found += [line for line in self._both(both(*within, part)) if document_of(line) in wanted]
        return found

    def naming(self, documents: Collection[tuple[str, str]]) -> Lines:
        """Return the lines that refer to documents of these company codes and numbers."""
        found: Lines = []
        wanted = set(documents)
        for company, group in groupby(sorted(wanted), key=lambda key: key[0]):
            for part in any_named("REBZG", [key[1] for key in group]):
                lines = self._both(both(compare("BUKRS", "=", company), part))
                found += [line for line in lines if (company, line["InvoiceReference"]) in wanted]
        return found

    def referring(self, cleared_since: date | None) -> Lines:
        """Return all lines that refer to another and are open, or were cleared since a day."""
        within = self.site.in_companies()
        young = [both(within, REFERRING, compare("AUGDT", ">=", cleared_since))] if cleared_since else []
        overview = self.overview(Wanted(both(within, REFERRING), young))
        return [overview.line(key) for key in overview.keys]

    def overview(self, wanted: Wanted) -> Overview:
        """List what is wanted: first what is open, so that what is cleared meanwhile is in one of both at least."""
        found = Overview(LineMapping(self.site))
        if wanted.open is not None:
            found.add(self.site.read(self.open, wanted.open), cleared=False)
        for where in wanted.cleared:
            found.add(self.site.read(self.cleared, where), cleared=True)
        self.site.prove()
        return found

    def pages(self, overview: Overview, wanted: Wanted, after: Sequence[str] | None) -> Iterator[Lines]:
        """Yield the lines of an overview whole, in the order of their keys, from behind one."""
        left = [key for key in overview.keys if after is None or key > tuple(after)]
        for keys in in_pages(left, self.site.settings.page_size):
            yield self.whole(keys, overview, wanted)

    def whole(self, keys: Sequence[LineKey], overview: Overview, wanted: Wanted) -> Lines:
        """Return the lines of these keys, as they are now; those that moved meanwhile are looked for."""
        within, found = between(keys), dict[LineKey, Line]()
        if wanted.open is not None and not all(map(overview.is_cleared, keys)):
            found |= self._by_key(self.open, both(wanted.open, within), cleared=False)
        if any(map(overview.is_cleared, keys)):
            for where in wanted.cleared if wanted.within is None else [wanted.within]:
                found |= self._by_key(self.cleared, both(where, within), cleared=True)
        missing = [key for key in keys if key not in found]
        found |= {key_of(line): line for line in self.at_keys(missing)}
        gone = [key for key in keys if key not in found]
        if gone:
            told = f"BSID and BSAD list {len(gone)} lines that they do not give, {'|'.join(gone[0])} first."
            raise ConnectorGarbled(told, fix="it is asked again by the next run; let the SAP admin look what cuts it.")
        return [found[key] for key in keys]

    def _both(self, where: Where) -> Lines:
        found = self._by_key(self.open, where, cleared=False)
        return list((found | self._by_key(self.cleared, where, cleared=True)).values())

    def _by_key(self, table: Table, where: Where, *, cleared: bool) -> dict[LineKey, Line]:
        mapping = LineMapping(self.site)
        lines = (mapping.line(row, cleared=cleared) for row in self.site.rows(table, where))
        return {key_of(line): line for line in lines}


@dataclass
class Overview:
    """What a reading has to read: the keys, and what tells of each line what belongs to it."""

    mapping: LineMapping
    _held: dict[LineKey, tuple[Rows, str, bool]] = field(default_factory=dict)
    _referring: set[LineKey] = field(default_factory=set)

    def add(self, rows: Rows, *, cleared: bool) -> None:
        """Take rows up; one that is there already is cleared since."""
        for text, cells in zip(rows.texts, rows.cells(("BUKRS", "GJAHR", "BELNR", "BUZEI", "REBZG")), strict=True):
            company, year, document, place, of = cells
            key = (intern(company), intern(year), document, intern(place))
            self._held[key] = (rows, text, cleared)
            if of:
                self._referring.add(key)

    @property
    def keys(self) -> list[LineKey]:
        """Return the keys in order."""
        return sorted(self._held)

    def lists(self, key: LineKey | tuple[str, ...]) -> bool:
        """Say whether a line was listed."""
        return key in self._held

    def refers(self, key: LineKey) -> bool:
        """Say whether a line refers to another: an open one that does not is an item."""
        return key in self._referring

    def is_cleared(self, key: LineKey) -> bool:
        """Say whether a line was cleared when it was listed."""
        return self._held[key][2]

    def line(self, key: LineKey) -> Line:
        """Return a line as far as it was listed."""
        rows, text, cleared = self._held[key]
        return self.mapping.line(rows.read(text), cleared=cleared)

    def related(self, ledger: Ledger) -> Related:
        """Gather what refers to what, with what open lines refer to however long ago that was cleared."""
        held = {key: self.line(key) for key in self._referring}
        new: Mapping[LineKey, Line] = dict(held)
        while new:
            wanted = {of for line in new.values() if (of := reference_of(line)) is not None} - held.keys()
            here = {key: self.line(key) for key in wanted if key in self._held}
            young = {of for line in new.values() if not line["IsCleared"] and (of := reference_of(line)) in wanted}
            there = {key_of(line): line for line in ledger.at_keys(young - here.keys())}
            new = here | there
            held |= new
        return Related(Families.of(ledger.kinds, held.values(), trusting=True), held)


@dataclass(frozen=True)
class Related:
    """Families of an overview's lines, and the lines that these are of."""

    families: Families
    lines: Mapping[LineKey, Line]


def between(keys: Sequence[LineKey]) -> Where:
    """Ask for the documents from the first to the last of these keys, by company code and year."""
    parts = []
    for (company, year), group in groupby(keys, key=lambda key: key[:2]):
        numbers = [key[2] for key in group]
        parts.append(
            both(compare("BUKRS", "=", company), compare("GJAHR", "=", year),
                 compare("BELNR", ">=", numbers[0]), compare("BELNR", "<=", numbers[-1]))
        )  # fmt: skip
    return either(*parts)
