"""A small EnterpriseOne database for the tests: real tables, blank padding, implied decimals."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from duehook.core.hookspecs import Page, Position, Row, Source, UpperBound
from duehook.core.records import RECORDS, Stream
from duehook.plugins.jde import tables
from duehook.plugins.jde.settings import JdeSettings
from duehook.plugins.jde.tables import Table

ALL = (
    tables.COMPANY,
    tables.CURRENCY,
    tables.PAYMENT_TERM,
    tables.EXCHANGE_RATE,
    tables.CODE,
    tables.ADDRESS_BOOK,
    tables.CUSTOMER,
    tables.WHO,
    tables.PHONE,
    tables.EMAIL,
    tables.POSTAL,
    tables.PARENT,
    tables.ITEM,
    tables.PAYMENT,
    tables.ALLOCATION,
)
STAMP: dict[str, Any] = {"UPMJ": 126090, "UPMT": 93005}  # 2026-03-31 09:30:05
INVOICE: dict[str, Any] = {
    "KCO": "00001", "DCT": "RI", "DOC": 1001, "SFX": "001", "CO": "00001", "AN8": 4242, "PYR": 4242,
    "DIVJ": 126032, "DGJ": 126032, "DDJ": 126062, "AG": 123450, "AAP": 23450, "ACR": 0, "FAP": 0,
    "STAM": 19710, "ADSC": 2469, "CDS": 0, "CTAM": 0, "BCRC": "EUR", "CRCD": "EUR", "CRRM": "D",
    "PST": "A", "POST": "D", "PTC": "30", "PO": "PO-77", "MCU": "         100", **STAMP,
}  # fmt: skip


BOUND = UpperBound({"upmj": 126091, "upmt": 120000}, datetime(2026, 4, 1, 12, 0, tzinfo=UTC))


def create(database: Any, *, schema: str = "", only: Iterable[Table] = ALL) -> None:
    """Create the tables."""
    for table in only:
        columns = ", ".join(
            f'"{column.name}" ' + (f"CHAR({column.width})" if column.width else _number(column.name))
            for column in table.columns
        )
        database.execute(f'CREATE TABLE {schema}"{table.name}" ({columns})')


def _number(name: str) -> str:
    return "DECIMAL(15,7)" if name in {"CXCRR", "CXCRRD"} else "DECIMAL(15,0)"


def insert(database: Any, table: Table, *, name: str = "", mark: str = "?", **values: Any) -> None:
    """Insert one row by aliases; texts are padded, numbers not given are 0."""
    row = []
    for column in table.columns:
        value = values.pop(column.name.removeprefix(table.prefix), "" if column.width else 0)
        row.append(value.ljust(column.width) if column.width and isinstance(value, str) else value)
    assert not values, f"{table.name} has no {values}"
    marks = ", ".join([mark] * len(row))
    database.execute(f'INSERT INTO "{name or table.name}" VALUES ({marks})', row)


def raw(table: Table, **values: Any) -> tuple[Any, ...]:
    """Return a raw row as the driver gives it, from aliases."""
    row = []
    for column in table.columns:
        value = values.pop(column.name.removeprefix(table.prefix), "" if column.width else 0)
        row.append(value.ljust(column.width) if column.width and isinstance(value, str) else value)
    assert not values, f"{table.name} has no {values}"
    return tuple(row)


class Ledger:
    """A SQLite file with one company, its currencies and customer 4242, read over the real driver."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.database = sqlite3.connect(file, isolation_level=None)
        create(self.database)
        self.add(tables.COMPANY, CO="00000", NAME="Defaults", CRCD="EUR")
        self.add(tables.COMPANY, CO="00001", NAME="Nordwerk", CRCD="EUR")
        for code, places in {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3, "CLF": 4}.items():
            self.add(tables.CURRENCY, CRCD=code, CDEC=places)
        self.customer(4242)

    def close(self) -> None:
        """Close the file."""
        self.database.close()

    def add(self, table: Table, **values: Any) -> None:
        """Insert one row."""
        insert(self.database, table, **values)

    def customer(self, number: int, *, company: str = "00000", **values: Any) -> None:
        """Insert a customer's address-book and customer rows."""
        known = self.database.execute('SELECT 1 FROM "F0101" WHERE "ABAN8" = ?', (number,)).fetchone()
        if not known:
            self.add(tables.ADDRESS_BOOK, AN8=number, ALPH=f"Customer {number}", AT1="C", **STAMP)
        self.add(tables.CUSTOMER, AN8=number, CO=company, CRCD="EUR", **{**STAMP, **values})

    def item(self, **values: Any) -> None:
        """Insert an invoice of 1,234.50 EUR, 234.50 open, but for what is given."""
        self.add(tables.ITEM, **{**INVOICE, **values})

    def settings(self, **values: Any) -> JdeSettings:
        """Return settings that reach the file."""
        text = f"DRIVER=SQLite3;DATABASE={self.file}"
        return JdeSettings.model_validate(
            {"connection_string": text, "dialect": "sqlite", "data_schema": "main", **values}
        )


def postgres(url: str) -> psycopg.Connection:
    """Connect to a PostgreSQL database that SQLAlchemy's URL names."""
    return psycopg.connect(url.replace("postgresql+psycopg", "postgresql"), autocommit=True)


def read(source: Source, stream: Stream, position: Position | None = None) -> list[Page]:
    """Read to the end; every page's position survives JSON, every row is a valid record."""
    pages = list(source.read(stream, position, BOUND))
    for page in pages:
        assert json.loads(json.dumps(page.position)) == page.position
        for row in page.rows:
            RECORDS[stream].model_validate(row)
    assert pages[-1].position["done"]
    assert not any(page.position.get("done") for page in pages[:-1])
    return pages


def rows(pages: Sequence[Page]) -> list[Row]:
    return [row for page in pages for row in page.rows]


def documents(pages: Sequence[Page]) -> list[str]:
    return [row["document_no"] for row in rows(pages)]
