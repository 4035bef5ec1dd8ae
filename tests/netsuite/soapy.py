"""The connector on a simulated account that is read by SOAP, and what it sends on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest

from duehook.core.hookspecs import Page, Source
from duehook.core.records import Stream
from duehook.core.testing.contract.under_test import validated
from duehook.core.wire.reply import Reply
from duehook.core.wire.session import Call
from duehook.core.wire.tapes import taped_by
from duehook.plugins.netsuite.settings import NetsuiteSettings
from duehook.plugins.netsuite.simulator import NetsuiteSimulator
from duehook.plugins.netsuite.sources import NetsuiteContacts, NetsuiteCustomers, NetsuiteInvoices, NetsuitePayments
from duehook.plugins.netsuite.target import NetsuiteTarget

from .suitetalk import CORE, SOAP, Talker

Row = dict[str, Any]
Change = Callable[[Call, Reply], Reply]


@dataclass
class Heard:
    """A tape that keeps each envelope that is sent, and may change an answer."""

    sent: list[bytes] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    change: Change = lambda call, reply: reply

    def exchange(self, asked: Any, send: Callable[[], Any]) -> Any:
        """Let a call pass; its body is that of the request that was really sent."""
        call, url = asked.call, asked.url
        make = call.data
        if not callable(make):
            self.urls.append(url)
            return self.change(call, send())

        def kept() -> bytes:
            self.sent.append(make())
            return self.sent[-1]

        object.__setattr__(call, "data", kept)
        try:
            reply = send()
        finally:
            object.__setattr__(call, "data", make)
        self.urls.append(url)
        return self.change(call, reply)

    def operations(self) -> list[str]:
        """Return the names of the operations that were asked for."""
        return [body(each).tag.rpartition("}")[2] for each in self.sent]


@dataclass
class Soapy:
    """One connection to an account."""

    simulator: NetsuiteSimulator
    settings: NetsuiteSettings
    heard: Heard = field(default_factory=Heard)

    def __post_init__(self) -> None:
        kinds = (NetsuiteCustomers, NetsuiteContacts, NetsuiteInvoices, NetsuitePayments)
        self.sources: list[Any] = [kind(self.settings, "erp") for kind in kinds]
        self.target = NetsuiteTarget(self.settings, "erp")

    def source(self, stream: Stream) -> Source:
        """Return the source of a stream."""
        found: Source = next(each for each in self.sources if stream in each.streams)
        return found

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
        for each in (*self.sources, self.target):
            each.close()


def body(envelope: bytes) -> Element:
    """Return what stands in the body of an envelope."""
    found = fromstring(envelope).find(f"{SOAP}Body")
    assert found is not None
    return found[0]


def values(element: Element, name: str) -> list[str]:
    """Return the texts, or else the ids, of the core's elements of this name."""
    return [each.get("internalId") or each.text or "" for each in element.iter(f"{CORE}{name}")]


@pytest.fixture
def soapy(talking: Callable[..., Talker]) -> Iterator[Callable[..., Soapy]]:
    """Give a function that connects to an account of one's own, some settings being others."""
    made: list[Soapy] = []
    heard = Heard()

    def to(more: Any = None, **options: Any) -> Soapy:
        talker = talking(**options)
        settings = NetsuiteSettings.model_validate({**talker.settings, **(more or {})})
        made.append(Soapy(talker.simulator, settings, heard))
        return made[-1]

    with taped_by(heard):
        yield to
    for each in made:
        each.close()
