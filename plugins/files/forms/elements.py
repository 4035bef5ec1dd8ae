"""An XML file: rows by the path of their element, columns by paths from there. No DTD, no entities of its own.

Paths are names with `/` between them; prefixes of namespaces do not count. It is read piece by piece: of a
row nothing is kept but its columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from xml.parsers import expat

from duehook.core.errors import ConnectorGarbled
from duehook.core.table_mapping.cells import Cells, Wrong
from duehook.plugins.files.mapping.form import OWN_TEXT, Format

from .table import Stamp, Table, reachable

DEEPEST: Final = 100
LONGEST: Final = 1 << 20  # characters of one cell
_CHUNK: Final = 1 << 16
_UP: Final = "../"


class Refused(Exception):
    """What stands in the file is not taken; the message says why."""


class XmlTable(Table):
    """An XML file as it stood when it was stamped, by the columns that the mapping names."""

    def __init__(self, path: Path, form: Format, stamp: Stamp, columns: Sequence[str]) -> None:
        super().__init__(path, form, stamp)
        self._columns = tuple(dict.fromkeys(columns))
        self._never = set(self._columns)

    @property
    def header(self) -> tuple[str, ...]:
        """Return the paths that the mapping names."""
        return self._columns

    def told(self) -> str:
        """Name the element of the rows."""
        return f"XML, rows {self.form.row}"

    def never(self) -> list[str]:
        """Name the columns that no row had so far."""
        return sorted(self._never)

    def lines(self) -> Iterator[tuple[int, Cells]]:
        """Yield the rows as (line their element begins on, cells)."""
        reader = _Reader((self.form.row or "").split("/"), self._columns)
        with self._well_formed(reader), reachable(self.name), self.path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                reader.parser.Parse(chunk, False)
                yield from self._taken(reader)
            reader.parser.Parse(b"", True)
            yield from self._taken(reader)
        if not reader.is_around:
            around = "/".join(reader.row[:-1])
            raise self._garbled(1, f"it has no element {around} that rows could stand in; its root is {reader.root}")

    def _taken(self, reader: _Reader) -> Iterator[tuple[int, Cells]]:
        rows, reader.rows = reader.rows, []
        for line, found in rows:
            self._never -= found.keys()
            yield line, [found.get(column, "") for column in self._columns]

    @contextmanager
    def _well_formed(self, reader: _Reader) -> Iterator[None]:
        try:
            yield
        except expat.ExpatError as error:
            raise self._garbled(error.lineno, f"{expat.ErrorString(error.code)} (is it cut off?)") from error
        except Refused as error:
            raise self._garbled(reader.parser.CurrentLineNumber, str(error)) from error

    def _garbled(self, line: int, why: str) -> ConnectorGarbled:
        return ConnectorGarbled(
            f"{self.name}:{line}: it cannot be read as XML: {why}. The whole file is refused; nothing of it was kept.",
            fix="export it again, or correct `row` of the `format` in the mapping.",
        )


class _Reader:
    """Takes what the parser finds, and keeps the rows that have ended."""

    def __init__(self, row: Sequence[str], columns: Sequence[str]) -> None:
        self.row = list(row)
        self.rows: list[tuple[int, Mapping[str, str]]] = []
        self.root = ""
        self.is_around = len(row) == 1
        self._columns = frozenset(columns)
        self._path: list[str] = []
        self._attributes: list[Mapping[str, str]] = []
        self._begins = 0
        self._found: dict[str, str] | None = None
        self._texts: dict[str, list[str]] = {}
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _doctype(self, *_: object) -> None:
        raise Refused("it has a DTD, which could make it anything; none is read")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(_local(name))
        self._attributes.append({_local(key): value for key, value in attributes.items()})
        if len(self._path) > DEEPEST:
            raise Refused(f"its elements stand more than {DEEPEST} deep in each other")
        self.root = self.root or self._path[0]
        self.is_around = self.is_around or self._path == self.row[:-1]
        if self._found is None and self._path == self.row:
            self._begins, self._found = self.parser.CurrentLineNumber, {}
            self._take_attributes_around()
        elif self._found is not None:
            inside = "/".join(self._path[len(self.row) :])
            self._take_attributes(f"{inside}/")
            if inside in self._columns:
                self._texts[inside] = []

    def _take_attributes_around(self) -> None:
        """Take the attributes of the row's element, and of those that it stands in."""
        for up, attributes in enumerate(reversed(self._attributes)):
            for key, value in attributes.items():
                self._take(f"{_UP * up}@{key}", value)
        if OWN_TEXT in self._columns:
            self._texts[OWN_TEXT] = []

    def _take_attributes(self, before: str) -> None:
        for key, value in self._attributes[-1].items():
            self._take(f"{before}@{key}", value)

    def _take(self, column: str, value: str) -> None:
        if self._found is None or column not in self._columns:
            return
        there = self._found.get(column)
        if there is None:
            self._found[column] = value.strip()
        else:
            self._found[column] = Wrong(there, f"{column} stands in the row more than once; only one may be there")

    def _text(self, text: str) -> None:
        inside = "/".join(self._path[len(self.row) :]) or OWN_TEXT
        collected = self._texts.get(inside) if self._found is not None else None
        if collected is not None:
            collected.append(text)
            if sum(map(len, collected)) > LONGEST:
                raise Refused(f"the text of {inside} is longer than {LONGEST:,} characters")

    def _end(self, name: str) -> None:
        if self._found is not None:
            inside = "/".join(self._path[len(self.row) :]) or OWN_TEXT
            if (collected := self._texts.pop(inside, None)) is not None:
                self._take(inside, "".join(collected))
            if inside == OWN_TEXT:
                self.rows.append((self._begins, self._found))
                self._found = None
        self._path.pop()
        self._attributes.pop()


def _local(name: str) -> str:
    """Return a name without its namespace."""
    return name.rpartition("}")[2]
