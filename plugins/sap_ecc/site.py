"""One ECC client as the sources and the target see it: its tables, companies, currencies and clock."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

from duehook.core.errors import BadRecord, ConnectorGarbled
from duehook.core.hookspecs import UpperBound

from . import tables
from .client.calling import Transport
from .client.rfc import RfcTransport
from .client.soap import SoapTransport
from .client.tables import Row, Rows, TableReader
from .settings import EccSettings
from .tables import Table
from .where import NOTHING, Where, any_named, both, compare, one_of


class EccSite:
    """What is asked of one client."""

    def __init__(self, settings: EccSettings, name: str) -> None:
        """Take the connection's settings and its name."""
        self.settings, self.name = settings, name
        self.transport: Transport = (
            SoapTransport(settings, name, clock=time.monotonic, sleep=time.sleep)
            if settings.transport == "soap"
            else RfcTransport(settings, name, sleep=time.sleep)
        )
        self.reader = TableReader(self.transport, settings.read_table, settings.delimiter)

    def bound(self) -> UpperBound:
        """Return the server's clock; ECC stamps days, so the mark is a day."""
        at = self.transport.clock()
        return UpperBound({"day": at.date().isoformat()}, at)

    def read(self, table: Table, where: Where = NOTHING) -> Rows:
        """Return all rows under a condition."""
        return self.reader.read(table, where)

    def rows(self, table: Table, where: Where = NOTHING) -> list[Row]:
        """Return all rows under a condition by their columns."""
        return self.read(table, where).all()

    def rows_of(self, table: Table, column: str, values: Iterable[str], *more: Where) -> list[Row]:
        """Return the rows with one of these values, some values a question."""
        wanted = set(values)
        asked = (self.rows(table, both(where, *more)) for where in any_named(column, wanted))
        return [row for rows in asked for row in rows if row[column] in wanted]

    def in_companies(self) -> Where:
        """Return the condition that limits lines to the company codes of the settings; none without such."""
        return one_of("BUKRS", sorted(self.settings.companies)) if self.settings.companies else NOTHING

    @cached_property
    def companies(self) -> Mapping[str, Row]:
        """Return T001 by company code."""
        wanted = self.settings.companies
        rows = self.rows(tables.COMPANY, self.in_companies())
        return {row["BUKRS"]: row for row in rows if not wanted or row["BUKRS"] in wanted}

    def currency_of(self, company: str) -> str:
        """Return the currency of a company code; BadRecord for one that nobody knows."""
        found = self._currencies.get(company)
        if not found:
            raise BadRecord(f"T001 has no currency of company code {company}.")
        return found

    @cached_property
    def _currencies(self) -> Mapping[str, str | None]:
        said = {code: told.currency for code, told in self.settings.companies.items() if told.currency}
        return {code: row["WAERS"] for code, row in self.companies.items()} | said

    @cached_property
    def decimals(self) -> Mapping[str, int]:
        """Return the decimals of the currencies that have other ones than two (TCURX)."""
        rows = self.rows(tables.DECIMALS)
        odd = [row for row in rows if not row["CURRDEC"].isdecimal()]
        if odd:
            told = f"TCURX holds {odd[0]['CURRDEC']!r} as the decimals of {odd[0]['CURRKEY']}."
            raise ConnectorGarbled(told, fix="let the SAP admin look at the table.")
        return {row["CURRKEY"]: int(row["CURRDEC"]) for row in rows}

    def credit_area(self, company: str) -> str | None:
        """Return the credit control area of a company code, where settings or T001 tell it."""
        return self.settings.credit_area or (self.companies.get(company) or {}).get("KKBER") or None

    def prove(self) -> None:
        """Ask for a row that is there; what was not found before is believed of a system that gives this one alone."""
        code = min(self.companies, default="")
        if not self.rows(tables.COMPANY, compare("BUKRS", "=", code)):
            told = f"T001 gives company code {code or 'none'} no more: what SAP answered before may have been cut."
            raise ConnectorGarbled(told, fix="it is asked again by the next run; let the SAP admin look what cuts it.")

    def close(self) -> None:
        """Hang up."""
        self.transport.close()


def day_of(mark: Mapping[str, Any]) -> date:
    """Return the day of an upper bound's mark."""
    return date.fromisoformat(mark["day"])


def in_pages(keys: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """Yield parts of a list, each of a page's size."""
    for start in range(0, len(keys), size):
        yield keys[start : start + size]
