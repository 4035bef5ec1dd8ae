"""The four sources by SuiteTalk: subsidiaries, terms and customers; contacts; items; payments and allocations."""

from __future__ import annotations

from collections.abc import Iterable

from duehook.core.connecting.sources import LedgerSource, LookUps, Small
from duehook.core.hookspecs import Discovery, Finding, SourceCapabilities
from duehook.core.records import Stream
from duehook.plugins.netsuite.settings import NetsuiteSettings

from . import check, discover
from .reading.cash import SoapCash
from .reading.items import SoapItems
from .reading.masters import SoapMasters
from .site import SoapSite


class SoapSource(LedgerSource):
    """What the four have in common; each has its streams, its checks and its discoveries."""

    def __init__(self, settings: NetsuiteSettings, name: str = "netsuite") -> None:
        """Take the connection's settings, and its name for the messages."""
        self.site = SoapSite(settings, name)
        self.capabilities = SourceCapabilities(
            allocations="allocation" in self.streams, history_days=settings.history_months * 365 // 12
        )
        self.masters, self.items, self.cash = SoapMasters(self.site), SoapItems(self.site), SoapCash(self.site)
        small: Small = {"company": self.masters.companies, "payment_term": self.masters.terms}
        again: LookUps = {"payment": self.cash.lookup}
        super().__init__(self.site, self.masters, self.items, self.cash, small=small, looked_up=again)


class SoapCustomers(SoapSource):
    """Subsidiaries, payment terms, and customers as each subsidiary knows them."""

    streams: tuple[Stream, ...] = ("company", "payment_term", "customer")

    def check(self) -> Iterable[Finding]:
        """Try the sign-in, the WSDL, the subsidiaries and the customers."""
        return check.customers(self.site)

    def discover(self) -> Iterable[Discovery]:
        """List subsidiaries and what the customers' codes are."""
        return discover.customers(self.site)


class SoapContacts(SoapSource):
    """The customers' own addresses, and the people there."""

    streams: tuple[Stream, ...] = ("contact",)

    def check(self) -> Iterable[Finding]:
        """Try the contacts."""
        return check.contacts(self.site)

    def discover(self) -> Iterable[Discovery]:
        """List the roles of contacts."""
        return discover.contacts(self.site)


class SoapInvoices(SoapSource):
    """Items, and their totals for the tie-out."""

    streams: tuple[Stream, ...] = ("item",)

    def check(self) -> Iterable[Finding]:
        """Try each type of transaction, and what a search tells of it."""
        return check.items(self.site, self.items.documents)

    def discover(self) -> Iterable[Discovery]:
        """List the types and terms of transactions, and the account's own fields."""
        return discover.items(self.site)


class SoapPayments(SoapSource):
    """Transactions of money, and what they were applied to."""

    streams: tuple[Stream, ...] = ("payment", "allocation")

    def check(self) -> Iterable[Finding]:
        """Try the columns of what was applied."""
        return check.payments(self.site)

    def discover(self) -> Iterable[Discovery]:
        """List nothing: what payments are is what the transactions of items are."""
        return ()
