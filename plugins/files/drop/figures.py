"""Control figures: how many rows a file has and what a column of it adds up to, stated and counted."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from duehook.core.errors import ConnectorGarbled
from duehook.core.table_mapping.cells import Cells
from duehook.core.table_mapping.reading import NoColumn, amounts
from duehook.core.table_mapping.rows import RowMapper
from duehook.core.table_mapping.values import Unreadable, amount_reader, whole
from duehook.core.table_mapping.writing import Column
from duehook.plugins.files.forms.table import Table
from duehook.plugins.files.mapping.model import Control


@dataclass(frozen=True)
class Figures:
    """What a file must hold: rows, and the sum of a column; None where nobody says."""

    rows: int | None = None
    total: Decimal | None = None
    column: Column | None = None


class Count:
    """Counts and sums the rows of a file that are not skipped, before amounts are rounded."""

    def __init__(self, table: Table, mapper: RowMapper, figures: Figures) -> None:
        self._figures = figures
        self._rows = 0
        self._sum = Decimal(0)
        self._read = amounts(table.form)
        self._place = None
        if figures.column is not None:
            try:
                self._place = mapper.place_of(figures.column)
            except NoColumn as error:
                raise ConnectorGarbled(f"{table.name}: `control`: {error}.") from error

    def take(self, cells: Cells) -> None:
        """Add a row; what is no amount is told as a bad row later."""
        self._rows += 1
        if self._place is not None and self._place < len(cells) and cells[self._place]:
            try:
                self._sum += self._read(cells[self._place])
            except Unreadable:
                return

    def faults(self) -> list[str]:
        """Say what is not as it must be."""
        rows, total = self._figures.rows, self._figures.total
        wrong = [f"{self._rows:,} rows instead of {rows:,}"] if rows is not None and rows != self._rows else []
        if total is not None and self._sum.quantize(total) != total:
            wrong.append(f"a sum of {self._sum:,f} instead of {total:,f}")
        return wrong


def counted(table: Table, mapper: RowMapper, figures: Figures) -> list[str]:
    """Read a file through and say what is not as the figures have it."""
    count = Count(table, mapper, figures)
    for _, cells in table.lines():
        if mapper.why_skipped(cells) is None:
            count.take(cells)
    return count.faults()


def stated(table: Table, control: Control | None) -> Figures:
    """Return the figures that the mapping states of a file, or the control file beside it."""
    if control is None:
        return Figures()
    count, total = control.count, control.sum
    if control.file is not None:
        row = _control_row(table, control.file)
        count, total = (None if name is None else row.get(name) for name in (control.count, control.sum))
    try:
        read = amount_reader(table.form.decimal, table.form.thousands) if control.file else Decimal
        rows, found = None if count is None else whole(count), None if total is None else read(total)
        return Figures(rows, found, control.column)
    except (Unreadable, ArithmeticError) as error:
        raise ConnectorGarbled(f"{table.name}: its control figures cannot be read: {error}.") from error


def _control_row(table: Table, name: str) -> Mapping[str, str]:
    path = table.path.with_name(name.replace("{stem}", table.path.stem))
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return next(csv.DictReader(file, delimiter=table.form.delimiter), {})
    except OSError as error:
        raise ConnectorGarbled(
            f"{table.name} has no control file {path.name} beside it; nothing of it was read.",
            fix="wait until it is exported, or take `control` out of the mapping.",
        ) from error
