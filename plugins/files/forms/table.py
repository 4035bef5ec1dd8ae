"""One file of rows: its columns, its rows with the line each begins on, and whether it is still the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from duehook.core.errors import ConnectorDown
from duehook.core.table_mapping.cells import Cells
from duehook.plugins.files.mapping.form import Format


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
    """A file as it stood when it was stamped. Cells have no blanks around them."""

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

    def told(self) -> str:
        """Say in a few words how the file is written."""
        raise NotImplementedError

    def lines(self) -> Iterator[tuple[int, Cells]]:
        """Yield the rows as (line it begins on, cells), without the header and blank lines.

        Raises ConnectorGarbled, naming the line, where the file is not of its form.
        """
        raise NotImplementedError

    def _raw(self) -> Iterator[tuple[int, Cells]]:
        """Yield the rows with the header before them."""
        return self.lines()

    def never(self) -> Sequence[str]:
        """Name the columns that no row had so far, where rows need not have them."""
        return ()

    def refuse_misread(self) -> None:
        """Raise ConnectorGarbled for a file that would be read, but as something else than it is."""

    def refuse_cut(self, line: int, cells: Cells) -> None:
        """Raise ConnectorGarbled when this last row of the file shows that its end is missing."""

    def digest(self) -> str:
        """Return the sha256 of the content. Raises ConnectorDown when the file is not the same any more."""
        with reachable(self.name), self.path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        self.refuse_changed()
        return found

    def refuse_changed(self) -> None:
        """Raise ConnectorDown when the file has changed since it was stamped."""
        with reachable(self.name):
            now = Stamp.of(self.path)
        if now != self.stamp:
            raise ConnectorDown(
                f"{self.name} changed while it was read; nothing is lost.",
                fix="import again when it is written; let exports write to NAME.part and rename it at the end.",
            )


@contextmanager
def reachable(name: str) -> Iterator[None]:
    """Turn a file that cannot be read into our error."""
    try:
        yield
    except OSError as error:
        raise ConnectorDown(
            f"{name} cannot be read: {error.strerror}.", fix="let Duehook's user read the folder and its files."
        ) from error
