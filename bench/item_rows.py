"""Items as mapped rows, made from their number alone, for the import benches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from duehook.core.hookspecs import (
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

CUSTOMERS: Final = 2_000
PAGE: Final = 10_000
BOUND: Final = UpperBound({"at": "2026-03-01"}, datetime(2026, 3, 1, tzinfo=UTC))
_FIRST: Final = date(2026, 1, 1)


def item_row(number: int) -> Row:
    """Return one open invoice of 27 told fields."""
    amount = Decimal(number * 137 % 1_000_000 + 100) / 100
    posted = _FIRST + timedelta(number % 58)
    customer = str(4_000 + number * 7919 % CUSTOMERS)
    return {
        "company": f"{number % 3 + 1:05d}",
        "key": f"00001|RI|{number:08d}|001",
        "customer": customer,
        "payer": customer,
        "kind": "invoice",
        "item_class": "normal",
        "currency": "EUR",
        "amount": amount,
        "open_amount": amount,
        "tax_amount": Decimal(number % 1_000) / 100,
        "company_currency": "EUR",
        "company_amount": amount,
        "company_open_amount": amount,
        "document_on": posted,
        "posted_on": posted,
        "due_on": posted + timedelta(30),
        "document_no": str(number),
        "document_type": "RI",
        "fiscal_year": 26,
        "instalment": "001",
        "payment_method": "T",
        "terms": "N30",
        "purchase_order": f"PO{number}",
        "sales_order": f"SO {number}",
        "reference": f"Order of {posted}",
        "business_unit": "M30",
        "changed_at": datetime(2026, 2, 1, 12, number % 60, tzinfo=UTC),
    }


class RowSource:
    """A source of items only; `pages` are lists of dicts, in memory or made while they are read."""

    streams: tuple[Stream, ...] = ("item",)
    capabilities = SourceCapabilities(incremental=False, sweeps=False)

    def __init__(self, pages: Sequence[list[Row]] | None = None, *, made: int = 0) -> None:
        self._pages = pages
        self._made = made

    def _rows(self) -> Iterator[list[Row]]:
        if self._pages is not None:
            yield from self._pages
        for start in range(0, self._made, PAGE):
            yield [item_row(number) for number in range(start, min(start + PAGE, self._made))]

    def read(self, stream: Stream, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        for number, rows in enumerate(self._rows()):
            yield Page(rows, {"page": number})
        yield Page([], {"done": True})

    def upper_bound(self) -> UpperBound:
        return BOUND

    def check(self) -> list[Finding]:
        return []

    def discover(self) -> list[Discovery]:
        return []

    def keys(self, stream: Stream) -> Iterator[KeyPage]:
        yield KeyPage([], complete=True)

    def lookup(self, stream: Stream, keys: Sequence[tuple[str, str]]) -> Lookup:
        return Lookup(missing=keys)

    def totals(self, bound: UpperBound) -> Iterator[Sequence[Total]]:
        return iter(())

    def close(self) -> None:
        pass


def rows_by_page(count: int) -> list[list[dict[str, Any]]]:
    """Return that many rows in pages."""
    return [[item_row(number) for number in range(start, min(start + PAGE, count))] for start in range(0, count, PAGE)]
