"""What the tests of drop folders share: a folder with a mapping, and lines of open items."""

from __future__ import annotations

import gc
import os
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from duehook.core.hookspecs import Page, Position, Source
from duehook.core.ops.heap import settled
from duehook.plugins.files.drop.folder import Drop
from duehook.plugins.files.mapping.lint import load_mapping
from duehook.plugins.files.settings import FilesSettings
from duehook.plugins.files.sources import FilesSource

HEADER = "Doc,Cust,Cur,Amount,Date,Due\n"
FIELDS = """\
    fields:
      company: {constant: "01"}
      key: Doc
      customer: Cust
      kind: {constant: invoice}
      currency: Cur
      amount: Amount
      open_amount: Amount
      document_on: Date
      due_on: Due
      document_no: Doc
"""
SNAPSHOT = "streams:\n  item:\n    files: open*.csv\n    snapshot: true\n" + FIELDS
NEWS = SNAPSHOT.replace("    snapshot: true\n", "")
CUSTOMERS = """\
streams:
  customer:
    files: open*.csv
    snapshot: true
    one_per_key: {latest_by: [{column: Date, as: date}, {column: Doc, as: whole}], aliases: name}
    fields: {company: {constant: "01"}, key: Cust, name: Name}
"""


def line(doc: str, amount: str = "10.00", **given: str) -> str:
    row = {"Cust": "A", "Cur": "EUR", "Amount": amount, "Date": "2026-01-05", "Due": "2026-02-04"} | given
    return ",".join([doc, *row.values()]) + "\n"


class Folder:
    """A drop folder with a mapping; each `put` is a minute later than the one before."""

    def __init__(self, at: Path, mapping: str = SNAPSHOT, **settings: Any) -> None:
        self.at, self.size = at / "drop", settings.pop("page_size", 5_000)
        self.settle = settings.pop("settle_seconds", 0)
        self.at.mkdir()
        self.mapping = at / "map.yaml"
        self.mapping.write_text(mapping)
        self.clock = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)

    def put(self, name: str, *lines: str, header: str = HEADER, encoding: str = "utf-8") -> None:
        self.put_bytes(name, (header + "".join(lines)).encode(encoding))

    def put_bytes(self, name: str, content: bytes) -> None:
        self.clock += timedelta(minutes=1)
        (file := self.at / name).write_bytes(content)
        os.utime(file, (self.clock.timestamp(), self.clock.timestamp()))

    def source(self) -> Source:
        settings = FilesSettings(folder="drop", mapping="map.yaml", settle_seconds=self.settle, page_size=self.size)
        drop = Drop(self.at, load_mapping(self.mapping), settings)
        return FilesSource(drop, tuple(drop.loaded.mapping.streams))  # type: ignore[arg-type]

    def pages(self, position: Position | None = None) -> list[Page]:
        source = self.source()
        return list(source.read(source.streams[0], position, source.upper_bound()))

    def rows(self, position: Position | None = None) -> list[str]:
        return [row["key"] for page in self.pages(position) for row in page.rows]

    def bad(self) -> list[str]:
        return [fault.reason for page in self.pages() for fault in page.bad]

    def keys(self) -> tuple[list[tuple[str, str]], bool]:
        pages = list((source := self.source()).keys(source.streams[0]))
        return [key for page in pages for key in page.keys], pages[-1].complete


def most_held(folder: Folder, rows: int) -> int:
    """Return the bytes held at most while the items are read.

    What only waits for the collector is taken away page by page: when that happens by itself depends on what
    else the process holds.
    """
    gc.collect()
    with settled():
        tracemalloc.start()
        try:
            source, found = folder.source(), 0
            for page in source.read("item", None, source.upper_bound()):
                found += len(page.rows)
                gc.collect()
            assert found == rows
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
