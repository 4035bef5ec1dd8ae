"""Read payments, and what was applied to what, by SuiteTalk.

A search gives a row for each document that a transaction was applied to, with the amount in the transaction's
currency. Whether a transaction was voided is no column: the ids of those that were are asked for first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from duehook.core.hookspecs import Page, Position, UpperBound
from duehook.core.records import EARLIEST
from duehook.plugins.netsuite import tables
from duehook.plugins.netsuite.account import Row
from duehook.plugins.netsuite.reading.cash import Cash
from duehook.plugins.netsuite.reading.place import Place
from duehook.plugins.netsuite.soap import words
from duehook.plugins.netsuite.soap.search import Search, any_of, before, flag, ids, on_or_after, since
from duehook.plugins.netsuite.soap.site import KIND, SoapSite, types
from duehook.plugins.netsuite.suiteql import windows
from duehook.plugins.netsuite.values import Source

from .documents import POSTED, SoapDocuments

RECENT, RECENT_JOURNALS, MISTYPED, MISTYPED_JOURNALS = "recent", "recent journals", "mistyped", "mistyped journals"
_JOINED: Final = "appliedToTransactionJoin."
_COLUMNS: Final = (
    "internalId", "type", "tranDate", "lastModifiedDate", "currency", "subsidiary", "appliedToTransaction",
    "appliedToForeignAmount", f"{_JOINED}type", f"{_JOINED}line", f"{_JOINED}currency",
    f"{_JOINED}subsidiary",
)  # fmt: skip
_PAID: Final = any_of("_payment")
LINK: Final = Search("Transaction", _COLUMNS, several=True).under(mainLine=flag(held=True), appliedToLinkType=_PAID)
JOURNAL_LINK: Final = Search("Transaction", (*_COLUMNS, "line"), several=True).under(
    type=any_of(words.JOURNAL), accountType=any_of(words.RECEIVABLE), posting=POSTED, appliedToLinkType=_PAID
)


class SoapCash(Cash):
    """Reads transactions of money, and what they were applied to, by SuiteTalk."""

    def __init__(self, site: SoapSite) -> None:
        """Take the site."""
        super().__init__(site)
        self._account, self._documents = site, SoapDocuments(site, "payment")

    def payments(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield payments, the last page empty and done."""
        place = Place.at(position, bound, self._account)
        parts = self._parts(place, self._payments)
        voided = self._voided(parts) if place.part_of(list(parts)) else set()
        for part in place.part_of(list(parts)):
            step = place.step
            for window in self._account.windows(parts[part], place.begun(part)):
                rows, bad = self._payment_rows(self._told(window.rows, voided))
                step += 1
                yield Page(rows, place.position(part, window.last, step), bad)
        yield Page([], place.done)

    def allocations(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield what was applied, the last page empty and done."""
        place = Place.at(position, bound, self._account)
        kinds = [each for each in tables.APPLYING if each != tables.JOURNAL]
        parts = dict(self._parts(place, LINK.under(type=types(kinds))))
        journals = self._parts(place, JOURNAL_LINK)
        if self._account.settings.journals:
            parts |= {_JOURNALS[part]: search for part, search in journals.items()}
        for part in place.part_of(list(parts)):
            step = place.step
            for window in self._account.windows(parts[part], place.begun(part)):
                rows, bad = self._allocation_rows(_links(window.rows))
                step += 1
                yield Page(rows, place.position(part, window.last, step), bad)
        yield Page([], place.done)

    def _payments_by_id(self, numbers: set[int]) -> Iterable[Row]:
        found = list(self._account.by_id(self._payments, numbers))
        search = KIND.under(type=types(self._account.money), voided=flag(held=True))
        voided = {
            str(row["internalId"]) for part in windows(numbers)
            for row in self._account.every(search.under(internalId=ids(part)))
        }  # fmt: skip
        return self._told(found, voided)

    def _told(self, found: Sequence[Row], voided: set[str]) -> list[Row]:
        """Return payments as SuiteQL gives them, each with whether it was voided."""
        rows = self._documents.rows(found)
        return [row | {"voided": "T" if str(row["id"]) in voided else row.get("voided")} for row in rows]

    @property
    def _payments(self) -> Search:
        return self._documents.documents(self._account.money)

    def _parts(self, place: Place, search: Search) -> Mapping[str, Search]:
        """Return the searches of a reading: what changed, or what is of the history and what was mistyped."""
        if place.since is not None:
            return {RECENT: search.under(lastModifiedDate=since(place.since))}
        first, zone = self._account.history_from(place.bound), self._account.zone
        return {
            RECENT: search.under(tranDate=on_or_after(first, zone)),
            MISTYPED: search.under(tranDate=before(EARLIEST, zone)),
        }  # fmt: skip

    def _voided(self, parts: Mapping[str, Search]) -> set[str]:
        """Return the ids of those that were voided."""
        found = (search.only().under(voided=flag(held=True)) for search in parts.values())
        return {str(row["internalId"]) for search in found for row in self._account.every(search)}


_JOURNALS: Final = {RECENT: RECENT_JOURNALS, MISTYPED: MISTYPED_JOURNALS}


def _links(found: Iterable[Row]) -> Iterator[Row]:
    """Yield what was applied as SuiteQL's links have it."""
    return (_link(row) for row in found if row.get("appliedToTransaction") is not None)


def _link(row: Source) -> Row:
    return {
        "nextdoc": row["internalId"], "nextline": row.get("line") or "0",
        "previousdoc": row.get("appliedToTransaction"),
        "previousline": row.get(f"{_JOINED}line") or "0", "foreignamount": row.get("appliedToForeignAmount"),
        "nexttype": words.code_of(row.get("type")), "previoustype": words.code_of(row.get(f"{_JOINED}type")),
        "trandate": row.get("tranDate"), "currency": row.get(f"{_JOINED}currency") or row.get("currency"),
        "modified": row.get("lastModifiedDate"),
        "subsidiary": row.get(f"{_JOINED}subsidiary") or row.get("subsidiary"),
    }  # fmt: skip
