"""A library of LX files in SQLite, written by hand, and connections to it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

import duehook.plugins.infor_lx as infor_lx
from duehook.core.hookspecs import ConnectionConfig, Page, Source, Target, UpperBound
from duehook.core.records import Stream
from duehook.plugins.sql_ledgers.settings import SqlLedgerSettings

SOURCES: Final[Mapping[Stream, str]] = {
    "company": "customer_source", "payment_term": "customer_source", "customer": "customer_source",
    "contact": "contact_source", "item": "invoice_source", "payment": "payment_source", "allocation": "payment_source",
}  # fmt: skip
TABLES: Final = """
CREATE TABLE RCM (CMID CHAR(2), CCUST DECIMAL(8,0), CNME CHAR(30), CCCUS DECIMAL(8,0), CAD1 CHAR(30), CAD2 CHAR(30),
  CAD3 CHAR(30), CSTE CHAR(3), CZIP CHAR(10), CPHON CHAR(20), CTERM CHAR(3), CCURR CHAR(3), CRDOL DECIMAL(15,2),
  CHOLD CHAR(1), CCOUN CHAR(2));
CREATE TABLE EST (TCUST DECIMAL(8,0), TSHIP DECIMAL(4,0), TATN CHAR(30), TPHONE CHAR(20));
CREATE TABLE RTM (TTERM CHAR(3), TDAYS DECIMAL(3,0), TDISC DECIMAL(5,2), TDSCD DECIMAL(3,0), TDESC CHAR(30));
CREATE TABLE RAR (RRID CHAR(2), RCOMP DECIMAL(2,0), RCUST DECIMAL(8,0), RINVC DECIMAL(8,0), ARDYR DECIMAL(4,0),
  ARDPFX CHAR(2), ARDTYP DECIMAL(1,0), ARDOCN DECIMAL(8,0), ARODYR DECIMAL(4,0), ARODPX CHAR(2), ARODTP DECIMAL(1,0),
  RSEQ DECIMAL(5,0), RDATE DECIMAL(8,0), RDDTE DECIMAL(8,0), RAMT DECIMAL(15,2), RREM DECIMAL(15,2), RCURR CHAR(3),
  RCNVFC DECIMAL(15,7), RREF CHAR(15), RRESN CHAR(5), RLDTE DECIMAL(8,0), RLTME DECIMAL(6,0));
CREATE TABLE CMOUT (EVENTID CHAR(36) PRIMARY KEY, EVTYPE CHAR(8), COMPANY CHAR(10), CUSTNO CHAR(30), DOCKEY VARCHAR(80),
  CODE CHAR(20), DUEDATE8 DECIMAL(8), AMOUNT DECIMAL(17,3), CURR CHAR(3), TEXT VARCHAR(500), CREATED CHAR(26),
  STATUS CHAR(1), MSG VARCHAR(200));
CREATE TABLE SYSCOLUMNS (TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, COLUMN_TEXT, DATA_TYPE, LENGTH, NUMERIC_SCALE);
INSERT INTO RTM VALUES ('N30', 30, 0, 0, '30 days net                   '), ('2T0', 0, 2, 10, 'at once');
INSERT INTO RCM VALUES ('CM', 1001, 'Able & Sons                   ', 1000, '1 High St', 'Leeds', ' ', 'YKS', 'LS1 1AA',
  ' ', 'N30', 'GBP', 5000, 'Y', 'GB'),
 ('CM', 1000, 'Able Group', 0, 'PO Box 1', ' ', ' ', ' ', ' ', '0113 1', 'N30', 'GBP', 0, ' ', 'GB'),
 ('CZ', 1002, 'Gone Ltd', 0, ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ', 0, ' ', ' ');
INSERT INTO EST VALUES (1001, 1, 'Ms Jones', '0113 2'), (1002, 1, 'Mr Gone', ' ');
"""
CLOCK: Final = datetime(2026, 3, 31, 12, 0, 0, tzinfo=UTC)


class Library:
    """A file with the tables, to be changed by SQL."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "lx.db"
        self.run(re.sub(r"(\bCHAR\(\d+\))", r"\1 COLLATE RTRIM", TABLES))  # as Db2 compares

    def run(self, script: str) -> None:
        """Run some statements."""
        with closing(sqlite3.connect(self.file)) as connection:
            connection.executescript(script)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return what stands in the tables."""
        with closing(sqlite3.connect(self.file)) as connection:
            return connection.execute(query).fetchall()

    def document(self, number: int, amount: str, *, rest: str | None = None, **cells: Any) -> None:
        """Add a document, or with `RSEQ` what it was applied to."""
        held = {
            "RRID": "RA", "RCOMP": 10, "RCUST": 1001, "RINVC": 0, "ARDYR": 2026, "ARDPFX": "IN", "ARDTYP": 1,
            "ARDOCN": number, "ARODYR": 0, "ARODPX": "  ", "ARODTP": 0, "RSEQ": 0, "RDATE": 20260301,
            "RDDTE": 20260331, "RAMT": amount, "RREM": amount if rest is None else rest, "RCURR": "GBP", "RCNVFC": 1,
            "RREF": f"PO-{number}", "RRESN": "     ", "RLDTE": 20260301, "RLTME": 90000, **cells,
        }  # fmt: skip
        with closing(sqlite3.connect(self.file)) as connection, connection:
            marks = ", ".join("?" * len(held))
            connection.execute(f"INSERT INTO RAR ({', '.join(held)}) VALUES ({marks})", list(held.values()))

    def settings(self, **other: Any) -> dict[str, Any]:
        """Return what a person writes to reach it."""
        return {
            "odbc": f"Driver={{SQLite3}};Database={self.file}",
            "data_schema": "main",
            "clock_query": f"SELECT '{CLOCK:%Y-%m-%d %H:%M:%S}'",
            "companies": [{"code": "10", "name": "Home Ltd", "currency": "GBP"}],
            **other,
        }

    def connection(self, **other: Any) -> ConnectionConfig:
        """Return a connection to it."""
        return connected(self.settings(**other), self.folder)

    def source(self, stream: Stream, **other: Any) -> Source:
        """Return the source of a stream."""
        found = getattr(infor_lx, SOURCES[stream])(self.connection(**other))
        assert found is not None
        return found  # type: ignore[no-any-return]

    def target(self, **other: Any) -> Target:
        """Return what writes, with the site's program that never runs unless the test does it."""
        found: Target = infor_lx.write_back_target(self.connection(**{"staging": {"look_seconds": 0}, **other}))
        return found

    def pages(self, stream: Stream, position: dict[str, Any] | None = None, **other: Any) -> list[Page]:
        """Read a stream."""
        source = self.source(stream, **other)
        try:
            return list(source.read(stream, position, source.upper_bound()))
        finally:
            source.close()

    def read(self, stream: Stream, **other: Any) -> list[dict[str, Any]]:
        """Read a stream and return its rows."""
        return [dict(row) for page in self.pages(stream, **other) for row in page.rows]


def connected(settings: Mapping[str, Any], folder: Path) -> ConnectionConfig:
    """Return a connection of these settings."""
    return ConnectionConfig("lx", "infor_lx", SqlLedgerSettings.model_validate(settings), str(folder))


def keys(pages: Sequence[Page]) -> list[str]:
    """Return the keys of what was read, in its order."""
    return [row["key"] for page in pages for row in page.rows]


def at(hour: int) -> UpperBound:
    """Return an upper bound on the last of March."""
    moment = CLOCK.replace(hour=hour)
    return UpperBound({"at": moment.isoformat()}, moment)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Give a library without documents."""
    return Library(tmp_path)
