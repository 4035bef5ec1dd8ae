"""The four sources: divisions, terms, rates and customers; contacts; items; payments and allocations."""

from __future__ import annotations

from collections.abc import Iterable

from duehook.core.connecting.sources import LedgerSource, LookUps, Small
from duehook.core.hookspecs import Discovery, Finding, SourceCapabilities
from duehook.core.records import Stream

from . import check, discover
from .reading.cash import CashReading
from .reading.items import ItemReading
from .reading.masters import MasterReading
from .settings import M3Settings
from .site import M3Site


class M3Source(LedgerSource):
    """What the four have in common; each has its streams, its checks and its discoveries."""

    def __init__(self, settings: M3Settings, name: str = "infor_m3") -> None:
        """Take the connection's settings, and its name for the messages."""
        self.site = M3Site(settings, name)
        self.streams = tuple(each for each in self.streams if each != "exchange_rate" or settings.rates)
        self.capabilities = SourceCapabilities(
            incremental=settings.exportmi or not {"payment", "allocation"} & {*self.streams},
            allocations="allocation" in self.streams,
            history_days=settings.history_months * 365 // 12,
        )
        self.masters, self.items, self.cash = MasterReading(self.site), ItemReading(self.site), CashReading(self.site)
        small: Small = {
            "company": self.masters.companies,
            "payment_term": self.masters.terms,
            "exchange_rate": self.masters.rates,
        }
        again: LookUps = {"payment": self.cash.lookup, "allocation": self.cash.lookup}
        super().__init__(self.site, self.masters, self.items, self.cash, small=small, looked_up=again)


class M3Customers(M3Source):
    """Divisions, payment terms, rates, and customers, which belong to the whole company of M3."""

    streams: tuple[Stream, ...] = ("company", "payment_term", "exchange_rate", "customer")

    def check(self) -> Iterable[Finding]:
        """Try the sign-in, the divisions and the customers."""
        return check.customers(self.site)

    def discover(self) -> Iterable[Discovery]:
        """List divisions and what the customers' codes are."""
        return discover.customers(self.site)


class M3Contacts(M3Source):
    """The customers' own addresses, and their people."""

    streams: tuple[Stream, ...] = ("contact",)

    def check(self) -> Iterable[Finding]:
        """Try the contacts."""
        return check.contacts(self.site)

    def discover(self) -> Iterable[Discovery]:
        """List the types of contacts and of their employers."""
        return discover.contacts(self.site)


class M3Invoices(M3Source):
    """Items, and their totals for the tie-out."""

    streams: tuple[Stream, ...] = ("item",)

    def check(self) -> Iterable[Finding]:
        """Try the ledger: its lists, its details, and EXPORTMI."""
        return check.items(self.site)

    def discover(self) -> Iterable[Discovery]:
        """List information types, payment methods and reminder stops."""
        return discover.items(self.site)


class M3Payments(M3Source):
    """Records of money, and what they took off items."""

    streams: tuple[Stream, ...] = ("payment", "allocation")

    def check(self) -> Iterable[Finding]:
        """Try the records of an invoice, where EXPORTMI does not give them."""
        return check.payments(self.site)

    def discover(self) -> Iterable[Discovery]:
        """List nothing: what the codes of money are, the items' source tells."""
        return ()
