"""Read the lines of customers: items, payments and allocations, whole or since a day, and what is open now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from duehook.core.hookspecs import KeyPage, Lookup, Page, Position, Total, UpperBound
from duehook.core.records import Stream
from duehook.core.wire.odata import Listing, Where, any_of, one_of, pages
from duehook.core.wire.odata.paging import count

from . import entities
from .mapping.cash import CashMapping
from .mapping.items import ItemMapping
from .mapping.lines import Referring, key_of, read, reference_of, written
from .site import SapSite, day_of

OPEN = Where.field("IsCleared", "eq", False)
STAMPS = ("LastChangeDate", "AccountingDocumentCreationDate", "ClearingDate", "ClearingCreationDate")
Lines = list[dict[str, Any]]


@dataclass(frozen=True)
class Place:
    """Where a reading stands: since which day, up to which, and behind which line."""

    since: date | None
    bound: date
    after: tuple[str, ...] | None = None

    @classmethod
    def at(cls, position: Position | None, bound: UpperBound, lookback: timedelta) -> Place:
        """Take up a reading, or begin the next one behind one that is done."""
        today = day_of(bound.mark)
        if position is None:
            return cls(None, today)
        held = date.fromisoformat(position["bound"])
        if position.get("done"):
            return cls(held - lookback, today)
        since = date.fromisoformat(position["since"]) if position["since"] else None
        return cls(since, held, tuple(position["after"]))

    def position(self, after: Sequence[str]) -> Position:
        """Return it as JSON, behind a line."""
        since = self.since.isoformat() if self.since else None
        return {"since": since, "bound": self.bound.isoformat(), "after": list(after)}

    @property
    def done(self) -> Position:
        """Return where the next reading begins."""
        return {"done": True, "bound": self.bound.isoformat()}


class LedgerReading:
    """Reads the cube in the order of its key."""

    def __init__(self, site: SapSite) -> None:
        """Take the site."""
        self._site = site
        self._items = ItemMapping(site.settings.codes)
        self._cash = CashMapping(site.settings.codes)
        self._lookback = timedelta(days=site.settings.lookback_days)

    def pages(self, stream: Stream, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield the pages of items, payments or allocations, the last one empty and done."""
        place = Place.at(position, bound, self._lookback)
        listing = self._listing(self._site.lines(self._wanted(stream, place), *self._types(stream)))
        if stream == "payment":
            yield from self._payments(place, listing)
        elif stream == "allocation":
            for page in pages(self._site.items, listing, place.after):
                rows = [row for line in page.rows for row in self._cash.allocations(line)]
                yield Page(rows, place.position(page.last))
        else:
            yield from self._open_items(place, listing)
        yield Page([], place.done)

    def keys(self) -> Iterator[KeyPage]:
        """Yield the keys of open items; whole when as many lines came as SAP counts."""
        told, listing = 0, self._listing(self._site.lines(OPEN))
        for page in pages(self._site.items, listing):
            told += len(page.rows)
            lines = [line for line in page.rows if not self._items.kinds.reduces(line)]
            yield KeyPage([(line["CompanyCode"], written(key_of(line))) for line in lines])
        yield KeyPage([], complete=told == count(self._site.items, listing))

    def lookup(self, stream: Stream, keys: Sequence[tuple[str, str]]) -> Lookup:
        """Read items again; a line that is not there was archived, for SAP deletes none."""
        wanted = {name: key for name in keys if (key := read(name[1])) is not None and key[0] == name[0]}
        lines = self._site.lines_at(list(wanted.values()))
        rows, _ = self._items.rows(lines, self._referring(self._site.lines_for(list(wanted.values()))))
        found = {(row["company"], row["key"]) for row in rows}
        return Lookup(rows, missing=[name for name in keys if name not in found])

    def totals(self, bound: UpperBound) -> Iterator[Sequence[Total]]:
        """Yield what is open, by item."""
        referring = self._referring(self._site.open_references())
        for page in pages(self._site.items, self._listing(self._site.lines(OPEN))):
            yield self._items.totals(page.rows, referring, day_of(bound.mark))

    def _open_items(self, place: Place, listing: Listing) -> Iterator[Page]:
        """Yield items. Of a few that changed, what refers to them is asked for by key; of all, at once."""
        whole = self._referring(self._site.open_references()) if place.since is None else None
        for page in pages(self._site.items, listing, place.after):
            lines = list(page.rows)
            referring = whole or Referring()
            if whole is None:
                lines += self._referred(lines)
                own = [key_of(line) for line in lines if not self._items.kinds.reduces(line) and not line["IsCleared"]]
                referring = self._referring(self._site.lines_for(own))
            rows, bad = self._items.rows(lines, referring)
            yield Page(rows, place.position(page.last), bad)

    def _referred(self, lines: Lines) -> Lines:
        """Return the items that changed payments refer to: SAP does not stamp them."""
        there = {key_of(line) for line in lines}
        wanted = [reference_of(line) for line in lines if self._items.kinds.reduces(line)]
        return self._site.lines_at([key for key in dict.fromkeys(wanted) if key is not None and key not in there])

    def _payments(self, place: Place, listing: Listing) -> Iterator[Page]:
        """Yield payments: the last document of a page waits for the next one, which may have more of its lines."""
        waiting: Lines = []
        for page in pages(self._site.items, listing, place.after):
            documents = _documents([*waiting, *self._whole(place, list(page.rows), waiting)])
            waiting = documents.pop()
            if documents:
                yield self._payment_page(place, documents)
        if waiting:
            yield self._payment_page(place, [waiting])

    def _payment_page(self, place: Place, documents: Sequence[Lines]) -> Page:
        own = [key_of(line) for lines in documents for line in lines if _is_open_cash(line)]
        referring = self._referring(self._site.lines_for(own))
        return Page(
            [self._cash.payment(each, referring) for each in documents], place.position(key_of(documents[-1][-1]))
        )

    def _whole(self, place: Place, lines: Lines, waiting: Lines) -> Lines:
        """Return all lines of the documents of which some have changed."""
        if place.since is None:
            return lines
        known = {key_of(line)[:3] for line in waiting}
        documents = [
            document for document in dict.fromkeys(key_of(line)[:3] for line in lines) if document not in known
        ]
        return sorted(self._site.lines_of(documents), key=key_of)

    def _listing(self, where: Where) -> Listing:
        return Listing(entities.ITEM, where, self._site.settings.page_size)

    def _wanted(self, stream: Stream, place: Place) -> Where:
        """Ask for what is open or young enough at first, and for what is stamped since then later."""
        if place.since is not None:
            return any_of(*(Where.field(name, "ge", place.since) for name in STAMPS))
        history = place.bound - timedelta(days=self._site.settings.history_months * 365 // 12)
        stamp = "ClearingDate" if stream == "item" else "PostingDate"
        return any_of(OPEN, Where.field(stamp, "ge", history))

    def _types(self, stream: Stream) -> list[Where]:
        if stream == "item":
            return []
        return [one_of("AccountingDocumentType", self._site.settings.codes.payment_document_types)]

    def _referring(self, lines: Sequence[dict[str, Any]]) -> Referring:
        found = Referring()
        found.take(lines, self._items.kinds)
        return found


def _documents(lines: Lines) -> list[Lines]:
    """Return the lines by document, in the order in which they came."""
    found: dict[tuple[str, ...], Lines] = {}
    for line in lines:
        found.setdefault(key_of(line)[:3], []).append(line)
    return list(found.values())


def _is_open_cash(line: dict[str, Any]) -> bool:
    """Say whether a payment's line is cash on account that is not yet used up."""
    return reference_of(line) is None and not line["IsCleared"]
