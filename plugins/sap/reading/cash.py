"""Read payments, and what they and clearings take off items: whole or since a day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import suppress
from datetime import date
from typing import Any, Final

from duehook.core.errors import BadRecord
from duehook.core.hookspecs import BadRow, Page, Position, UpperBound
from duehook.core.wire.odata import Where, all_of, any_of, one_of
from duehook.plugins.sap.entities import FAMILY, GRANT, PAYMENT
from duehook.plugins.sap.mapping.cash import CashMapping
from duehook.plugins.sap.mapping.families import Families
from duehook.plugins.sap.mapping.lines import (
    OWN,
    DocumentKey,
    Line,
    LineKey,
    document_of,
    key_of,
    signed,
    unreadable,
    written,
)
from duehook.plugins.sap.site import SapSite

from .cube import REFERRING, Cube
from .items import items_of
from .place import Place

Row = dict[str, Any]
Lines = list[Row]
# A line that says itself that something was taken off an item; `_tells` says the same of one that was read.
TELLING: Final = any_of(Where.field("IsCleared", "eq", True), REFERRING, Where.field("ClearingIsReversed", "eq", True))


class CashReading:
    """Reads payments and allocations in the order of their lines' keys."""

    def __init__(self, site: SapSite) -> None:
        """Take the site."""
        self._site = site
        self._mapping = CashMapping(site.settings.codes, site.patch("payment"))
        self._kinds = self._mapping.kinds
        self._cube = Cube(site, self._kinds, site.entity(PAYMENT))
        self._short = Cube(site, self._kinds, FAMILY)
        self._grants = Cube(site, self._kinds, GRANT)

    def payments(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield payments: the last document of a page waits for the next one, which may have more of its lines."""
        place = Place.at(position, bound, self._site.settings)
        types = one_of("AccountingDocumentType", sorted(self._kinds.payments))
        waiting: Lines = []
        for page in self._cube.pages(all_of(place.wanted("PostingDate"), types), place.after):
            documents = _documents([*waiting, *self._whole(place, list(page.rows), waiting)])
            waiting = documents.pop() if documents else []
            if documents:
                yield self._payment_page(place, documents)
        if waiting:
            yield self._payment_page(place, [waiting])
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
            rows, bad = self._taken(page.rows, families)
            more, worse = self._cleared(items, families, again=False)
            yield Page(rows + more, place.position(page.last), bad + worse)
        rows, bad = self._cleared(self._untold(left, families), families, again=False)
        yield Page(rows, place.done, bad)

    def _untold(self, keys: Set[LineKey], families: Families) -> list[Line]:
        """Return those of these items that say nothing of what was taken off them: what refers to them says it."""
        held = [families.lines[key] for key in sorted(keys & families.lines.keys())]
        others = self._short.at_keys(keys - families.lines.keys())
        return [line for line in (*held, *others) if families.is_item(line) and not _tells(line)]

    def _taken_since(self, place: Place) -> Iterator[Page]:
        """Yield what was taken off the items of whose family a line was changed."""
        for page in self._short.pages(place.wanted(), place.after):
            families = self._short.families(page.rows)
            rows, bad = self._taken(page.rows, families)
            more, worse = self._cleared(items_of(page.rows, families), families, again=True)
            yield Page(rows + more, place.position(page.last), bad + worse)
        yield Page([], place.done)

    def _payment_page(self, place: Place, documents: Sequence[Lines]) -> Page:
        families = self._cube.families(line for lines in documents for line in lines if not line.get("IsCleared"))
        rows, bad = [], []
        for lines in documents:
            try:
                rows.append(self._mapping.payment(lines, families))
            except BadRecord as error:
                bad.append(unreadable(lines[0], error, written(document_of(lines[0]))))
        return Page(rows, place.position(key_of(documents[-1][-1])), bad)

    def _whole(self, place: Place, lines: Lines, waiting: Lines) -> Lines:
        """Return all lines of the documents of which only some may have come: changed ones, or old open ones."""
        part = {document_of(line) for line in lines if place.since is not None or _is_old(line, place.history_from)}
        part -= {document_of(line) for line in waiting}
        others = [line for line in lines if document_of(line) not in part]
        return sorted([*others, *self._cube.of_documents(part)], key=key_of)

    def _taken(self, lines: Iterable[Line], families: Families) -> tuple[list[Row], list[BadRow]]:
        """Return what these lines took off items."""
        rows: list[Row] = []
        bad: list[BadRow] = []
        for line in lines:
            try:
                rows += list(self._mapping.taken(line, families))
            except BadRecord as error:
                bad.append(unreadable(line, error, written(key_of(line))))
        return rows, bad

    def _cleared(self, items: Sequence[Line], families: Families, *, again: bool) -> tuple[list[Row], list[BadRow]]:
        """Return what clearings took off these items."""
        paid = self._grants.payments(set(_clearing_documents(items, families)))
        rows: list[Row] = []
        bad: list[BadRow] = []
        for item in items:
            try:
                rows += list(self._mapping.cleared(item, families, paid, again=again))
            except BadRecord as error:
                bad.append(unreadable(item, error, f"{written(key_of(item))}|cleared"))
        return rows, bad


def _tells(line: Line) -> bool:
    return any(line.get(name) for name in ("IsCleared", "InvoiceReference", "ClearingIsReversed"))


def _is_old(line: Line, history_from: date) -> bool:
    posted = line.get("PostingDate")
    return not isinstance(posted, date) or posted < history_from


def _clearing_documents(items: Iterable[Line], families: Families) -> Iterator[DocumentKey]:
    """Yield the documents that cleared more of a family than refers to it, where its lines can be read."""
    for item in items:
        with suppress(BadRecord):
            for document, lines in families.clearings(item):
                if sum(signed(line, OWN) for line in lines):
                    yield document


def _documents(lines: Lines) -> list[Lines]:
    """Return the lines by document, in the order in which they came."""
    found: dict[DocumentKey, Lines] = {}
    for line in lines:
        found.setdefault(document_of(line), []).append(line)
    return list(found.values())
