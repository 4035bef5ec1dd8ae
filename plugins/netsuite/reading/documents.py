"""Documents with their instalments, and journals' lines: in windows of their keys, or by their ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from duehook.plugins.netsuite import tables
from duehook.plugins.netsuite.account import Row
from duehook.plugins.netsuite.fields import selected
from duehook.plugins.netsuite.mapping.items import Document, first_lines
from duehook.plugins.netsuite.site import NetsuiteSite
from duehook.plugins.netsuite.suiteql import Key, Query, codes


class Documents:
    """Asks for what may be items."""

    def __init__(self, site: NetsuiteSite) -> None:
        """Take the site."""
        self._site, settings = site, site.settings
        here = site.within("tl.subsidiary")
        more = tables.beside(settings)
        documents, journals = (
            site.shaped(made(settings.accounting_book)) for made in (tables.documents, tables.journals)
        )
        self.all = selected(site.fields, "item", documents).with_columns(*more).under(here)
        self.items = self.all.under(codes("t.type", site.documents))
        self.journals = selected(site.fields, "item", journals).with_columns(*more).under(here)
        self.open_keys = site.shaped(tables.OPEN_KEY).under(codes("t.type", site.documents), here, tables.LEFT)
        self.open_journals = journals.only("subsidiary").under(here, tables.LEFT)
        table = settings.instalments_table
        self._instalments = tables.instalments(table, settings.instalment_columns) if table else None

    def windows(self, query: Query, start: Key | None = None) -> Iterator[tuple[list[Document], Key]]:
        """Yield documents in the order of their ids, each window with its last key."""
        for window in self._site.windows(query, start):
            yield self.of(window.rows), window.last

    def journal_windows(self, query: Query, start: Key | None = None) -> Iterator[tuple[list[Document], Key, int]]:
        """Yield all lines of the journals of which a line is among those asked for, and how many those are.

        A journal whose lines fill more than a window comes once, with all of them.
        """
        told = start[0] if start else 0
        for window in self._site.windows(query.only("subsidiary"), start):
            numbers = {number for row in window.rows if (number := query.key_of(row)[0]) > told}
            told = window.last[0]
            yield self.journal_lines(numbers), window.last, len(window.rows)

    def by_id(self, numbers: Iterable[int]) -> list[Document]:
        """Return the documents of these ids."""
        return self.of(list(self._site.by_id(self.items, "t.id", numbers)))

    def journal_lines(self, numbers: Iterable[int]) -> list[Document]:
        """Return all lines of these journals that stand on receivables."""
        return first_lines(self._site.by_id(self.journals, "t.id", numbers))

    def of(self, rows: Sequence[Row]) -> list[Document]:
        """Return documents with their instalments, in the order in which they came."""
        if self._instalments is None:
            return [Document(row) for row in rows]
        invoices = [int(row["id"]) for row in rows if row.get("doctype") == "CustInvc"]
        parts: dict[str, list[Row]] = {}
        for row in self._site.by_id(self._instalments, self._instalments.key[0].source, invoices):
            parts.setdefault(str(row["id"]), []).append(row)
        return [Document(row, parts.get(str(row["id"]), ())) for row in rows]
