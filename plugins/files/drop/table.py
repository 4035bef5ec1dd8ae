"""One CSV file: its header, its rows with the line each begins on, and what is wrong with it as a whole."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Final

from duehook.core.errors import ConnectorDown, ConnectorGarbled
from duehook.plugins.files.mapping.model import Format

Cells = list[str]
_CHUNK: Final = 1 << 20
_HIGH: Final = bytes(range(0xA1, 0xFF))
_PAIRS: Final = [bytes((first, second)) for first in _HIGH for second in (0x40, 0xA1)]
_GUESSES: Final = ("utf-8", "cp1252", "utf-16")


@dataclass(frozen=True)
class Stamp:
    """What tells that a file is still the one that was looked at."""

    size: int
    changed: int

    @classmethod
    def of(cls, path: Path) -> Stamp:
        """Look at the file."""
        found = path.stat()
        return cls(found.st_size, found.st_mtime_ns)


class Table:
    """A CSV file as it stood when it was stamped. Cells have no blanks around them."""

    def __init__(self, path: Path, form: Format, stamp: Stamp) -> None:
        self.path = path
        self.name = path.name
        self.form = form
        self.stamp = stamp

    @cached_property
    def header(self) -> tuple[str, ...]:
        """Return the names of the columns; without a header their numbers, by the first row."""
        line = next(self._raw(), (0, []))[1]
        return tuple(line) if self.form.header else tuple(str(number) for number in range(1, len(line) + 1))

    def lines(self) -> Iterator[tuple[int, Cells]]:
        """Yield the rows as (line it begins on, cells), without the header and blank lines.

        Raises ConnectorGarbled for text of another encoding and for quotes that never close.
        """
        return islice(self._raw(), 1 if self.form.header else 0, None)

    def digest(self) -> str:
        """Return the sha256 of the content. Raises ConnectorDown when the file is not the same any more."""
        with self._reachable(), self.path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        self.refuse_changed()
        return found

    def refuse_misread(self) -> None:
        """Raise ConnectorGarbled for UTF-8 beyond ASCII that is to be read one byte a character.

        Text of such an encoding that happens to be UTF-8 would hold its odd pairs (`Ã¼`) and nothing else.
        """
        form = self.form.encoding
        with self._reachable():
            misread = _is_one_byte(form) and decodes(self.path, "utf-8") and not decodes(self.path, "ascii")
        if misread:
            raise ConnectorGarbled(
                f"{self.name}:{_first_bad_line(self.path, 'ascii')}: this is UTF-8, but `encoding: {form}` of the "
                "mapping reads each byte as a character: umlauts and accents would come out as pairs of odd signs. "
                "The whole file is refused; nothing of it was kept.",
                fix="write encoding: utf-8 in the mapping.",
            )

    def refuse_changed(self) -> None:
        """Raise ConnectorDown when the file has changed since it was stamped."""
        with self._reachable():
            now = Stamp.of(self.path)
        if now != self.stamp:
            raise ConnectorDown(
                f"{self.name} changed while it was read; nothing is lost.",
                fix="import again when it is written; let exports write to NAME.part and rename it at the end.",
            )

    def ends_with_newline(self) -> bool:
        """Say whether the last line is a finished one."""
        with self._reachable(), self.path.open("rb") as file:
            file.seek(max(0, self.stamp.size - 4))
            return file.read().rstrip(b"\0")[-1:] in (b"\n", b"\r", b"")

    def _raw(self) -> Iterator[tuple[int, Cells]]:
        encoding = "utf-8-sig" if self.form.encoding == "utf-8" else self.form.encoding
        with self._reachable(), self.path.open(encoding=encoding, newline="") as file:
            for _ in range(self.form.skip_lines):
                file.readline()
            reader = csv.reader(file, delimiter=self.form.delimiter, quotechar=self.form.quote, strict=True)
            begins, shift = self.form.skip_lines + 1, self.form.skip_lines
            for cells in reader:
                if cells and any(map(str.strip, cells)):
                    yield begins, list(map(str.strip, cells))
                begins = reader.line_num + shift + 1

    def _reachable(self) -> _Told:
        return _Told(self)


class _Told:
    """Turns what reading may raise into our errors, with the place."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        name = self._table.name
        if isinstance(error, UnicodeError):
            raise _wrong_encoding(self._table) from error
        if isinstance(error, csv.Error):
            text = (
                "a quote is opened and never closed, or the file is cut off" if "end of data" in str(error) else error
            )
            raise ConnectorGarbled(
                f"{name} cannot be read as CSV: {text}. The whole file is refused; nothing of it was kept.",
                fix="export it again, or correct `delimiter` and `quote` in the mapping.",
            ) from error
        if isinstance(error, OSError):
            raise ConnectorDown(
                f"{name} cannot be read: {error.strerror}.", fix="let Duehook's user read the folder and its files."
            ) from error


def _wrong_encoding(table: Table) -> ConnectorGarbled:
    """Say on which line the encoding fails, and which one fits instead."""
    fits = next((guess for guess in _GUESSES if guess != table.form.encoding and decodes(table.path, guess)), None)
    line = _first_bad_line(table.path, table.form.encoding)
    return ConnectorGarbled(
        f"{table.name}:{line}: this is not {table.form.encoding}. The whole file is refused; nothing of it was kept.",
        fix=f"write encoding: {fits or '…'} in the mapping" + ("; it fits the whole file." if fits else "."),
    )


def _is_one_byte(encoding: str) -> bool:
    """Say whether each byte is a character, as in cp1252; not so in UTF-8, UTF-16 and GBK, nor in ASCII."""
    is_wider = any(len(pair.decode(encoding, "replace")) == 1 for pair in _PAIRS)
    return not is_wider and bool(_HIGH.decode(encoding, "ignore"))


def decodes(path: Path, encoding: str) -> bool:
    """Say whether the whole file is text of this encoding."""
    try:
        with path.open(encoding=encoding, newline="") as file:
            while file.read(_CHUNK):
                pass
    except UnicodeError:
        return False
    return True


def _first_bad_line(path: Path, encoding: str) -> int:
    with path.open("rb") as file:
        return next((number for number, line in enumerate(file, 1) if not _is_text(line, encoding)), 1)


def _is_text(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeError:
        return False
    return True
