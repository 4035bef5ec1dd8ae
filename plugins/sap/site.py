"""One S/4HANA client as the sources and the target see it: its services, companies and clock."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any, Final

from duehook.core.field_mapping import Patch
from duehook.core.hookspecs import UpperBound
from duehook.core.records import Stream
from duehook.core.settings.connector import with_codes
from duehook.core.wire.odata import Entity, Listing, Row, Where, all_of, one_of, pages, pages_of
from duehook.core.wire.odata.where import in_parts

from . import entities
from .client import SapClient, SapService
from .fields import LISTS, READ, fields_of, with_more
from .settings import SapSettings

MOST: Final = 5_000
FEW: Final = 3  # questions for values by name; one for a range of them and one for how many it has cost as much
SPARSE: Final = 4  # rows of a range to each value that is wanted: beyond it naming the values is shorter
_PLAIN: Final = re.compile(r"[0-9]+\Z")  # no database sorts these in another way than Python does


class SapSite:
    """What is asked of one client, in words of receivables."""

    def __init__(self, settings: SapSettings, name: str) -> None:
        """Take the connection's settings and its name. Raises ConfigError with all faults of its field mapping."""
        self.fields = fields_of(settings)
        self.settings = with_codes(settings, self.fields, LISTS)
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

    @property
    def disputes(self) -> SapService | None:
        """Return the service of dispute cases, which is of OData v4, where the site has it."""
        name = self.settings.services.dispute
        return self.client.service(name, v4=True) if name else None

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

    def in_reach(self) -> Iterator[Sequence[str]]:
        """Yield the company codes in order, as many at once as one question takes."""
        yield from in_parts(self.companies)

    def lines(self, *more: Where, companies: Sequence[str]) -> Where:
        """Return the condition of customer lines in these company codes."""
        settings = self.settings
        return all_of(
            Where.field(settings.account_type_field, "eq", settings.account_type),
            one_of("CompanyCode", companies),
            *more,
            Where.written(settings.item_filter) if settings.item_filter else None,
        )

    def entity(self, usual: Entity) -> Entity:
        """Return an entity set with the fields that the site takes from it beside the usual ones."""
        return with_more(self.fields, usual)

    def patch(self, stream: Stream) -> Patch | None:
        """Return what the site's own file does to a mapped row, None for nothing."""
        return self.fields.patch(stream, READ)

    def rows_of(self, service: SapService, entity: Entity, name: str, values: Sequence[Any], *more: Where) -> list[Row]:
        """Return all rows whose field has one of these values; of many that stand close together by their range."""
        of, parts = self.entity(entity), [*in_parts(values)]
        if len(parts) > FEW and all(_PLAIN.match(value) for value in values):
            within = all_of(Where.field(name, "ge", min(values)), Where.field(name, "le", max(values)), *more)
            if service.count(of, within) <= len(values) * SPARSE:
                among = frozenset(values)
                return [row for row in self.all_rows(service, entity, within) if row[name] in among]
        wanted = [Listing(of, all_of(one_of(name, part), *more), MOST) for part in parts]
        return [row for page in pages_of(service, wanted) for row in page.rows]

    def all_rows(self, service: SapService, entity: Entity, where: Where) -> list[Row]:
        """Return all rows under a condition."""
        listing = Listing(self.entity(entity), where, MOST)
        return [row for page in pages(service, listing) for row in page.rows]

    def close(self) -> None:
        """Hang up."""
        self.client.close()


def day_of(mark: Mapping[str, Any]) -> date:
    """Return the day of an upper bound's mark."""
    return date.fromisoformat(mark["day"])
