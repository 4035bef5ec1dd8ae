"""What the kit asks of a connector's simulator, beside `start` and `stop`.

The kit lets things happen in the ERP and compares what the connector reads with what happened. So
the simulator is over the book of core/testing/book, and says how its ERP gives each of the book's rows. Each
grade asks for a little more; `book_simulator.BookSimulator` has most of it ready.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import Any, Protocol

from duehook.core.hookspecs import CommandKind
from duehook.core.records import Stream
from duehook.core.testing.book import Book
from duehook.core.testing.faults import Faults, WritesOf
from duehook.core.testing.simulator import Logged

Row = dict[str, Any]


class SimulatedErp(Protocol):
    """What reading asks for (bronze).

    `lacks` names what this ERP does not have, with the reason: {"instalments": "each is a document of
    its own"}. The kit leaves out the tests of these features and lists the reasons beside the grade.
    `site_settings` are those that a consultant writes beside the ones that reach it: what the site's
    codes mean.
    """

    lacks: Mapping[str, str]
    site_settings: Mapping[str, Any]

    @property
    def book(self) -> Book:
        """The book behind it; only after `start`."""

    def start(self) -> Mapping[str, str]:
        """Serve; return the settings of a connection."""

    def stop(self) -> None:
        """End the servers and close the files."""

    def advance_to(self, day: date) -> int:
        """Move the book to the end of that day; return how much changed."""

    def act(self) -> AbstractContextManager[Book]:
        """Let things happen: what is done to the book in the block is in the ERP after it."""

    def spoil(self, item: str) -> None:
        """Let the ERP's row of an item (by its key in the book) hold what cannot be read, such as no date."""

    def given(self, stream: Stream) -> Iterable[Row]:
        """Yield the rows that a connector shall read now, under the canonical names.

        Keys are the connector's own; what the ERP does not have of a row is left out of it.
        """


class FaultyErp(SimulatedErp, Protocol):
    """What noticing changes and faults asks for (silver).

    `rights` are those that the ERP's admin can grant, by name, each with a word that `check` must say
    of it when it is missing.
    """

    rights: Mapping[str, str]

    @property
    def faults(self) -> Faults:
        """The fault switches of the server that is read from."""

    @property
    def log(self) -> Sequence[Logged]:
        """The requests that came in."""

    def deny(self, right: str) -> None:
        """Withdraw a right from the connection's user."""

    def grant(self, right: str) -> None:
        """Give a right back."""

    def own_dunning(self, item: str, level: int) -> None:
        """Let the ERP's own dunning raise an item's level today without touching its change stamp."""


class WrittenErp(FaultyErp, Protocol):
    """What writing back asks for (gold): what a user of the ERP sees now, and what such a user does.

    `hold_values` are a hold that the connection may set and one that users set. Items are named by
    their keys in the book.
    """

    hold_values: tuple[str, str]

    def writes(self, kind: CommandKind) -> WritesOf:
        """Say which requests carry out a command of this kind."""

    def meanwhile(self, act: Callable[[], None], requests: WritesOf) -> None:
        """Let this happen once, just before the next of these requests is carried out."""

    def notes(self, customer: str) -> Sequence[str]:
        """The notes on a customer, oldest first."""

    def hold(self, company: str, customer: str) -> str | None:
        """The credit hold that governs the customer."""

    def user_sets_hold(self, company: str, customer: str, value: str | None) -> None:
        """Let a user of the ERP set or lift the hold."""

    def seen(self, kind: CommandKind, company: str, customer: str, item: str | None) -> Mapping[str, Any]:
        """What became of a dunning block, level, promise or dispute, in the words of the command's body."""
