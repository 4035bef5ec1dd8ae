"""Customer ledger entries: the whole ledger, or what moved since a reading.

An application moves no stamp that is sure. What it moved is told by the detailed entries, which are only ever added:
each reading keeps the number of the last one. Changes by users (a due date, a hold, a dispute) are told by
SystemModifiedAt, where the published page has it; where it has not, all open entries are read each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from duehook.core.connecting.odata_fields import selected
from duehook.core.connecting.place import Place
from duehook.core.hookspecs import Position, UpperBound
from duehook.core.wire.odata import Entity, Row, Where, all_of, one_of, pages
from duehook.plugins.business_central import entities
from duehook.plugins.business_central.company import Company
from duehook.plugins.business_central.entities import STAMP
from duehook.plugins.business_central.mapping.items import MONEY
from duehook.plugins.business_central.site import BusinessCentralSite

OPEN: Final = "open"
CLOSED: Final = "closed"  # within the history
MOVED: Final = "moved"  # by detailed entries
STAMPED: Final = "stamped"
NEW: Final = "new"
Part = tuple[Company, str]


@dataclass(frozen=True)
class Read:
    """A page of entries of a company, and where reading goes on behind it."""

    company: Company
    rows: Sequence[Row]
    position: Position


class Ledger:
    """Reads customer ledger entries in parts, company by company; `money` asks for payments and refunds alone."""

    def __init__(self, site: BusinessCentralSite, *, money: bool = False) -> None:
        """Take the site."""
        self._site, self._only = site, (IS_MONEY,) if money else ()
        self._entry = selected(site.fields, entities.ENTRY)

    def place(self, position: Position | None, bound: UpperBound) -> Place:
        """Take up a reading, or begin one: what it begins behind is noted before anything is read."""
        site = self._site
        lookback = timedelta(days=site.settings.lookback_days)
        place = Place.at(position, bound, lookback=lookback, mapping=site.fields.digest)
        if place.taken_up:
            return place
        known = place.noted.get("to", {}) if place.since else {}
        return place.noting({"from": known, "to": {one.id: self._mark(one, known) for one in site.with_currency}})

    def pages(self, place: Place) -> Iterator[Read]:
        """Yield the pages of what is to be read, part by part."""
        parts = {
            f"{one.id} {kind}": (one, kind) for one in self._site.with_currency for kind in self._kinds(one, place)
        }
        for name in place.part_of(list(parts)):
            one, kind = parts[name]
            for rows in self._part(one, kind, place, place.begun(name)):
                yield Read(one, rows, place.position(name, [rows[-1]["Entry_No"]]))

    def of(self, one: Company, numbers: Sequence[int]) -> list[Row]:
        """Return entries by their numbers."""
        return list(self._site.numbered(self.entity(one), numbers))

    def opened(self, one: Company) -> Iterator[Sequence[Row]]:
        """Yield pages of what is open now."""
        entity = self.entity(one)
        self._site.service.learn(entity)
        for page in pages(self._site.service, self._site.listing(entity, IS_OPEN)):
            yield page.rows

    def entity(self, one: Company) -> Entity:
        """Return the ledger entries of a company with the columns that are read."""
        return self._site.entries(one, self._entry)

    def is_past(self, row: Mapping[str, Any], bound: datetime) -> bool:
        """Say whether an entry changed behind the bound, as far as its stamp or its day tells."""
        stamp, posted = row.get(STAMP), row.get("Posting_Date")
        if isinstance(stamp, datetime) and stamp > bound:
            return True
        return isinstance(posted, date) and posted > bound.astimezone(UTC).date()

    def _mark(self, one: Company, known: Mapping[str, Any]) -> dict[str, Any]:
        """Return the last numbers of a company now, and whether its entries are stamped."""
        site, before = self._site, known.get(one.id, {})
        last, stamped = site.highest(site.entries(one, entities.ENTRY_KEY)), before.get("stamped")
        if stamped is None and last:
            stamped = STAMP in site.service.learn(self.entity(one))
        mark = {"entry": last, "stamped": stamped}
        return mark | ({"detailed": site.highest(site.detailed(one))} if site.settings.detailed_entries else {})

    def _kinds(self, one: Company, place: Place) -> Sequence[str]:
        begun = place.noted["from"].get(one.id)
        if place.since is None or begun is None:
            return (OPEN, CLOSED)
        if not begun["entry"]:
            return (NEW,)
        if not self._site.settings.detailed_entries or "detailed" not in begun:
            return (OPEN, NEW)
        return (MOVED, STAMPED) if begun["stamped"] else (MOVED, OPEN)

    def _part(self, one: Company, kind: str, place: Place, after: Sequence[Any] | None) -> Iterator[Sequence[Row]]:
        if kind == MOVED:
            yield from self._moved(one, place.noted["from"][one.id]["detailed"], after)
            return
        entity = self.entity(one)
        if place.since is None or kind == OPEN:
            self._site.service.learn(entity)
        for page in pages(
            self._site.service, self._site.listing(entity, all_of(self._where(one, kind, place), *self._only)), after
        ):
            yield page.rows

    def _where(self, one: Company, kind: str, place: Place) -> Where:
        if kind == OPEN:
            return IS_OPEN
        if kind == CLOSED:
            first = self._site.history_from(place.bound)
            return self._site.since(self._site.entries(one, entities.ENTRY_DAY), first, IS_CLOSED)
        if kind == STAMPED:
            assert place.since is not None
            return Where.field(STAMP, "ge", place.since)
        return Where.field("Entry_No", "gt", place.noted["from"][one.id]["entry"])

    def _moved(self, one: Company, behind: int, after: Sequence[Any] | None) -> Iterator[Sequence[Row]]:
        """Yield the entries that detailed ones behind a number are of, in the order of their numbers."""
        site = self._site
        added = site.all_rows(site.detailed(one, entities.MOVED), Where.field("Entry_No", "gt", behind))
        numbers = sorted({row["Cust_Ledger_Entry_No"] for row in added if isinstance(row["Cust_Ledger_Entry_No"], int)})
        left = [number for number in numbers if after is None or number > after[0]]
        for start in range(0, len(left), site.settings.page_size):
            rows = self.of(one, left[start : start + site.settings.page_size])
            if rows:
                yield rows


IS_OPEN: Final = Where.field("Open", "eq", value=True)
IS_CLOSED: Final = Where.field("Open", "eq", value=False)
IS_MONEY: Final = one_of("Document_Type", sorted(MONEY))
