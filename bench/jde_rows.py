"""Rows of F03B11 as an ODBC driver hands them over: padded text, whole numbers as Decimal."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from duehook.core.hookspecs import Page, Position, UpperBound
from duehook.core.records import Stream
from duehook.plugins.jde import tables
from duehook.plugins.jde.mapping.items import ItemMapping
from duehook.plugins.jde.mapping.site import Site
from duehook.plugins.jde.settings import JdeSettings

from .item_rows import CUSTOMERS, PAGE, RowSource

Raw = tuple[Any, ...]
_WRITTEN: Final = {
    "DCT": "RI",
    "SFX": "001",
    "BCRC": "EUR",
    "CRCD": "EUR",
    "CRRM": "D",
    "PST": "A",
    "POST": "D",
    "PTC": "N30",
    "RYIN": "T",
    "MCU": "         M30",
    "UPMJ": 126032,
}


def raw_item(number: int) -> Raw:
    """Return one open invoice by all columns of F03B11 that are read."""
    amount = number * 137 % 1_000_000 + 100
    customer = 4_000 + number * 7919 % CUSTOMERS
    posted = 126001 + number % 58
    company = f"{number % 3 + 1:05d}"
    told = {
        **_WRITTEN,
        **dict.fromkeys(("KCO", "CO"), company),
        **dict.fromkeys(("AN8", "PYR"), customer),
        **dict.fromkeys(("DIVJ", "DGJ"), posted),
        **dict.fromkeys(("AG", "AAP"), amount),
        "DOC": number,
        "DDJ": posted + 30,
        "STAM": number % 1_000,
        "PO": f"PO{number % 100_000}",
        "RMK": f"Order of {posted}",
        "VR01": f"SO {number}",
        "UPMT": 120000 + number % 60,
    }
    return tuple(
        _cell(column, told.get(column.name.removeprefix(tables.ITEM.prefix))) for column in tables.ITEM.columns
    )


def _cell(column: tables.Column, value: Any) -> Any:
    return str(value or "").ljust(column.width) if column.width else Decimal(value or 0)


def raw_pages(count: int) -> list[list[Raw]]:
    """Return that many rows in pages."""
    return [[raw_item(number) for number in range(start, min(start + PAGE, count))] for start in range(0, count, PAGE)]


class RawSource(RowSource):
    """A source that maps JDE's rows while they are read; the fetch itself is no part of it."""

    def __init__(self, pages: list[list[Raw]]) -> None:
        super().__init__()
        settings = JdeSettings.model_validate(
            {"dsn": "JDE", "dialect": "oracle", "data_schema": "PRODDTA", "timezone": "UTC"}
        )
        self._mapping = ItemMapping(Site.of(settings, {"EUR": 2}, dict.fromkeys(("00001", "00002", "00003"), "EUR")))
        self._raws = pages

    def read(self, stream: Stream, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        for number, raws in enumerate(self._raws):
            rows, bad = self._mapping.rows(raws)
            yield Page(rows, {"page": number}, bad)
        yield Page([], {"done": True})
