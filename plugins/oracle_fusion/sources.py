"""The four sources: business units and customers; contacts; items; payments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from duehook.core.connecting.sources import LedgerSource, LookUps, Small
from duehook.core.connecting.streams import expect_given
from duehook.core.hookspecs import Discovery, Finding, Page, Position, SourceCapabilities, UpperBound
from duehook.core.records import Stream

from . import check, discover
from .reading.cash import CashReading
from .reading.extracted import ExtractReading
from .reading.items import ItemReading
from .reading.masters import MasterReading
from .settings import FusionSettings
from .site import FusionSite


class FusionSource(LedgerSource):
    """What the four have in common; each has its streams, its checks and its discoveries."""

    def __init__(self, settings: FusionSettings, name: str = "oracle_fusion") -> None:
        """Take the connection's settings, and its name for the messages."""
        self.site = FusionSite(settings, name)
        self.capabilities = SourceCapabilities(history_days=settings.history_months * 365 // 12)
        self.masters, self.items, self.cash = MasterReading(self.site), ItemReading(self.site), CashReading(self.site)
        small: Small = {"company": self.masters.companies}
        again: LookUps = {"payment": self.cash.lookup}
        super().__init__(self.site, self.masters, self.items, self.cash, small=small, looked_up=again)


class FusionCustomers(FusionSource):
    """Business units, and customer accounts, which belong to all of them."""

    streams: tuple[Stream, ...] = ("company", "customer")

    def check(self) -> Iterable[Finding]:
        """Try the sign-in, the business units, the profiles and the parties."""
        return check.customers(self.site)

    def discover(self) -> Iterable[Discovery]:
        """List business units, account statuses, and unread attributes."""
        return discover.customers(self.site)


class FusionContacts(FusionSource):
    """The customers' own mail addresses."""

    streams: tuple[Stream, ...] = ("contact",)

    def check(self) -> Iterable[Finding]:
        """Try the parties."""
        return check.contacts(self.site)


class FusionInvoices(FusionSource):
    """Items, and their totals for the tie-out."""

    streams: tuple[Stream, ...] = ("item",)

    def __init__(self, settings: FusionSettings, name: str = "oracle_fusion") -> None:
        """Take the connection's settings, and its name for the messages."""
        super().__init__(settings, name)
        folder = settings.bicc_folder if settings.read_by == "bicc" else None
        self.extracted = ExtractReading(self.site, folder) if folder else None

    def upper_bound(self) -> UpperBound:
        """Read the server's clock, or when the newest extract was made."""
        return self.extracted.bound() if self.extracted else super().upper_bound()

    def read(self, stream: Stream, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield items, by REST or of extracts."""
        expect_given(stream, self.streams)
        return self.extracted.pages(position, bound) if self.extracted else super().read(stream, position, bound)

    def check(self) -> Iterable[Finding]:
        """Try invoices, credit memos and receipts, their attributes, and an invoice that is surely there."""
        yield from check.items(self.site, self.items.documents)
        if self.extracted:
            yield from check.extracts(self.extracted)

    def discover(self) -> Iterable[Discovery]:
        """List transaction types, and unread attributes."""
        return discover.items(self.site)


class FusionPayments(FusionSource):
    """Receipts, and what they and credit memos were applied to."""

    streams: tuple[Stream, ...] = ("payment", "allocation")

    def check(self) -> Iterable[Finding]:
        """Try the receipts."""
        return check.payments(self.site)

    def discover(self) -> Iterable[Discovery]:
        """List the states and methods of receipts."""
        return discover.payments(self.site)
