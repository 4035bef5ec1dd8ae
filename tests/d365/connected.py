"""The connector on a simulated F&O: its sources and its target, and how a reading is followed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from duehook.core.hookspecs import Page, Source
from duehook.core.records import Stream
from duehook.plugins.d365.settings import D365Settings
from duehook.plugins.d365.sources import D365Contacts, D365Customers, D365Invoices, D365Payments
from duehook.plugins.d365.target import D365Target

from .simulated import Client

Row = dict[str, Any]
Connect = Callable[..., "Connected"]


class Connected:
    """One connection, opened as it is used."""

    def __init__(self, client: Client, **more: Any) -> None:
        given = {**client.settings, **client.simulator.site_settings, "calls_per_second": 10_000, **more}
        self.settings = D365Settings.model_validate(given)
        self.customers = D365Customers(self.settings, "erp")
        self.contacts = D365Contacts(self.settings, "erp")
        self.invoices = D365Invoices(self.settings, "erp")
        self.payments = D365Payments(self.settings, "erp")
        self.target = D365Target(self.settings, "erp")

    def source(self, stream: Stream) -> Source:
        """Return the source of a stream."""
        every: list[Source] = [self.customers, self.contacts, self.invoices, self.payments]
        return next(each for each in every if stream in each.streams)

    def pages(self, stream: Stream, position: Any = None) -> list[Page]:
        """Read a stream up to now."""
        source = self.source(stream)
        return list(source.read(stream, position, source.upper_bound()))

    def rows(self, stream: Stream, position: Any = None) -> list[Row]:
        """Return a stream's rows."""
        return [dict(row) for page in self.pages(stream, position) for row in page.rows]

    def close(self) -> None:
        """Hang up."""
        for each in (self.customers, self.contacts, self.invoices, self.payments, self.target):
            each.close()


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Give a function that connects to a simulator, some settings being others."""
    made: list[Connected] = []

    def to(client: Client, **more: Any) -> Connected:
        made.append(Connected(client, **more))
        return made[-1]

    yield to
    for each in made:
        each.close()
