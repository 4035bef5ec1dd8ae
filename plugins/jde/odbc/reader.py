"""Reads a site through its database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from duehook.core.records import Stream
from duehook.core.wire.sql import OdbcClient, Sql
from duehook.plugins.jde.reading.reader import RawRow, ReadBy
from duehook.plugins.jde.settings import JdeSettings
from duehook.plugins.jde.tables import Column, Table

from .facts import OdbcFacts
from .queries import Present, Queries, Selection
from .rows import OdbcRows
from .selections import Selections


class OdbcReader:
    """The way over ODBC; `present` says which columns a table has, `more` which the site's own file adds."""

    by: ReadBy = "odbc"
    place = "database"
    applied = False

    def __init__(
        self, settings: JdeSettings, name: str, present: Present, more: Callable[[Stream], Sequence[Column]]
    ) -> None:
        """Take the connection's settings, and its name for the messages."""
        self.client = OdbcClient(settings, name)
        self._queries = Queries(settings, present)
        self._selections = Selections(self._queries, more)

    @cached_property
    def facts(self) -> OdbcFacts:
        """What `check` and `discover` count."""
        return OdbcFacts(self.client, self._queries)

    def open(self) -> None:
        """Sign in, unless that is done."""
        self.client.open()

    def close(self) -> None:
        """Hang up."""
        self.client.close()

    def now(self) -> datetime:
        """Return the database's clock as an aware instant."""
        return self.client.now(self._queries.clock())

    def columns(self, table: Table | str, *, control: bool = False) -> frozenset[str]:
        """Return the columns of a table; raise ConnectorRefused where it may not be read."""
        name = table if isinstance(table, str) else table.name
        return self.client.columns(self._queries.nothing(name, control=control), about=name)

    def look(
        self, table: Table, names: Sequence[str], where: Mapping[str, Sequence[Any]], *, control: bool = False
    ) -> list[RawRow]:
        """Return some columns of the few rows whose cells are among the values told for each column."""
        statement = self._queries.look(table, names, where, control=control)
        return self.client.rows(statement, about=table.name)

    def whole(self, table: Table) -> list[RawRow]:
        """Return every row of a small table."""
        columns = ", ".join(self._queries.columns(table))
        text = f"SELECT {columns} FROM {self._queries.origin(table)}{self._queries.dialect.dirty}"
        return self.client.rows(Sql(text), about=table.name)

    def lines_of(self, table: Table, customers: Sequence[int]) -> list[RawRow]:
        """Return the phones or mail addresses of these customers in key order."""
        return self.client.rows(self._queries.lines_of(table, customers), about=table.name)

    def simple(self, table: Table, *, recent: str = "", exact: Sequence[str] = ()) -> OdbcRows:
        """Give one table; `recent` names the date of a first reading's rows, `exact` what may be a binary float."""
        return self._rows(self._selections.simple(table, recent=recent, exact=exact))

    def items(self) -> OdbcRows:
        """Give F03B11: what is open, and what was posted or closed in the history."""
        return self._rows(self._selections.items())

    def open_items(self, table: Table) -> OdbcRows:
        """Give the rows of F03B11 that are open now, in the columns of the table or a narrower one of it."""
        return self._rows(self._selections.open_items(table))

    def payments(self) -> OdbcRows:
        """Give F03B13: unapplied receipts, and those of the history."""
        return self._rows(self._selections.payments())

    def allocations(self) -> OdbcRows:
        """Give F03B14: lines of the history, and all lines of what is still open."""
        return self._rows(self._selections.allocations())

    def customers(self, today: int) -> OdbcRows:
        """Give F03012 with name, mailing name, the postal address in force, and the parent."""
        return self._rows(self._selections.customers(today))

    def contacts(self) -> OdbcRows:
        """Give the who's-who lines of customers, changed when the customer's mail or phones are."""
        return self._rows(self._selections.contacts())

    def _rows(self, selection: Selection) -> OdbcRows:
        return OdbcRows(self.client, self._queries, selection)
