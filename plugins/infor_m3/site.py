"""One company of M3 as the sources and the target see it: its service, clock, divisions and currencies."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from duehook.core.errors import BadRecord, ConnectorGarbled
from duehook.core.field_mapping import Patch
from duehook.core.hookspecs import UpperBound
from duehook.core.records import Stream
from duehook.core.settings.connector import with_codes

from . import entities, values
from .client.export import Export
from .client.listing import Listing, pages, whole
from .client.service import Asking, M3Service, open_service
from .fields import LISTS, READ, fields_of
from .key import ItemKey
from .settings import M3Settings

ERP: Final = "M3"
LAST_DIVISION: Final = "ZZZ"


class M3Site:
    """What is asked of one company of M3, in words of receivables."""

    def __init__(self, settings: M3Settings, name: str) -> None:
        """Take the connection's settings and its name. Raises ConfigError with all faults of its field mapping."""
        self.fields = fields_of(settings)
        self.settings = with_codes(settings, self.fields, LISTS)
        self.name = name

    @cached_property
    def service(self) -> M3Service:
        """Return the wire, opened on first use."""
        return open_service(self.settings, self.name, clock=time.monotonic, sleep=time.sleep)

    @cached_property
    def export(self) -> Export:
        """Return what selects rows of the ledger."""
        return Export(self.service)

    def bound(self) -> UpperBound:
        """Read M3's clock; the mark is its time stamp."""
        row = self.service.rows(entities.SERVER_TIME, {})[:1]
        try:
            mark = values.stamp(row[0])
            return UpperBound({"lmts": mark}, values.instant(mark))
        except (IndexError, BadRecord, ValueError, OverflowError, OSError):
            told = f"{entities.SERVER_TIME.title} gave no time stamp: {row}"
            raise ConnectorGarbled(told, fix="let the M3 admin look at the server's clock.") from None

    def history_from(self, bound: datetime) -> datetime:
        """Return when the history begins."""
        return bound - timedelta(days=self.settings.history_months * 365 // 12)

    def patch(self, stream: Stream) -> Patch | None:
        """Return what the site's own file does to a mapped row, None for nothing."""
        return self.fields.patch(stream, READ)

    def listing(self, transaction: entities.Transaction, key: str, more: dict[str, str] | None = None) -> Listing:
        """Return a listing of the company, in pages of the size that the settings say."""
        own = {"CONO": self.settings.company} if "CONO" in transaction.inputs else {}
        return Listing(transaction, key, {**own, **(more or {})}, self.settings.page_size)

    def mails(self, of_type: str) -> Listing:
        """Return a listing of the e-mail addresses of a type."""
        asked = {"EMTP": of_type}
        return Listing(entities.MAILS, "EMKY", asked, self.settings.page_size, within=asked)

    @cached_property
    def divisions(self) -> tuple[str, ...]:
        """Return the divisions that are read: those of the settings, else all in the ledger."""
        found = self.settings.divisions or tuple(self._divisions_between("", None) if self.settings.exportmi else
                                                 self._divisions_listed())  # fmt: skip
        return tuple(sorted(found))

    @property
    def money_columns(self) -> tuple[str, ...]:
        """Return the columns of the ledger that are read of records of money."""
        local = self.settings.local_column
        return (*entities.MONEY_COLUMNS, *([local] if local else []))

    def reads(self, division: str) -> bool:
        """Say whether a division is read."""
        return not self.settings.divisions or division in self.settings.divisions

    def _divisions_between(self, over: str, below: str | None) -> list[str]:
        """Find one division between two, and those on both sides of it: there is neither order nor `distinct`."""
        conditions = [f"ESDIVI > '{over}'", *([] if below is None else [f"ESDIVI < '{below}'"])]
        rows = self.export.any(*conditions)
        if not rows:
            return []
        found = rows[0]["DIVI"]
        return [*self._divisions_between(over, found), found, *self._divisions_between(found, below)]

    def _divisions_listed(self) -> Iterable[str]:
        def ask(most: int) -> list[dict[str, str]]:
            return self.service.rows(entities.INVOICES, {"TDIV": LAST_DIVISION}, Asking(most, ["DIVI"]))

        listed = whole(ask, lambda row: row["DIVI"], about=entities.INVOICES.title)
        return {row["DIVI"] for row in listed if row["DIVI"]}

    def one_of(self, division: str) -> ItemKey | None:
        """Return the key of some invoice of a division; None where it has none."""
        if self.settings.exportmi:
            rows = self.export.any(f"ESDIVI = '{division}'")
        else:
            rows = self.service.rows(entities.INVOICES, {"FDIV": division, "TDIV": division}, Asking(1))
        return ItemKey.of(rows[0]) if rows else None

    def currency(self, division: str) -> str | None:
        """Return a division's currency, by the settings, else by what an invoice or a rate of it says."""
        if division not in self._currencies:
            told = self.settings.division_currencies.get(division)
            self._currencies[division] = told or self._of_invoice(division) or self._of_rate(division)
        return self._currencies[division]

    @cached_property
    def _currencies(self) -> dict[str, str | None]:
        return {}

    def _of_invoice(self, division: str) -> str | None:
        key = self.one_of(division)
        row = self.service.row(entities.INVOICE, key.asked) if key else None
        return values.text(row, "LOCD") if row else None

    def _of_rate(self, division: str) -> str | None:
        """Return what the division's rates are into; None where it has none, or none are read."""
        if self.settings.rates is None:
            return None
        since = values.written(self.history_from(self.bound().at).date())
        asked = {"CONO": self.settings.company, "CUTD": since, "FRDI": division, "TODI": division}
        for rate_type in self.settings.rates.types:
            for row in self.service.rows(entities.RATES, {**asked, "CRTP": rate_type}, Asking(1)):
                if row["DIVI"].strip() == division:
                    return values.text(row, "LOCD")
        return None

    def customer(self, key: str) -> dict[str, str] | None:
        """Return a customer's basic data; None where there is none."""
        return self.service.row(entities.BASIC, {"CONO": self.settings.company, "CUNO": key})

    def payers(self) -> Iterable[str]:
        """Yield every customer number that may pay, in the order of M3's list."""
        for rows in pages(self.service, self.listing(entities.CUSTOMER_KEY, "CUNO")):
            for row in rows:
                yield row["CUNO"]

    def close(self) -> None:
        """Hang up."""
        if "service" in self.__dict__:
            self.service.close()
