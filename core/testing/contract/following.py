"""Follow an ERP as Duehook's import does: read once whole, then what changed, then sweep and look up."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from duehook.core.hookspecs import Page, Position
from duehook.core.records import Stream

from .erp import Row
from .under_test import Connector

Name = tuple[str, str]


@dataclass
class Followed:
    """One stream as it was last known: its rows by company and key, and where reading goes on."""

    stream: Stream
    rows: dict[Name, Row] = field(default_factory=dict)
    position: Position | None = None

    def read(self, connector: Connector) -> list[Row]:
        """Read what changed since the last time, all at first; return it."""
        return [row for page in connector.pages(self.stream, self.position) for row in self.take(page)]

    def take(self, page: Page) -> list[Row]:
        """Know a page's rows from now on; return them."""
        rows = [dict(row) for row in page.rows]
        self.rows |= {_name(row): row for row in rows}
        self.position = json.loads(json.dumps(page.position))  # as it is kept, with its rows, between runs
        return rows

    def sweep(self, connector: Connector) -> None:
        """Find what is no longer there and look it up by key; drop what the ERP has no more."""
        listed, complete = swept(connector, self.stream)
        if not complete:
            return
        vanished = [name for name, row in self.rows.items() if is_open(row) and name not in listed]
        if not vanished:
            return
        looked_up = connector.source(self.stream).lookup(self.stream, vanished)
        for name in vanished:
            del self.rows[name]
        self.rows |= {_name(dict(row)): dict(row) for row in looked_up.found}

    @property
    def open_rows(self) -> list[Row]:
        """Return the rows that are open; every row of a stream that does not close."""
        return [row for row in self.rows.values() if is_open(row)]


@dataclass
class Gathered:
    """A stream's rows as they came, also of streams without keys, and where reading goes on when it broke off."""

    stream: Stream
    rows: list[Row] = field(default_factory=list)
    position: Position | None = None

    def read(self, connector: Connector) -> None:
        """Read on to the end."""
        for page in connector.pages(self.stream, self.position):
            self.rows += [dict(row) for row in page.rows]
            self.position = page.position


def swept(connector: Connector, stream: Stream) -> tuple[set[Name], bool]:
    """Return the keys that the source lists now, and whether it says that these are all."""
    keys: set[Name] = set()
    complete = False
    for page in connector.source(stream).keys(stream):
        keys |= {(company or "", key) for company, key in page.keys}
        complete = page.complete
    return keys, complete


def is_open(row: Row) -> bool:
    """Say whether something is left of an item, in its own or the company's currency."""
    amounts: list[Any] = [row.get("open_amount"), row.get("company_open_amount")]
    return "open_amount" not in row or any(amounts)


def _name(row: Row) -> Name:
    return row.get("company") or "", row.get("key", "")
