"""The four sources: subsidiaries, terms and customers; contacts; items; payments and allocations."""

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
from .settings import NetsuiteSettings
from .site import NetsuiteSite


class NetsuiteSource(ABC):
    """What the four have in common; each has its streams, its checks and its discoveries."""

    streams: tuple[Stream, ...]

    def __init__(self, settings: NetsuiteSettings, name: str = "netsuite") -> None:
        """Take the connection's settings, and its name for the messages."""
        self.site = NetsuiteSite(settings, name)
        self.capabilities = SourceCapabilities(
            allocations="allocation" in self.streams, history_days=settings.history_months * 365 // 12
        )
        self.masters, self.items, self.cash = MasterReading(self.site), ItemReading(self.site), CashReading(self.site)

    @abstractmethod
    def check(self) -> Iterable[Finding]:
        """Try the permissions and settings of this source."""

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
        if stream in {"company", "payment_term"}:
            return self.masters.companies(bound) if stream == "company" else self.masters.terms(bound)
        ledger = {"item": self.items.pages, "payment": self.cash.payments, "allocation": self.cash.allocations}
        return ledger[stream](position, bound)

    def keys(self, stream: Stream) -> Iterator[KeyPage]:
        """Yield the keys that there are; payments and allocations are not swept."""
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


class NetsuiteCustomers(NetsuiteSource):
    """Subsidiaries, payment terms, and customers as each subsidiary knows them."""

    streams: tuple[Stream, ...] = ("company", "payment_term", "customer")

    def check(self) -> Iterable[Finding]:
        """Try the sign-in, the clock, the subsidiaries and the customers."""
        return check.customers(self.site)

    def discover(self) -> Iterable[Discovery]:
        """List subsidiaries and what the customers' codes are."""
        return discover.customers(self.site)


class NetsuiteContacts(NetsuiteSource):
    """The customers' own addresses, and the people there."""

    streams: tuple[Stream, ...] = ("contact",)

    def check(self) -> Iterable[Finding]:
        """Try the contacts."""
        return check.contacts(self.site)

    def discover(self) -> Iterable[Discovery]:
        """List the roles of contacts."""
        return discover.contacts(self.site)


class NetsuiteInvoices(NetsuiteSource):
    """Items, and their totals for the tie-out."""

    streams: tuple[Stream, ...] = ("item",)

    def check(self) -> Iterable[Finding]:
        """Try each type of transaction, the lines and the book."""
        return check.items(self.site, self.items.documents)

    def discover(self) -> Iterable[Discovery]:
        """List the types and terms of transactions, and unread columns."""
        return discover.items(self.site)

    def totals(self, bound: UpperBound) -> Iterator[Sequence[Total]]:
        """Yield what is open by item."""
        return self.items.totals(bound)


class NetsuitePayments(NetsuiteSource):
    """Transactions of money, and what they were applied to."""

    streams: tuple[Stream, ...] = ("payment", "allocation")

    def check(self) -> Iterable[Finding]:
        """Try the links between documents."""
        return check.payments(self.site)

    def discover(self) -> Iterable[Discovery]:
        """List nothing: what payments are is what the transactions of items are."""
        return ()
