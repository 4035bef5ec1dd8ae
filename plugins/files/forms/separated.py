"""A CSV file: rows of cells with a separator between them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

from duehook.core.errors import ConnectorGarbled
from duehook.core.table_mapping.cells import Cells

from .encoding import TextTable


class CsvTable(TextTable):
    """A CSV file as it stood when it was stamped."""

    def told(self) -> str:
        """Name the encoding and the separator."""
        return f"{self.form.encoding}, delimiter {self.form.delimiter!r}"

    def lines(self) -> Iterator[tuple[int, Cells]]:
        """Yield the rows as (line it begins on, cells), without the header and blank lines.

        Raises ConnectorGarbled for text of another encoding and for quotes that never close.
        """
        return islice(self._raw(), 1 if self.form.header else 0, None)

    def refuse_cut(self, line: int, cells: Cells) -> None:
        """Raise ConnectorGarbled when the last row has no end and too few columns."""
        width = len(self.header)
        if line and len(cells) < width and not self.ends_with_newline():
            raise ConnectorGarbled(
                f"{self.name}:{line}: the file is cut off: its last line has {len(cells)} of {width} columns and no "
                "end. The whole file is refused; nothing of it was kept.",
                fix="export or copy it again, as NAME.part first and renamed when it is whole.",
            )

    def _raw(self) -> Iterator[tuple[int, Cells]]:
        with self._well_formed(), self.path.open(encoding=self.encoding, newline="") as file:
            for _ in range(self.form.skip_lines):
                file.readline()
            reader = csv.reader(file, delimiter=self.form.delimiter, quotechar=self.form.quote, strict=True)
            begins, shift = self.form.skip_lines + 1, self.form.skip_lines
            for cells in reader:
                if cells and any(map(str.strip, cells)):
                    yield begins, list(map(str.strip, cells))
                begins = reader.line_num + shift + 1

    @contextmanager
    def _well_formed(self) -> Iterator[None]:
        with self.readable():
            try:
                yield
            except csv.Error as error:
                is_open = "end of data" in str(error)
                why = "a quote is opened and never closed, or the file is cut off" if is_open else error
                raise ConnectorGarbled(
                    f"{self.name} cannot be read as CSV: {why}. The whole file is refused; nothing of it was kept.",
                    fix="export it again, or correct `delimiter` and `quote` in the mapping.",
                ) from error
