"""What both ways of reading a site give: raw rows in the columns and the encoding of `tables`.

A raw row holds CYYDDD dates, HHMMSS times and texts, whichever way it came; only the decimals of its amounts
may stand in it already (`applied`). So one mapping serves both ways.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple, Protocol

from duehook.core.hookspecs import Finding
from duehook.core.wire.sql import Key, RawRow
from duehook.plugins.jde.tables import Table
from duehook.plugins.jde.values import Stamp

ReadBy = Literal["odbc", "ais"]
GLOBAL_COMPANY: Final = "00000"
__all__ = ["GLOBAL_COMPANY", "Facts", "Key", "Proof", "RawRow", "ReadBy", "Reader", "Rows", "Window"]


@dataclass(frozen=True)
class Window:
    """Which rows one reading wants: changed in [since, until], behind the place `after`, the history from a day on."""

    until: Stamp | None = None
    since: Stamp | None = None
    recent_from: int | None = None
    after: Key | None = None


class Rows(Protocol):
    """The rows of one table that a stream reads, with what is joined to each."""

    @property
    def table(self) -> Table:
        """The table whose key the rows have."""

    def pages(self, window: Window, limit: int) -> Iterator[tuple[list[RawRow], Key]]:
        """Yield pages of about `limit` rows, each with the place behind it (JSON), until nothing is left.

        Raises ConnectorGarbled where a page comes twice, ends early or cannot be told apart.
        """

    def of(self, keys: Sequence[Key]) -> list[tuple[Key, RawRow]]:
        """Return the rows that are there of these keys."""

    def stored(self, file: str, keys: Sequence[Key]) -> set[Key]:
        """Return which of these keys are in another table of the same columns, such as a purge file."""


class Proof(NamedTuple):
    """How many applied items fit F03B14 stored negative, and stored positive, of how many."""

    negative: int
    positive: int
    every: int


class Facts(Protocol):
    """What `check` and `discover` count on a site; a way that cannot count looks at the first rows: `among`."""

    among: str

    def probes(self) -> Iterable[Finding]:
        """Try on F03B11 what only this way can get wrong."""

    def signs(self, since: int) -> tuple[int, int]:
        """Return how many receipts since a day have applications summing below and above zero."""

    def proof(self, since: int, on_account: Sequence[str]) -> Proof:
        """Return for how many items posted since a day open = original − Σ F03B14; not of these document types."""

    def sums(self) -> list[RawRow]:
        """Return (company, base currency, Σ RPAAP, count) of what is open."""

    def stamped_past(self, stamp: Stamp) -> int:
        """Return how many items were changed later."""

    def dunned(self) -> int:
        """Return how many customers have a delinquency policy and get JDE's notices."""

    def silenced(self) -> tuple[int, int]:
        """Return how many customers get no notices (AIDNLT N), of how many."""

    def newest(self, table: Table) -> tuple[int, int]:
        """Return the newest day that a row was stamped, 0 for none, and how many rows there are."""

    def in_use(self, table: Table, column: str, *, numbered: bool = False) -> list[RawRow]:
        """Return (value, count) of a column; `numbered` leaves out who's-who line 0."""

    def first(self, table: Table, names: Sequence[str], count: int) -> list[RawRow]:
        """Return some columns of the first rows, in the order of the table's key."""


class Reader(Protocol):
    """One way into a site; it connects on first use."""

    by: ReadBy
    place: str  # what a person calls it
    applied: bool  # whether amounts have their decimals already

    @property
    def facts(self) -> Facts:
        """What `check` and `discover` count."""

    def open(self) -> None:
        """Sign in, unless that is done."""

    def close(self) -> None:
        """Sign out and hang up."""

    def now(self) -> datetime:
        """Return the site's clock as an aware instant."""

    def columns(self, table: Table | str, *, control: bool = False) -> frozenset[str]:
        """Return the columns of a table; raise ConnectorRefused where it may not be read."""

    def look(
        self, table: Table, names: Sequence[str], where: Mapping[str, Sequence[Any]], *, control: bool = False
    ) -> list[RawRow]:
        """Return some columns of the few rows whose cells are among the values told for each column."""

    def whole(self, table: Table) -> list[RawRow]:
        """Return every row of a small table."""

    def lines_of(self, table: Table, customers: Sequence[int]) -> list[RawRow]:
        """Return the phones or mail addresses of these customers in key order."""

    def simple(self, table: Table, *, recent: str = "", exact: Sequence[str] = ()) -> Rows:
        """Give one table; `recent` names the date of a first reading's rows, `exact` what may be a binary float."""

    def items(self) -> Rows:
        """Give F03B11: what is open, and what was posted or closed in the history."""

    def open_items(self, table: Table) -> Rows:
        """Give the rows of F03B11 that are open now, in the columns of the table or a narrower one of it."""

    def payments(self) -> Rows:
        """Give F03B13: unapplied receipts, and those of the history."""

    def allocations(self) -> Rows:
        """Give F03B14: lines of the history, and all lines of what is still open."""

    def customers(self, today: int) -> Rows:
        """Give F03012 with name, mailing name, the postal address in force, and the parent (CUSTOMER_ROW)."""

    def contacts(self) -> Rows:
        """Give the who's-who lines of customers, changed when the customer's mail or phones are."""
