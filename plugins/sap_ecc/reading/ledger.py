"""Customers' lines in BSID (open) and BSAD (cleared): of documents, of what refers to them, and in pages.

The tables have no order that could be relied on, so a reading first lists what there is in few columns and then asks
for whole lines by ranges of their keys.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Final

from duehook.core.errors import ConnectorGarbled
from duehook.plugins.sap_ecc import tables
from duehook.plugins.sap_ecc.client.tables import Rows
from duehook.plugins.sap_ecc.mapping.lines import Line, LineMapping
from duehook.plugins.sap_ecc.site import EccSite, in_pages
from duehook.plugins.sap_ecc.tables import Table
from duehook.plugins.sap_ecc.where import NOTHING, Where, any_named, both, compare, either, together
from duehook.plugins.sap_lines.families import Families, Kinds
from duehook.plugins.sap_lines.gathering import Gathering, Lines
from duehook.plugins.sap_lines.lines import DocumentKey, LineKey, document_of, key_of, reference_of

REFERRING: Where = compare("REBZG", "<>", "")
KEY: Final = ("BUKRS", "GJAHR", "BELNR", "BUZEI")
_BETWEEN: Final = "\0"  # which sorts before whatever stands in a key


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
        for part in together(_documents(wanted)):
            found += [line for line in self._both(part) if document_of(line) in wanted]
        return found

    def naming(self, documents: Collection[tuple[str, str]]) -> Lines:
        """Return the lines that refer to documents of these company codes and numbers."""
        found: Lines = []
        wanted = set(documents)
        for part in together(_named(wanted)):
            lines = self._both(part)
            found += [line for line in lines if (line["CompanyCode"], line["InvoiceReference"]) in wanted]
        return found

    def referring(self, cleared_since: date | None) -> Lines:
        """Return all lines that refer to another and are open, or were cleared since a day."""
        within = self.site.in_companies()
        young = [both(within, compare("AUGDT", ">=", cleared_since))] if cleared_since else []
        return self._referring(Wanted(within, young))

    def overview(self, wanted: Wanted) -> Overview:
        """List what is wanted: first what is open, so that what is cleared meanwhile is in one of both at least."""
        found = Overview()
        if wanted.open is not None:
            found.add(self.site.read(tables.OPEN_KEYS, wanted.open), cleared=False)
        for where in wanted.cleared:
            found.add(self.site.read(tables.CLEARED_KEYS, where), cleared=True)
        self.site.prove()
        return found

    def pages(self, overview: Overview, wanted: Wanted, after: Sequence[str] | None) -> Iterator[Lines]:
        """Yield the lines of an overview whole, in the order of their keys, from behind one."""
        for keys in overview.pages(after or (), self.site.settings.page_size):
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

    def related(self, overview: Overview, wanted: Wanted) -> Families:
        """Gather what of the wanted refers to another, with what that is, as far as it was listed or is open's.

        What open lines refer to is gathered however long ago that was cleared.
        """
        held = {key_of(line): line for line in self._referring(wanted)}
        new = list(held.values())
        while new:
            above = {(of, line["IsCleared"]) for line in new if (of := reference_of(line)) is not None}
            new = self.at_keys(of for of, old in above if of not in held and (not old or overview.lists(of)))
            held |= {key_of(line): line for line in new}
        return Families.of(self.kinds, held.values(), trusting=True)

    def _referring(self, wanted: Wanted) -> Lines:
        found: dict[LineKey, Line] = {}
        if wanted.open is not None:
            found |= self._by_key(self.open, both(wanted.open, REFERRING), cleared=False)
        for where in wanted.cleared:
            found |= self._by_key(self.cleared, both(where, REFERRING), cleared=True)
        return list(found.values())

    def _both(self, where: Where) -> Lines:
        found = self._by_key(self.open, where, cleared=False)
        return list((found | self._by_key(self.cleared, where, cleared=True)).values())

    def _by_key(self, table: Table, where: Where, *, cleared: bool) -> dict[LineKey, Line]:
        lines = LineMapping(self.site).lines(self.site.read(table, where), cleared=cleared)
        return {key_of(line): line for line in lines}


class Overview:
    """What a reading has to read: the keys of lines, and which of them are cleared. There may be very many."""

    def __init__(self) -> None:
        self._cleared: dict[str, bool] = {}

    def add(self, rows: Rows, *, cleared: bool) -> None:
        """Take rows up; one that is there already is cleared since."""
        self._cleared |= dict.fromkeys(map(_BETWEEN.join, rows.cells(KEY)), cleared)

    def __len__(self) -> int:
        """Return how many lines there are."""
        return len(self._cleared)

    def pages(self, after: Sequence[str], size: int) -> Iterator[list[LineKey]]:
        """Yield the keys in order from behind one, some at a time."""
        behind = _BETWEEN.join(after)
        for part in in_pages(sorted(name for name in self._cleared if name > behind), size):
            yield [_key(name) for name in part]

    def lists(self, key: LineKey) -> bool:
        """Say whether a line was listed."""
        return _BETWEEN.join(key) in self._cleared

    def __le__(self, other: Overview) -> bool:
        """Say whether another lists all that is listed here."""
        return self._cleared.keys() <= other._cleared.keys()

    def is_cleared(self, key: LineKey) -> bool:
        """Say whether a line was cleared when it was listed."""
        return self._cleared[_BETWEEN.join(key)]


def _key(name: str) -> LineKey:
    company, year, document, place = name.split(_BETWEEN)
    return company, year, document, place


def _documents(wanted: Iterable[DocumentKey]) -> Iterator[Where]:
    for (company, year), group in groupby(sorted(wanted), key=lambda key: key[:2]):
        within = (compare("BUKRS", "=", company), compare("GJAHR", "=", year))
        yield from (both(*within, part) for part in any_named("BELNR", [key[2] for key in group]))


def _named(wanted: Iterable[tuple[str, str]]) -> Iterator[Where]:
    for company, group in groupby(sorted(wanted), key=lambda key: key[0]):
        parts = any_named("REBZG", [key[1] for key in group])
        yield from (both(compare("BUKRS", "=", company), part) for part in parts)


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
