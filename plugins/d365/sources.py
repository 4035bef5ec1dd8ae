"""The four sources: companies, terms, rates and customers; contacts; items; payments and allocations."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence

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
from .settings import D365Settings
from .site import D365Site


class D365Source(ABC):
    """What the four have in common; each has its streams, its checks and its discoveries."""

    streams: tuple[Stream, ...]

    def __init__(self, settings: D365Settings, name: str = "d365") -> None:
        """Take the connection's settings, and its name for the messages."""
        self.site = D365Site(settings, name)
        self.streams = self._streams(self.site)
        self.capabilities = SourceCapabilities(
            allocations="allocation" in self.streams,
            history_days=settings.history_months * 365 // 12 if self.site.open else None,
        )
        self.masters, self.items, self.cash = MasterReading(self.site), ItemReading(self.site), CashReading(self.site)

    @abstractmethod
    def _streams(self, site: D365Site) -> tuple[Stream, ...]:
        """Say which streams the site has of this source."""

    @abstractmethod
    def check(self) -> Iterable[Finding]:
        """Try the rights and settings of this source."""

    @abstractmethod
    def discover(self) -> Iterable[Discovery]:
        """List what this source finds."""

    def upper_bound(self) -> UpperBound:
        """Read the server's clock."""
        return self.site.bound()

    def read(self, stream: Stream, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield the stream's pages in key order, the last one done."""
        expect_given(stream, self.streams)
        if stream in {"customer", "contact"}:
            return self.masters.pages(stream, position, bound)
        small = {"company": self.masters.companies, "payment_term": self.masters.terms,
                 "exchange_rate": self.masters.rates}  # fmt: skip
        if stream in small:
            return small[stream](bound)
        ledger = {"item": self.items.pages, "payment": self.cash.payments, "allocation": self.cash.allocations}
        return ledger[stream](position, bound)

    def keys(self, stream: Stream) -> Iterator[KeyPage]:
        """Yield the keys that there are; payments and allocations never vanish."""
        expect_given(stream, self.streams)
        if stream in {"customer", "contact"}:
            return self.masters.keys(stream)
        return self.items.keys() if stream == "item" else iter(())

    def lookup(self, stream: Stream, keys: Sequence[tuple[str, str]]) -> Lookup:
        """Read these rows again, now."""
        expect_given(stream, self.streams)
        if stream in {"customer", "contact"}:
            return self.masters.lookup(stream, keys)
        if stream == "item":
            return self.items.lookup(keys)
        return self.cash.lookup(keys) if stream == "payment" else Lookup(missing=list(keys))

    def totals(self, bound: UpperBound) -> Iterator[Sequence[Total]]:
        """Yield nothing: only the invoice source has totals."""
        return iter(())

    def close(self) -> None:
        """Hang up."""
        self.site.close()


class D365Customers(D365Source):
    """Legal entities, payment terms, rates where they are published, and customers as each company knows them."""

    def _streams(self, site: D365Site) -> tuple[Stream, ...]:
        rates: tuple[Stream, ...] = ("exchange_rate",) if site.settings.sets.exchange_rates else ()
        return ("company", "payment_term", *rates, "customer")

    def check(self) -> Iterable[Finding]:
        """Try the sign-in, the companies and the customers."""
        return check.customers(self.site, self.masters)

    def discover(self) -> Iterable[Discovery]:
        """List companies and what the customers' codes are."""
        return discover.customers(self.site, self.masters)


class D365Contacts(D365Source):
    """The customers' own addresses, the people there, and further mail addresses."""

    def _streams(self, site: D365Site) -> tuple[Stream, ...]:
        return ("contact",)

    def check(self) -> Iterable[Finding]:
        """Try the contacts."""
        return check.contacts(self.site)

    def discover(self) -> Iterable[Discovery]:
        """List job titles and the purposes of addresses."""
        return discover.contacts(self.site)


class D365Invoices(D365Source):
    """Items, and their totals for the tie-out."""

    def _streams(self, site: D365Site) -> tuple[Stream, ...]:
        return ("item",)

    def check(self) -> Iterable[Finding]:
        """Try transactions, open rows and disputes."""
        return check.items(self.site, self.items.documents)

    def discover(self) -> Iterable[Discovery]:
        """List transaction types, payment modes and reason codes."""
        return discover.items(self.site)

    def totals(self, bound: UpperBound) -> Iterator[Sequence[Total]]:
        """Yield what is open by item."""
        return self.items.totals(bound)


class D365Payments(D365Source):
    """Transactions of money, and what they settled where that is published."""

    def _streams(self, site: D365Site) -> tuple[Stream, ...]:
        return ("payment", "allocation") if site.settlements else ("payment",)

    def check(self) -> Iterable[Finding]:
        """Try the settlements; payments need what items need."""
        return check.payments(self.site)

    def discover(self) -> Iterable[Discovery]:
        """List nothing: what payments are is what the transactions of items are."""
        return ()
