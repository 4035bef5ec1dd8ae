"""An ERP as a list of tables: each column with its type, its label, and what it holds of the book."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

from duehook.core.testing.book import Book

from .cells import Cell

Row = tuple[Any, ...]
Subject = Literal["site", "company", "payment_term", "exchange_rate", "customer", "contact", "item", "payment"]
SITE: Final = "site"  # the one key of a subject that there is once


@dataclass(frozen=True)
class Column:
    """A column: its name, its kind, the label that the catalogue gives it, and its value of a line."""

    name: str
    cell: Cell
    label: str
    value: Callable[[Any], Any] = lambda line: None


Lines = Callable[[Any, Any], Iterable[Any]]


def itself(site: Any, subject: Any) -> Iterable[Any]:
    """Give one line a subject, which is the subject itself."""
    return (subject,)


def with_site(site: Any, subject: Any) -> Iterable[Any]:
    """Give one line a subject: the site and the subject, for columns that need more than the book."""
    return ((site, subject),)


def _nothing(site: Any) -> Iterable[Mapping[str, Any]]:
    return ()


@dataclass(frozen=True)
class Table:
    """A table and the lines that each kind of subject has in it.

    `lines` gives a subject's lines, of which the columns take their values; `odd` the rows that belong to no subject:
    inactive records, dummies with a blank key or one of all nines. `readable` tables are a right each.
    """

    name: str
    label: str
    key: str
    columns: tuple[Column, ...]
    lines: Mapping[Subject, Lines]
    odd: Callable[[Any], Iterable[Mapping[str, Any]]] = _nothing
    indexes: tuple[str, ...] = ()
    readable: bool = True

    @cached_property
    def _cells(self) -> tuple[tuple[Callable[[Any], Any], Callable[[Any], Any]], ...]:
        """Return how each column is written, at once: a large book has millions of cells."""
        return tuple((column.cell.write, column.value) for column in self.columns)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the columns' names in order."""
        return tuple(column.name for column in self.columns)

    @property
    def key_names(self) -> tuple[str, ...]:
        """Return the key's columns."""
        return tuple(self.key.split())

    def rows(self, lines: Iterable[Any]) -> list[Row]:
        """Return the rows of these lines."""
        return [tuple([write(value(line)) for write, value in self._cells]) for line in lines]

    def odd_rows(self, site: Any) -> list[Row]:
        """Return the rows that belong to nothing in the book; what they do not name is nothing."""
        return [tuple(c.cell.write(cells.get(c.name)) for c in self.columns) for cells in self.odd(site)]


def subjects_of(book: Book, subject: Subject) -> Mapping[str, Any]:
    """Return what there is of a kind of subject, by key."""
    if subject == "exchange_rate":
        return {rate.key: rate for rate in book.exchange_rates}
    held: dict[Subject, Mapping[str, Any]] = {
        "site": {SITE: None}, "company": book.companies, "payment_term": book.terms, "customer": book.customers,
        "contact": book.contacts, "item": book.items, "payment": book.payments,
    }  # fmt: skip
    return held[subject]
