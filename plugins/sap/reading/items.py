"""Read items: whole or since a day, by key, and what is open now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from duehook.core.hookspecs import KeyPage, Lookup, Page, Position, Total, UpperBound
from duehook.plugins.sap import entities
from duehook.plugins.sap.site import SapSite, day_of
from duehook.plugins.sap_lines.cases import Cases
from duehook.plugins.sap_lines.families import Families
from duehook.plugins.sap_lines.items import ItemMapping
from duehook.plugins.sap_lines.lines import Line, LineKey, key_of, read, written

from .cube import OPEN, Cube, Lines
from .disputes import Disputes
from .place import FIRST, Place


class ItemReading:
    """Reads items in the order of their keys, with the open dispute cases about them."""

    def __init__(self, site: SapSite) -> None:
        """Take the site."""
        self._site = site
        self._mapping = ItemMapping(site.settings.codes, site.patch("item"), source=entities.ITEM.name)
        self._kinds = self._mapping.kinds
        self._cube = Cube(site, self._kinds, site.entity(entities.OWED))
        self._short = Cube(site, self._kinds, entities.FAMILY)
        self._marks = Cube(site, self._kinds, entities.MARKS)
        self._disputes = Disputes(site, site.disputes) if site.disputes is not None else None

    def pages(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield the pages of items, the last one done."""
        place = Place.at(position, bound, self._site.settings)
        cases = self._disputes.all() if self._disputes else Cases()
        noting = place.noting([written(key) for key in cases.by_item])
        if place.since is None:
            yield from self._all(noting, cases)
        else:
            yield from self._changed(place, cases)
            yield Page([], noting.done)

    def keys(self) -> Iterator[KeyPage]:
        """Yield the keys of open items; whole when as many lines came as SAP counts, and any can be seen."""
        told, families = 0, Families.of(self._kinds, self._marks.open_families())
        for page in self._marks.pages(OPEN):
            told += len(page.rows)
            yield KeyPage([_name(line) for line in page.rows if families.is_item(line)])
        yield KeyPage([_name(line) for line in families.reopened()])
        yield KeyPage([], complete=told == self._marks.count(OPEN) and (told > 0 or self._sees_lines()))

    def lookup(self, keys: Sequence[tuple[str, str]]) -> Lookup:
        """Read items again; a line that is not there was archived, for SAP deletes none."""
        wanted = {key for company, name in keys if (key := read(name)) is not None and key[0] == company}
        families = self._cube.families(self._cube.at_keys(wanted))
        items = [line for key, line in families.lines.items() if key in wanted and families.is_item(line)]
        cases = self._disputes.about([key_of(line) for line in items]) if self._disputes else Cases()
        rows, bad = self._mapping.rows(items, families, cases)
        there = {_name(line) for line in items}
        return Lookup(rows, missing=[name for name in keys if name not in there], bad=bad)

    def totals(self, bound: UpperBound) -> Iterator[Sequence[Total]]:
        """Yield what is open, by item."""
        past, families = day_of(bound.mark), Families.of(self._kinds, self._short.open_families())
        for page in self._cube.pages(OPEN):
            yield self._mapping.totals(filter(families.is_item, page.rows), families, past)
        yield self._mapping.totals(self._whole(families.reopened()), families, past)

    def _sees_lines(self) -> bool:
        """Say whether any line is shown: a user who lost his company codes is shown none, and that proves nothing."""
        return any(
            self._site.items.rows(entities.ITEM, self._site.lines(companies=companies), top=1)
            for companies in self._site.in_reach()
        )

    def _all(self, place: Place, cases: Cases) -> Iterator[Page]:
        """Yield all items that are open or were cleared lately, and those of which only a residual line is open."""
        referring = self._short.open_families(cleared_since=place.history_from)
        families = Families.of(self._kinds, referring, trusting=True)
        for page in self._cube.pages(place.wanted("ClearingDate"), place.after):
            rows, bad = self._mapping.rows(filter(families.is_item, page.rows), families, cases)
            yield Page(rows, place.position(page.last), bad)
        long_ago = [line for line in families.reopened() if not _is_young(line, place.history_from)]
        rows, bad = self._mapping.rows(self._whole(long_ago), families, cases)
        yield Page(rows, place.done, bad)

    def _whole(self, lines: Iterable[Line]) -> Lines:
        """Return lines of which a part is known with all their fields."""
        return self._cube.at_keys([key_of(line) for line in lines])

    def _changed(self, place: Place, cases: Cases) -> Iterator[Page]:
        """Yield the items of whose family a line was changed, and those that are or were disputed."""
        if place.after is None:
            keys = {key for name in place.noted if (key := read(name)) is not None}
            yield from self._again({*keys, *cases.by_item}, place, cases)
        for page in self._cube.pages(place.wanted(), place.after):
            families = self._cube.families(page.rows)
            rows, bad = self._mapping.rows(items_of(page.rows, families), families, cases)
            yield Page(rows, place.position(page.last), bad)

    def _again(self, keys: set[LineKey], place: Place, cases: Cases) -> Iterator[Page]:
        if keys:
            families = self._cube.families(self._cube.at_keys(keys))
            items = [line for key, line in families.lines.items() if key in keys and families.is_item(line)]
            rows, bad = self._mapping.rows(items, families, cases)
            yield Page(rows, place.position(FIRST), bad)


def _is_young(line: Line, history_from: date) -> bool:
    cleared_on = line.get("ClearingDate")
    return isinstance(cleared_on, date) and cleared_on >= history_from


def items_of(lines: Iterable[Line], families: Families) -> list[Line]:
    """Return the items that these lines are or belong to: SAP stamps a payment's line, not its item."""
    keys = dict.fromkeys(families.item_of(line) or key_of(line) for line in lines)
    return [line for key in keys if families.is_item(line := families.lines[key])]


def _name(line: Line) -> tuple[str, str]:
    return line["CompanyCode"], written(key_of(line))
