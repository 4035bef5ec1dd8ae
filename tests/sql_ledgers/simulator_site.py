"""A simulated site of any ERP of the family, and how a test asks its database: by plain pyodbc."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import pyodbc  # type: ignore[import-not-found, unused-ignore]

from duehook.core.hookspecs import ConnectionConfig, Source
from duehook.core.records import Stream
from duehook.core.testing.book import Customer
from duehook.core.testing.contract.scenes.acts import customer_of
from duehook.core.testing.sql_ledger import SqlLedgerSimulator

from .library import SOURCES

START = date(2026, 3, 2)
NEW = "01234567-0000-4000-8000-00000000000{}"
Row = tuple[Any, ...]


class Site:
    """A started simulator and a connection to its database."""

    def __init__(self, simulator: SqlLedgerSimulator) -> None:
        self.simulator = simulator
        self.settings = simulator.start()
        self.connection = pyodbc.connect(self.settings["odbc"], autocommit=True)

    def select(self, statement: str, *values: Any) -> list[Row]:
        return [tuple(row) for row in self.connection.execute(statement, *values).fetchall()]

    def stage(self, number: int, kind: str, customer: str, **cells: Any) -> None:
        """Put an event into CMOUT as a connector does."""
        row = {
            "EVENTID": NEW.format(number), "EVTYPE": kind, "COMPANY": "1", "CUSTNO": customer, "DOCKEY": "", "CODE": "",
            "DUEDATE8": 0, "AMOUNT": "0", "CURR": "", "TEXT": "", "CREATED": "2026-03-02T12:00:00", "STATUS": "N",
            "MSG": "", **cells,
        }  # fmt: skip
        marks = ", ".join("?" * len(row))
        self.connection.execute(f"INSERT INTO CMOUT ({', '.join(row)}) VALUES ({marks})", *row.values())

    def status(self, number: int) -> tuple[str, str]:
        (found,) = self.select("SELECT STATUS, MSG FROM CMOUT WHERE EVENTID = ?", NEW.format(number))
        return found[0], found[1]

    def ended(self, number: int, *, within: float = 5.0) -> tuple[str, str]:
        """Wait for the site's program to have done with an event."""
        until = time.monotonic() + within
        while time.monotonic() < until and self.status(number)[0] not in "DE":
            time.sleep(0.01)
        return self.status(number)

    def euro_customer(self) -> Customer:
        return customer_of(self.simulator.book)

    def close(self) -> None:
        self.connection.close()
        self.simulator.stop()


@contextmanager
def running(kind: Callable[[dict[str, Any]], SqlLedgerSimulator], folder: Path, **options: Any) -> Iterator[Site]:
    site = Site(kind({"folder": str(folder), "customers": 20, "items": 0, "start_on": START, **options}))
    try:
        yield site
    finally:
        site.close()


def source_of(site: Site, type: str, stream: Stream, **more: Any) -> Source:
    """Return the source of a stream of the connector of this type, over a simulated site."""
    plugin = import_module(f"duehook.plugins.{type}")
    held = plugin.LEDGER.settings.model_validate({**site.settings, **more})
    found: Source = getattr(plugin, SOURCES[stream])(ConnectionConfig("erp", type, held, "."))
    return found


def read(site: Site, type: str, stream: Stream, **more: Any) -> list[dict[str, Any]]:
    """Read a stream of a simulated site."""
    source = source_of(site, type, stream, **more)
    try:
        return [dict(row) for page in source.read(stream, None, source.upper_bound()) for row in page.rows]
    finally:
        source.close()
