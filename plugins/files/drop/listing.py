"""The files of one stream as they are now, each looked over once as long as it stays as it is."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from duehook.core.hookspecs import UpperBound
from duehook.core.records import Stream
from duehook.core.table_mapping.rows import RowMapper
from duehook.plugins.files.forms.table import Stamp, Table

from .among import Among, last_of, together
from .folder import Drop
from .inspection import inspect
from .opened import Opened
from .rows import mapper_of


class Listing:
    """The files of a stream; what was learnt of them is kept by name."""

    def __init__(self, drop: Drop, stream: Stream) -> None:
        self._drop, self._stream = drop, stream
        self._mapping = drop.mapping(stream)
        self._digests: dict[str, tuple[Stamp, str]] = {}
        self._mappers: dict[str, tuple[Stamp, RowMapper]] = {}
        self._opened: dict[str, Opened] = {}
        self._among: tuple[Sequence[tuple[str, Stamp]], Among] = ((), Among())

    def tables(self, bound: UpperBound | None = None) -> list[Table]:
        """Return the stream's complete files, oldest first."""
        return [self._drop.table(path, self._stream) for path in self._drop.files(self._stream, bound)]

    def digest(self, table: Table) -> str:
        """Return the digest of the file's content."""
        held = self._digests.get(table.name)
        if held is None or held[0] != table.stamp:
            held = self._digests[table.name] = table.stamp, table.digest()
        return held[1]

    def open(self, table: Table) -> Opened:
        """Look a file over by itself. Raises ConnectorGarbled when it is not whole."""
        held = self._opened.get(table.name)
        if held is None or held.table.stamp != table.stamp:
            mapper = self._mapper(table)
            grouped = self._mapping.one_per_key is not None
            found = inspect(table, mapper, self._mapping.control, grouped=grouped)
            self._digests[table.name] = table.stamp, found.digest
            held = self._opened[table.name] = Opened(table, mapper, found, self._drop)
        return held

    def beside(self, tables: Sequence[Table], wanted: Sequence[Table]) -> list[Opened]:
        """Look the wanted ones of these files over, each with what the files behind it say of its keys."""
        if not wanted:
            return []
        names = [table.name for table in tables]
        begin = names.index(wanted[0].name)
        opened = [self.open(table) for table in wanted]
        among = self._compared(tables[begin:])
        return [replace(file, among=among, place=names.index(file.name) - begin) for file in opened]

    def _compared(self, tables: Sequence[Table]) -> Among:
        """Compare the keys of these files, once as long as they stay as they are."""
        of = [(table.name, table.stamp) for table in tables]
        if self._among[0] != of:
            files = [(table, self._mapper(table)) for table in tables]
            is_state = self._mapping.snapshot is not None and self._mapping.one_per_key is None
            self._among = of, together(files) if is_state else last_of(files)
        return self._among[1]

    def _mapper(self, table: Table) -> RowMapper:
        held = self._mappers.get(table.name)
        if held is None or held[0] != table.stamp:
            table.refuse_misread()
            held = self._mappers[table.name] = table.stamp, mapper_of(self._drop.loaded, self._stream, table)
        return held[1]


def mark(digests: Mapping[str, str]) -> str:
    """Return what changes when one of these files does, or another one comes."""
    told = "\n".join(f"{digest} {name}" for name, digest in digests.items())
    return hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()[:16]
