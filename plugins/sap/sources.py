"""The four sources: companies and customers; contacts; items; payments and allocations."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from duehook.core.connecting.streams import expect_given
from duehook.core.hookspecs import (
    Discovery,
    Finding,
    KeyPage,
    Lookup,
    Page,
    Position,
    SourceCapabilities,
    Total,
    UpperBound,
)
from duehook.core.records import Stream

from . import check, discover
from .reading.cash import CashReading
from .reading.items import ItemReading
from .reading.masters import MasterReading
from .settings import SapSettings
from .site import SapSite


class SapSource(ABC):
    """What the four have in common; each has its streams, its checks and its discoveries."""

    streams: tuple[Stream, ...]

    def __init__(self, settings: SapSettings, name: str = "sap") -> None:
        """Take the connection's settings, and its name for the messages."""
        self.site = SapSite(settings, name)
        self.capabilities = SourceCapabilities(
            allocations="allocation" in self.streams, history_days=settings.history_months * 365 // 12
        )
        self.masters, self.items, self.cash = MasterReading(self.site), ItemReading(self.site), CashReading(self.site)

    @abstractmethod
    def check(self) -> Iterable[Finding]:
        """Try the rights and settings of this source."""

    def discover(self) -> Iterable[Discovery]:
        """List nothing, where a source has nothing of its own."""
        return ()

    def upper_bound(self) -> UpperBound:
        """Read the server's clock."""
        return self.site.bound()

    def read(self, stream: Stream, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield the stream's pages in key order, the last one done.

        A position of rows that another field mapping went over is none: all is read anew.
        """
        expect_given(stream, self.streams)
        digest = self.site.fields.digest
        known = position if position is None or position.get("mapping", "") == digest else None
        pages = self._pages(stream, known, bound)
        return (replace(page, position=page.position | {"mapping": digest}) for page in pages) if digest else pages

    def _pages(self, stream: Stream, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        if stream == "company":
            return self.masters.companies(bound)
        if stream == "payment_term":
            return self.masters.terms(bound)
        if stream in {"customer", "contact"}:
            return self.masters.pages(stream, position, bound)
        if stream == "item":
            return self.items.pages(position, bound)
        return (self.cash.payments if stream == "payment" else self.cash.allocations)(position, bound)

    def keys(self, stream: Stream) -> Iterator[KeyPage]:
        """Yield the keys that there are; payments and allocations never vanish."""
        expect_given(stream, self.streams)
        if stream in {"customer", "contact"}:
            return self.masters.keys(stream)
        return self.items.keys() if stream == "item" else iter(())

    def lookup(self, stream: Stream, keys: Sequence[tuple[str, str]]) -> Lookup:
        """Read these rows again, now."""
        expect_given(stream, self.streams)
        if stream == "item":
            return self.items.lookup(keys)
        return self.masters.lookup(stream, keys) if stream in {"customer", "contact"} else Lookup(missing=list(keys))

    def totals(self, bound: UpperBound) -> Iterator[Sequence[Total]]:
        """Yield nothing: only the invoice source has totals."""
        return iter(())

    def close(self) -> None:
        """Hang up."""
        self.site.close()


class SapCustomers(SapSource):
    """Company codes, terms as the settings say them, and customers as each company code knows them."""

    streams: tuple[Stream, ...] = ("company", "payment_term", "customer")

    def check(self) -> Iterable[Finding]:
        """Try the business partners and credit management."""
        return check.customers(self.site)

    def discover(self) -> Iterable[Discovery]:
        """List company codes and what the customers' codes are."""
        return discover.customers(self.site, self.masters)


class SapContacts(SapSource):
    """The customers' own addresses and the people there."""

    streams: tuple[Stream, ...] = ("contact",)

    def check(self) -> Iterable[Finding]:
        """Try the contacts."""
        return check.contacts(self.site)

    def discover(self) -> Iterable[Discovery]:
        """List the functions of contacts."""
        return discover.contacts(self.site)


class SapInvoices(SapSource):
    """Items, and their totals for the tie-out."""

    streams: tuple[Stream, ...] = ("item",)

    def check(self) -> Iterable[Finding]:
        """Try the cube, and what its fields are called here."""
        return check.items(self.site)

    def discover(self) -> Iterable[Discovery]:
        """List document types and special G/L indicators."""
        return discover.items(self.site)

    def totals(self, bound: UpperBound) -> Iterator[Sequence[Total]]:
        """Yield what is open by item."""
        return self.items.totals(bound)


class SapPayments(SapSource):
    """Documents of payments, and what their lines take off items."""

    streams: tuple[Stream, ...] = ("payment", "allocation")

    def check(self) -> Iterable[Finding]:
        """Nothing beyond what the items need."""
        return ()
