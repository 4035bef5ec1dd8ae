"""One S/4HANA client as the sources and the target see it: its services, companies and clock."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

from duehook.core.hookspecs import UpperBound
from duehook.core.wire.odata import Entity, Listing, Row, Where, all_of, any_of, equal, one_of, pages

from . import entities
from .client import SapClient, SapService
from .mapping.lines import KEY, LineKey
from .settings import SapSettings

CHUNK = 40  # keys in one question: its address stays under what proxies let through
MOST = 5_000


class SapSite:
    """What is asked of one client, in words of receivables."""

    def __init__(self, settings: SapSettings, name: str) -> None:
        """Take the connection's settings and its name."""
        self.settings = settings
        self.name = name
        self.client = SapClient(settings, name, clock=time.monotonic, sleep=time.sleep)

    @property
    def partners(self) -> SapService:
        """Return the service of business partners."""
        return self.client.service(self.settings.services.business_partner)

    @property
    def items(self) -> SapService:
        """Return the service of the open-item cube."""
        return self.client.service(self.settings.services.items)

    @property
    def credit(self) -> SapService | None:
        """Return the service of credit management, where the site has it."""
        name = self.settings.services.credit
        return self.client.service(name) if name else None

    def bound(self) -> UpperBound:
        """Return the server's clock; SAP stamps days, so the mark is a day."""
        at = self.partners.clock()
        return UpperBound({"day": at.date().isoformat()}, at)

    @cached_property
    def companies(self) -> list[str]:
        """Return the company codes that are read: those of the settings, else all that customers have."""
        if self.settings.companies:
            return sorted(self.settings.companies)
        listing = Listing(entities.COMPANY, key=("CompanyCode",), page_size=1)
        return [page.last[0] for page in pages(self.partners, listing)]

    def lines(self, *more: Where | None, company: str | None = None) -> Where:
        """Return the condition of customer lines, in one company or in all that are read."""
        settings = self.settings
        written = Where.written(settings.item_filter) if settings.item_filter else None
        return all_of(
            Where.field(settings.account_type_field, "eq", settings.account_type),
            one_of("CompanyCode", [company] if company else self.companies),
            *more,
            written,
        )

    def rows_of(self, service: SapService, entity: Entity, name: str, values: Sequence[Any], *more: Where) -> list[Row]:
        """Return all rows whose field has one of these values."""
        found: list[Row] = []
        for start in range(0, len(values), CHUNK):
            where = all_of(one_of(name, values[start : start + CHUNK]), *more)
            found += self.all_rows(service, entity, where)
        return found

    def all_rows(self, service: SapService, entity: Entity, where: Where) -> list[Row]:
        """Return all rows under a condition."""
        listing = Listing(entity, where, MOST)
        return [row for page in pages(service, listing) for row in page.rows]

    def lines_at(self, keys: Sequence[LineKey]) -> list[Row]:
        """Return the lines of these keys, as they are now."""
        return self._lines_by(keys, KEY)

    def lines_of(self, documents: Sequence[tuple[str, str, str]]) -> list[Row]:
        """Return all customer lines of these documents."""
        return self._lines_by(documents, KEY[:3])

    def lines_for(self, keys: Sequence[LineKey]) -> list[Row]:
        """Return the open lines that refer to these."""
        names = ("CompanyCode", "InvoiceReferenceFiscalYear", "InvoiceReference", "InvoiceItemReference")
        return self._lines_by(keys, names, Where.field("IsCleared", "eq", False))

    def open_references(self) -> list[Row]:
        """Return the open lines that refer to others: part payments, most of them."""
        where = self.lines(Where.field("IsCleared", "eq", False), Where.field("InvoiceReference", "ne", ""))
        return self.all_rows(self.items, entities.ITEM, where)

    def _lines_by(self, keys: Sequence[tuple[str, ...]], names: Sequence[str], *more: Where) -> list[Row]:
        found: list[Row] = []
        for company in dict.fromkeys(key[0] for key in keys):
            own = [key for key in keys if key[0] == company]
            for start in range(0, len(own), CHUNK // 2):
                either = any_of(*(equal(names[1:], key[1:]) for key in own[start : start + CHUNK // 2]))
                found += self.all_rows(self.items, entities.ITEM, self.lines(either, *more, company=company))
        return found

    def close(self) -> None:
        """Hang up."""
        self.client.close()


def day_of(mark: Mapping[str, Any]) -> date:
    """Return the day of an upper bound's mark."""
    return date.fromisoformat(mark["day"])
