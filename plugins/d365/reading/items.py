"""Read items: whole or since an instant, what is open now, again by their keys, and what is open by item."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from duehook.core.connecting.odata_fields import patch_of
from duehook.core.connecting.place import Place
from duehook.core.hookspecs import BadRow, KeyPage, Lookup, Page, Position, Total, UpperBound
from duehook.core.wire.odata import Row, Where, pages
from duehook.core.wire.odata.dialect import Unreadable
from duehook.core.wire.odata.paging import count
from duehook.plugins.d365.mapping.items import Document, ItemMapping, key_of, read_key
from duehook.plugins.d365.site import AREA, D365Site, Pair, before, either_since

from .documents import Documents, as_documents, pairs_of
from .movement import Movement, is_since

RECENT: Final = "recent"  # transactions by their own dates or stamp
OLD: Final = "old"  # open rows of transactions that are older than the history
DISPUTED: Final = "disputed"  # disputes whose status changed, which moves no date of their transaction


class ItemReading:
    """Reads transactions, with what is open of them and what is disputed, as items."""

    def __init__(self, site: D365Site) -> None:
        """Take the site."""
        self._site = site
        self._movement = Movement(site)
        self._items = ItemMapping(
            site.settings.codes, site.currency, by_open_rows=site.open is not None, patch=patch_of(site.fields, "item")
        )
        self.documents = Documents(site)

    def pages(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield items in the order of their transactions' keys, part by part; the last page is empty and done."""
        place = self._movement.place(position, bound)
        parts = [RECENT]
        if place.since is not None:
            parts += [DISPUTED] if self._site.disputes else []
        else:
            parts += [OLD] if self._site.open else []
        reading = {RECENT: self._recent, OLD: self._old, DISPUTED: self._newly_disputed}
        for part in place.part_of(parts):
            yield from reading[part](place)
        yield Page([], place.done)

    def keys(self) -> Iterator[KeyPage]:
        """Yield the keys of what is open now; whole when as many rows came as F&O counts.

        A company of which nothing came must show that it is still seen; where nothing came at all, nothing is proved.
        """
        site = self._site
        if site.open_key is None:
            yield from self._keys_by_amount()
            return
        told, listing, seen = 0, site.listing(site.open_key, site.within()), set[str]()
        for page in pages(site.service, listing):
            told += len(page.rows)
            seen |= {row[AREA] for row in page.rows}
            yield KeyPage([_open_key(row) for row in page.rows if row["AmountCur"] or row["AmountMST"]])
        site.expect_seen(area for area in site.settings.areas if area not in seen)
        yield KeyPage([], complete=told == count(site.service, listing) and self._sees_anything(told))

    def lookup(self, keys: Sequence[tuple[str, str]]) -> Lookup:
        """Read items again. A transaction is never deleted: one that is not there is purged, or never was.

        Raises ConnectorRefused where a company shows nothing at all: then nobody can say that.
        """
        asked: dict[Pair, list[tuple[date | None, tuple[str, str]]]] = {}
        for name in keys:
            read = read_key(name[1])
            if read is not None:
                asked.setdefault((name[0], read[0]), []).append((read[1], name))
        rows = self.documents.by_number(list(asked))
        days = {pair: [day for day, _ in wanted] for pair, wanted in asked.items()}
        found: list[Any] = []
        bad: list[BadRow] = []
        for document in self.documents.of(list(rows.values()), days):
            made, faults = self._items.rows([document])
            found += made
            wanted = asked[document.row[AREA], document.row["SysRecId"]]
            bad += [replace(fault, key=name[1], company=name[0]) for fault in faults for _, name in wanted]
        told = {name for pair in rows for _, name in asked[pair]}
        self._site.expect_seen(dict.fromkeys(area for area, number in asked if (area, number) not in rows))
        return Lookup(found, missing=[name for name in keys if name not in told], bad=bad)

    def totals(self, bound: UpperBound) -> Iterator[Sequence[Total]]:
        """Yield what is open, by item."""

        def past(row: Any) -> bool:
            return self._movement.is_past(row, bound.at)

        if self._site.open is None:
            for page in pages(self._site.service, self._site.listing(self._site.transactions, self._site.within())):
                documents = [Document(row) for row in self.documents.plain(page.rows)]
                yield self._items.totals(documents, past)
            return
        for found, _ in self.documents.open_pages(Where()):
            yield self._items.totals(as_documents(found), past)

    def _recent(self, place: Place) -> Iterator[Page]:
        """Yield items by their transactions: the history's, or those that moved since then.

        At first all of them where only their amounts tell what is open: it may be as old as the books.
        """
        by_amount = place.since is None and self._site.open is None
        where = self._site.within(None if by_amount else self._movement.wanted(place))
        for page in pages(self._site.service, self._site.listing(self._site.transactions, where), place.begun(RECENT)):
            rows, bad = self._items.rows(self.documents.of(self.documents.plain(page.rows)))
            yield Page(rows, place.position(RECENT, page.last), bad)

    def _old(self, place: Place) -> Iterator[Page]:
        """Yield what is still open of transactions from before the history, but for those just settled in part."""
        first = self._site.history_from(place.bound)
        for found, last in self.documents.open_pages(before("TransDate", first), place.begun(OLD)):
            left = [row for row, _ in found if not is_since(row, first)]
            rows, bad = self._items.rows(self.documents.of(left))
            yield Page(rows, place.position(OLD, last), bad)

    def _newly_disputed(self, place: Place) -> Iterator[Page]:
        """Yield items whose dispute changed since then, when nothing else of them did."""
        assert place.since is not None
        assert self._site.disputes is not None
        changed = either_since(place.since.date(), "StatusChangedDate")
        listing = self._site.listing(self._site.disputes, self._site.within(changed))
        for page in pages(self._site.service, listing, place.begun(DISPUTED)):
            found = self.documents.by_number(pairs_of(page.rows, "CustTrans"))
            rows = [row for row in found.values() if not self._movement.has(row, place.since)]
            made, bad = self._items.rows(self.documents.of(rows))
            yield Page(made, place.position(DISPUTED, page.last), bad)

    def _keys_by_amount(self) -> Iterator[KeyPage]:
        """Yield the keys of transactions of which something is left, where open rows are not published."""
        told, listing = 0, self._site.listing(self._site.transactions, self._site.within())
        for page in pages(self._site.service, listing):
            told += len(page.rows)
            left = [row for row in self.documents.plain(page.rows) if _is_left(row)]
            yield KeyPage([(row[AREA], key_of(row["SysRecId"], row["DueDate"])) for row in left])
        yield KeyPage([], complete=0 < told == count(self._site.service, listing))

    def _sees_anything(self, told: int) -> bool:
        return told > 0 or self._site.sees(self._site.within())


def _is_left(row: Row) -> bool:
    return bool(row["AmountCur"] != row["SettleAmountCur"] or row["AmountMST"] != row["SettleAmountMST"])


def _open_key(row: Row) -> tuple[str, str]:
    """Return the key of an open row's item; of a date that cannot be read its text, which no known item has."""
    due = row["DueDate"]
    if isinstance(due, Unreadable):
        return row[AREA], f"{row['RefRecId']}|{str(due.value)[:10]}"
    return row[AREA], key_of(row["RefRecId"], due)
