"""Searches by SuiteTalk: their pages one after the other, proved at their end, and rows by their ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from duehook.core.errors import ConnectorGarbled, ConnectorRefused
from duehook.plugins.netsuite.account import Row, Window
from duehook.plugins.netsuite.suiteql import LISTED, Key, windows

from .client import answers
from .client.faults import SearchEnded
from .client.service import SoapService
from .search import Search, ids

LEAST: Final = 5  # rows that a page of a search may have
PROVED: Final = 50  # rows that are counted at the end of a search
_FIX: Final = "it is asked again by the next run; see whether a proxy stands in between."


class Searching:
    """Asks for searches page by page."""

    def __init__(self, soap: SoapService, page_size: int) -> None:
        """Take the account, and how many rows a page shall have."""
        self.soap, self._page_size = soap, page_size

    def windows(self, search: Search, start: Key | None = None, *, size: int | None = None) -> Iterator[Window]:
        """Yield the rows of a search, page by page, until none is counted behind the last one.

        NetSuite says in no document in which order a search gives its rows. Where they come in the order of their
        ids, as they do, a reading goes on behind the last one; else it begins anew at the search's beginning.
        """
        first = last = start[0] if start else None
        known: list[int] = []
        while True:
            before, again = last, bool(known)
            for rows, reached in self._search(search.behind(last), last, size or self._page_size):
                known += [_key(row) for row in rows]
                last = reached
                yield Window(rows, (reached or 0,))
            left = self.count(search.behind(last))
            if not left:
                rest = self._left_out(search, known, first) if again else ()
                yield from ([Window(list(rest), (last or 0,))] if rest else ())
                return
            if last == before:
                raise _garbled(search, f"no more rows although {left} are left")

    def _left_out(self, search: Search, known: list[int], first: int | None) -> Sequence[Row]:
        """Return what was left out of a search that ended early: something cuts answers short, or cut them.

        What was read may have left the search since, as an invoice does that is paid: where fewer are counted than
        came the last ones are asked for by their ids, and no fewer may be counted than are there.
        """
        known.sort()
        floor = known[-PROVED - 1] if len(known) > PROVED else first
        last = [key for key in known if floor is None or key > floor]
        told = self.count(search.behind(floor))
        if told < len(last) and told < (there := sum(1 for _ in self.by_id(search, last))):
            raise _garbled(search, f"{told} rows where {there} are")
        if told <= len(last):
            return ()
        found = (row for rows, _ in self._search(search.behind(floor), floor, LISTED) for row in rows)
        return [row for row in found if _key(row) not in known]

    def _search(self, search: Search, start: int | None, size: int) -> Iterator[tuple[list[Row], int | None]]:
        """Yield the rows of one search, page by page, each with the id up to which all is told.

        Of what has several rows those of a page's last id wait for the next page, so that none is cut in two.
        """
        most, in_order, held = start or 0, True, list[Row]()
        for page, is_last in self._pages(search, max(size, LEAST)):
            rows = held + page
            keys = [_key(row) for row in rows]
            in_order = in_order and keys == sorted(keys) and (not keys or keys[0] >= most)
            waits = keys[-1] if keys and search.several and not is_last else None
            held = [row for row in rows if _key(row) == waits]
            rows = [row for row in rows if _key(row) != waits]
            most = max([most, *map(_key, rows)])
            if rows:
                yield rows, most if in_order or is_last else start

    def _pages(self, search: Search, size: int) -> Iterator[tuple[list[Row], bool]]:
        """Yield the pages of one search; one that is kept no more, or became another, ends and is searched anew."""
        found = self.soap.search(search, size)
        told, pages = answers.number(found, "totalRecords"), answers.number(found, "totalPages")
        rows = list(answers.rows(found))
        if len(rows) != min(told, size):
            raise _garbled(search, f"{len(rows)} rows of {told}")
        if rows:
            yield rows, pages <= 1
        for page in range(2, pages + 1):
            try:
                found = self.soap.more(answers.said(found, "searchId"), page, size)
            except SearchEnded:
                return
            now = [answers.number(found, name) for name in ("totalRecords", "totalPages", "pageIndex")]
            if now != [told, pages, page]:
                return
            yield list(answers.rows(found)), page == pages

    def every(self, search: Search) -> Iterator[Row]:
        """Yield all rows of a search, in as few pages as may be."""
        for window in self.windows(search, size=LISTED):
            yield from window.rows

    def by_id(self, search: Search, wanted: Iterable[int], field: str = "internalId") -> Iterator[Row]:
        """Yield the rows whose field refers to one of these ids, however many they are.

        A page may be cut short on its way: those of which nothing came are counted before they are taken as none.
        """
        for part in windows(wanted):
            missing = set(map(str, part))
            for rows, _ in self._search(search.under(**{field: ids(part)}), None, LISTED):
                missing -= {str(row.get(field)) for row in rows}
                yield from rows
            if missing and self.shows(search.under(**{field: ids(sorted(missing))})):
                raise _garbled(search, f"nothing of {len(missing)} ids although they are there")

    def count(self, search: Search) -> int:
        """Return how many rows a search finds; columns that make more rows of a record are asked for too."""
        asked = search if search.several else search.only()
        return answers.number(self.soap.search(asked, LEAST), "totalRecords")

    def refused_columns(self, search: Search) -> list[str]:
        """Return the columns of a search that NetSuite refuses by themselves; none where it refuses the search."""
        if not self._answers(search.only()):
            return []
        return [name for name in search.columns if not self._answers(search.only(name))]

    def _answers(self, search: Search) -> bool:
        try:
            self.soap.search(search, LEAST)
        except ConnectorRefused:
            return False
        return True

    def shows(self, search: Search) -> bool:
        """Say whether a search finds any."""
        return self.count(search) > 0


def _key(row: Row) -> int:
    try:
        return int(row["internalId"])
    except (KeyError, TypeError, ValueError):
        raise ConnectorGarbled("SuiteTalk gave a row without its id; nothing of it was kept.", fix=_FIX) from None


def _garbled(search: Search, what: str) -> ConnectorGarbled:
    return ConnectorGarbled(f"SuiteTalk's search of {search.name} gave {what}; nothing of it was kept.", fix=_FIX)
