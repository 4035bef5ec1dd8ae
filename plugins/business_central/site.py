"""One environment as the sources and the target see it: its companies, its sets and its clock."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Final
from urllib.parse import quote

from duehook.core.connecting.odata_fields import mapping_of
from duehook.core.errors import ConnectorError, ConnectorRefused
from duehook.core.hookspecs import UpperBound
from duehook.core.settings.connector import with_codes
from duehook.core.wire.odata import Entity, Listing, Row, Where, all_of, any_of, one_of, pages
from duehook.core.wire.odata.where import CHUNK, in_parts

from . import entities
from .client.service import open_service
from .company import Company
from .fields import LISTS, schema
from .settings import BusinessCentralSettings
from .values import identity

ERP: Final = "Business Central"  # its name in messages
API: Final = "api/v2.0"


class BusinessCentralSite:
    """What is asked of one environment, in words of receivables."""

    def __init__(self, settings: BusinessCentralSettings, name: str) -> None:
        """Take the connection's settings and its name. Raises ConfigError with all faults of its field mapping."""
        self.fields = mapping_of(settings.mapping, schema())
        self.settings = with_codes(settings, self.fields, LISTS)
        self.name = name
        self.service = open_service(settings, name, clock=time.monotonic, sleep=time.sleep)
        self._terms: dict[str, dict[str, str]] = {}

    @cached_property
    def companies(self) -> Sequence[Company]:
        """Return the companies that are read, by name."""
        rows = self.all_rows(entities.COMPANY)  # counted: one that is not listed would seem to have lost its items
        wanted = [row for row in rows if self.settings.reads(row["id"], row["name"] or "")]
        return [self._company(row) for row in wanted]

    def company(self, key: str) -> Company:
        """Return a company by its id; ConnectorRefused where it cannot be seen: a lost right looks like that."""
        for each in self.companies:
            if each.id == key:
                return each
        raise ConnectorRefused(
            f"Nothing of company {key} can be seen any more; nothing of it was taken as settled or gone.",
            fix="let the Business Central admin give the client this company back, or correct `companies`.",
        )

    @property
    def with_currency(self) -> Sequence[Company]:
        """Return the companies whose currency is known: the others' amounts mean nothing."""
        return [each for each in self.companies if each.currency]

    def currency(self, company: Company) -> str:
        """Return a company's currency; ConnectorError where nothing says it."""
        if company.currency is None:
            told = f"no currency is known of {company.name}."
            raise ConnectorError(told, fix=f"write `company_currencies: {{{company.name}: EUR}}`.")
        return company.currency

    def api(self, company: Company, entity: Entity) -> Entity:
        """Return a set of API v2.0 as it is addressed in a company."""
        return replace(entity, name=f"{API}/companies({company.id})/{entity.name}")

    def page(self, company: Company, entity: Entity, name: str | None) -> Entity:
        """Return a published page as it is addressed in a company."""
        told = quote(company.name.replace("'", "''"), safe="")
        return replace(entity, name=f"ODataV4/Company('{told}')/{name or entity.name}")

    def entries(self, company: Company, entity: Entity = entities.ENTRY) -> Entity:
        """Return the customer ledger entries of a company."""
        return self.page(company, entity, self.settings.ledger_entries)

    def detailed(self, company: Company, entity: Entity = entities.DETAILED) -> Entity:
        """Return the detailed ledger entries of a company."""
        return self.page(company, entity, self.settings.detailed_entries)

    def bound(self) -> UpperBound:
        """Return the server's clock."""
        at = self.service.clock(entities.COMPANY)
        return UpperBound({"at": at.isoformat()}, at)

    def history_from(self, bound: datetime) -> date:
        """Return the first day of the history."""
        return bound.date() - timedelta(days=self.settings.history_months * 365 // 12)

    def listing(self, entity: Entity, where: Where | None = None) -> Listing:
        """Return a listing in pages of the size that the settings say."""
        return Listing(entity, where or Where(), self.settings.page_size)

    def all_rows(self, entity: Entity, where: Where | None = None) -> Iterator[Row]:
        """Yield all rows under a condition."""
        for page in pages(self.service, self.listing(entity, where)):
            yield from page.rows

    def by_values(self, entity: Entity, field: str, values: Iterable[Any]) -> Iterator[Row]:
        """Yield the rows whose column has one of these values, however many they are."""
        for part in in_parts(list(dict.fromkeys(values))):
            yield from self.all_rows(entity, one_of(field, part))

    def numbered(self, entity: Entity, numbers: Iterable[int]) -> Iterator[Row]:
        """Yield the entries of these numbers: by number, or as the span from the first to the last where that is less.

        A span asks for the columns that are there, for it may be long.
        """
        wanted = set(numbers)
        if not wanted:
            return
        first, last = min(wanted), max(wanted)
        if len(wanted) / CHUNK <= 1 + (last - first) / self.settings.page_size:
            yield from self.by_values(entity, "Entry_No", sorted(wanted))
            return
        self.service.learn(entity)
        span = all_of(Where.field("Entry_No", "ge", first), Where.field("Entry_No", "le", last))
        yield from (row for row in self.all_rows(entity, span) if row["Entry_No"] in wanted)

    def highest(self, entity: Entity) -> int:
        """Return the last entry's number, 0 where there is none."""
        rows = self.service.read(entity, order=(f"{entity.key[0]} desc",), top=1)
        return int(rows[0][entity.key[0]]) if rows else 0

    def since(self, entity: Entity, day: date, *more: Where) -> Where:
        """Ask for the entries of a day and later: from the first of them on, whatever stands on the others."""
        first = self.service.read(entity, Where.field("Posting_Date", "ge", day), order=entity.key, top=1)
        if not first:
            return any_of()
        return all_of(*more, Where.field("Entry_No", "ge", first[0]["Entry_No"]))

    def terms(self, company: Company) -> Mapping[str, str]:
        """Return the codes of a company's payment terms by their ids."""
        if company.id not in self._terms:
            rows = self.all_rows(self.api(company, entities.TERM))
            self._terms[company.id] = {row["id"]: row["code"] for row in rows}
        return self._terms[company.id]

    def term_of(self, company: Company, row: Mapping[str, Any]) -> str | None:
        """Return the code of the payment terms that a row names by their id."""
        named_by = identity(row.get("paymentTermsId"))
        return self.terms(company).get(named_by) if named_by else None

    def _company(self, row: Row) -> Company:
        bare = Company(row["id"], row["name"] or row["id"], {}, None)
        found = self.service.read(self.api(bare, entities.COMPANY_INFORMATION), top=1)
        information = {"displayName": row.get("displayName"), **(found[0] if found else {})}
        currency = self.settings.currency_of(bare.id, bare.name) or information.get("currencyCode")
        return replace(bare, information=information, currency=currency or None)

    def close(self) -> None:
        """Hang up."""
        self.service.close()
