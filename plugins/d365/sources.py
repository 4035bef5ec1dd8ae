"""The four sources: companies, terms, rates and customers; contacts; items; payments and allocations."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable

from duehook.core.connecting.sources import LedgerSource, LookUps, Small
from duehook.core.hookspecs import Discovery, Finding, SourceCapabilities
from duehook.core.records import Stream

from . import check, discover
from .reading.cash import CashReading
from .reading.items import ItemReading
from .reading.masters import MasterReading
from .settings import D365Settings
from .site import D365Site


class D365Source(LedgerSource):
    """What the four have in common; each has its streams, its checks and its discoveries."""

    def __init__(self, settings: D365Settings, name: str = "d365") -> None:
        """Take the connection's settings, and its name for the messages."""
        self.site = D365Site(settings, name)
        self.streams = self._streams(self.site)
        self.capabilities = SourceCapabilities(
            allocations="allocation" in self.streams,
            history_days=settings.history_months * 365 // 12 if self.site.open else None,
        )
        self.masters, self.items, self.cash = MasterReading(self.site), ItemReading(self.site), CashReading(self.site)
        small: Small = {
            "company": self.masters.companies,
            "payment_term": self.masters.terms,
            "exchange_rate": self.masters.rates,
        }
        again: LookUps = {"payment": self.cash.lookup}
        super().__init__(self.site, self.masters, self.items, self.cash, small=small, looked_up=again)

    @abstractmethod
    def _streams(self, site: D365Site) -> tuple[Stream, ...]:
        """Say which streams the site has of this source."""


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
