"""Read payments, and allocations where settlements are published."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from duehook.core.connecting.odata_fields import patch_of
from duehook.core.errors import BadRecord
from duehook.core.hookspecs import BadRow, Lookup, Page, Position, UpperBound
from duehook.core.wire.odata import Row, Where, pages
from duehook.core.wire.odata.readable import expect_readable
from duehook.plugins.d365.entities import enum
from duehook.plugins.d365.mapping.cash import CashMapping, takes_back
from duehook.plugins.d365.mapping.items import ItemMapping, bad_row
from duehook.plugins.d365.site import AREA, D365Site, Pair, either_since

from .documents import Documents, pairs_of
from .movement import Movement

PART: Final = "recent"
_PAYMENT: Final = Where.written(enum("TransType", "LedgerTransType", "Payment"))
_REVERSED: Final = (AREA, "Voucher", "AccountNum", "AmountCur")


class CashReading:
    """Reads transactions of money, and what settlements take off items."""

    def __init__(self, site: D365Site) -> None:
        """Take the site."""
        self._site = site
        self._movement, self._documents = Movement(site), Documents(site)
        self._cash = CashMapping(site.settings.codes, site.currency, patch=patch_of(site.fields, "payment"))
        self._items = ItemMapping(site.settings.codes, site.currency, by_open_rows=site.open is not None)

    def payments(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield payments in the order of their keys; the last page is empty and done."""
        place = self._movement.place(position, bound)
        where = self._site.within(_PAYMENT, self._movement.wanted(place))
        for page in pages(self._site.service, self._site.listing(self._site.transactions, where), place.begun(PART)):
            rows, bad = self._payment_rows(self._documents.plain(page.rows))
            yield Page(rows, place.position(PART, page.last), bad)
        yield Page([], place.done)

    def lookup(self, keys: Sequence[tuple[str, str]]) -> Lookup:
        """Read payments again."""
        pairs = {(area, int(key)): (area, key) for area, key in keys if key.isascii() and key.isdigit()}
        rows = self._documents.by_number(list(pairs), _PAYMENT)
        made, bad = self._payment_rows(list(rows.values()))
        told = {pairs[pair] for pair in rows}
        return Lookup(made, missing=[name for name in keys if name not in told], bad=bad)

    def allocations(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield what settlements took off items, in the order of their keys; the last page is empty and done."""
        assert self._site.settlements is not None
        place = self._movement.place(position, bound)
        first = place.since.date() if place.since else self._site.history_from(place.bound)
        listing = self._site.listing(self._site.settlements, self._site.within(either_since(first, "TransDate")))
        for page in pages(self._site.service, listing, place.begun(PART)):
            rows, bad = self._allocation_rows(page.rows)
            yield Page(rows, place.position(PART, page.last), bad)
        yield Page([], place.done)

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
        paid = self._documents.plain(self._site.by_key(self._site.transactions, "Voucher", vouchers, _PAYMENT))
        found: dict[Pair, str] = {}
        for row in rows:
            back = row[AREA], row["LastSettleVoucher"], row["AccountNum"], -row["AmountCur"]
            same = [each for each in paid if tuple(each[name] for name in _REVERSED) == back]
            if len(same) == 1:
                found[row[AREA], row["SysRecId"]] = str(same[0]["SysRecId"])
        return found

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
