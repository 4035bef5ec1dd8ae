"""Rows of a selection: tuples under the names of their columns, which are far fewer objects than a dict each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Self

Cells = tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Rows under their columns; whoever goes through them gets each as a dict."""

    columns: Sequence[str]
    rows: Sequence[Cells]

    @classmethod
    def read(cls, columns: Sequence[str], lines: Sequence[str], separator: str) -> Self | None:
        """Return the lines as rows; None where one has not as many values as there are columns."""
        width = len(columns)
        if any(line.count(separator) != width - 1 for line in lines):
            return None
        if not lines:
            return cls(columns, [])
        text = separator.join(lines)
        cells = text.split(separator)
        if text.split(maxsplit=1) != [text]:
            cells = [cell.strip() for cell in cells]
        taken = iter(cells)
        return cls(columns, list(zip(*[taken] * width, strict=True)))

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, str]]:
        return (dict(zip(self.columns, row, strict=True)) for row in self.rows)

    def column(self, name: str) -> list[str]:
        """Return what stands in one column."""
        return list(map(itemgetter(self.columns.index(name)), self.rows))

    def cells(self, names: Sequence[str]) -> Iterable[Cells]:
        """Return what stands in several columns, row by row."""
        return map(itemgetter(*map(self.columns.index, names)), self.rows)
