"""Read items: whole or since an instant, what is open now, again by their keys, and what is open by item."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from duehook.core.hookspecs import KeyPage, Lookup, Page, Position, Total, UpperBound
from duehook.plugins.infor_m3 import entities, values
from duehook.plugins.infor_m3.client.service import Asking
from duehook.plugins.infor_m3.key import ItemKey
from duehook.plugins.infor_m3.mapping.items import ItemMapping
from duehook.plugins.infor_m3.site import M3Site

from .documents import Documents
from .ledger import Wanted, ledger_of
from .place import Place, chunks


class ItemReading:
    """Lists invoice numbers, and asks for what is open of each."""

    def __init__(self, site: M3Site) -> None:
        """Take the site."""
        self._site = site
        self._ledger, self.documents = ledger_of(site), Documents(site)
        self._items = ItemMapping(site.settings.codes, site.patch("item"))

    def place(self, position: Position | None, bound: UpperBound) -> Place:
        """Take up a reading of the ledger, or begin the next one the lookback before the last."""
        lookback = self._site.settings.lookback_hours
        return Place.at(position, bound, lookback=lookback, mapping=self._site.fields.digest)

    def pages(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield items part by part in the order of their keys; the last page is empty and done."""
        place = self.place(position, bound)
        self.documents.without_discounts = None
        listed = self._ledger.keys(self._wanted(place), place.part)
        for keys, behind in chunks(listed, place, self._size, key=tuple):
            rows, bad = self._items.rows(self.documents.told(keys))
            yield Page(rows, behind.position, bad)
        refused = self.documents.without_discounts
        notes = [f"cash discounts are left out: {refused.message}"] if refused else ()
        yield Page([], place.done, notes=notes)

    def keys(self) -> Iterator[KeyPage]:
        """Yield the keys of what is open now. Each list is proved whole, and that the user may see each division.

        Where the ledger shows nothing at all, nothing is proved.
        """
        seen = set[str]()
        for _, keys in self._ledger.keys(Wanted(), None):
            seen |= {key.division for key in keys}
            yield KeyPage([key.name for key in keys])
        unseen = [division for division in self._site.settings.divisions if division not in seen]
        shown = [division for division in unseen if self._shows(division)]
        yield KeyPage([], complete=bool(seen or shown or self._shows_anything()))

    def lookup(self, keys: Sequence[tuple[str, str]]) -> Lookup:
        """Read items again; one that M3 does not know was archived, or never was."""
        read = {name: key for name in keys if (key := ItemKey.read(*name)) is not None}
        wanted = list(dict.fromkeys(read.values()))
        documents = self.documents.told(wanted)
        missing = {each.key.name for each in documents if each.row is None}
        found, bad = self._items.rows([each for each in documents if each.row is not None])
        return Lookup(found, missing=[name for name in keys if name not in read or name in missing], bad=bad)

    def totals(self, bound: UpperBound) -> Iterator[Sequence[Total]]:
        """Yield what is open, by item."""
        place, last = Place(int(bound.mark["lmts"])), int(bound.mark["lmts"])
        for keys, _ in chunks(self._ledger.keys(Wanted(), None), place, self._size, key=tuple):
            told = (self._items.total(document, last) for document in self.documents.of(keys))
            yield [total for total in told if total is not None]

    @property
    def _size(self) -> int:
        return self._site.settings.page_size

    def _wanted(self, place: Place) -> Wanted:
        """Ask for what changed since; at first for what is open, and for what changed within the history."""
        if place.since is None:
            history = self._site.history_from(values.instant(place.bound))
            return Wanted(since=values.milliseconds(history))
        return Wanted(is_open=not self._site.settings.exportmi, since=place.since)

    def _shows(self, division: str) -> bool:
        """Say whether a division shows any invoice; Nok where the user may not see it."""
        asked = {"FDIV": division, "TDIV": division}
        return bool(self._site.service.rows(entities.INVOICES, asked, Asking(1)))

    def _shows_anything(self) -> bool:
        return any(self._site.one_of(division) for division in self._site.divisions)
