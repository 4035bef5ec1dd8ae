"""One NetSuite account as the sources and the target see it: its statements, its subsidiaries and its clock."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from duehook.core.errors import ConnectorGarbled, ConnectorRefused
from duehook.core.hookspecs import UpperBound

from . import tables
from .account import Account, Row, Window
from .client.service import open_service
from .reading.single import place, single
from .settings import NetsuiteSettings
from .suiteql import LISTED, NEVER, Key, Query, codes, first, ids, windows


class NetsuiteSite(Account[Query]):
    """What is asked of one account, in words of receivables."""

    def __init__(self, settings: NetsuiteSettings, name: str) -> None:
        """Take the connection's settings and its name. Raises ConfigError with all faults of its field mapping."""
        super().__init__(settings, name)
        self.service = open_service(settings, name, clock=time.monotonic, sleep=time.sleep)

    def bound(self) -> UpperBound:
        """Return the server's clock."""
        at, _ = self.service.clock()
        return UpperBound({"at": at.isoformat()}, at)

    def local(self, at: datetime) -> datetime:
        """Return an instant as the account's stamps tell it."""
        return at.astimezone(self.zone).replace(tzinfo=None)

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

    def refused_columns(self, query: Query) -> list[str]:
        """Return the columns of a query, as `table.column`, that NetSuite refuses by themselves."""
        bare, asked = query.only(), query.without(self.missing)
        if not self._answers(bare):
            return []  # it is the table, or what joins it
        return [query.place_of(each) for each in asked.columns if not self._answers(bare.with_columns(each))]

    def _answers(self, query: Query) -> bool:
        try:
            self.service.rows(query.page(None, 1))
        except ConnectorRefused:
            return False
        return True

    def shows(self, query: Query) -> bool:
        """Say whether any row of a query is shown."""
        return bool(self.service.rows(f"{query.only().page(None, 1)}"))

    def within(self, source: str) -> str | None:
        """Return the condition of the subsidiaries that are read; None for all."""
        return tables.within(self.settings, source)

    def shaped(self, query: Query) -> Query:
        """Return a query as this account can answer it: without subsidiaries where it has none."""
        only = self.settings.company
        return query if only is None else single(query, int(only.id))

    def place(self, source: str) -> str:
        """Return where this account has what one with subsidiaries has in this column."""
        return source if self.settings.company is None else place(source)

    def of_company(self, source: str, company: int | str) -> str | None:
        """Return the condition that a column holds this subsidiary; None where there is no other."""
        only = self.settings.company
        if only is None:
            return ids(source, [company])
        return None if int(company) == int(only.id) else NEVER

    def of_kind(self, kind: str) -> Query:
        """Return the question for all transactions of a type, by its code."""
        return tables.HEADER.under(codes("t.type", (kind,)))

    def member(self, company: int, customer: int) -> Row | None:
        """Return a customer in a subsidiary with its hold; None where there is none."""
        mine = ids(self.place("r.entity"), [customer])
        query = self.shaped(tables.HOLD).under(mine, self.of_company("r.subsidiary", company))
        return next(iter(self.service.rows(query.page(None, LISTED))), None)

    def document(self, number: int) -> Row | None:
        """Return the type, customer and subsidiary of a document; None where there is none."""
        query = self.shaped(tables.WRITABLE).under(ids("t.id", [number]), codes("t.type", tables.DOCUMENTS))
        return next(iter(self.service.rows(query.page(None, LISTED))), None)

    def sample(self, table: str, where: str | None, rows: int) -> list[Row]:
        """Return a few rows of a table with every column that the role sees."""
        condition = f" WHERE {where}" if where else ""
        return self.service.rows(f"SELECT * FROM {table}{condition} {first(rows)}")

    def close(self) -> None:
        """Hang up."""
        self.service.close()

    def _expect_known(self, kind: str) -> None:
        self.service.fields(tables.RECORDS[kind][0])

    def _open_or_there(self, company: str) -> tuple[Query, Query]:
        mine = self.of_company("tl.subsidiary", company)
        open_ones = self.shaped(tables.OPEN_KEY).under(codes("t.type", self.documents), mine)
        return open_ones, self.shaped(tables.MEMBER).under(self.of_company("r.subsidiary", company))

    def _currencies(self) -> dict[str, str]:
        return {str(row["id"]): str(row["symbol"]) for row in self.every(tables.CURRENCY) if row.get("symbol")}

    def _companies(self) -> Iterable[Row]:
        only = self.settings.company
        if only is not None:
            return [{"id": only.id, "name": only.name}]
        return (row for row in self.every(tables.SUBSIDIARY) if row.get("iselimination") != "T")


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
