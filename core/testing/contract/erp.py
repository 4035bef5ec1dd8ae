"""What the kit asks of a connector's simulator, beside `start` and `stop`.

The kit lets things happen in the ERP and compares what the connector reads with what happened. So
the simulator is over the book of core/testing/book, and says how its ERP gives each of the book's rows. Each
grade asks for a little more; `book_simulator.BookSimulator` has most of it ready.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from duehook.core.hookspecs import CommandKind
from duehook.core.records import Stream
from duehook.core.testing.book import Book
from duehook.core.testing.faults import Calls, Faults
from duehook.core.testing.simulator import Logged

Row = dict[str, Any]
Balances = Mapping[tuple[str, str, str], Decimal]


class SimulatedErp(Protocol):
    """What reading asks for (bronze).

    `lacks` names what this ERP does not have, with the reason: {"instalments": "each is a document of
    its own"}. The kit leaves out the tests of these features and lists the reasons beside the grade.
    `site_settings` are those that a consultant writes beside the ones that reach it: what the site's
    codes mean. `variants` are other set-ups of the same ERP, each by its name with the options of the
    simulator that make it: the kit asks a few things of each, and the grade names them. `flaws` are the
    ways in which a row of it can be unreadable, each with whether its amounts can be read all the same.
    `half_references` are the ways in which what refers to a document names it by half. `settings_called` says what
    its connection calls `page_size` and `read_seconds`, where it calls them otherwise.
    """

    lacks: Mapping[str, str]
    site_settings: Mapping[str, Any]
    variants: Mapping[str, Mapping[str, Any]]
    flaws: Mapping[str, bool]
    half_references: Sequence[str]
    settings_called: Mapping[str, str]

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

    def spoil(self, item: str, flaw: str = ...) -> None:
        """Let the ERP's row of an item (by its key in the book) have one of `flaws`, the first where none is named."""

    def spoil_payment(self, payment: str, flaw: str = ...) -> None:
        """Let the ERP's rows of a payment have one of `flaws`: the money itself, and what it paid."""

    def halve(self, item: str, way: str) -> None:
        """Let an item name the document that it applies to by half, in one of the ways of `half_references`."""

    def given(self, stream: Stream) -> Iterable[Row]:
        """Yield the rows that a connector shall read now, under the canonical names.

        Keys are the connector's own; what the ERP does not have of a row is left out of it.
        """

    def open_balances(self) -> Balances:
        """Return what is open by company, customer and currency, zeros left out.

        It is added up from what the ERP itself holds, line by line, and not from what `given` makes of it:
        a line that a connector takes for part of another must be in it as well. A line whose amount
        cannot be read is left out.
        """


class FaultyErp(SimulatedErp, Protocol):
    """What noticing changes and faults asks for (silver).

    `rights` are those that the ERP's admin can grant, by name, each with a word that `check` must say
    of it when it is missing. `reads` are the requests that read. `fullest` are the options of the simulator for
    the set-up in which the kit breaks and writes: reading goes over a wire that `faults` can break, and every kind of
    command that can have a place has one; none where it is always so.
    """

    rights: Mapping[str, str]
    reads: Calls
    fullest: Mapping[str, Any]

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
    their keys in the book. `about_items` are kinds of command that this set-up takes about one item, beside those that
    always are. `answers_later` are kinds that the ERP carries out after it took them: that one cannot be seen there
    does not say that it will not be.
    """

    hold_values: tuple[str, str]
    about_items: Sequence[CommandKind]
    answers_later: Sequence[CommandKind]

    def writes(self, kind: CommandKind) -> Calls:
        """Say which requests carry out a command of this kind."""

    def meanwhile(self, act: Callable[[], None], requests: Calls) -> None:
        """Let this happen once, just before the next of these requests is carried out."""

    def notes(self, customer: str) -> Sequence[str]:
        """The notes on a customer, oldest first."""

    def texts(self, customer: str) -> Sequence[str]:
        """The texts in which a customer's notes stand, to the last sign: one a note, or one for all of them."""

    def user_writes_note(self, customer: str, text: str) -> None:
        """Let a user of the ERP write a note as it is, however long; no note of ours may touch it."""

    def hold(self, company: str, customer: str) -> str | None:
        """The credit hold that governs the customer."""

    def user_sets_hold(self, company: str, customer: str, value: str | None) -> None:
        """Let a user of the ERP set or lift the hold."""

    def seen(self, kind: CommandKind, company: str, customer: str, item: str | None) -> Mapping[str, Any]:
        """What became of a dunning block, level, promise or dispute, in the words of the command's body."""
