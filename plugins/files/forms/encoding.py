"""Text of another encoding than the mapping says: found where it cannot be read, and where it could, but wrongly."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from duehook.core.errors import ConnectorGarbled

from .table import Table, reachable

_CHUNK: Final = 1 << 20
_HIGH: Final = bytes(range(0xA1, 0xFF))
_PAIRS: Final = [bytes((first, second)) for first in _HIGH for second in (0x40, 0xA1)]
_GUESSES: Final = ("utf-8", "cp1252", "utf-16")


class TextTable(Table):
    """A file of text in the encoding that its form names."""

    @property
    def encoding(self) -> str:
        """Return the encoding to read with; a mark of UTF-8 is no text."""
        return "utf-8-sig" if self.form.encoding == "utf-8" else self.form.encoding

    def refuse_misread(self) -> None:
        """Raise ConnectorGarbled for UTF-8 beyond ASCII that is to be read one byte a character.

        Text of such an encoding that happens to be UTF-8 would hold its odd pairs (`Ã¼`) and nothing else.
        """
        form = self.form.encoding
        with reachable(self.name):
            misread = _is_one_byte(form) and decodes(self.path, "utf-8") and not decodes(self.path, "ascii")
        if misread:
            raise ConnectorGarbled(
                f"{self.name}:{_first_bad_line(self.path, 'ascii')}: this is UTF-8, but `encoding: {form}` of the "
                "mapping reads each byte as a character: umlauts and accents would come out as pairs of odd signs. "
                "The whole file is refused; nothing of it was kept.",
                fix="write encoding: utf-8 in the mapping.",
            )

    def ends_with_newline(self) -> bool:
        """Say whether the last line is a finished one."""
        with reachable(self.name), self.path.open("rb") as file:
            file.seek(max(0, self.stamp.size - 4))
            return file.read().rstrip(b"\0")[-1:] in (b"\n", b"\r", b"")

    @contextmanager
    def readable(self) -> Iterator[None]:
        """Turn what reading the text may raise into our errors, with the place."""
        with reachable(self.name):
            try:
                yield
            except UnicodeError as error:
                raise self._wrong_encoding() from error

    def _wrong_encoding(self) -> ConnectorGarbled:
        """Say on which line the encoding fails, and which one fits instead."""
        stated = self.form.encoding
        fits = next((guess for guess in _GUESSES if guess != stated and decodes(self.path, guess)), None)
        return ConnectorGarbled(
            f"{self.name}:{_first_bad_line(self.path, stated)}: this is not {stated}. "
            "The whole file is refused; nothing of it was kept.",
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
