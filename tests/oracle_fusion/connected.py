"""The connector on a stub of a pod: its sources and its target."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from duehook.core.hookspecs import Page, Source
from duehook.core.records import Stream
from duehook.core.testing.contract.under_test import validated
from duehook.plugins.oracle_fusion.sources import FusionContacts, FusionCustomers, FusionInvoices, FusionPayments
from duehook.plugins.oracle_fusion.target import FusionTarget

from .stubbed import Stub, settings_of

Row = dict[str, Any]
Connect = Callable[..., "Connected"]


class Connected:
    """One connection, opened as it is used."""

    def __init__(self, stub: Stub, **more: Any) -> None:
        settings = settings_of(stub, **more)
        self.customers, self.contacts = FusionCustomers(settings, "erp"), FusionContacts(settings, "erp")
        self.invoices, self.payments = FusionInvoices(settings, "erp"), FusionPayments(settings, "erp")
        self.target = FusionTarget(settings, "erp")

    def source(self, stream: Stream) -> Source:
        """Return the source of a stream."""
        every: list[Source] = [self.customers, self.contacts, self.invoices, self.payments]
        return next(each for each in every if stream in each.streams)

    def pages(self, stream: Stream, position: Any = None) -> list[Page]:
        """Read a stream up to now."""
        source = self.source(stream)
        return list(source.read(stream, position, source.upper_bound()))

    def rows(self, stream: Stream, position: Any = None) -> list[Row]:
        """Return a stream's rows, which must be records."""
        rows = [dict(row) for page in self.pages(stream, position) for row in page.rows]
        validated(stream, rows)
        return rows

    def close(self) -> None:
        """Hang up."""
        for each in (self.customers, self.contacts, self.invoices, self.payments, self.target):
            each.close()


@pytest.fixture
def stub() -> Iterator[Stub]:
    """Give a stub of a pod."""
    made = Stub()
    yield made
    made.server.stop()


@pytest.fixture
def connect(stub: Stub) -> Iterator[Connect]:
    """Give what opens connections to it."""
    opened: list[Connected] = []

    def opens(**more: Any) -> Connected:
        opened.append(Connected(stub, **more))
        return opened[-1]

    yield opens
    for each in opened:
        each.close()
