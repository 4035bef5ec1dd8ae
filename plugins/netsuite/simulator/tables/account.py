"""The account's data, all together: its tables, its transactions and its masters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from duehook.core.testing.book import Book, Change

from .database import Database, Row
from .ledger import Ledger
from .masters import Masters
from .one import keep_one
from .others import add_others
from .rates import add_rates
from .values import as_datetime


@dataclass(frozen=True)
class Account:
    """What is read from: the tables, and what keeps them true. `zone` is the account's time zone."""

    database: Database
    ledger: Ledger
    masters: Masters
    zone: tzinfo

    @classmethod
    def made(cls, database: Database, book: Book, zone: tzinfo, *, kept: dict[str, Any]) -> Account:
        """Fill the tables with what a book holds, and with what was written there."""
        customers, transactions = kept.setdefault("customers", {}), kept.setdefault("transactions", {})
        masters = Masters(database, book, zone, customers)
        ledger = Ledger(database, book, zone, transactions)
        add_others(database, min(book.customers))
        add_rates(database, book, zone)
        made = cls(database, ledger, masters, zone)
        made._keep_one()
        database.learn()
        return made

    def carry(self, changes: Sequence[Change]) -> None:
        """Learn what moved in the book."""
        self.ledger.carry(changes)
        if any(change.stream == "exchange_rate" for change in changes):
            add_rates(self.database, self.masters.book, self.zone)
        self.masters.carry(changes)
        self._keep_one()

    def rows(self, statement: str, *values: Any) -> list[Row]:
        """Return what a statement of the simulator's own finds."""
        return self.database.rows(statement, *values)

    def _keep_one(self) -> None:
        if not self.database.schema.oneworld:
            keep_one(self.database)

    def instant(self, held: str) -> datetime:
        """Return the instant that a stamp of the account's means."""
        return as_datetime(held).replace(tzinfo=self.zone).astimezone(UTC)
