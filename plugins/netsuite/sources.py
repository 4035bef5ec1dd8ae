"""The four sources: subsidiaries, terms and customers; contacts; items; payments and allocations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from duehook.core.connecting.sources import LedgerSource, LookUps, Small
from duehook.core.hookspecs import Discovery, Finding, SourceCapabilities
from duehook.core.records import Stream

from . import check, discover
from .account import Account
from .reading.cash import Cash, CashReading
from .reading.items import ItemReading, Items
from .reading.masters import MasterReading, Masters
from .settings import NetsuiteSettings
from .site import NetsuiteSite


@dataclass(frozen=True)
class Way:
    """One way of reading an account, with what it tries and lists of each stream."""

    site: Account[Any]
    masters: Masters[Any]
    items: Items[Any]
    cash: Cash
    tries: Mapping[Stream, Callable[[], Iterable[Finding]]]
    lists: Mapping[Stream, Callable[[], Iterable[Discovery]]] = field(default_factory=dict)


class NetsuiteSource(LedgerSource):
    """What the four have in common; each has its streams, and the one that its checks and discoveries are about."""

    about: Stream

    def __init__(self, settings: NetsuiteSettings, name: str = "netsuite") -> None:
        """Take the connection's settings, and its name for the messages."""
        self._way = way = _way_of(settings, name)
        self.streams = tuple(each for each in self.streams if each != "exchange_rate" or settings.rates_table)
        self.capabilities = SourceCapabilities(
            allocations="allocation" in self.streams, history_days=settings.history_months * 365 // 12
        )
        small: Small = {
            "company": way.masters.companies,
            "payment_term": way.masters.terms,
            "exchange_rate": way.masters.rates,
        }
        again: LookUps = {"payment": way.cash.lookup}
        super().__init__(way.site, way.masters, way.items, way.cash, small=small, looked_up=again)

    def check(self) -> Iterable[Finding]:
        """Try what this source reads."""
        return self._way.tries[self.about]()

    def discover(self) -> Iterable[Discovery]:
        """List what the settings may be about; nothing of payments, which are transactions as items are."""
        listed = self._way.lists.get(self.about)
        return listed() if listed else ()


class NetsuiteCustomers(NetsuiteSource):
    """Subsidiaries, payment terms, exchange rates, and customers as each subsidiary knows them."""

    about: Stream = "customer"
    streams: tuple[Stream, ...] = ("company", "payment_term", "exchange_rate", "customer")


class NetsuiteContacts(NetsuiteSource):
    """The customers' own addresses, and the people there."""

    about: Stream = "contact"
    streams: tuple[Stream, ...] = ("contact",)


class NetsuiteInvoices(NetsuiteSource):
    """Items, and their totals for the tie-out."""

    about: Stream = "item"
    streams: tuple[Stream, ...] = ("item",)


class NetsuitePayments(NetsuiteSource):
    """Transactions of money, and what they were applied to."""

    about: Stream = "payment"
    streams: tuple[Stream, ...] = ("payment", "allocation")


def _way_of(settings: NetsuiteSettings, name: str) -> Way:
    if settings.read_by == "soap":
        from .soap.sources import by_soap  # zeep with it, which few need

        return by_soap(settings, name)
    return _by_suiteql(settings, name)


def _by_suiteql(settings: NetsuiteSettings, name: str) -> Way:
    site = NetsuiteSite(settings, name)
    items = ItemReading(site)
    return Way(
        site, MasterReading(site), items, CashReading(site),
        {"customer": partial(check.customers, site), "contact": partial(check.contacts, site),
         "item": partial(check.items, site, items.documents), "payment": partial(check.payments, site)},
        {"customer": partial(discover.customers, site), "contact": partial(discover.contacts, site),
         "item": partial(discover.items, site)},
    )  # fmt: skip
