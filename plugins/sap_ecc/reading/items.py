"""Read items: what is open always whole, for BSID bears no stamp of a change; what was cleared since a day; by key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from duehook.core.hookspecs import BadRow, KeyPage, Lookup, Page, Position, Total, UpperBound
from duehook.plugins.sap_ecc import tables
from duehook.plugins.sap_ecc.mapping.lines import due_as
from duehook.plugins.sap_ecc.mapping.values import bare
from duehook.plugins.sap_ecc.site import EccSite, day_of
from duehook.plugins.sap_ecc.where import both
from duehook.plugins.sap_lines.cases import Cases
from duehook.plugins.sap_lines.families import Families
from duehook.plugins.sap_lines.items import ItemMapping
from duehook.plugins.sap_lines.lines import Line, LineKey, key_of, read, reference_of, written
from duehook.plugins.sap_lines.place import Place

from . import young
from .ledger import Ledger, Overview, Wanted, between

Rows = tuple[list[dict[str, Any]], list[BadRow]]


class ItemReading:
    """Reads items in the order of their keys."""

    def __init__(self, site: EccSite) -> None:
        """Take the site."""
        self._site = site
        self._mapping = ItemMapping(site.settings.codes)
        self._ledger = Ledger(site, self._mapping.kinds)
        self._short = Ledger.short(site, self._mapping.kinds)

    def pages(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield the pages of items, the last one done."""
        place = Place.at(position, bound, self._site.settings)
        span = young.together(self._site, place, "AUGDT")
        wanted = Wanted(self._site.in_companies(), young.cleared(self._site, place), span)
        overview = self._ledger.overview(wanted)
        families = self._short.related(overview, wanted)
        for lines in self._ledger.pages(overview, wanted, place.after):
            rows, bad = self._rows(filter(families.is_item, lines), families, families.lines)
            yield Page(rows, place.position(key_of(lines[-1])), bad)
        long_ago = [key_of(line) for line in families.reopened() if not overview.lists(key_of(line))]
        rows, bad = self._rows(self._ledger.at_keys(long_ago), families, families.lines)
        yield Page(rows, place.done, bad)

    def keys(self) -> Iterator[KeyPage]:
        """Yield the keys of open items; whole when they come again by ranges, and any line can be seen."""
        wanted = Wanted(self._site.in_companies())
        overview = self._ledger.overview(wanted)
        families = self._short.related(overview, wanted)
        whole = bool(len(overview)) or self._sees_lines()
        for keys in overview.pages((), self._site.settings.page_size):
            again = Overview()
            again.add(self._site.read(tables.OPEN_KEYS, both(wanted.open or (), between(keys))), cleared=False)
            whole = whole and all(map(again.lists, keys)) and again <= overview
            lines = families.lines  # what is not there refers to nothing, and is an item
            yield KeyPage([_name(key) for key in keys if key not in lines or families.is_item(lines[key])])
        yield KeyPage([_name(key_of(line)) for line in families.reopened()])
        yield KeyPage([], complete=whole)

    def lookup(self, keys: Sequence[tuple[str, str]]) -> Lookup:
        """Read items again; a line that is not there was archived, for FI deletes none."""
        wanted = {key for company, name in keys if (key := read(name)) is not None and key[0] == company}
        families = self._ledger.families(self._ledger.at_keys(wanted))
        items = [line for key, line in families.lines.items() if key in wanted and families.is_item(line)]
        credited = {of for line in items if (of := reference_of(line)) is not None}
        invoices = {key_of(line): line for line in self._ledger.at_keys(credited - families.lines.keys())}
        rows, bad = self._rows(items, families, {**families.lines, **invoices})
        self._site.prove()
        there = {_name(key_of(line)) for line in items}
        return Lookup(rows, missing=[name for name in keys if name not in there], bad=bad)

    def totals(self, bound: UpperBound) -> Iterator[Sequence[Total]]:
        """Yield what is open, by item."""
        wanted, past = Wanted(self._site.in_companies()), day_of(bound.mark)
        overview = self._ledger.overview(wanted)
        families = self._short.related(overview, wanted)
        for lines in self._ledger.pages(overview, wanted, None):
            yield self._mapping.totals(filter(families.is_item, lines), families, past)
        again = self._ledger.at_keys([key_of(line) for line in families.reopened()])
        yield self._mapping.totals(again, families, past)

    def _rows(self, items: Iterable[Line], families: Families, known: Mapping[LineKey, Line]) -> Rows:
        rows, bad = self._mapping.rows([_due(line, known) for line in items], families, Cases())
        return [row | {"document_no": bare(row["document_no"])} for row in rows], bad

    def _sees_lines(self) -> bool:
        """Say whether any line is shown: a user who may see no company code is shown none, and that proves nothing."""
        return bool(self._site.reader.read(tables.CLEARING, self._site.in_companies(), most=1).texts)


def _due(line: Line, known: Mapping[LineKey, Line]) -> Line:
    """Return a credit note that refers to an invoice as due with it."""
    of = reference_of(line)
    if of is None or line["DebitCreditCode"] != "H" or of not in known:
        return line
    return due_as(line, known[of])


def _name(key: LineKey) -> tuple[str, str]:
    return key[0], written(key)
