"""Read the customer ledger: items, payments and allocations, whole or since an instant, and what is open now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from duehook.core.errors import BadRecord
from duehook.core.hookspecs import BadRow, KeyPage, Lookup, Page, Position, Total, UpperBound
from duehook.core.records import Stream
from duehook.core.wire.odata import Row, Where, all_of, pages
from duehook.core.wire.odata.dialect import Unreadable
from duehook.core.wire.odata.paging import count

from . import entities
from .documents import Documents, as_documents, pairs_of
from .fields import patch_of
from .mapping.cash import CashMapping, takes_back
from .mapping.items import Document, ItemMapping, bad_row, key_of, read_key
from .place import Place
from .site import AREA, D365Site, Pair, before, either_since
from .values import expect_readable

RECENT: Final = "recent"  # transactions by their own dates or stamp
OLD: Final = "old"  # open rows of transactions that are older than the history
DISPUTED: Final = "disputed"  # disputes whose status changed, which moves no date of their transaction
_REVERSED: Final = (AREA, "Voucher", "AccountNum", "AmountCur")
MOVED: Final = ("TransDate", "LastSettleDate")
Pairs = Sequence[tuple[str, str]]


class LedgerReading:
    """Reads transactions in the order of their key."""

    def __init__(self, site: D365Site) -> None:
        """Take the site."""
        self._site = site
        codes = site.settings.codes
        self._documents = Documents(site)
        self._items = ItemMapping(
            codes, site.currency, by_open_rows=site.open is not None, patch=patch_of(site.fields, "item")
        )
        self._cash = CashMapping(codes, site.currency, patch=patch_of(site.fields, "payment"))
        self._lookback = timedelta(days=site.settings.lookback_days)

    @property
    def documents(self) -> Documents:
        """Return what reads transactions with what belongs to them."""
        return self._documents

    def pages(self, stream: Stream, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield the pages of items, payments or allocations, the last one empty and done."""
        place = Place.at(position, bound, lookback=self._lookback, mapping=self._site.fields.digest)
        if stream == "item":
            yield from self._item_pages(place)
        elif stream == "payment":
            yield from self._payments(place)
        else:
            yield from self._allocations(place)
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

    def lookup(self, keys: Pairs) -> Lookup:
        """Read items again. A transaction is never deleted: one that is not there is purged, or never was.

        Raises ConnectorRefused where a company shows nothing at all: then nobody can say that.
        """
        asked: dict[Pair, list[tuple[date | None, tuple[str, str]]]] = {}
        for name in keys:
            read = read_key(name[1])
            if read is not None:
                asked.setdefault((name[0], read[0]), []).append((read[1], name))
        rows = self._documents.by_number(list(asked))
        days = {pair: [day for day, _ in wanted] for pair, wanted in asked.items()}
        found: list[Any] = []
        bad: list[BadRow] = []
        for document in self._documents.of(list(rows.values()), days):
            made, faults = self._items.rows([document])
            found += made
            wanted = asked[document.row[AREA], document.row["SysRecId"]]
            bad += [replace(fault, key=name[1], company=name[0]) for fault in faults for _, name in wanted]
        told = {name for pair in rows for _, name in asked[pair]}
        self._site.expect_seen(dict.fromkeys(area for area, number in asked if (area, number) not in rows))
        return Lookup(found, missing=[name for name in keys if name not in told], bad=bad)

    def lookup_payments(self, keys: Pairs) -> Lookup:
        """Read payments again."""
        pairs = {(area, int(key)): (area, key) for area, key in keys if key.isascii() and key.isdigit()}
        rows = self._documents.by_number(list(pairs), self._payment())
        made, bad = self._payment_rows(list(rows.values()))
        told = {pairs[pair] for pair in rows}
        return Lookup(made, missing=[name for name in keys if name not in told], bad=bad)

    def totals(self, bound: UpperBound) -> Iterator[Sequence[Total]]:
        """Yield what is open, by item."""

        def past(row: Any) -> bool:
            return self._is_past(row, bound.at)

        if self._site.open is None:
            for page in pages(self._site.service, self._site.listing(self._site.transactions, self._site.within())):
                documents = [Document(row) for row in self._documents.plain(page.rows)]
                yield self._items.totals(documents, past)
            return
        for found, _ in self._documents.open_pages(Where()):
            yield self._items.totals(as_documents(found), past)

    def _item_pages(self, place: Place) -> Iterator[Page]:
        parts = [RECENT]
        if place.since is not None:
            parts += [DISPUTED] if self._site.disputes else []
        else:
            parts += [OLD] if self._site.open else []
        reading = {RECENT: self._recent, OLD: self._old, DISPUTED: self._newly_disputed}
        for part in place.part_of(parts):
            yield from reading[part](place)

    def _recent(self, place: Place) -> Iterator[Page]:
        """Yield items by their transactions: the history's, or those that moved since then."""
        listing = self._site.listing(self._site.transactions, self._site.within(self._moved(place)))
        for page in pages(self._site.service, listing, place.begun(RECENT)):
            rows, bad = self._items.rows(self._documents.of(self._documents.plain(page.rows)))
            yield Page(rows, place.position(RECENT, page.last), bad)

    def _old(self, place: Place) -> Iterator[Page]:
        """Yield what is still open of transactions from before the history, but for those just settled in part."""
        first = self._site.history_from(place.bound)
        for found, last in self._documents.open_pages(before("TransDate", first), place.begun(OLD)):
            left = [row for row, _ in found if not _is_since(row, first)]
            rows, bad = self._items.rows(self._documents.of(left))
            yield Page(rows, place.position(OLD, last), bad)

    def _newly_disputed(self, place: Place) -> Iterator[Page]:
        """Yield items whose dispute changed since then, when nothing else of them did."""
        assert place.since is not None
        assert self._site.disputes is not None
        changed = either_since(place.since.date(), "StatusChangedDate")
        listing = self._site.listing(self._site.disputes, self._site.within(changed))
        for page in pages(self._site.service, listing, place.begun(DISPUTED)):
            found = self._documents.by_number(pairs_of(page.rows, "CustTrans"))
            rows = [row for row in found.values() if not self._has_moved(row, place.since)]
            made, bad = self._items.rows(self._documents.of(rows))
            yield Page(made, place.position(DISPUTED, page.last), bad)

    def _payments(self, place: Place) -> Iterator[Page]:
        where = all_of(self._payment(), self._moved(place, whole_without_open_rows=False))
        listing = self._site.listing(self._site.transactions, self._site.within(where))
        for page in pages(self._site.service, listing, place.begun(RECENT)):
            rows, bad = self._payment_rows(self._documents.plain(page.rows))
            yield Page(rows, place.position(RECENT, page.last), bad)

    def _payment_rows(self, rows: Sequence[Row]) -> tuple[list[Row], list[BadRow]]:
        reversed_by = self._reversals([row for row in rows if takes_back(row)])
        made: list[Row] = []
        bad: list[BadRow] = []
        for row in rows:
            try:
                made.append(self._cash.payment(row, reversed_by.get((row[AREA], row["SysRecId"]))))
            except BadRecord as error:
                bad.append(bad_row(error, str(row["SysRecId"]), row))
        return made, bad

    def _reversals(self, rows: Sequence[Row]) -> dict[Pair, str]:
        """Return which payment each of these takes back: of the voucher that settled it, the one of that amount."""
        vouchers = pairs_of(rows, "LastSettleVoucher")
        if not vouchers:
            return {}
        paid = self._documents.plain(self._site.by_key(self._site.transactions, "Voucher", vouchers, self._payment()))
        found: dict[Pair, str] = {}
        for row in rows:
            back = row[AREA], row["LastSettleVoucher"], row["AccountNum"], -row["AmountCur"]
            same = [each for each in paid if tuple(each[name] for name in _REVERSED) == back]
            if len(same) == 1:
                found[row[AREA], row["SysRecId"]] = str(same[0]["SysRecId"])
        return found

    def _allocations(self, place: Place) -> Iterator[Page]:
        assert self._site.settlements is not None
        first = place.since.date() if place.since else self._site.history_from(place.bound)
        listing = self._site.listing(self._site.settlements, self._site.within(either_since(first, "TransDate")))
        for page in pages(self._site.service, listing, place.begun(RECENT)):
            rows, bad = self._allocation_rows(page.rows)
            yield Page(rows, place.position(RECENT, page.last), bad)

    def _allocation_rows(self, settled: Sequence[Row]) -> tuple[list[Row], list[BadRow]]:
        wanted = [*pairs_of(settled, "TransRecId"), *pairs_of(settled, "OffsetRecid")]
        known = self._documents.by_number([pair for pair in wanted if isinstance(pair[1], int)])
        made: list[Row] = []
        bad: list[BadRow] = []
        for row in settled:
            item = known.get((row[AREA], row["TransRecId"]))
            try:
                expect_readable(item or {})
                if item is not None and self._items.is_item(item, ()):
                    other = known.get((row[AREA], row["OffsetRecid"]))
                    made.append(self._cash.allocation(row, item, other))
            except BadRecord as error:
                bad.append(bad_row(error, str(row["SysRecId"]), row))
        return made, bad

    def _keys_by_amount(self) -> Iterator[KeyPage]:
        """Yield the keys of transactions of which something is left, where open rows are not published."""
        told, listing = 0, self._site.listing(self._site.transactions, self._site.within())
        for page in pages(self._site.service, listing):
            told += len(page.rows)
            left = [row for row in self._documents.plain(page.rows) if _is_left(row)]
            yield KeyPage([(row[AREA], key_of(row["SysRecId"], row["DueDate"])) for row in left])
        yield KeyPage([], complete=0 < told == count(self._site.service, listing))

    def _sees_anything(self, told: int) -> bool:
        return told > 0 or self._site.sees(self._site.within())

    def _payment(self) -> Where:
        return Where.written(entities.enum("TransType", "LedgerTransType", "Payment"))

    def _moved(self, place: Place, *, whole_without_open_rows: bool = True) -> Where | None:
        """Ask for what moved since then; at first for the history, or for all where only amounts tell what is open."""
        if place.since is None:
            if whole_without_open_rows and self._site.open is None:
                return None
            return either_since(self._site.history_from(place.bound), *MOVED)
        if self._site.stamped:
            return Where.field("SysModifiedDateTime", "ge", place.since)
        return either_since(place.since.date(), *MOVED)

    def _has_moved(self, row: Row, since: datetime) -> bool:
        if self._site.stamped:
            return _stamp(row) >= since
        return _is_since(row, since.date())

    def _is_past(self, row: Any, bound: datetime) -> bool:
        """Say whether a transaction changed behind the bound, as far as its stamp or its days tell."""
        if self._site.stamped:
            return _stamp(row) > bound
        return _is_since(row, bound.astimezone(UTC).date() + timedelta(days=1))


def _is_since(row: Any, day: date) -> bool:
    """Say whether a transaction was posted or settled on a day or later."""
    held = (row.get(name) for name in MOVED)
    return any(each >= day for each in held if isinstance(each, date))


def _stamp(row: Any) -> datetime:
    found = row["SysModifiedDateTime"]
    return found if isinstance(found, datetime) else datetime.max.replace(tzinfo=UTC)


def _is_left(row: Row) -> bool:
    return bool(row["AmountCur"] != row["SettleAmountCur"] or row["AmountMST"] != row["SettleAmountMST"])


def _open_key(row: Row) -> tuple[str, str]:
    """Return the key of an open row's item; of a date that cannot be read its text, which no known item has."""
    due = row["DueDate"]
    if isinstance(due, Unreadable):
        return row[AREA], f"{row['RefRecId']}|{str(due.value)[:10]}"
    return row[AREA], key_of(row["RefRecId"], due)
