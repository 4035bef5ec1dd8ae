"""A source of literal rows, held in memory, that keeps the contract of hookspecs.Source.

Every row stands under (company, key) with the instant of its last change; a test changes rows,
lets pages fail, or makes a listing break off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from duehook.core.context import Actor, Context
from duehook.core.hookspecs import (
    BadRow,
    Discovery,
    Finding,
    KeyPage,
    Lookup,
    Page,
    Position,
    Row,
    SourceCapabilities,
    Total,
    UpperBound,
)
from duehook.core.records import Stream

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
AS_OF = date(2026, 3, 2)
Key = tuple[str, str]


class Clock:
    """A clock that moves on by a second whenever it is read."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


def context(clock: Callable[[], datetime] | None = None) -> Context:
    return Context(Actor("person", "ann", "test"), clock or Clock(), "c-1")


def item(key: str, amount: str, open_amount: str | None = None, **given: Any) -> Row:
    """Return an invoice of customer A in company 01 in EUR."""
    row: Row = {
        "company": "01",
        "key": key,
        "customer": "A",
        "kind": "invoice",
        "currency": "EUR",
        "amount": Decimal(amount),
        "open_amount": Decimal(amount if open_amount is None else open_amount),
        "document_on": date(2026, 1, 5),
        "due_on": date(2026, 2, 4),
        "document_no": key,
    }
    return row | given


def customer(key: str, **given: Any) -> Row:
    return {"company": "01", "key": key, "name": f"Customer {key}"} | given


class LiteralSource:
    """Rows by stream; `size` rows a page, `(changed, company, key)` the order of reading."""

    capabilities = SourceCapabilities(allocations=True)

    def __init__(self, size: int = 2, **rows: list[Row]) -> None:
        self.size = size
        self.clock = Clock(datetime(2026, 3, 1, tzinfo=UTC))
        self.rows: dict[str, dict[Key, tuple[datetime, Row]]] = {}
        self.streams: tuple[Stream, ...] = tuple(rows)  # type: ignore[arg-type]
        self.bad: list[BadRow] = []
        self.deleted: set[Key] = set()
        self.purged: set[Key] = set()
        self.unreadable: set[Key] = set()
        self.lookups: list[Key] = []
        self.complete = True
        self.lookback = timedelta(0)
        self.before_page: Callable[[Stream, int], None] = lambda stream, number: None
        self.listed: Callable[[list[Key]], list[Key]] = lambda keys: keys
        self.total_rows: list[Total] | None = None
        for stream, given in rows.items():
            self.put(stream, *given)

    def put(self, stream: str, *rows: Row, at: datetime | None = None) -> None:
        """Write rows as the ERP would, with a change stamp of now or of `at`."""
        held = self.rows.setdefault(stream, {})
        for row in rows:
            held[_key(row)] = (at or self.clock(), row)

    def drop(self, stream: str, *keys: Key, trace: set[Key] | None = None) -> None:
        """Take rows away, remembering them as deleted, purged, or not at all."""
        for key in keys:
            del self.rows[stream][key]
            if trace is not None:
                trace.add(key)

    def check(self) -> list[Finding]:
        return []

    def discover(self) -> list[Discovery]:
        return []

    def upper_bound(self) -> UpperBound:
        at = self.clock()
        return UpperBound({"at": at.isoformat()}, at)

    def read(self, stream: Stream, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        at, number = dict(position or {"since": None, "after": None}), 0
        if at.pop("done", None):
            at = {"since": at["bound"], "after": None}
        while True:
            self.before_page(stream, number)
            found = self._between(stream, at, bound)[: self.size]
            if not found:
                bad = self.bad if stream == "item" else []
                yield Page([], {"done": True, "bound": bound.at.isoformat()}, bad)
                return
            at["after"] = [found[-1][0].isoformat(), *_key(found[-1][1])]
            yield Page([row for _, row in found], dict(at))
            number += 1

    def _between(self, stream: Stream, at: Position, bound: UpperBound) -> list[tuple[datetime, Row]]:
        since = None if at["since"] is None else datetime.fromisoformat(at["since"]) - self.lookback
        after = None if at["after"] is None else (datetime.fromisoformat(at["after"][0]), *at["after"][1:])
        rows = sorted(self.rows.get(stream, {}).values(), key=lambda entry: (entry[0], *_key(entry[1])))
        return [
            (changed, row)
            for changed, row in rows
            if changed <= bound.at
            and (since is None or changed >= since)
            and (after is None or (changed, *_key(row)) > after)
        ]

    def keys(self, stream: Stream) -> Iterator[KeyPage]:
        rows = [row for _, row in self.rows.get(stream, {}).values()]
        keys = self.listed(sorted(_key(row) for row in rows if stream != "item" or row["open_amount"]))
        for start in range(0, len(keys), self.size):
            yield KeyPage(keys[start : start + self.size])
        yield KeyPage([], complete=self.complete)

    def lookup(self, stream: Stream, keys: Sequence[Key]) -> Lookup:
        self.lookups += keys
        held = self.rows.get(stream, {})
        lost = [key for key in keys if key not in held]
        return Lookup(
            found=[held[key][1] for key in keys if key in held and key not in self.unreadable],
            bad=[
                BadRow("no number", {"amount": "x"}, key, company)
                for company, key in keys
                if (company, key) in self.unreadable
            ],
            deleted=[key for key in lost if key in self.deleted],
            purged=[key for key in lost if key in self.purged],
            missing=[key for key in lost if key not in self.deleted | self.purged],
        )

    def totals(self, bound: UpperBound) -> Iterator[Sequence[Total]]:
        if self.total_rows is not None:
            yield self.total_rows
            return
        yield [_total(row, changed > bound.at) for changed, row in self.rows.get("item", {}).values()]

    def close(self) -> None:
        pass


def _total(row: Row, in_flight: bool) -> Total:
    return Total(
        company=row["company"],
        document=row["key"],
        item_class=row.get("item_class", "normal"),
        currency=row["currency"],
        open_amount=row["open_amount"],
        company_currency=row.get("company_currency"),
        company_open_amount=row.get("company_open_amount"),
        changed_past_bound=in_flight,
    )


def _key(row: Row) -> Key:
    company, key = row.get("company") or "", row.get("key", "")
    return company, key


# What a site's plugin of literal rows gives, by connection; see `write_site`.
SHARED: dict[str, LiteralSource] = {}
PLUGIN = '''
from pydantic import BaseModel

from duehook.core import hookimpl
from tests.rigs.literal_source import SHARED


class Literal(BaseModel):
    """No settings."""


@hookimpl
def connection_settings(type):
    return Literal if type == "literal" else None


@hookimpl
def invoice_source(connection):
    return SHARED[connection.name]
'''


def write_site(folder: Path, database_url: str) -> Path:
    """Write a site whose connection `erp` gives SHARED["erp"] for the company 01; return its duehook.yaml."""
    (folder / "plugins").mkdir()
    (folder / "plugins" / "literal.py").write_text(PLUGIN)
    (folder / "database").write_text(database_url)
    config = folder / "duehook.yaml"
    config.write_text(
        "mode: shadow\ndatabase: {file: database}\n"
        "companies:\n  '01':\n    erp: {connection: erp, code: '01'}\n"
        "connections:\n  erp: {type: literal, serves: [invoices]}\n"
        "defaults: {bad_rows: 0.5, balance_drop: 0.2}\n"
    )
    return config
