"""One site: its database, its template as the site has it, its clock, and what stands ready for reading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from duehook.core.errors import ConnectorRefused
from duehook.core.hookspecs import UpperBound
from duehook.core.records import EARLIEST, Stream
from duehook.core.wire.sql import DIALECTS, OdbcClient, Sql

from .reading.catalogue import Catalogue
from .reading.parts import PartReader
from .reading.stamps import Stamps
from .reading.statements import Place
from .reading.streams import StreamReader
from .settings import SqlLedgerSettings
from .template.columns import columns_in
from .template.loading import Loaded, load_template
from .template.model import Part, Template


class SqlSite:
    """A connection's database and template. `home` is the folder of the connector's own template."""

    def __init__(self, settings: SqlLedgerSettings, name: str, home: Path) -> None:
        self.settings, self.name = settings, name
        self._home = home
        self.client = OdbcClient(settings, name)
        self._whole: set[Stream] = set()

    @cached_property
    def loaded(self) -> Loaded:
        """Return the template. Raises ConfigError with all its faults."""
        own = self.settings.template
        return load_template(Path(own) if own else self._home / "ledger.yaml", self.settings)

    @property
    def template(self) -> Template:
        """Return the template as this site has it."""
        return self.loaded.template

    @cached_property
    def catalogue(self) -> Catalogue:
        """Return the columns of the ERP's tables."""
        return Catalogue(self.client, self.settings.dialect, self.settings.data_schema)

    def bound(self) -> UpperBound:
        """Read the database's clock."""
        query = self.settings.clock_query or DIALECTS[self.settings.dialect].clock
        now = self.client.now(Sql(query))
        return UpperBound({"at": now.isoformat()}, now)

    def stream(self, stream: Stream) -> StreamReader:
        """Return what reads a stream. Raises ConnectorRefused where its tables lack columns of the template."""
        parts = self.template.streams[stream]
        if stream not in self._whole:
            told = [each for part in parts for each in self.lacking(part.tables, part.texts())]
            if told:
                raise ConnectorRefused(
                    f"mapping incomplete: {'; '.join(dict.fromkeys(told))}.",
                    fix=f'name them in `columns` of connection {self.name} ("" where the site has none), or in a copy '
                    "of the template; `duehook discover` lists candidates.",
                )
            self._whole.add(stream)
        return StreamReader(
            stream,
            [self.reader(stream, part) for part in parts],
            digest=self.loaded.digest,
            limit=self.settings.page_size,
            lookback=timedelta(days=self.settings.lookback_days),
        )

    def reader(self, stream: Stream, part: Part) -> PartReader:
        """Return what reads one part of a stream."""
        return PartReader(stream, part, self.place, client=self.client, writing=self.template.format)

    @cached_property
    def place(self) -> Place:
        """Return where the site's tables are, and what templates name by `:name`."""
        settings, template = self.settings, self.template
        stamps = Stamps(template.days, settings.zone, settings.dialect)
        held: dict[str, Any] = dict(settings.values())

        def value(name: str) -> Any:
            if name in ("today", "history_from"):
                return stamps.day(self._today - timedelta(days=settings.history_days if name == "history_from" else 0))
            if name == "earliest":  # days before it are none, and their rows are set aside
                return stamps.day(EARLIEST)
            return held.get(name)

        return Place(DIALECTS[settings.dialect], settings.data_schema, settings.ccsid, self.catalogue.of, value, stamps)

    @cached_property
    def _today(self) -> date:
        return self.bound().at.astimezone(self.settings.zone).date()

    def lacking(self, tables: Mapping[str, str], texts: Iterator[str] | Sequence[str]) -> list[str]:
        """Say which columns that the texts name a table does not have, with those that it may mean."""
        told = []
        for table, column in dict.fromkeys(columns_in(texts, tables)):
            if column not in self.catalogue.of(table):
                told.append(f"{table} has no column {column}{self._meant(table, column)}")
        return told

    def _meant(self, table: str, column: str) -> str:
        named = {
            name: given
            for name, given in self.template.names.columns.items()
            if given.table == table and self.settings.columns.get(name, given.usual) == column
        }
        if not named:
            return ""
        name, given = next(iter(named.items()))
        found = ", ".join(self.candidates(table, given.text))
        return f" (`columns.{name}`{f'; {found} may be meant' if found else ''})"

    def candidates(self, table: str, words: Sequence[str]) -> list[str]:
        """Return a table's columns whose text has one of the words, with that text."""
        return [
            f"{column} ({known.text})"
            for column, known in self.catalogue.of(table).items()
            if any(word.lower() in known.text.lower() for word in words)
        ]

    def close(self) -> None:
        """Hang up."""
        self.client.close()
