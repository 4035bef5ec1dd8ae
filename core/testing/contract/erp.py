"""What the kit asks of a connector's simulator, beside `start` and `stop`.

The kit lets things happen in the ERP and compares what the connector reads with what happened. So
the simulator is over the book of core/testing/book, and says how its ERP gives each of the book's rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import date
from typing import Any, Protocol

from duehook.core.records import Stream
from duehook.core.testing.book import Book

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
