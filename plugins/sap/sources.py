"""The four sources: companies and customers; contacts; items; payments and allocations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from duehook.core.connecting.sources import LedgerSource, Small
from duehook.core.hookspecs import Discovery, Finding, Page, Position, SourceCapabilities, UpperBound
from duehook.core.records import Stream

from . import check, discover
from .reading.cash import CashReading
from .reading.items import ItemReading
from .reading.masters import MasterReading
from .settings import SapSettings
from .site import SapSite


class SapSource(LedgerSource):
    """What the four have in common; each has its streams, its checks and its discoveries."""

    def __init__(self, settings: SapSettings, name: str = "sap") -> None:
        """Take the connection's settings, and its name for the messages."""
        self.site = SapSite(settings, name)
        self.capabilities = SourceCapabilities(
            allocations="allocation" in self.streams, history_days=settings.history_months * 365 // 12
        )
        self.masters, self.items, self.cash = MasterReading(self.site), ItemReading(self.site), CashReading(self.site)
        small: Small = {"company": self.masters.companies, "payment_term": self.masters.terms}
        super().__init__(self.site, self.masters, self.items, self.cash, small=small)

    def read(self, stream: Stream, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield the stream's pages in key order, the last one done.

        A position of rows that another field mapping went over is none: all is read anew.
        """
        digest = self.site.fields.digest
        known = position if position is None or position.get("mapping", "") == digest else None
        pages = super().read(stream, known, bound)
        return (replace(page, position=page.position | {"mapping": digest}) for page in pages) if digest else pages


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


class SapPayments(SapSource):
    """Documents of payments, and what their lines take off items."""

    streams: tuple[Stream, ...] = ("payment", "allocation")

    def check(self) -> Iterable[Finding]:
        """Nothing beyond what the items need."""
        return ()
