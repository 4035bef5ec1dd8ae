"""The four sources: companies, terms, rates and customers; contacts; items; payments and allocations."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

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

from . import check, discover, tables
from .mapping.balances import Balances, open_keys
from .mapping.cash import VOID, AllocationMapping, PaymentMapping
from .mapping.items import ItemMapping
from .mapping.parties import ContactMapping, CustomerMapping, companies, exchange_rates, payment_terms
from .mapping.site import Mapped
from .reading.pages import Plan, Reading
from .reading.reader import GLOBAL_COMPANY, Key, RawRow, Window
from .settings import JdeSettings
from .site import JdeSite, stamp_in
from .values import julian, whole

IN_LIST: Final = 500  # customers, or receipts, that are asked for at once
NARROW: Final = 4  # how many times more rows a page of few columns holds
Plans = Mapping[Stream, Callable[[], Plan]]


class JdeSource(ABC):
    """What the four have in common; each has its streams, its checks and its discoveries."""

    streams: tuple[Stream, ...]
    capabilities: SourceCapabilities = SourceCapabilities()

    def __init__(self, settings: JdeSettings, name: str = "jde") -> None:
        """Take the connection's settings, and its name for the messages."""
        self._site = JdeSite(settings, name)
        self.capabilities = replace(self.capabilities, history_days=settings.history_days)

    @abstractmethod
    def _plans(self) -> Plans:
        """Say how each stream is read."""

    @abstractmethod
    def check(self) -> Iterable[Finding]:
        """Try the rights and settings of this source."""

    @abstractmethod
    def discover(self) -> Iterable[Discovery]:
        """List what is there for this source."""

    def upper_bound(self) -> UpperBound:
        """Read the database's clock."""
        return self._site.bound()

    def read(self, stream: Stream, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield the stream's pages in key order, the last one empty and `done`."""
        return self._reading(stream).pages(position, bound)

    def keys(self, stream: Stream) -> Iterator[KeyPage]:
        """Yield the keys that a full reading of the stream gives; rates have none, and never vanish."""
        if stream != "exchange_rate":
            yield from self._reading(stream).keys(self.upper_bound())

    def lookup(self, stream: Stream, keys: Sequence[tuple[str, str]]) -> Lookup:
        """Read these rows again."""
        return self._reading(stream).lookup(keys)

    def totals(self, bound: UpperBound) -> Iterator[Sequence[Total]]:
        """Yield nothing: only the invoice source has totals."""
        return iter(())

    def close(self) -> None:
        """Hang up."""
        self._site.close()

    def _reading(self, stream: Stream) -> Reading:
        expect_given(stream, self.streams)
        return Reading(self._site, self._plans()[stream]())


class JdeCustomers(JdeSource):
    """Companies (F0010), terms (F0014), rates (F0015) and customers (F03012 with F0101, F0111, F0116, F0150)."""

    streams: tuple[Stream, ...] = ("company", "payment_term", "exchange_rate", "customer")

    def check(self) -> Iterable[Finding]:
        """Try the master tables, the currencies, and whether JDE's own dunning is at work."""
        return check.customers(self._site)

    def discover(self) -> Iterable[Discovery]:
        """List companies, currencies, hold codes, search types and credit messages."""
        return discover.customers(self._site)

    def _plans(self) -> Plans:
        return {
            "company": partial(self._small, "company", tables.COMPANY, companies),
            "payment_term": partial(self._small, "payment_term", tables.PAYMENT_TERM, payment_terms),
            "exchange_rate": self._rates,
            "customer": self._customers,
        }

    def _small(self, stream: Stream, table: tables.Table, mapping: Callable[..., Mapped]) -> Plan:
        site = self._site
        return Plan(stream, site.reader.simple(table), partial(mapping, site=site.facts), lambda company, key: (key,))

    def _rates(self) -> Plan:
        site = self._site
        rates = site.reader.simple(tables.EXCHANGE_RATE, recent="CXEFT", exact=("CXCRR",))
        return Plan("exchange_rate", rates, partial(exchange_rates, site=site.facts), lambda company, key: None)

    def _customers(self) -> Plan:
        site = self._site
        today = julian(site.bound().at.astimezone(site.settings.zone).date())
        mapping = CustomerMapping(site.facts, site.people)
        return Plan("customer", site.reader.customers(today), mapping.rows, self._customer_key)

    @staticmethod
    def _customer_key(company: str, key: str) -> Key | None:
        return (int(key), company or GLOBAL_COMPANY) if key.isdecimal() else None


class JdeContacts(JdeSource):
    """Contacts (F0111) with their phones (F0115) and mail addresses (F01151)."""

    streams: tuple[Stream, ...] = ("contact",)

    def check(self) -> Iterable[Finding]:
        """Try the who's-who tables."""
        return check.contacts(self._site)

    def discover(self) -> Iterable[Discovery]:
        """List the contact types in use."""
        return discover.contacts(self._site)

    def _plans(self) -> Plans:
        site = self._site
        return {"contact": lambda: Plan("contact", site.reader.contacts(), self._mapped, self._contact_key)}

    def _mapped(self, raws: Sequence[RawRow]) -> Mapped:
        phones, emails = (self._lines(table, raws) for table in (tables.PHONE, tables.EMAIL))
        return ContactMapping(self._site.facts).rows(raws, phones=phones, emails=emails)

    def _lines(self, table: tables.Table, raws: Sequence[RawRow]) -> list[RawRow]:
        customers = sorted({int(raw[0]) for raw in raws})
        found: list[RawRow] = []
        for start in range(0, len(customers), IN_LIST):
            found += self._site.reader.lines_of(table, customers[start : start + IN_LIST])
        return found

    @staticmethod
    def _contact_key(company: str, key: str) -> Key | None:
        parts = key.split("|")
        return tuple(map(int, parts[:2])) if len(parts) >= 2 and all(map(str.isdecimal, parts)) else None


class JdeInvoices(JdeSource):
    """Items (F03B11), and their totals for the tie-out."""

    streams: tuple[Stream, ...] = ("item",)

    def check(self) -> Iterable[Finding]:
        """Try F03B11, its decimals, dates and sums."""
        return check.items(self._site)

    def discover(self) -> Iterable[Discovery]:
        """List document types, pay statuses, instruments and purge files."""
        return discover.items(self._site)

    def keys(self, stream: Stream) -> Iterator[KeyPage]:
        """Yield the keys of what is open now, rounding residues included."""
        complete = True
        for raws, _ in self._open(tables.ITEM_KEY):
            found, told = open_keys(raws, self._site.facts.company_currency)
            complete = complete and told
            yield KeyPage(found)
        yield KeyPage([], complete=complete)

    def totals(self, bound: UpperBound) -> Iterator[Sequence[Total]]:
        """Yield what is open by item over all rows; those changed past the bound say so."""
        past, mapping = stamp_in(bound.mark), Balances(self._site.facts)
        for raws, _ in self._open(tables.ITEM_BALANCE):
            yield mapping.totals(raws, past)

    def _open(self, table: tables.Table) -> Iterator[tuple[list[RawRow], Key]]:
        site = self._site
        return site.reader.open_items(table).pages(Window(), site.settings.page_size * NARROW)

    def _plans(self) -> Plans:
        site = self._site
        return {"item": lambda: Plan("item", site.reader.items(), ItemMapping(site.facts).rows, self._item_key)}

    @staticmethod
    def _item_key(company: str, key: str) -> Key | None:
        parts = key.split("|")
        if len(parts) != 4 or not parts[2].isdecimal():
            return None
        return parts[0].ljust(5), parts[1].ljust(2), int(parts[2]), parts[3].ljust(3)


class JdePayments(JdeSource):
    """Payments (F03B13) with their reversals, and allocations (F03B14)."""

    streams: tuple[Stream, ...] = ("payment", "allocation")
    capabilities = SourceCapabilities(allocations=True)

    def check(self) -> Iterable[Finding]:
        """Try the receipt tables and prove the sign of F03B14."""
        return check.payments(self._site)

    def discover(self) -> Iterable[Discovery]:
        """List receipt types and the sign of F03B14."""
        return discover.payments(self._site)

    def _plans(self) -> Plans:
        site = self._site
        return {
            "payment": lambda: Plan(
                "payment", site.reader.payments(), PaymentMapping(site.facts).rows, self._payment_key
            ),
            "allocation": lambda: Plan(
                "allocation",
                site.reader.allocations(),
                AllocationMapping(site.facts, site.sign, self._of_nothing).rows,
                self._allocation_key,
            ),
        }

    def _of_nothing(self, receipts: Collection[int]) -> Collection[int]:
        """Return which of these receipts brought no money: what they apply are credits."""
        site, numbers, found = self._site, sorted(receipts), set[int]()
        ais = site.settings.ais if site.reader.by == "ais" else None
        size = ais.data_service.list_size if ais else IN_LIST
        for start in range(0, len(numbers), size):
            where = {"RYPYID": numbers[start : start + size], "RYCKAM": (0,), "RYFCAM": (0,)}
            found |= {whole(number) for (number,) in site.reader.look(tables.PAYMENT, ("RYPYID",), where)}
        return found

    @staticmethod
    def _payment_key(company: str, key: str) -> Key | None:
        number = key.removesuffix(f"|{VOID}")
        return (int(number),) if number.isdecimal() else None

    @staticmethod
    def _allocation_key(company: str, key: str) -> Key | None:
        parts = key.split("|")
        return tuple(map(int, parts[:2])) if len(parts) == 3 and all(map(str.isdecimal, parts[:2])) else None
