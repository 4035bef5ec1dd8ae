"""Carry a book into the tables: whole at first, then the rows of what each change touched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from duehook.core.testing.book import Book, Change

from .store import Store
from .tables import SITE, Row, Subject, Table, subjects_of

Touched = dict[Subject, dict[str, None]]


class Carrier:
    """Keeps an ERP's tables as its book says; it knows the keys of the rows that each subject has."""

    def __init__(self, store: Store, site: Any) -> None:
        """Take the store, and the site of which the tables take their lines."""
        self._store, self._site = store, site
        self._keys: dict[str, dict[Subject, dict[str, tuple[Row, ...]]]] = {}
        self._by_subject: dict[Subject, list[Table]] = {}
        for table in store.tables.values():
            for subject in table.lines:
                self._by_subject.setdefault(subject, []).append(table)

    def load(self, book: Book) -> None:
        """Fill empty tables with the whole book."""
        with self._store.writing():
            for table in self._store.tables.values():
                self._store.put(table, table.odd_rows(self._site))
                for subject in table.lines:
                    self._store.put(table, [*self._made(table, subject, subjects_of(book, subject).items())])

    def carry(self, book: Book, changes: Iterable[Change]) -> None:
        """Write what changed: rows come, change and go."""
        self.write(book, _touched(book, changes))

    def write(self, book: Book, touched: Touched) -> None:
        """Write the rows of these subjects again, those that are gone being deleted."""
        with self._store.writing():
            for subject, keys in touched.items():
                held = subjects_of(book, subject)
                for table in self._by_subject.get(subject, ()):
                    self._renew(table, subject, [(key, held.get(key)) for key in keys])

    def keys_of(self, table: str, subject: str) -> Sequence[Row]:
        """Return the keys of the rows that a subject of whatever kind has in a table."""
        return [row for known in self._keys.get(table, {}).values() for row in known.get(subject, ())]

    def _renew(self, table: Table, subject: Subject, held: Sequence[tuple[str, Any]]) -> None:
        known = self._known(table, subject)
        before = {row: None for key, _ in held for row in known.pop(key, ())}
        rows = list(self._made(table, subject, held))
        after = {row for key, _ in held for row in known.get(key, ())}
        self._store.remove(table, [row for row in before if row not in after])
        self._store.put(table, rows)

    def _made(self, table: Table, subject: Subject, held: Iterable[tuple[str, Any]]) -> Iterator[Row]:
        known, lines = self._known(table, subject), table.lines[subject]
        places = [table.names.index(name) for name in table.key_names]
        for key, one in held:
            rows = [] if one is None and subject != SITE else table.rows(lines(self._site, one))
            if rows:
                known[key] = tuple(tuple(row[place] for place in places) for row in rows)
                yield from rows

    def _known(self, table: Table, subject: Subject) -> dict[str, tuple[Row, ...]]:
        return self._keys.setdefault(table.name, {}).setdefault(subject, {})


def _touched(book: Book, changes: Iterable[Change]) -> Touched:
    """Say which subjects' rows changes may have changed: an allocation is a line of its payment and moves its item."""
    found: Touched = {}
    for change in changes:
        if change.stream != "allocation":
            found.setdefault(change.stream, {})[change.key] = None
            continue
        made = book.allocations.get(change.key) or book.purged_allocations[change.key]
        found.setdefault("item", {})[made.item] = None
        found.setdefault("payment", {})[made.payment or ""] = None
    return found
