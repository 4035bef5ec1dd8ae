"""The manifest of an export: which files are one state, and whether each is there and holds what it should."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from duehook.core.connecting.manifests import NOTHING
from duehook.core.errors import ConnectorGarbled, ConnectorRefused
from duehook.core.table_mapping.cells import Cells
from duehook.core.table_mapping.reading import Columns, NoColumn, amounts
from duehook.core.table_mapping.rows import RowMapper
from duehook.core.table_mapping.values import Unreadable, whole
from duehook.core.table_mapping.writing import Column
from duehook.core.yaml_source import BadFile, Document, Problem
from duehook.plugins.files.forms.table import Table
from duehook.plugins.files.mapping import model

from .figures import Figures, counted


@dataclass(frozen=True)
class Named:
    """One file that a manifest names: where it stands there, and what the file must hold."""

    place: str
    name: str
    sha256: str
    figures: Figures


class ManifestReader:
    """Reads a manifest as it stood when it was stamped."""

    def __init__(self, asked: model.Manifest, document: Document, table: Table) -> None:
        self._asked, self._table = asked, table
        self._columns = Columns(table.header, table.form)
        self._read = amounts(table.form)
        problems = list(self._missing(document))
        if problems:
            raise BadFile(problems, fix=f"correct `manifest` in the mapping, or the columns of {table.name}.")

    def files(self) -> list[Named]:
        """Return the files that it names. Raises ConnectorGarbled where a row of it cannot be read."""
        found: dict[str, Named] = {}
        for line, cells in self._table.lines():
            named = self._named(f"{self._table.name}:{line}", cells)
            if named.name.lower() in found:
                raise _garbled(f"{named.place}: {named.name} stands in the manifest twice")
            found[named.name.lower()] = named
        self._table.refuse_changed()
        if not found:
            raise _garbled(f"{self._table.name} names no file")
        return list(found.values())

    def _missing(self, document: Document) -> Iterator[Problem]:
        for column in self._asked.named():
            try:
                self._columns.at(column)
            except NoColumn as error:
                yield Problem(document.where(("manifest",), key=True), f"{self._table.name}: {error}")

    def _named(self, place: str, cells: Cells) -> Named:
        asked = self._asked
        name = self._text(cells, asked.name).replace("\\", "/").rpartition("/")[2]
        if not name:
            raise _garbled(f"{place}: the row names no file")
        rows, total = self._text(cells, asked.rows), self._text(cells, asked.sum.column if asked.sum else None)
        try:
            held = whole(rows) if rows else None, self._read(total) if total else None
        except Unreadable as error:
            raise _garbled(f"{place}: {error}") from None
        summed = asked.sum.of if asked.sum and total else None
        return Named(place, name, self._text(cells, asked.sha256).lower(), Figures(*held, summed))

    def _text(self, cells: Cells, column: Column | None) -> str:
        at = self._columns.at(column) if column is not None else len(cells)
        return cells[at] if at < len(cells) else ""


def _garbled(why: str) -> ConnectorGarbled:
    return ConnectorGarbled(f"{why}. {NOTHING}", fix="export again, the manifest last.")


def faults_of(named: Named, file: Table, readers: Iterable[tuple[Table, RowMapper]]) -> Iterator[str]:
    """Yield what a file has that its manifest does not say, its rows by the first stream that reads it."""
    if named.sha256 and file.digest() != named.sha256:
        yield "another SHA-256"
        return
    for table, mapper in readers:
        yield from counted(table, mapper, named.figures)
        table.refuse_changed()
        return


def patterns(named: Sequence[Named]) -> list[str]:
    """Return the patterns of the files' names."""
    return [glob.escape(each.name) for each in named]


def none_there(asked: model.Manifest, folder: Path) -> ConnectorRefused:
    """Say that no manifest is in the folder."""
    return ConnectorRefused(
        f"no complete manifest is in {folder}: looked for {', '.join(asked.files)}. {NOTHING}",
        fix="export it behind its files, or correct `manifest` in the mapping.",
    )
