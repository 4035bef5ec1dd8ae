"""Read payments, and what they and clearings take off items: whole or since a day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from duehook.core.hookspecs import Page, Position, UpperBound
from duehook.plugins.sap_ecc.mapping.lines import Line
from duehook.plugins.sap_ecc.site import EccSite, in_pages
from duehook.plugins.sap_ecc.where import both, one_of
from duehook.plugins.sap_lines.cash import CashMapping
from duehook.plugins.sap_lines.gathering import Lines
from duehook.plugins.sap_lines.lines import DocumentKey, LineKey, document_of, key_of
from duehook.plugins.sap_lines.place import Place
from duehook.plugins.sap_lines.settling import CashRows, documents_of, untold

from . import young
from .headers import with_reversals
from .ledger import REFERRING, Ledger, Wanted


class CashReading:
    """Reads payments and allocations in the order of their lines' keys."""

    def __init__(self, site: EccSite) -> None:
        """Take the site."""
        self._site = site
        mapping = CashMapping(site.settings.codes)
        self._kinds = mapping.kinds
        self._ledger, self._short = Ledger(site, self._kinds), Ledger.short(site, self._kinds)
        self._cash = CashRows(mapping, self._short)

    def payments(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield payments, each document whole."""
        place = Place.at(position, bound, self._site.settings)
        types = one_of("BLART", sorted(self._kinds.payments))
        span = young.together(self._site, place, "BUDAT", types)
        wanted = Wanted(both(self._site.in_companies(), types), young.paid(self._site, place, types), span)
        overview = self._short.overview(wanted)
        behind = place.after[:3] if place.after is not None else ()
        by_document: dict[DocumentKey, list[LineKey]] = {}
        for keys in overview.pages(behind, self._site.settings.page_size):
            for key in keys:
                if key[:3] > behind:
                    by_document.setdefault(key[:3], []).append(key)
        for part in in_pages(sorted(by_document), self._site.settings.page_size):
            lines = self._ledger.whole([key for each in part for key in by_document[each]], overview, wanted)
            yield self._page(place, documents_of(with_reversals(self._site, self._whole(place, lines))))
        yield Page([], place.done)

    def allocations(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield what payments' lines and clearings took off items, the last page done.

        On the last page, behind the lines that tell of it, come the open items of which only others do.
        """
        place = Place.at(position, bound, self._site.settings)
        span = young.together(self._site, place, "AUGDT")
        wanted = Wanted(both(self._site.in_companies(), REFERRING), young.cleared(self._site, place), span)
        overview, again = self._short.overview(wanted), place.since is not None
        families = self._short.related(overview, wanted)
        left = {key for key in families.referred_to() if not overview.lists(key)}
        for lines in self._short.pages(overview, wanted, place.after):
            items = [line for line in lines if families.is_item(line)]
            rows, bad = self._cash.taken(lines, families)
            more, worse = self._cash.cleared(items, families, again=again)
            yield Page(rows + more, place.position(key_of(lines[-1])), bad + worse)
        rows, bad = self._cash.cleared(untold(left, families, self._short), families, again=again)
        yield Page(rows, place.done, bad)

    def _page(self, place: Place, documents: Sequence[Lines]) -> Page:
        rows, bad = self._cash.payments(documents, self._short)
        return Page(rows, place.position(key_of(documents[-1][-1])), bad)

    def _whole(self, place: Place, lines: Lines) -> Lines:
        """Return all lines of the documents of which only some may have come: changed ones, or old open ones."""
        part = {document_of(line) for line in lines if place.since is not None or _is_old(line, place.history_from)}
        others = [line for line in lines if document_of(line) not in part]
        return sorted([*others, *self._ledger.of_documents(part)], key=key_of)


def _is_old(line: Line, history_from: date) -> bool:
    posted = line.get("PostingDate")
    return not isinstance(posted, date) or posted < history_from
