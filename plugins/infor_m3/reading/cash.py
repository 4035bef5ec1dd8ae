"""Read records of money as payments, and as what they took off items."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from duehook.core.errors import BadRecord
from duehook.core.hookspecs import BadRow, Lookup, Page, Position, UpperBound
from duehook.plugins.infor_m3 import entities, values
from duehook.plugins.infor_m3.client.answers import Rows
from duehook.plugins.infor_m3.key import ItemKey
from duehook.plugins.infor_m3.mapping.cash import CashMapping, key_of
from duehook.plugins.infor_m3.mapping.items import Document
from duehook.plugins.infor_m3.site import M3Site
from duehook.plugins.infor_m3.values import bad_row

from .documents import Documents
from .ledger import Wanted, ledger_of
from .place import Place, chunks

Record = dict[str, str]
One = Callable[[Record, Document], "dict[str, Any] | None"]


class CashReading:
    """Reads the records whose transaction code is money's, with the documents that they stand with."""

    def __init__(self, site: M3Site) -> None:
        """Take the site."""
        self._site = site
        self._ledger, self._documents = ledger_of(site), Documents(site)
        self._cash = CashMapping(site.settings.codes, site.settings.local_column)

    def payments(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield payments; the last page is empty and done."""
        return self._pages(position, bound, self._cash.payment)

    def allocations(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield what money took off items; the last page is empty and done."""
        return self._pages(position, bound, self._cash.allocation)

    def _pages(self, position: Position | None, bound: UpperBound, one: One) -> Iterator[Page]:
        site = self._site
        lookback = site.settings.lookback_hours if site.settings.exportmi else None
        place = Place.at(position, bound, lookback=lookback, mapping=site.fields.digest)
        listed = (
            (part, sorted(rows, key=_order)) for part, rows in self._ledger.money(self._wanted(place), place.part)
        )
        for records, behind in chunks(listed, place, site.settings.page_size, key=_order):
            rows, bad = self._made(records, one)
            yield Page(rows, behind.position, bad)
        yield Page([], place.done, whole=not place.taken_up and not site.settings.exportmi)

    def _wanted(self, place: Place) -> Wanted:
        """Ask for what changed since, at first within the history; without EXPORTMI for all of it each time."""
        since = place.since
        if since is None:
            since = values.milliseconds(self._site.history_from(values.instant(place.bound)))
        return Wanted(is_open=not self._site.settings.exportmi, since=since)

    def _made(self, records: Rows, one: One) -> tuple[list[dict[str, Any]], list[BadRow]]:
        keys = list(dict.fromkeys(ItemKey.of(row) for row in records))
        documents = {document.key: document for document in self._documents.of(keys)}
        made: list[dict[str, Any]] = []
        bad: list[BadRow] = []
        for row in records:
            try:
                found = one(row, documents[ItemKey.of(row)])
            except BadRecord as error:
                bad.append(bad_row(error, row, key=key_of(row), company=row["DIVI"] or None))
            else:
                made += [found] if found is not None else []
        return made, bad

    def lookup(self, keys: Sequence[tuple[str, str]]) -> Lookup:
        """Say of none that it is gone: a record of money is never deleted, and read again with its changes."""
        return Lookup(missing=list(keys))


def _order(row: Record) -> tuple[str, ...]:
    return tuple(row[name] for name in entities.ROW_KEY)
