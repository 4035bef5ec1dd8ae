"""Read payments, and what they and clearings take off items: whole or since a day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

from duehook.core.hookspecs import Page, Position, UpperBound
from duehook.core.wire.odata import Where, all_of, any_of, one_of
from duehook.plugins.sap.entities import FAMILY, GRANT, ITEM, PAYMENT
from duehook.plugins.sap.site import SapSite
from duehook.plugins.sap_lines.cash import CashMapping
from duehook.plugins.sap_lines.families import Families
from duehook.plugins.sap_lines.lines import Line, document_of, key_of
from duehook.plugins.sap_lines.settling import CashRows, documents_of, untold

from .cube import REFERRING, Cube
from .items import items_of
from .place import Place

Row = dict[str, Any]
Lines = list[Row]
# A line that says itself that something was taken off an item; `settling.untold` says the same of one that was read.
TELLING: Final = any_of(Where.field("IsCleared", "eq", True), REFERRING, Where.field("ClearingIsReversed", "eq", True))


class CashReading:
    """Reads payments and allocations in the order of their lines' keys."""

    def __init__(self, site: SapSite) -> None:
        """Take the site."""
        self._site = site
        mapping = CashMapping(site.settings.codes, site.patch("payment"), source=ITEM.name)
        self._kinds = mapping.kinds
        self._cube = Cube(site, self._kinds, site.entity(PAYMENT))
        self._short = Cube(site, self._kinds, FAMILY)
        self._cash = CashRows(mapping, Cube(site, self._kinds, GRANT))

    def payments(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield payments: the last document of a page waits for the next one, which may have more of its lines."""
        place = Place.at(position, bound, self._site.settings)
        types = one_of("AccountingDocumentType", sorted(self._kinds.payments))
        waiting: Lines = []
        for page in self._cube.pages(all_of(place.wanted("PostingDate"), types), place.after):
            documents = documents_of([*waiting, *self._whole(place, list(page.rows), waiting)])
            waiting = documents.pop() if documents else []
            if documents:
                yield self._page(place, documents)
        if waiting:
            yield self._page(place, [waiting])
        yield Page([], place.done)

    def allocations(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield what payments' lines and clearings took off items, the last page done."""
        place = Place.at(position, bound, self._site.settings)
        yield from self._all_taken(place) if place.since is None else self._taken_since(place)

    def _all_taken(self, place: Place) -> Iterator[Page]:
        """Yield what was taken off all items, without reading those off which nothing was: most are open and untouched.

        On the last page, behind the lines that tell of it, come the open items of which only others do.
        """
        referring = self._short.open_families(cleared_since=place.history_from)
        families = Families.of(self._kinds, referring, trusting=True)
        left = set(families.referred_to())
        for page in self._short.pages(all_of(place.wanted("ClearingDate", "PostingDate"), TELLING), place.after):
            left.difference_update(map(key_of, page.rows))
            items = [line for line in page.rows if families.is_item(line)]
            rows, bad = self._cash.taken(page.rows, families)
            more, worse = self._cash.cleared(items, families, again=False)
            yield Page(rows + more, place.position(page.last), bad + worse)
        rows, bad = self._cash.cleared(untold(left, families, self._short), families, again=False)
        yield Page(rows, place.done, bad)

    def _taken_since(self, place: Place) -> Iterator[Page]:
        """Yield what was taken off the items of whose family a line was changed."""
        for page in self._short.pages(place.wanted(), place.after):
            families = self._short.families(page.rows)
            rows, bad = self._cash.taken(page.rows, families)
            more, worse = self._cash.cleared(items_of(page.rows, families), families, again=True)
            yield Page(rows + more, place.position(page.last), bad + worse)
        yield Page([], place.done)

    def _page(self, place: Place, documents: Sequence[Lines]) -> Page:
        rows, bad = self._cash.payments(documents, self._cube)
        return Page(rows, place.position(key_of(documents[-1][-1])), bad)

    def _whole(self, place: Place, lines: Lines, waiting: Lines) -> Lines:
        """Return all lines of the documents of which only some may have come: changed ones, or old open ones."""
        part = {document_of(line) for line in lines if place.since is not None or _is_old(line, place.history_from)}
        part -= {document_of(line) for line in waiting}
        others = [line for line in lines if document_of(line) not in part]
        return sorted([*others, *self._cube.of_documents(part)], key=key_of)


def _is_old(line: Line, history_from: date) -> bool:
    posted = line.get("PostingDate")
    return not isinstance(posted, date) or posted < history_from
