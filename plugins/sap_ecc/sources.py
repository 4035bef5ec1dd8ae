"""The four sources: companies and customers; contacts; items; payments and allocations."""

from __future__ import annotations

from collections.abc import Iterable

from duehook.core.connecting.sources import LedgerSource, Small
from duehook.core.hookspecs import Discovery, Finding, SourceCapabilities
from duehook.core.records import Stream

from . import check, discover
from .reading.cash import CashReading
from .reading.items import ItemReading
from .reading.masters import MasterReading
from .settings import EccSettings
from .site import EccSite


class EccSource(LedgerSource):
    """What the four have in common; each has its streams, its checks and its discoveries."""

    def __init__(self, settings: EccSettings, name: str = "sap_ecc") -> None:
        """Take the connection's settings, and its name for the messages."""
        self.site = EccSite(settings, name)
        self.capabilities = SourceCapabilities(
            allocations="allocation" in self.streams, history_days=settings.history_months * 365 // 12
        )
        self.masters, self.items, self.cash = MasterReading(self.site), ItemReading(self.site), CashReading(self.site)
        small: Small = {"company": self.masters.companies, "payment_term": self.masters.terms}
        super().__init__(self.site, self.masters, self.items, self.cash, small=small)


class EccCustomers(EccSource):
    """Company codes, terms as the settings say them, and customers as each company code knows them."""

    streams: tuple[Stream, ...] = ("company", "payment_term", "customer")

    def check(self) -> Iterable[Finding]:
        """Try company codes, currencies and customers."""
        return check.customers(self.site)

    def discover(self) -> Iterable[Discovery]:
        """List company codes and what the customers' codes are."""
        return discover.customers(self.site, self.masters)


class EccContacts(EccSource):
    """The customers' own mail addresses and the people there."""

    streams: tuple[Stream, ...] = ("contact",)

    def check(self) -> Iterable[Finding]:
        """Try people and mail addresses."""
        return check.contacts(self.site)

    def discover(self) -> Iterable[Discovery]:
        """List the functions of contacts."""
        return discover.contacts(self.site)


class EccInvoices(EccSource):
    """Items, and their totals for the tie-out."""

    streams: tuple[Stream, ...] = ("item",)

    def check(self) -> Iterable[Finding]:
        """Try the lines and what they hold."""
        return check.items(self.site)

    def discover(self) -> Iterable[Discovery]:
        """List document types and special G/L indicators."""
        return discover.items(self.site)


class EccPayments(EccSource):
    """Documents of payments, and what their lines take off items."""

    streams: tuple[Stream, ...] = ("payment", "allocation")

    def check(self) -> Iterable[Finding]:
        """Nothing beyond what the items need."""
        return ()
