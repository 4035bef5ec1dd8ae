"""One NetSuite account as the sources and the target see it: its statements, its subsidiaries and its clock."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any, Final

from duehook.core.errors import ConnectorGarbled, ConnectorRefused
from duehook.core.hookspecs import UpperBound
from duehook.core.settings.connector import with_codes

from . import tables
from .client.service import Row, open_service
from .fields import LISTS, fields_of
from .settings import NetsuiteSettings
from .suiteql import LISTED, Key, Query, codes, first, ids, windows

ERP: Final = "NetSuite"  # its name in messages
_UNUSED: Final = {  # what to write where an account does not use a type of transaction
    tables.DEPOSIT: ", or write `deposits: false` where the account has none",
    tables.JOURNAL: ", or write `journals: false` where no journal stands on receivables",
}


@dataclass(frozen=True)
class Window:
    """Rows of one statement, and the key that the next stands behind."""

    rows: Sequence[Row]
    last: Key


class NetsuiteSite:
    """What is asked of one account, in words of receivables."""

    def __init__(self, settings: NetsuiteSettings, name: str) -> None:
        """Take the connection's settings and its name. Raises ConfigError with all faults of its field mapping."""
        self.fields = fields_of(settings)
        self.settings = with_codes(settings, self.fields, LISTS)
        self.name, self.zone = name, settings.zone
        self.service = open_service(settings, name, clock=time.monotonic, sleep=time.sleep)
        self.missing = frozenset(each.lower() for each in settings.missing_columns)

    def bound(self) -> UpperBound:
        """Return the server's clock."""
        at, _ = self.service.clock()
        return UpperBound({"at": at.isoformat()}, at)

    def local(self, at: datetime) -> datetime:
        """Return an instant as the account's stamps tell it."""
        return at.astimezone(self.zone).replace(tzinfo=None)

    def history_from(self, bound: datetime) -> date:
        """Return the first day of the history."""
        return self.local(bound).date() - timedelta(days=self.settings.history_months * 365 // 12)

    def windows(self, query: Query, start: Key | None = None, *, size: int | None = None) -> Iterator[Window]:
        """Yield the rows of a query in windows of its key, until none stands behind the last one.

        NetSuite ends a listing silently behind 100,000 rows, and a proxy may cut one short: so its end is a window
        that is not full, behind which none is counted. ConnectorGarbled for rows that came before, or out of order.
        """
        asked, last, most = query.without(self.missing), start, size or self.settings.page_size
        while True:
            rows = self.service.rows(asked.page(last, most))
            if rows:
                last = _expect_behind(asked, last, rows)
                yield Window(rows, last)
            if len(rows) < most:
                left = self.service.count(asked.count(last))
                if not left:
                    return
                if not rows:
                    raise _senseless(f"no more rows although {left} are left")

    def every(self, query: Query) -> Iterator[Row]:
        """Yield all rows of a query, in as few windows as may be."""
        for window in self.windows(query, size=LISTED):
            yield from window.rows

    def by_id(self, query: Query, source: str, wanted: Iterable[int]) -> Iterator[Row]:
        """Yield the rows whose column holds one of these ids, however many they are.

        A page holds as many rows as a list takes ids. Where each has one row, one question a list is enough.
        """
        one_each = len(query.key) == 1 and query.key[0].source == source
        for part in windows(wanted):
            asked = query.under(ids(source, part))
            yield from self._all_at_once(asked, len(part)) if one_each else self.every(asked)

    def _all_at_once(self, query: Query, most: int) -> Sequence[Row]:
        rows = self.service.rows(query.without(self.missing).page(None, LISTED))
        if rows:
            _expect_behind(query, None, rows)
        if len(rows) < most:
            self._expect_nothing(query, query.key_of(rows[-1]) if rows else None)
        return rows

    def _expect_nothing(self, query: Query, last: Key | None) -> None:
        """Refuse an end behind which rows stand."""
        left = self.service.count(query.count(last))
        if left:
            raise _senseless(f"no more rows although {left} are left")

    def count(self, query: Query) -> int:
        """Return how many rows there are, in the same terms."""
        return self.service.count(query.count())

    def shows(self, query: Query) -> bool:
        """Say whether any row of a query is shown."""
        return bool(self.service.rows(f"{query.only().page(None, 1)}"))

    @property
    def documents(self) -> tuple[str, ...]:
        """Return the types of documents that may be items."""
        return tuple(each for each in tables.DOCUMENTS if each != tables.DEPOSIT or self.settings.deposits)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return the types of transactions that may be items."""
        return (*self.documents, tables.JOURNAL) if self.settings.journals else self.documents

    @property
    def money(self) -> tuple[str, ...]:
        """Return the types of transactions that are payments."""
        return tuple(each for each in tables.MONEY if each != tables.DEPOSIT or self.settings.deposits)

    def within(self, source: str) -> str | None:
        """Return the condition of the subsidiaries that are read; None for all."""
        return tables.within(self.settings, source)

    @cached_property
    def currencies(self) -> dict[str, str]:
        """Return the ISO codes of currencies by their ids."""
        return {str(row["id"]): str(row["symbol"]) for row in self.every(tables.CURRENCY) if row.get("symbol")}

    @cached_property
    def subsidiaries(self) -> list[Row]:
        """Return the subsidiaries that are read; those that only eliminate are no creditors."""
        wanted = frozenset(self.settings.companies)
        rows = self.every(tables.SUBSIDIARY)
        return [row for row in rows if row.get("iselimination") != "T" and (not wanted or str(row["id"]) in wanted)]

    @cached_property
    def company_currencies(self) -> dict[str, str]:
        """Return the ISO code of each subsidiary's own currency."""
        found = {str(row["id"]): self.currencies.get(str(row.get("currency"))) for row in self.subsidiaries}
        return {company: symbol for company, symbol in found.items() if symbol}

    def currency(self, number: Any) -> str | None:
        """Return the ISO code of a currency; one that was made since they were read is asked for once."""
        key = str(number)
        if key not in self.currencies:
            self.__dict__.pop("currencies", None)
        return self.currencies.get(key)

    def currency_of(self, company: Any) -> str | None:
        """Return the ISO code of a subsidiary's own currency."""
        return self.company_currencies.get(str(company))

    def member(self, company: int, customer: int) -> Row | None:
        """Return a customer in a subsidiary with its hold; None where there is none."""
        query = tables.HOLD.under(ids("r.entity", [customer]), ids("r.subsidiary", [company]))
        return next(iter(self.service.rows(query.page(None, LISTED))), None)

    def document(self, number: int) -> Row | None:
        """Return the type, customer and subsidiary of a document; None where there is none."""
        query = tables.WRITABLE.under(ids("t.id", [number]), codes("t.type", tables.DOCUMENTS))
        return next(iter(self.service.rows(query.page(None, LISTED))), None)

    def expect_seen(self, kinds: Iterable[str]) -> None:
        """Raise ConnectorRefused where a kind of transaction cannot be seen: a lost permission looks like none open.

        A kind of which nothing at all is shown must at least be known to the role.
        """
        for kind in kinds:
            record, permission = tables.RECORDS[kind]
            if self.shows(tables.HEADER.under(codes("t.type", (kind,)))):
                continue
            try:
                self.service.fields(record)
            except ConnectorRefused as error:
                raise ConnectorRefused(
                    f"No {record} is shown, and {error.message} Nothing was taken as settled or gone.",
                    fix=f"let the NetSuite admin add the permission {permission} (View) to the connection's role"
                    f"{_UNUSED.get(kind, '')}.",
                ) from error

    def expect_companies(self, companies: Iterable[str]) -> None:
        """Raise ConnectorRefused for a subsidiary of which nothing is shown any more."""
        for company in sorted(set(companies)):
            if not self.shows(
                tables.OPEN_KEY.under(codes("t.type", self.documents), ids("tl.subsidiary", [company]))
            ) and not self.shows(tables.MEMBER.under(ids("r.subsidiary", [company]))):
                raise ConnectorRefused(
                    f"Nothing of subsidiary {company} is shown any more; nothing of it was taken as settled or gone.",
                    fix="let the NetSuite admin give the role this subsidiary back, or take it out of `companies`.",
                )

    def sample(self, table: str, where: str | None, rows: int) -> list[Row]:
        """Return a few rows of a table with every column that the role sees."""
        condition = f" WHERE {where}" if where else ""
        return self.service.rows(f"SELECT * FROM {table}{condition} {first(rows)}")

    def close(self) -> None:
        """Hang up."""
        self.service.close()


def _expect_behind(query: Query, last: Key | None, rows: Sequence[Row]) -> Key:
    """Return the last key of rows, each of which must stand behind the one before it."""
    try:
        keys = [query.key_of(row) for row in rows]
    except (KeyError, TypeError, ValueError):
        raise _senseless("a row without its key") from None
    if any(one >= other for one, other in pairwise(keys)) or (last is not None and keys[0] <= last):
        raise _senseless("rows that had come before, or out of their order")
    return keys[-1]


def _senseless(what: str) -> ConnectorGarbled:
    fix = "it is read again by the next run; see that nothing between here and NetSuite keeps old answers."
    return ConnectorGarbled(f"SuiteQL gave {what}; nothing of them was kept.", fix=fix)
