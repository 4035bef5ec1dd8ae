"""Read payments, and what was applied to what, by SuiteTalk.

A search gives a row for each document that a transaction was applied to, with the amount in the transaction's
currency. Whether a transaction was voided is no column: the ids of those that were are asked for first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from duehook.core.errors import BadRecord
from duehook.core.hookspecs import BadRow, Lookup, Page, Position, UpperBound
from duehook.core.records import EARLIEST
from duehook.plugins.netsuite import tables
from duehook.plugins.netsuite.fields import patch_of
from duehook.plugins.netsuite.mapping.cash import VOID, CashMapping, key_of
from duehook.plugins.netsuite.reading.masters import read_id
from duehook.plugins.netsuite.reading.place import Place
from duehook.plugins.netsuite.soap import words
from duehook.plugins.netsuite.soap.search import Search, any_of, before, flag, ids, on_or_after, since
from duehook.plugins.netsuite.soap.site import KIND, SoapSite, types
from duehook.plugins.netsuite.suiteql import windows
from duehook.plugins.netsuite.values import Source, bad_row, text

from .documents import POSTED, SoapDocuments

Row = dict[str, Any]
Made = tuple[list[Row], list[BadRow]]
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


class SoapCash:
    """Reads transactions of money, and what they were applied to."""

    def __init__(self, site: SoapSite) -> None:
        """Take the site."""
        self._site, settings = site, site.settings
        self._documents = SoapDocuments(site, "payment")
        self._mapping = CashMapping(settings.codes, site, site.zone, patch_of(site.fields, "payment", settings))

    def payments(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield payments; the last page is empty and done."""
        place = Place.at(position, bound, self._site)
        parts = self._parts(place, self._payments)
        voided = self._voided(parts) if place.part_of(list(parts)) else set()
        for part in place.part_of(list(parts)):
            step = place.step
            for window in self._site.windows(parts[part], place.begun(part)):
                rows, bad = self._payment_rows(window.rows, voided)
                step += 1
                yield Page(rows, place.position(part, window.last, step), bad)
        yield Page([], place.done)

    def lookup(self, keys: Sequence[tuple[str, str]]) -> Lookup:
        """Read payments again. Raises ConnectorRefused where what is not found may only be hidden."""
        numbers = {number for _, key in keys if (number := read_id(key.removesuffix(VOID))) is not None}
        found = list(self._site.by_id(self._payments, numbers))
        if len(found) < len(numbers):
            self._site.expect_seen(each for each in self._site.money if each in tables.DOCUMENTS)
        search = KIND.under(type=types(self._site.money), voided=flag(held=True))
        voided = {
            str(row["internalId"]) for part in windows(numbers)
            for row in self._site.every(search.under(internalId=ids(part)))
        }  # fmt: skip
        rows, bad = self._payment_rows(found, voided)
        told = {(row["company"], row["key"]) for row in rows} | {(each.company, each.key) for each in bad}
        return Lookup(rows, missing=[name for name in keys if name not in told], bad=bad)

    def allocations(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield what was applied; the last page is empty and done."""
        place = Place.at(position, bound, self._site)
        kinds = [each for each in tables.APPLYING if each != tables.JOURNAL]
        parts = dict(self._parts(place, LINK.under(type=types(kinds))))
        journals = self._parts(place, JOURNAL_LINK)
        if self._site.settings.journals:
            parts |= {_JOURNALS[part]: search for part, search in journals.items()}
        for part in place.part_of(list(parts)):
            step = place.step
            for window in self._site.windows(parts[part], place.begun(part)):
                rows, bad = self._allocation_rows(window.rows)
                step += 1
                yield Page(rows, place.position(part, window.last, step), bad)
        yield Page([], place.done)

    @property
    def _payments(self) -> Search:
        return self._documents.documents(self._site.money)

    def _parts(self, place: Place, search: Search) -> Mapping[str, Search]:
        """Return the searches of a reading: what changed, or what is of the history and what was mistyped."""
        if place.since is not None:
            return {RECENT: search.under(lastModifiedDate=since(place.since))}
        first, zone = self._site.history_from(place.bound), self._site.zone
        return {
            RECENT: search.under(tranDate=on_or_after(first, zone)),
            MISTYPED: search.under(tranDate=before(EARLIEST, zone)),
        }  # fmt: skip

    def _voided(self, parts: Mapping[str, Search]) -> set[str]:
        """Return the ids of those that were voided."""
        found = (search.only().under(voided=flag(held=True)) for search in parts.values())
        return {str(row["internalId"]) for search in found for row in self._site.every(search)}

    def _payment_rows(self, found: Sequence[Row], voided: set[str]) -> Made:
        made: list[Row] = []
        bad: list[BadRow] = []
        for row in self._documents.rows(found):
            row |= {"voided": "T" if str(row["id"]) in voided else row.get("voided")}
            try:
                made += list(self._mapping.payments(row))
            except BadRecord as error:
                bad.append(bad_row(error, str(row["id"]), row, text(row, "subsidiary")))
        return made, bad

    def _allocation_rows(self, found: Iterable[Row]) -> Made:
        made: list[Row] = []
        bad: list[BadRow] = []
        companies = frozenset(self._site.settings.companies)
        for each in found:
            link = _link(each)
            company = text(link, "subsidiary")
            if link["previousdoc"] is None:
                continue
            if companies and company not in companies:
                continue
            if link.get("previoustype") not in (*tables.DOCUMENTS, tables.JOURNAL):
                continue
            try:
                row = self._mapping.allocation(link, company)
            except BadRecord as error:
                bad.append(bad_row(error, key_of(link), link, company))
            else:
                made += [row] if row is not None else []
        return made, bad


_JOURNALS: Final = {RECENT: RECENT_JOURNALS, MISTYPED: MISTYPED_JOURNALS}


def _link(row: Source) -> Row:
    """Return what was applied as SuiteQL's link has it."""
    return {
        "nextdoc": row["internalId"], "nextline": row.get("line") or "0",
        "previousdoc": row.get("appliedToTransaction"),
        "previousline": row.get(f"{_JOINED}line") or "0", "foreignamount": row.get("appliedToForeignAmount"),
        "nexttype": words.code_of(row.get("type")), "previoustype": words.code_of(row.get(f"{_JOINED}type")),
        "trandate": row.get("tranDate"), "currency": row.get(f"{_JOINED}currency") or row.get("currency"),
        "modified": row.get("lastModifiedDate"),
        "subsidiary": row.get(f"{_JOINED}subsidiary") or row.get("subsidiary"),
    }  # fmt: skip
