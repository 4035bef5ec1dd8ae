"""The four sources: companies, terms and customers; contacts; items; payments and allocations."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable

from duehook.core.connecting.sources import LedgerSource, LookUps, Small
from duehook.core.hookspecs import Discovery, Finding, SourceCapabilities
from duehook.core.records import Stream

from . import check, discover
from .reading.cash import CashReading
from .reading.documents import DocumentReading
from .reading.items import ItemReading
from .reading.masters import MasterReading
from .settings import BusinessCentralSettings
from .site import BusinessCentralSite


class BusinessCentralSource(LedgerSource):
    """What the four have in common; each has its streams, its checks and its discoveries."""

    def __init__(self, settings: BusinessCentralSettings, name: str = "business_central") -> None:
        """Take the connection's settings, and its name for the messages."""
        self.site = BusinessCentralSite(settings, name)
        self.streams = self._streams(self.site)
        by_entries = settings.ledger_entries is not None
        self.capabilities = SourceCapabilities(
            incremental=by_entries or "item" not in self.streams,
            allocations="allocation" in self.streams,
            history_days=settings.history_months * 365 // 12 if by_entries else None,
        )
        self.masters, self.cash = MasterReading(self.site), CashReading(self.site)
        items = ItemReading(self.site) if by_entries else DocumentReading(self.site)
        small: Small = {"company": self.masters.companies, "payment_term": self.masters.terms}
        again: LookUps = {"payment": self.cash.lookup}
        super().__init__(self.site, self.masters, items, self.cash, small=small, looked_up=again)

    @abstractmethod
    def _streams(self, site: BusinessCentralSite) -> tuple[Stream, ...]:
        """Say which streams the site has of this source."""


class BusinessCentralCustomers(BusinessCentralSource):
    """Companies, payment terms, and customers as each company knows them."""

    def _streams(self, site: BusinessCentralSite) -> tuple[Stream, ...]:
        return ("company", "payment_term", "customer")

    def check(self) -> Iterable[Finding]:
        """Try the sign-in, the companies and the customers."""
        return check.customers(self.site)

    def discover(self) -> Iterable[Discovery]:
        """List companies and what the customers' codes are."""
        return discover.customers(self.site)


class BusinessCentralContacts(BusinessCentralSource):
    """The customers' own addresses, and the people there."""

    def _streams(self, site: BusinessCentralSite) -> tuple[Stream, ...]:
        return ("contact",)

    def check(self) -> Iterable[Finding]:
        """Try the contacts."""
        return check.contacts(self.site)

    def discover(self) -> Iterable[Discovery]:
        """List what nothing reads of contacts."""
        return discover.contacts(self.site)


class BusinessCentralInvoices(BusinessCentralSource):
    """Items, and their totals for the tie-out."""

    def _streams(self, site: BusinessCentralSite) -> tuple[Stream, ...]:
        return ("item",)

    def check(self) -> Iterable[Finding]:
        """Try the ledger entries, or the documents in their place."""
        return check.items(self.site)

    def discover(self) -> Iterable[Discovery]:
        """List document types, payment methods and dispute statuses."""
        return discover.items(self.site)


class BusinessCentralPayments(BusinessCentralSource):
    """Entries of money, and what they settled where detailed entries are published."""

    def _streams(self, site: BusinessCentralSite) -> tuple[Stream, ...]:
        return ("payment", "allocation") if site.settings.detailed_entries else ("payment",)

    def check(self) -> Iterable[Finding]:
        """Try the detailed entries; payments need what items need."""
        return check.payments(self.site)

    def discover(self) -> Iterable[Discovery]:
        """List nothing: what payments are is what the entries of items are."""
        return ()
